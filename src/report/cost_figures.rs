//! Rows and columns of the tables that show what a task costs, built once for every format.

use super::figures::{Block, Cell, Column, Row, Table};
use super::words::task_cost::{interval, share_interval};
use crate::analysis::{CurvePoint, Estimate, TaskCost, Threshold, Withheld};
use crate::results::arm_label;
use crate::units::{Percent, Seconds, count};

/// What a task costs: a block for each engine.
pub(super) fn costs(costs: &[TaskCost]) -> Table {
    // Their headings are wide enough.
    let figure = |heading: &str| Column::numbers(heading).with("");
    let columns = vec![
        Column::numbers("workers").labelling(),
        Column::numbers("start-up"),
        figure("task in\na batch"),
        figure("round trip,\nawake").named("round trip awake"),
        figure("round trip,\nasleep").named("round trip asleep"),
        figure("METG(50 %)"),
    ];

    let row = |cost: &TaskCost| Row {
        label: count(cost.workers, "worker"),
        cells: vec![
            Cell::new(&cost.workers),
            Cell::new(&Seconds(cost.startup_s)),
            duration(cost.task_s),
            duration(cost.awake_s),
            duration(cost.asleep_s),
            granularity(cost.threshold(0.5)),
        ],
    };
    let engines = costs.chunk_by(|a, b| a.engine == b.engine);
    let block = |costs: &[TaskCost]| Block {
        name: costs[0].engine.clone(),
        about: String::new(),
        rows: costs.iter().map(row).collect(),
    };
    Table {
        has_short_names: true,
        legends: vec![vec!["In brackets: 95 % intervals.".to_owned()]],
        ..Table::new("engine", columns, engines.map(block).collect())
    }
}

/// The efficiency of tasks with more and more work: a block for each engine with its workers.
pub(super) fn curves(costs: &[TaskCost]) -> Table {
    let columns = vec![
        Column::numbers("work in a task").labelling(),
        Column::numbers("efficiency").with("[95 % interval]"),
    ];

    let row = |point: &CurvePoint| {
        let work = Seconds(point.work_s).to_string();
        let efficiency = Cell::new(&Percent(point.efficiency.median));
        Row {
            cells: vec![
                Cell::new(&work),
                efficiency.with(&share_interval(point.efficiency)),
            ],
            label: work,
        }
    };
    let costs = costs.iter().filter(|cost| !cost.curve.is_empty());
    let block = |cost: &TaskCost| Block {
        name: arm_label(&cost.engine, cost.workers),
        about: String::new(),
        rows: cost.curve.iter().map(row).collect(),
    };
    Table {
        has_short_names: true,
        ..Table::new("engine", columns, costs.map(block).collect())
    }
}

/// A duration, or nothing where it was not measured.
fn duration(estimate: Option<Estimate>) -> Cell {
    estimate.map_or_else(Cell::default, |estimate| {
        Cell::new(&Seconds(estimate.median)).with(&interval(estimate))
    })
}

fn granularity(half: Option<&Threshold>) -> Cell {
    let reason = match half.and_then(|half| half.withheld) {
        None => return duration(half.and_then(|half| half.granularity_s)),
        Some(Withheld::TooNoisy) => "too noisy",
        Some(Withheld::TooFewRounds) => "no interval",
        Some(Withheld::NotReached) => "not reached",
    };

    Cell::new(&reason)
}
