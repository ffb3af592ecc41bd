//! What a task costs on the terminal: the costs as a table, and the curve of each engine with bars.

use super::layout::laid_out;
use super::text::Paint;
use crate::report::cost_figures::costs as costs_table;
use crate::report::words::task_cost::{name, share_interval};
use crate::results::{CurvePoint, TaskCost};
use crate::units::{Percent, Seconds};

/// Blocks of a bar that stands for an efficiency of 1.
const BAR: f64 = 28.0;

/// The table and the curves, each a block of text.
pub(super) fn blocks(costs: &[TaskCost], paint: Paint) -> Vec<String> {
    let table = laid_out(&costs_table(costs), paint);
    let curves = costs.iter().filter(|cost| !cost.curve.is_empty());

    std::iter::once(table)
        .chain(curves.map(|cost| curve(cost, paint)))
        .collect()
}

fn curve(cost: &TaskCost, paint: Paint) -> String {
    let heading = line(&name(cost), "task's work", "efficiency", "95 % interval");
    let mut lines = vec![paint.heading(&heading)];

    for point in &cost.curve {
        let work = Seconds(point.work_s).to_string();
        let efficiency = Percent(point.efficiency.median).to_string();
        let figures = line("", &work, &efficiency, &share_interval(point.efficiency));
        lines.push(format!("{figures}  {}", bar(point)).trim_end().to_owned());
    }
    lines.join("\n")
}

fn line(name: &str, work: &str, efficiency: &str, interval: &str) -> String {
    format!("{name:<10} {work:>12} {efficiency:>11} {interval:>13}")
}

/// Never longer than what is possible.
fn bar(point: &CurvePoint) -> String {
    if point.is_impossible() {
        return "not possible".to_owned();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to about 30"
    )]
    let blocks = (point.efficiency.median.clamp(0.0, 1.0) * BAR).round() as usize;
    "█".repeat(blocks)
}

#[cfg(test)]
mod tests {
    use crate::report::fixture;
    use crate::report::terminal::table::table;
    use crate::results::Measurement;

    #[test]
    fn a_run_of_overhead_is_a_table_curves_and_advice() {
        insta::assert_snapshot!(table(&fixture::overhead(), false));
    }

    #[test]
    fn an_impossible_row_is_marked_and_not_believed() {
        let mut run = fixture::overhead();
        let is_third = |measurement: &&mut Measurement| measurement.params["steps"] == 4;
        let third = run.measurements.iter_mut().find(is_third).unwrap();
        for round in &mut third.rounds {
            round.times[1].wall_s /= 6.0;
        }

        let text = table(&run, false);
        assert!(text.contains("198 %    [196, 200]  not possible"), "{text}");
        assert!(
            text.contains("note: an efficiency above 100 % is not possible"),
            "{text}"
        );
    }

    #[test]
    fn a_single_measurement_of_busy_is_a_row_like_any_other() {
        let mut run = fixture::overhead();
        run.measurements.truncate(1);

        let text = table(&run, false);
        assert!(text.contains("busy") && !text.contains("METG"), "{text}");
    }
}
