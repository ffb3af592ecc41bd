//! The figures that readers ask for first: a row for each arm, over the steady rounds.

use super::contradiction::{Shown, legend, marked};
use super::table::{Block, Cell, Column, Row, Table};
use crate::analysis::{ArmFigures, Estimate, Summary};
use crate::report::tone::Tone;
use crate::report::words::law::weak_scaling;
use crate::report::words::names::name;
use crate::report::words::ratio::{ends, interval, ratio};
use crate::report::words::run::grade;
use crate::results::{Measurement, Pair, Run};
use crate::units::{Percent, Seconds, count};

/// What a speed-up is made of.
const BASIS: &str =
    "it is the median of each round's own ratio, whose two times met the same machine";

/// What a table of results holds.
#[derive(Clone, Copy)]
struct Contents {
    /// Whether a median contradicts its speed-up, which is marked then.
    is_marked: bool,
    /// Whether there is a serial program, and one worker of the command to compare with as well.
    has_two_references: bool,
    /// Whether efficiencies have their intervals beside them.
    has_efficiency_intervals: bool,
}

/// The figures of every arm that has some: a block for each measurement.
pub(in crate::report) fn results(run: &Run) -> Table {
    results_with(run, false)
}

/// The same with the intervals of efficiencies, for readers with room for them.
pub(in crate::report) fn full_results(run: &Run) -> Table {
    results_with(run, true)
}

fn results_with(run: &Run, has_efficiency_intervals: bool) -> Table {
    let measurements: Vec<&Measurement> = measured(run).collect();
    let rows: Vec<Vec<ArmRow<'_>>> = measurements
        .iter()
        .map(|measurement| arm_rows(measurement))
        .collect();
    let is_marked = rows.iter().flatten().any(ArmRow::is_contradiction);
    // Beside a serial program, one worker of the command is another thing to compare with.
    let has_two_references = rows
        .iter()
        .flatten()
        .any(|row| row.gain_over_one_worker().is_some());
    let contents = Contents {
        is_marked,
        has_two_references,
        has_efficiency_intervals,
    };
    let of_one = has_two_references.then(|| Column::numbers("of 1 worker").with("[95 %]"));
    let efficiency = Column::numbers("efficiency");
    let efficiency = if has_efficiency_intervals {
        efficiency.with("[95 % interval]")
    } else {
        efficiency
    };
    let columns = [
        Column::words("engine").labelling(),
        Column::numbers("workers").labelling(),
        Column::numbers("time").named(""),
        Column::numbers(if has_two_references {
            "of serial"
        } else {
            "speed-up"
        })
        .with("[95 % interval]"),
        efficiency,
        Column::words("verdict").named(""),
    ];
    let columns = columns.into_iter().chain(of_one).collect();

    let block = |(measurement, rows): (&&Measurement, &Vec<ArmRow<'_>>)| Block {
        name: name(run, measurement),
        about: about(measurement),
        rows: rows.iter().map(|row| row.result(contents)).collect(),
    };
    let blocks = measurements.iter().zip(&rows).map(block).collect();
    let legends = is_marked.then(|| legend("speed-up", BASIS));

    Table {
        has_short_names: !measurements
            .iter()
            .any(|measurement| measurement.is_weak_scaling()),
        legends: legends.into_iter().collect(),
        ..Table::new("workload", columns, blocks)
    }
}

/// The measurements with a complete round, but those that show together what a task costs: these
/// say little one by one.
pub(super) fn measured(run: &Run) -> impl Iterator<Item = &Measurement> {
    run.measurements
        .iter()
        .filter(|measurement| !measurement.rounds.is_empty() && !run.shows_task_cost(measurement))
}

/// Into how many tasks a measurement's work is cut, and whether it grows with the workers.
pub(super) fn about(measurement: &Measurement) -> String {
    let tasks = count(measurement.tasks, "task");

    match weak_scaling(measurement) {
        Some(scaling) => format!("{tasks}; {scaling}"),
        None => tasks,
    }
}

/// What a row is made of: an arm with its figures and, unless it is the reference itself, those
/// beside the reference.
pub(super) struct ArmRow<'a> {
    pub(super) measurement: &'a Measurement,
    pub(super) index: usize,
    pub(super) figures: ArmFigures,
    pub(super) pair: Option<PairFigures<'a>>,
}

/// An arm beside its reference.
pub(super) struct PairFigures<'a> {
    pub(super) pair: Pair<'a>,
    pub(super) summary: Summary,
}

/// A row for each arm of `measurement`.
pub(super) fn arm_rows(measurement: &Measurement) -> Vec<ArmRow<'_>> {
    let row = |index: usize| {
        let pair = measurement
            .pairs()
            .find(|pair| pair.index == index)
            .and_then(|pair| {
                let summary = pair.summary()?;
                Some(PairFigures { pair, summary })
            });

        Some(ArmRow {
            measurement,
            index,
            figures: measurement.figures(index)?,
            pair,
        })
    };

    (0..measurement.arms.len()).filter_map(row).collect()
}

