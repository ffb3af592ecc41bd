//! Rows and columns of the tables that reports show, built once. A format decides how they are laid
//! out: what is beside a cell's main figure may stand below it or in a column of its own.

use super::tone::Tone;
use super::words::change::{detectable, interval};
use super::words::comparison::{arm, figure};
use super::words::names::name;
use super::words::reasons::{value, verdict};
use crate::results::{ArmFigures, Comparison, Judgement, Measurement, Pair, Run, Summary};
use crate::units::{Percent, Rate, Ratio, Seconds, count, two_decimals};

/// What stands where there is no figure.
const ABSENT: &str = "-";

/// A table without layout.
pub(super) struct Table {
    /// What stands above the blocks' names.
    pub(super) block_heading: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) blocks: Vec<Block>,
}

/// A column, with what its cells hold beside their main figure. A line end in a heading is where a
/// narrow table may break it.
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) beside: Option<&'static str>,
    pub(super) alignment: Alignment,
}

/// Words stand left, numbers stand right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alignment {
    Left,
    Right,
}

/// Rows that belong together.
pub(super) struct Block {
    /// What they belong to.
    pub(super) name: String,
    /// Each with as many cells as there are columns.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What stands in one column of a row. Its texts may come from outside.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Empty where there is nothing beside it.
    pub(super) beside: String,
    pub(super) tone: Tone,
}

impl Table {
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

impl Column {
    fn words(heading: &'static str) -> Self {
        Self {
            heading,
            beside: None,
            alignment: Alignment::Left,
        }
    }

    fn numbers(heading: &'static str) -> Self {
        Self {
            alignment: Alignment::Right,
            ..Self::words(heading)
        }
    }

    fn with(self, beside: &'static str) -> Self {
        Self {
            beside: Some(beside),
            ..self
        }
    }
}

impl Cell {
    fn new(text: &impl ToString) -> Self {
        Self {
            text: text.to_string(),
            ..Self::default()
        }
    }

    fn with(self, beside: &impl ToString) -> Self {
        Self {
            beside: beside.to_string(),
            ..self
        }
    }

    fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// The figures of every arm that has some, over the steady rounds: a block for each measurement.
pub(super) fn results(run: &Run) -> Table {
    let columns = vec![
        Column::words("engine"),
        Column::numbers("workers"),
        Column::numbers("time").with("throughput"),
        Column::numbers("speed-up").with("range"),
        Column::numbers("efficiency").with("of ceiling"),
    ];
    let block = |measurement: &Measurement| Block {
        name: format!(
            "{}, {}",
            name(run, measurement),
            count(measurement.tasks, "task")
        ),
        rows: rows(measurement, result),
    };

    Table {
        block_heading: "workload",
        columns,
        blocks: measured(run).map(block).collect(),
    }
}

fn result(row: &Row<'_>) -> Vec<Cell> {
    let throughput = Rate {
        per_second: row.figures.throughput_per_s,
        unit: &row.measurement.work.unit,
    };
    let mut cells = row.arm();
    cells.push(Cell::new(&Seconds(row.figures.median_s)).with(&throughput));

    let Some(RowPair { pair, summary }) = &row.pair else {
        cells.extend([Cell::default(), Cell::default()]);
        return cells;
    };
    let range = format!(
        "{}-{}",
        Ratio(summary.speedup_min),
        Ratio(summary.speedup_max)
    );
    let tone = Tone::of_verdict(summary, pair.workers());
    let of_ceiling = summary.efficiency_of_ceiling.map(Percent);
    cells.extend([
        Cell::new(&Ratio(summary.speedup)).with(&range).toned(tone),
        Cell::new(&Percent(summary.efficiency)).with(&or_absent(of_ceiling)),
    ]);

    cells
}

/// What is no part of those figures: the cold round, the wait for the workers, what a task costs,
/// what the machine granted.
pub(super) fn apart(run: &Run) -> Table {
    let columns = vec![
        Column::words("engine"),
        Column::numbers("workers"),
        Column::numbers("cold\nround"),
        Column::numbers("start-up"),
        Column::numbers("task\noverhead"),
        Column::numbers("cores\ngranted"),
    ];
    let block = |measurement: &Measurement| Block {
        name: format!(
            "{}, {}",
            name(run, measurement),
            count(measurement.steady().count(), "steady round")
        ),
        rows: rows(measurement, beside_result),
    };

    Table {
        block_heading: "reported apart",
        columns,
        blocks: measured(run).map(block).collect(),
    }
}

fn beside_result(row: &Row<'_>) -> Vec<Cell> {
    let pair = row.pair.as_ref();
    let startup_s = pair.map(|beside| beside.pair.startup_s());
    let dispatch_s = pair.and_then(|beside| beside.summary.dispatch_median_s);
    let cores = pair.and_then(|beside| beside.summary.granted_cores);

    let mut cells = row.arm();
    cells.extend([
        Cell::new(&or_absent(row.figures.cold_s.map(Seconds))),
        Cell::new(&or_absent(startup_s.map(Seconds))),
        Cell::new(&or_absent(dispatch_s.map(Seconds))),
        Cell::new(&or_absent(cores.map(two_decimals))),
    ]);

    cells
}

/// The measurements with a complete round, but those that show together what a task costs: these
/// say little one by one.
fn measured(run: &Run) -> impl Iterator<Item = &Measurement> {
    run.measurements
        .iter()
        .filter(|measurement| !measurement.rounds.is_empty() && !run.shows_task_cost(measurement))
}

/// What a row is made of: an arm with its figures and, unless it is the reference itself, those
/// beside the reference.
struct Row<'a> {
    measurement: &'a Measurement,
    index: usize,
    figures: ArmFigures,
    pair: Option<RowPair<'a>>,
}

struct RowPair<'a> {
    pair: Pair<'a>,
    summary: Summary,
}

