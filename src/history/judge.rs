//! What of all changes counts: those that are more than chance, as large as is not tolerated, for the
//! worse, and not taken back since.
//!
//! Each series is tested once for being exchangeable; Holm corrects for all that decide. Whether what
//! is found is a step or a drift is a question of fit, not another test. "Large" is the rule of
//! `check`: the whole 99 % interval beyond the tolerance.

use super::ALPHA;
use super::episode::{Episode, Shape};
use super::found::Found;
use super::pieces::{Testing, exchangeable};
use super::record::Record;
use super::series::Series;
use super::speedups::explain_speedups;
use super::standing::Standing;
use super::stray::Stray;
use crate::results::Metric;
use crate::stats::{StepTest, holm, least_step_p};

/// The seed of the permutations: the same history has the same verdict everywhere.
const SEED: u64 = 1;

/// How much more is tolerated where the set-up of the machine changed with the figure, as in `check`:
/// the calibration arithmetic does not see everything.
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

/// Judges each of `series`, of these records, which are one machine's or several machines'.
#[must_use]
pub fn judge(records: &[Record], series: Vec<Series>, question: &Question<'_>) -> Vec<Judged> {
    let decides = |one: &Series| question.deciding.contains(&one.metric);
    let is_long = |one: &Series| least_step_p(one.points.len()) <= ALPHA;
    let deciding = || series.iter().filter(|one| decides(one));
    let family = match deciding().filter(|one| is_long(one)).count() {
        // None can be tested yet: then all of them will be.
        0 => deciding().count(),
        long => long,
    };
    let testing = Testing::of(family, ALPHA, SEED);

    let values: Vec<Vec<f64>> = series.iter().map(Series::worseness).collect();
    let tests: Vec<Option<StepTest>> = series
        .iter()
        .zip(&values)
        .map(|(one, values)| exchangeable(values, testing).filter(|_| is_long(one)))
        .collect();
    let raw = |place: usize| tests[place].map(|test| test.p_value);
    let asked: Vec<usize> = (0..series.len())
        .filter(|&place| decides(&series[place]) && raw(place).is_some())
        .collect();
    let corrected = holm(
        &asked
            .iter()
            .filter_map(|&place| raw(place))
            .collect::<Vec<_>>(),
    );

    let mut judged = Vec::with_capacity(series.len());
    for (place, series) in series.into_iter().enumerate() {
        let in_family = asked.iter().position(|&asked| asked == place);
        let p_value = match in_family {
            Some(position) => Some(corrected[position]),
            None => raw(place),
        };
        let informational = !decides(&series);
        let found = Found::of(
            &values[place],
            tests[place],
            p_value,
            testing,
            question.tolerance,
        );
        judged.push(Judged::new(
            found,
            records,
            series,
            informational,
            p_value,
            family,
            question,
        ));
    }

    explain_speedups(&mut judged);
    judged
}

impl Judged {
    fn new(
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
        let tolerance_of = |episode: &Episode| {
            if set_up_differences(records, &series, episode).is_empty() {
                question.tolerance
            } else {
                WIDER * question.tolerance
            }
        };
        let family = if informational { 1 } else { family };
        let standing = found.why(family, accepted, &tolerance_of).into();

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
        Shape::Drift { .. } | Shape::Stairs { .. } => episode.to.saturating_sub(1),
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

#[cfg(test)]
mod tests;