impl ArmRow<'_> {
    /// A row with the cells that say which arm it is, and then `figures`.
    pub(super) fn row(&self, figures: impl IntoIterator<Item = Cell>) -> Row {
        let arm = &self.measurement.arms[self.index];
        let workers = if arm.is_serial() {
            Cell::default()
        } else {
            Cell::new(&arm.workers)
        };
        let cells = [Cell::new(&arm.engine), workers];

        Row {
            label: arm.label(),
            cells: cells.into_iter().chain(figures).collect(),
        }
    }

    fn result(&self, contents: Contents) -> Row {
        let time = Seconds(self.figures.median_s).to_string();
        let time = marked(&time, self.is_contradiction(), contents.is_marked);
        let time = Cell::new(&time);

        let figures = match &self.pair {
            None => [time, Cell::default(), Cell::default(), Cell::default()],
            Some(PairFigures { pair, summary }) => {
                let tone = Tone::of_verdict(summary);
                let speedup = Cell::new(&ratio(summary.speedup)).with(&interval(summary));
                let efficiency = Cell::new(&Percent(summary.efficiency));
                let efficiency = if contents.has_efficiency_intervals {
                    efficiency.with(&percents(summary, pair.workers()))
                } else {
                    efficiency
                };
                let verdict = Cell::new(&grade(*pair, summary)).toned(tone);
                [time, speedup.toned(tone), efficiency, verdict]
            }
        };
        let of_one = self
            .gain_over_one_worker()
            .map_or_else(Cell::default, |gain| {
                Cell::new(&ratio(gain.median)).with(&ends(gain.low, gain.high))
            });
        let of_one = contents.has_two_references.then_some(of_one);
        self.row(figures.into_iter().chain(of_one))
    }

    fn gain_over_one_worker(&self) -> Option<Estimate> {
        self.measurement.gain_over_one_worker(self.index)
    }

    /// Whether the arm's time lies on the other side of the reference's than its speed-up says.
    fn is_contradiction(&self) -> bool {
        let Some(PairFigures { pair, summary }) = &self.pair else {
            return false;
        };
        let (reference_s, arm_s) = (summary.reference.median_s, summary.arm.median_s);

        let medians = Shown {
            first_text: &Seconds(reference_s).to_string(),
            second_text: &Seconds(arm_s).to_string(),
            of_medians: reference_s / arm_s,
            ratio_text: &ratio(summary.speedup),
            ratio: summary.speedup,
        };
        // A time of several times the work has nothing beside it to contradict.
        pair.arm().scale == 1 && medians.is_contradiction()
    }
}

/// The interval of an efficiency in per cent, which is that of the speed-up for each worker.
fn percents(summary: &Summary, workers: usize) -> String {
    let percent = |speedup: f64| format!("{:.0}", 100.0 * speedup / workers.max(1) as f64);

    match (summary.speedup_low, summary.speedup_high) {
        (Some(low), Some(high)) => format!("[{}, {}]", percent(low), percent(high)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_workload_is_a_block_with_one_serial_row_that_has_no_workers() {
        let table = results(&fixture::nine());

        assert_eq!(table.blocks.len(), 3);
        for block in &table.blocks {
            let labels: Vec<&str> = block.rows.iter().map(|row| row.label.as_str()).collect();
            assert_eq!(
                labels,
                ["serial", "pool 1", "pool 2", "pool 4"],
                "{}",
                block.name
            );
            assert_eq!(block.rows[0].cells[1].text, "");
        }
    }

    #[test]
    fn an_efficiency_has_its_interval_where_there_is_room() {
        let row = |table: Table| table.blocks[0].rows[1].cells[4].clone();

        let (short, full) = (
            row(results(&fixture::run())),
            row(full_results(&fixture::run())),
        );
        assert_eq!((short.text.as_str(), short.beside.as_str()), ("95 %", ""));
        assert_eq!(
            (full.text.as_str(), full.beside.as_str()),
            ("95 %", "[94, 97]")
        );
    }

    #[test]
    fn a_median_that_contradicts_its_speed_up_is_marked_and_explained_once() {
        let mut run = fixture::run();
        assert!(results(&run).legends.is_empty());

        // The machine slows down: in each round the pool is faster, but the medians are of other
        // rounds.
        let measurement = &mut run.measurements[0];
        let steady = measurement.rounds.iter_mut().skip(1);
        for (number, round) in steady.enumerate() {
            let (serial_s, pool_s) = match number {
                0..4 => (1.0, 0.9),
                4..6 => (1.1, 1.2),
                _ => (2.0, 1.8),
            };
            round.times[0].wall_s = serial_s;
            round.times[1].wall_s = pool_s;
        }

        let table = results(&run);
        let times: Vec<&str> = table.blocks[0]
            .rows
            .iter()
            .map(|row| row.cells[2].text.as_str())
            .collect();
        assert_eq!(times, ["1.10 s ", "1.20 s*"]);
        assert_eq!(table.blocks[0].rows[1].cells[3].text, "1.11x");
        assert_eq!(table.legends.len(), 1);
    }
}
