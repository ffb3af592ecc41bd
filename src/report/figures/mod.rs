//! Rows and columns of the tables that reports show, built once. A format decides how they are laid
//! out: an interval may stand beside its figure, below it, or in a column of its own.

mod by_workload;
mod comparison;
mod contradiction;
mod details;
mod history;
mod matrix;
mod results;
mod rounds;
mod speedup;
mod table;

pub(super) use comparison::comparison;
pub(super) use details::{conditions, everything, spreads};
pub(super) use history::{levels as history_levels, verdicts as history_verdicts};
pub(super) use matrix::matrix;
pub(super) use results::{full_results, results};
pub(super) use rounds::rounds;
pub(super) use table::{Alignment, Block, Cell, Column, Row, Table};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        for run in fixture::every_run() {
            let mut tables = vec![
                results(&run),
                full_results(&run),
                spreads(&run),
                conditions(&run),
                everything(&run),
            ];
            tables.extend(matrix(&run));
            tables.extend(rounds(&run));
            tables.extend(run.comparison.as_ref().map(comparison));

            for table in tables {
                for row in table.blocks.iter().flat_map(|block| &block.rows) {
                    assert_eq!(row.cells.len(), table.columns.len());
                    for (cell, column) in row.cells.iter().zip(&table.columns) {
                        assert!(cell.beside.is_empty() || column.beside.is_some());
                    }
                }
            }
        }
    }
}
