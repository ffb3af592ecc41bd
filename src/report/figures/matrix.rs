//! Speed-ups of several engines with several numbers of workers as a matrix: a block for each
//! measurement, a row for each number of workers, a column for each engine. A long sweep of one
//! engine has a column for each measurement instead.

use super::by_workload::by_workload;
use super::results::{PairFigures, about, arm_rows, measured};
use super::speedup::{cell, legend};
use super::table::{Block, Cell, Column, Row, Table};
use crate::analysis::Series;
use crate::report::words::names::name;
use crate::results::{Measurement, Pair, Run};
use crate::units::{Seconds, count};

/// The matrix, where several engines and several numbers of workers were measured of the same work,
/// or one engine with many.
pub(in crate::report) fn matrix(run: &Run) -> Option<Table> {
    by_engine(run).or_else(|| by_workload(run))
}

fn by_engine(run: &Run) -> Option<Table> {
    measured(run).find(|measurement| is_matrix(measurement))?;

    let mut engines: Vec<&str> = Vec::new();
    for engine in measured(run).flat_map(|measurement| measurement.pairs().map(Pair::engine)) {
        if !engines.contains(&engine) {
            engines.push(engine);
        }
    }
    let blocks = measured(run).map(|measurement| block(run, measurement, &engines));
    let workers = Column::numbers("workers").labelling();
    let columns = engines
        .iter()
        .map(|engine| Column::numbers(*engine).with(""));

    Some(Table {
        legends: vec![legend(run)],
        ..Table::new(
            "",
            std::iter::once(workers).chain(columns).collect(),
            blocks.collect(),
        )
    })
}

fn is_matrix(measurement: &Measurement) -> bool {
    let series = measurement.series();

    series.len() > 1 && series.iter().any(Series::is_sweep)
}

fn block(run: &Run, measurement: &Measurement, engines: &[&str]) -> Block {
    let rows = arm_rows(measurement);
    let pairs: Vec<PairFigures<'_>> = rows.into_iter().filter_map(|row| row.pair).collect();
    let mut counts: Vec<usize> = pairs.iter().map(|figures| figures.pair.workers()).collect();
    counts.sort_unstable();
    counts.dedup();

    let row = |workers: usize| {
        let cell_of = |engine: &&str| {
            let is_here = |figures: &&PairFigures<'_>| {
                figures.pair.engine() == *engine && figures.pair.workers() == workers
            };
            pairs.iter().find(is_here).map_or_else(Cell::default, cell)
        };
        let cells = engines.iter().map(cell_of);
        Row {
            label: count(workers, "worker"),
            cells: std::iter::once(Cell::new(&workers)).chain(cells).collect(),
        }
    };

    Block {
        name: name(run, measurement),
        about: format!("{}; {}", about(measurement), reference(measurement)),
        rows: counts.into_iter().map(row).collect(),
    }
}

/// What the speed-ups refer to: `serial takes 1.23 s`.
fn reference(measurement: &Measurement) -> String {
    let label = measurement.reference_arm().label();

    match measurement.figures(measurement.reference) {
        Some(figures) => format!("{label} takes {}", Seconds(figures.median_s)),
        None => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn several_engines_with_several_counts_are_a_matrix_and_nothing_else_is() {
        assert!(matrix(&fixture::run()).is_none());
        assert!(matrix(&fixture::nine()).is_none());
        assert!(matrix(&fixture::engines()).is_none());

        let table = matrix(&fixture::sweep()).unwrap();
        assert_eq!(table.columns.len(), 3);
        for block in &table.blocks {
            let workers: Vec<&str> = block
                .rows
                .iter()
                .map(|row| row.cells[0].text.as_str())
                .collect();
            assert_eq!(workers, ["1", "2", "3", "4", "6", "8"]);
        }
    }

    #[test]
    fn a_mark_says_what_colour_would_and_the_legend_names_those_that_occur() {
        let table = matrix(&fixture::sweep()).unwrap();

        for cell in table
            .blocks
            .iter()
            .flat_map(|block| &block.rows)
            .flat_map(|row| &row.cells[1..])
        {
            assert!(
                cell.beside.ends_with(['+', '~', '-', '?']),
                "{}",
                cell.beside
            );
        }
        assert_eq!(table.legends[0][0], "speed-up [95 % interval]: + pays");
    }
}
