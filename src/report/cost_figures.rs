//! Rows and columns of the tables that show what a task costs, built once for every format.

use super::figures::{Alignment, Block, Cell, Column, Table};
use super::words::task_cost::{interval, share_interval};
use crate::results::{CurvePoint, Estimate, TaskCost, Threshold, Withheld, arm_label};
use crate::units::{Percent, Seconds};

const INTERVAL: &str = "95 % interval";

/// What a task costs: a block for each engine.
pub(super) fn costs(costs: &[TaskCost]) -> Table {
    let figure = |heading| column(heading, Some(INTERVAL));
    let columns = vec![
        column("workers", None),
        column("start-up", None),
        figure("task in\na batch"),
        figure("round trip,\nawake"),
        figure("round trip,\nasleep"),
        figure("METG(50 %)"),
    ];

    let row = |cost: &TaskCost| {
        vec![
            plain(cost.workers.to_string()),
            plain(Seconds(cost.startup_s).to_string()),
            duration(cost.task_s),
            duration(cost.awake_s),
            duration(cost.asleep_s),
            granularity(cost.threshold(0.5)),
        ]
    };
    let engines = costs.chunk_by(|a, b| a.engine == b.engine);
    let block = |costs: &[TaskCost]| Block {
        name: costs[0].engine.clone(),
        rows: costs.iter().map(row).collect(),
    };
    Table {
        block_heading: "engine",
        columns,
        blocks: engines.map(block).collect(),
    }
}

/// The efficiency of tasks with more and more work: a block for each engine with its workers.
pub(super) fn curves(costs: &[TaskCost]) -> Table {
    let columns = vec![
        column("work in a task", None),
        column("efficiency", Some(INTERVAL)),
    ];

    let row = |point: &CurvePoint| {
        let efficiency = Cell {
            text: Percent(point.efficiency.median).to_string(),
            beside: share_interval(point.efficiency),
            ..Cell::default()
        };
        vec![plain(Seconds(point.work_s).to_string()), efficiency]
    };
    let block = |cost: &TaskCost| Block {
        name: arm_label(&cost.engine, cost.workers),
        rows: cost.curve.iter().map(row).collect(),
    };
    Table {
        block_heading: "engine",
        columns,
        blocks: costs.iter().map(block).collect(),
    }
}

fn column(heading: &'static str, beside: Option<&'static str>) -> Column {
    Column {
        heading,
        beside,
        alignment: Alignment::Right,
    }
}

fn plain(text: String) -> Cell {
    Cell {
        text,
        ..Cell::default()
    }
}

/// A duration, or nothing where it was not measured.
fn duration(estimate: Option<Estimate>) -> Cell {
    estimate.map_or_else(Cell::default, |estimate| Cell {
        text: Seconds(estimate.median).to_string(),
        beside: interval(estimate),
        ..Cell::default()
    })
}

fn granularity(half: Option<&Threshold>) -> Cell {
    let reason = match half.and_then(|half| half.withheld) {
        None => return duration(half.and_then(|half| half.granularity_s)),
        Some(Withheld::TooNoisy) => "too noisy",
        Some(Withheld::TooFewRounds) => "no interval",
        Some(Withheld::NotReached) => "not reached",
    };

    plain(reason.to_owned())
}
