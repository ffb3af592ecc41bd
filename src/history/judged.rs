//! A series with what became of it, and by what question it is judged.

use super::episode::{Episode, Shape};
use super::found::{Found, Limits};
use super::record::Record;
use super::series::Series;
use super::slow_down::slow_downs;
use super::standing::Standing;
use super::stray::Stray;
use crate::compare;
use crate::results::Metric;

/// How much more is tolerated where the set-up of the machine changed with the figure, as in
/// `check`: the calibration arithmetic does not see everything.
const WIDER: f64 = 2.0;

/// How a history is judged.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The change that is tolerated: 0.05 for 5 %.
    pub tolerance: f64,
    /// What the verdict depends on; the rest is only shown.
    pub deciding: &'a [Metric],
    /// The index of a record: changes up to it are accepted.
    pub accepted: Option<usize>,
}

/// A series with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The series.
    pub series: Series,
    /// Whether it is only shown.
    pub informational: bool,
    /// The chance of such an order of runs that are exchangeable, corrected by Holm for all that
    /// decides; `None` where there are too few of them.
    pub p_value: Option<f64>,
    /// What changed, for better or worse, whether it counts or not.
    pub episodes: Vec<Episode>,
    /// The level, or the place on a line, of each point, in its unit.
    pub levels: Vec<f64>,
    /// Runs that are far from it.
    pub strays: Vec<Stray>,
    /// How far runs typically are from it: 0.02 for 2 %.
    pub scatter: f64,
    /// What follows.
    pub standing: Standing,
}

impl Judged {
    /// `series`, of which this was `found`.
    pub(super) fn new(
        found: Found<'_>,
        records: &[Record],
        series: Series,
        informational: bool,
        p_value: Option<f64>,
        family: usize,
        question: &Question<'_>,
    ) -> Self {
        let accepted = series
            .points
            .iter()
            .take_while(|point| question.accepted.is_some_and(|run| point.run <= run))
            .count();
        let limits_of = |episode: &Episode| {
            let tolerance = if set_up_differences(records, &series, episode).is_empty() {
                question.tolerance
            } else {
                WIDER * question.tolerance
            };
            let slow_downs = slow_downs(&series, &found.fit.episodes, episode);
            let slower = compare::combined(series.metric, &slow_downs) - 1.0;

            Limits {
                tolerance,
                threshold: tolerance.max(slower),
            }
        };
        let family = if informational { 1 } else { family };
        let standing = found.why(family, accepted, &limits_of).into();

        let sign = if series.metric.is_time() { 1.0 } else { -1.0 };
        Self {
            informational,
            p_value,
            levels: found
                .fit
                .fitted
                .iter()
                .map(|level| (sign * level).exp())
                .collect(),
            scatter: found.scatter(),
            standing,
            strays: found.strays,
            episodes: found.fit.episodes,
            series,
        }
    }
}

/// What of the machine's set-up is not the same before and after `episode`.
#[must_use]
pub fn set_up_differences(records: &[Record], series: &Series, episode: &Episode) -> Vec<String> {
    let set_up = |place: usize| {
        let point = series.points.get(place)?;
        Some(&records.get(point.run)?.machine.set_up)
    };
    let last = match episode.shape {
        Shape::Step => episode.from,
        Shape::Stairs { last, .. } => last,
        Shape::Drift { .. } => episode.to.saturating_sub(1),
    };
    let first = match episode.shape {
        Shape::Drift { .. } => Some(episode.from),
        Shape::Step | Shape::Stairs { .. } => episode.from.checked_sub(1),
    };

    match (first.and_then(set_up), set_up(last)) {
        (Some(before), Some(after)) => before.differences(after),
        _ => Vec::new(),
    }
}
