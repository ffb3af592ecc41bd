//! What is drawn of a run: the bars of its arms, the curve of what tasks cost, or the changes of a
//! run that was compared.

use super::font::Font;
use super::scene::Scene;
use super::{changes, efficiency, layout};
use crate::results::Run;

/// The scene that shows `run`, with texts as wide as `font` makes them.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    if let Some(comparison) = &run.comparison {
        return changes::scene(run, comparison, font);
    }

    let costs = run.task_costs();
    let has_curve = costs.iter().any(|cost| !cost.curve.is_empty());
    let shows_nothing_else = run
        .measurements
        .iter()
        .all(|measurement| run.shows_task_cost(measurement));
    if has_curve && shows_nothing_else {
        efficiency::scene(run, &costs, font)
    } else {
        layout::scene(run, font)
    }
}
