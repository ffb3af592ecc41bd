//! Rows and columns of the tables that reports show, built once. A format decides how they are laid out: what is beside
//! a cell's main figure may stand below it or in a column of its own.

use super::tone::Tone;
use super::words::change::{detectable, interval};
use super::words::comparison::Names;
use super::words::names::{name, names_engines};
use super::words::reasons::{value, verdict};
use crate::results::{Comparison, Judgement, Measurement, Run, Summary};
use crate::units::{Percent, Rate, Ratio, Seconds, two_decimals};

/// What stands where there is no figure.
const ABSENT: &str = "-";

/// A table without layout.
pub(super) struct Table {
    /// What the blocks are called by, where they have names.
    pub(super) block_heading: Option<&'static str>,
    pub(super) columns: Vec<Column>,
    pub(super) blocks: Vec<Block>,
}

/// A column, with what its cells hold beside their main figure. A line end in a heading is where a narrow table may
/// break it.
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
    /// What they belong to; empty where the table's blocks have no heading.
    pub(super) name: String,
    /// Each with as many cells as there are columns.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What stands in one column of a row. Its texts may come from outside.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Empty in columns that hold nothing beside it.
    pub(super) beside: String,
    pub(super) tone: Tone,
}

impl Table {
    /// A table whose rows stand alone.
    fn of_rows(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        let name = String::new();

        Self {
            block_heading: None,
            columns,
            blocks: vec![Block { name, rows }],
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.iter().all(|block| block.rows.is_empty())
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

/// The figures of every measurement that has some, over its steady rounds.
pub(super) fn results(run: &Run) -> Table {
    let names_engines = names_engines(run);
    let workload = Column::words("workload");
    let columns = vec![
        if names_engines {
            workload.with("engine")
        } else {
            workload
        },
        Column::numbers("tasks"),
        Column::numbers("workers"),
        Column::numbers("serial"),
        Column::numbers("distributed").with("throughput"),
        Column::numbers("speed-up").with("range"),
        Column::numbers("efficiency").with("of ceiling"),
    ];
    let rows = summaries(run)
        .map(|(measurement, summary)| result(measurement, &summary, names_engines))
        .collect();

    Table::of_rows(columns, rows)
}

fn result(measurement: &Measurement, summary: &Summary, names_engines: bool) -> Vec<Cell> {
    let workload = Cell::new(&measurement.workload);
    let throughput = Rate {
        per_second: summary.distributed_throughput_per_s,
        unit: &measurement.work.unit,
    };
    let range = format!(
        "{}-{}",
        Ratio(summary.speedup_min),
        Ratio(summary.speedup_max)
    );
    let of_ceiling = summary.efficiency_of_ceiling.map(Percent);
    let tone = Tone::of_verdict(summary, measurement.workers);

    vec![
        if names_engines {
            workload.with(&measurement.engine)
        } else {
            workload
        },
        Cell::new(&measurement.tasks),
        Cell::new(&measurement.workers),
        Cell::new(&Seconds(summary.serial_median_s)),
        Cell::new(&Seconds(summary.distributed_median_s)).with(&throughput),
        Cell::new(&Ratio(summary.speedup)).with(&range).toned(tone),
        Cell::new(&Percent(summary.efficiency)).with(&or_absent(of_ceiling)),
    ]
}

/// What is no part of those figures: the cold round, the wait for the workers, what a task costs, what the machine
/// granted.
pub(super) fn apart(run: &Run) -> Table {
    let columns = vec![
        Column::words("reported apart"),
        Column::numbers("steady\nrounds"),
        Column::numbers("cold round,\nserial"),
        Column::numbers("cold round,\ndistributed"),
        Column::numbers("start-up"),
        Column::numbers("task\noverhead"),
        Column::numbers("cores\ngranted"),
    ];
    let row = |(measurement, summary): (&Measurement, Summary)| {
        vec![
            Cell::new(&name(run, measurement)),
            Cell::new(&summary.steady_rounds),
            Cell::new(&or_absent(summary.cold_serial_s.map(Seconds))),
            Cell::new(&or_absent(summary.cold_distributed_s.map(Seconds))),
            Cell::new(&Seconds(measurement.startup_s)),
            Cell::new(&Seconds(summary.task_overhead_median_s)),
            Cell::new(&or_absent(summary.granted_cores.map(two_decimals))),
        ]
    };

    Table::of_rows(columns, summaries(run).map(row).collect())
}

fn summaries(run: &Run) -> impl Iterator<Item = (&Measurement, Summary)> {
    run.measurements
        .iter()
        .filter_map(|measurement| Some((measurement, measurement.summary()?)))
}

fn or_absent(figure: Option<impl ToString>) -> String {
    figure.map_or_else(|| ABSENT.to_owned(), |figure| figure.to_string())
}

/// Every judged metric: a block for each measurement.
pub(super) fn comparison(comparison: &Comparison) -> Table {
    let names = Names::of(comparison);
    let blocks = comparison
        .judgements
        .chunk_by(Judgement::is_beside)
        .map(|judgements| Block {
            name: names.measurement(&judgements[0]),
            rows: judgements.iter().map(judged).collect(),
        })
        .collect();

    Table {
        block_heading: Some("workload"),
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
        Cell::new(&judgement.metric.name()),
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
                        assert_eq!(cell.beside.is_empty(), column.beside.is_none());
                    }
                }
            }
        }
    }

    #[test]
    fn blocks_have_names_where_the_table_has_a_heading_for_them() {
        let compared = fixture::compared().comparison.unwrap();
        let table = comparison(&compared);

        assert!(table.block_heading.is_some());
        let names: Vec<&str> = table
            .blocks
            .iter()
            .map(|block| block.name.as_str())
            .collect();
        assert_eq!(names, ["fib", "pi"]);
    }
}