impl Row<'_> {
    /// The cells that say which arm it is.
    fn arm(&self) -> Vec<Cell> {
        let arm = &self.measurement.arms[self.index];

        vec![Cell::new(&arm.engine), Cell::new(&arm.workers)]
    }
}

/// A row for each arm of `measurement`.
fn rows(measurement: &Measurement, cells: fn(&Row<'_>) -> Vec<Cell>) -> Vec<Vec<Cell>> {
    let row = |index: usize| {
        let pair = measurement
            .pairs()
            .find(|pair| pair.index == index)
            .and_then(|pair| {
                let summary = pair.summary()?;
                Some(RowPair { pair, summary })
            });

        Some(cells(&Row {
            measurement,
            index,
            figures: measurement.figures(index)?,
            pair,
        }))
    };

    (0..measurement.arms.len()).filter_map(row).collect()
}

fn or_absent(figure: Option<impl ToString>) -> String {
    figure.map_or_else(|| ABSENT.to_owned(), |figure| figure.to_string())
}

/// Every judged metric: a block for each arm.
pub(super) fn comparison(comparison: &Comparison) -> Table {
    let blocks = comparison
        .judgements
        .chunk_by(Judgement::is_of_the_same_arm)
        .map(|judgements| Block {
            name: arm(&judgements[0]),
            rows: judgements.iter().map(judged).collect(),
        })
        .collect();

    Table {
        block_heading: "workload",
        columns: vec![
            Column::words("metric"),
            Column::numbers("baseline"),
            Column::numbers("now"),
            Column::numbers("change in %\n[99 % interval]"),
            Column::numbers("blind\nbelow"),
            Column::numbers("verdict"),
        ],
        blocks,
    }
}

fn judged(judgement: &Judgement) -> Vec<Cell> {
    vec![
        Cell::new(&figure(judgement.metric)),
        Cell::new(&value(judgement.metric, judgement.baseline)),
        Cell::new(&value(judgement.metric, judgement.current)),
        Cell::new(&interval(judgement)),
        Cell::new(&detectable(judgement)),
        Cell::new(&verdict(judgement)).toned(Tone::of_judgement(judgement)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        for run in fixture::every_run() {
            let compared = run.comparison.as_ref().map(comparison);
            for table in [results(&run), apart(&run)].iter().chain(&compared) {
                for row in table.blocks.iter().flat_map(|block| &block.rows) {
                    assert_eq!(row.len(), table.columns.len());
                    for (cell, column) in row.iter().zip(&table.columns) {
                        assert!(cell.beside.is_empty() || column.beside.is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn a_workload_is_a_block_with_one_serial_row() {
        let table = results(&fixture::nine());

        assert_eq!(table.blocks.len(), 3);
        for block in &table.blocks {
            let engines: Vec<&str> = block.rows.iter().map(|row| row[0].text.as_str()).collect();
            assert_eq!(
                engines,
                ["serial", "pool", "pool", "pool"],
                "{}",
                block.name
            );
        }
    }
}
