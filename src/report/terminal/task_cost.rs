//! What a task costs on the terminal: the costs as a table, and the curve of each engine with bars.

use super::arrangement::{arranged, in_columns};
use super::options::Layout;
use super::text::columns;
use crate::analysis::{CurvePoint, TaskCost};
use crate::report::cost_figures::{costs as costs_table, curves};
use crate::report::figures::{Cell, Column, Table};

/// Columns of the longest bar, which stands for an efficiency of 1.
const LONGEST_BAR: usize = 28;
/// Shorter ones would say nothing; `not possible` needs as many.
const SHORTEST_BAR: usize = 12;
/// Blank columns before the bars.
const GAP: usize = 2;

/// The table and the curves, each a block of text.
pub(super) fn blocks(costs: &[TaskCost], layout: Layout) -> Vec<String> {
    let costs_text = arranged(&costs_table(costs), layout);
    let curves = curves(costs);

    if curves.is_empty() {
        vec![costs_text]
    } else {
        vec![costs_text, drawn(curves, costs, layout)]
    }
}

/// The curves, with bars where the terminal has room for them.
fn drawn(curves: Table, costs: &[TaskCost], layout: Layout) -> String {
    let plain = Layout {
        color: false,
        ..layout
    };
    let curves_width = in_columns(&curves, plain)
        .and_then(|text| text.lines().map(columns).max())
        .unwrap_or(layout.width);

    match layout.width.saturating_sub(curves_width + GAP) {
        room if room < SHORTEST_BAR => arranged(&curves, layout),
        room => arranged(&with_bars(curves, costs, room.min(LONGEST_BAR)), layout),
    }
}

fn with_bars(mut curves: Table, costs: &[TaskCost], longest: usize) -> Table {
    curves.columns.push(Column::words(""));

    let rows = curves.blocks.iter_mut().flat_map(|block| &mut block.rows);
    let points = costs.iter().flat_map(|cost| &cost.curve);
    for (row, point) in rows.zip(points) {
        row.cells.push(Cell::new(&bar(point, longest)));
    }
    curves
}

/// Never longer than what is possible.
fn bar(point: &CurvePoint, longest: usize) -> String {
    if point.is_impossible() {
        return "not possible".to_owned();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to about 30"
    )]
    let blocks = (point.efficiency.median.clamp(0.0, 1.0) * longest as f64).round() as usize;
    "█".repeat(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::terminal::table::table;
    use crate::results::Measurement;

    #[test]
    fn a_run_of_overhead_is_a_table_curves_and_advice() {
        insta::assert_snapshot!(table(&fixture::overhead(), Layout::PLAIN));
    }

    #[test]
    fn an_impossible_row_is_marked_and_not_believed() {
        let mut run = fixture::overhead();
        let is_third = |measurement: &&mut Measurement| measurement.params["steps"] == 4;
        let third = run.measurements.iter_mut().find(is_third).unwrap();
        for round in &mut third.rounds {
            round.times[1].wall_s /= 6.0;
        }

        let text = table(&run, Layout::PLAIN);
        assert!(text.contains("198 % [196, 200]  not possible"), "{text}");
        assert!(
            text.contains("note: an efficiency above 100 % is not possible"),
            "{text}"
        );
    }

    #[test]
    fn a_single_measurement_of_busy_is_a_row_like_any_other() {
        let mut run = fixture::overhead();
        run.measurements.truncate(1);

        let text = table(&run, Layout::PLAIN);
        assert!(text.contains("busy") && !text.contains("METG"), "{text}");
    }
}
