//! Speed-ups of one engine with many numbers of workers: a row for each number, a column for each
//! measurement. Rows for all of them would not fit on a screen.

use super::results::{PairFigures, arm_rows, measured};
use super::speedup::{cell, legend};
use super::table::{Block, Cell, Column, Row, Table};
use crate::analysis::Series;
use crate::report::words::law::weak_scaling;
use crate::report::words::names::name;
use crate::results::{Measurement, Pair, Run};
use crate::units::{Seconds, count};

/// The most rows that a table of arms has on a screen that holds sentences below it, too.
const SCREEN: usize = 24;

/// The table, where one engine was measured with more than a screen's worth of workers.
pub(super) fn by_workload(run: &Run) -> Option<Table> {
    let measurements: Vec<&Measurement> = measured(run).collect();
    let rows: usize = measurements
        .iter()
        .map(|measured| measured.arms.len())
        .sum();
    let engine = sole_engine(&measurements)?;
    if measurements.len() < 2 || rows <= SCREEN {
        return None;
    }

    let workers = Column::numbers("workers").labelling();
    let columns = measurements
        .iter()
        .map(|measurement| Column::numbers(name(run, measurement)).with(""));
    let block = Block {
        name: engine.to_owned(),
        about: measurements
            .iter()
            .find_map(|measurement| weak_scaling(measurement))
            .unwrap_or_default()
            .to_owned(),
        rows: block_rows(&measurements),
    };

    Some(Table {
        legends: vec![legend(run)],
        ..Table::new(
            "",
            std::iter::once(workers).chain(columns).collect(),
            vec![block],
        )
    })
}

/// The engine, where there is one only beside the plain loop, with several numbers of workers.
fn sole_engine<'a>(measurements: &[&'a Measurement]) -> Option<&'a str> {
    let mut engines = measurements
        .iter()
        .flat_map(|measurement| measurement.pairs().map(Pair::engine));
    let sole = engines.next()?;
    let is_sweep = |measurement: &&Measurement| {
        measurement.reference_arm().is_serial() && measurement.series().iter().all(Series::is_sweep)
    };

    (engines.all(|engine| engine == sole) && measurements.iter().all(is_sweep)).then_some(sole)
}

/// The reference's times, and the speed-ups at each number of workers.
fn block_rows(measurements: &[&Measurement]) -> Vec<Row> {
    let time = |measurement: &&Measurement| {
        let figures = measurement.figures(measurement.reference);
        Cell::or_absent(figures.map(|figures| Seconds(figures.median_s)))
    };
    let reference = row("serial", "serial", measurements.iter().map(time));

    let figures: Vec<Vec<PairFigures<'_>>> = measurements
        .iter()
        .map(|measurement| {
            arm_rows(measurement)
                .into_iter()
                .filter_map(|row| row.pair)
                .collect()
        })
        .collect();
    let mut counts: Vec<usize> = figures
        .iter()
        .flatten()
        .map(|figures| figures.pair.workers())
        .collect();
    counts.sort_unstable();
    counts.dedup();

    let at = |workers: usize| {
        let cells = figures.iter().map(|figures| {
            let here = figures
                .iter()
                .find(|figures| figures.pair.workers() == workers);
            here.map_or_else(Cell::default, cell)
        });
        row(&count(workers, "worker"), &workers.to_string(), cells)
    };
    std::iter::once(reference)
        .chain(counts.into_iter().map(at))
        .collect()
}

fn row(label: &str, first: &str, cells: impl Iterator<Item = Cell>) -> Row {
    Row {
        label: label.to_owned(),
        cells: std::iter::once(Cell::new(&first)).chain(cells).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_long_sweep_of_one_engine_has_a_column_for_each_workload() {
        assert!(by_workload(&fixture::nine()).is_none(), "fits on a screen");
        assert!(by_workload(&fixture::sweep()).is_none(), "two engines");

        let table = by_workload(&fixture::long_sweep()).unwrap();
        let headings: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.heading.as_str())
            .collect();
        assert_eq!(headings, ["workers", "fib", "pi", "image"]);

        let rows = &table.blocks[0].rows;
        assert_eq!(rows.len(), 13);
        assert_eq!(rows[0].cells[1].text, "1.23 s");
        assert_eq!(
            (
                rows[2].cells[0].text.as_str(),
                rows[2].cells[1].text.as_str()
            ),
            ("2", "1.94x")
        );
    }
}
