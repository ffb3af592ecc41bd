//! The figures that explain the others, for readers who ask for them: how the rounds spread, what
//! stands outside the steady ones, and what the machine gave.

use super::results::{ArmRow, PairFigures, about, arm_rows, full_results, measured};
use super::table::{Block, Cell, Column, Row, Table};
use crate::analysis::Estimate;
use crate::report::words::names::name;
use crate::report::words::ratio::shares;
use crate::results::{Measurement, Pair, Run};
use crate::units::{Percent, Rate, Ratio, Seconds, count, two_decimals};

/// All figures of every arm in one table, for a terminal that is as wide as that.
pub(in crate::report) fn everything(run: &Run) -> Table {
    let whole = Table {
        has_short_names: false,
        ..full_results(run)
    };

    whole.beside(spreads(run)).beside(conditions(run))
}

/// Throughput, the range of the rounds, the cold round, the wait for the workers.
pub(in crate::report) fn spreads(run: &Run) -> Table {
    let columns = vec![
        Column::numbers("throughput").named(""),
        Column::numbers("all\nspeed-ups"),
        Column::numbers("cold\nround"),
        Column::numbers("start-up"),
    ];

    table(run, columns, |row| Some(row.row(spread(row))))
}

fn spread(row: &ArmRow<'_>) -> [Cell; 4] {
    let throughput = Rate {
        per_second: row.figures.throughput_per_s,
        unit: &row.measurement.work.unit,
    };
    let pair = row.pair.as_ref();
    let range = pair.map(|PairFigures { summary, .. }| {
        format!(
            "{}-{}",
            Ratio(summary.speedup_min),
            Ratio(summary.speedup_max)
        )
    });

    [
        Cell::new(&throughput),
        Cell::or_absent(range),
        Cell::or_absent(row.figures.cold_s.map(Seconds)),
        Cell::or_absent(pair.map(|figures| Seconds(figures.pair.startup_s()))),
    ]
}

/// What a task costs, and what the CPUs gave: a row for each arm but the reference.
pub(in crate::report) fn conditions(run: &Run) -> Table {
    let mut columns = vec![
        Column::numbers("task\noverhead"),
        Column::numbers("CPU\ntime"),
        Column::numbers("cores\ngranted"),
        Column::numbers("efficiency\non these"),
        Column::numbers("serial\nfraction").with("[95 % interval]"),
    ];

    let has_peaks = run
        .measurements
        .iter()
        .any(|measurement| measurement.pairs().any(|pair| peak(pair).is_some()));
    if has_peaks {
        columns.push(Column::numbers("peak memory\nof a task"));
    }

    table(run, columns, |row| {
        let figures = row.pair.as_ref()?;
        let peak = has_peaks.then(|| Cell::or_absent(peak(figures.pair)));
        Some(row.row(condition(figures).into_iter().chain(peak)))
    })
}

/// The most memory that the process of a task held in any round that counts: `57.0 MB`, or `at most
/// 57.0 MB`.
fn peak(pair: Pair<'_>) -> Option<String> {
    let rounds = pair.counted();
    let peak = rounds.iter().filter_map(|round| round.arm.peak).max()?;
    let bound = if peak.at_most { "at most " } else { "" };

    Some(format!("{bound}{}", peak.bytes))
}

fn condition(PairFigures { pair, summary }: &PairFigures<'_>) -> [Cell; 5] {
    [
        Cell::or_absent(summary.dispatch_median_s.map(Seconds)),
        Cell::or_absent(summary.cpu_ratio.map(Ratio)),
        Cell::or_absent(summary.granted_cores.map(two_decimals)),
        Cell::or_absent(summary.efficiency_of_ceiling.map(Percent)),
        match serial_fraction(*pair) {
            Some(fraction) => share(fraction),
            None => Cell::or_absent(None::<String>),
        },
    ]
}

fn share(fraction: Estimate) -> Cell {
    let shares = shares(fraction);

    Cell::new(&shares.median).with(&shares.interval)
}

/// The serial fraction that the speed-up of `pair` looks like.
pub(in crate::report) fn serial_fraction(pair: Pair<'_>) -> Option<Estimate> {
    let series = pair.measurement.series();
    let series = series
        .iter()
        .find(|series| series.engine() == pair.engine())?;
    let points = series.points();

    points
        .iter()
        .find(|point| point.workers == pair.workers())?
        .serial_fraction
}

fn table(run: &Run, figures: Vec<Column>, row: impl Fn(&ArmRow<'_>) -> Option<Row>) -> Table {
    let labels = [
        Column::words("engine").labelling(),
        Column::numbers("workers").labelling(),
    ];
    let block = |measurement: &Measurement| Block {
        name: name(run, measurement),
        about: format!(
            "{}, {}",
            count(measurement.steady().count(), "steady round"),
            about(measurement)
        ),
        rows: arm_rows(measurement).iter().filter_map(&row).collect(),
    };

    let columns = labels.into_iter().chain(figures).collect();
    Table::new("workload", columns, measured(run).map(block).collect())
}
