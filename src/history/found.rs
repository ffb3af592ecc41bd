//! What is found in the values of a series, whatever it is of, and what of that counts.

use super::episode::{Amount, Episode, Fit, Shape, fit, stairs};
use super::order::{Order, Testing};
use super::pieces::pieces;
use super::standing::Why;
use super::stray::{Stray, strays};
use super::{ALPHA, FEWEST};
use crate::stats::{least_step_p, median};

/// Below this many runs nothing is exchangeable or not, whatever they are.
const MOST_NEEDED: usize = 1000;

/// What is found in the values of a series, whatever it is of.
pub(super) struct Found<'a> {
    values: &'a [f64],
    pub(super) fit: Fit,
    pub(super) strays: Vec<Stray>,
}

/// What makes a change for the worse count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// The change that is tolerated.
    pub(super) tolerance: f64,
    /// What has to be exceeded for accusing the program: more than that where the machine itself
    /// became slower.
    pub(super) threshold: f64,
}

impl<'a> Found<'a> {
    /// In `values`, logarithms of which more is worse, with what is against any order
    /// and its corrected p-value.
    pub(super) fn of(
        values: &'a [f64],
        order: Option<&Order>,
        p_value: Option<f64>,
        testing: Testing,
        tolerance: f64,
    ) -> Self {
        let is_changed = p_value.is_some_and(|p_value| p_value <= ALPHA);
        let starts = match order.filter(|_| is_changed) {
            Some(order) => pieces(values, order, testing),
            None => vec![0],
        };
        let fit = fit(values, &starts);
        let strays = strays(values, &fit.fitted, tolerance);

        Self {
            values,
            fit,
            strays,
        }
    }

    /// What follows, where the first `accepted` points are history, and where `limits_of` says what
    /// makes a change count.
    pub(super) fn why(
        &self,
        family: usize,
        accepted: usize,
        limits_of: &dyn Fn(&Episode) -> Limits,
    ) -> Why {
        let needed = runs_needed(family);
        if self.values.len() < needed {
            return Why::TooFewRuns { needed };
        }

        let since: Vec<Episode> = self
            .fit
            .episodes
            .iter()
            .filter_map(|episode| part_since(episode, accepted))
            .collect();
        let tolerance_of = |episode: &Episode| limits_of(episode).tolerance;
        let is_left = |episode: &&Episode| !self.is_taken_back(episode, tolerance_of(episode));
        let is_large = |episode: &&Episode| episode.amount.is_worse(tolerance_of(episode));
        let by_change =
            |left: &Episode, right: &Episode| left.amount.change.total_cmp(&right.amount.change);

        let alone = since.iter().filter(is_large).filter(is_left).copied();
        let together = self.together(&since).filter(|episode| is_large(&episode));
        let (explained, worse): (Vec<Episode>, Vec<Episode>) =
            alone.chain(together).partition(|episode| {
                // As in `check`: a slower machine is a reason not to accuse, and none to acquit.
                !episode.amount.is_worse(limits_of(episode).threshold)
            });
        let is_alone = |episode: &&Episode| !matches!(episode.shape, Shape::Stairs { .. });
        let greatest = |episodes: &[Episode]| {
            let alone = episodes.iter().filter(is_alone).copied().max_by(by_change);
            alone.or_else(|| episodes.iter().copied().max_by(by_change))
        };
        if let Some(worse) = greatest(&worse) {
            return Why::Worse(worse);
        }
        if let Some(explained) = greatest(&explained) {
            return Why::SlowerMachine(explained);
        }

        let is_perhaps = |episode: &&Episode| episode.amount.change > 1.0 + tolerance_of(episode);
        let perhaps = since.iter().filter(is_perhaps).filter(is_left);
        if let Some(perhaps) = perhaps.copied().max_by(by_change) {
            return Why::Perhaps(perhaps);
        }
        let open: Vec<&Stray> = self
            .strays
            .iter()
            .filter(|stray| stray.is_last && stray.factor > 1.0)
            .collect();
        if let Some(last) = open.last() {
            return Why::Open {
                runs: open.len(),
                factor: last.factor,
            };
        }

        match since.last() {
            Some(last) if last.amount.is_better(tolerance_of(last)) => Why::Better(*last),
            _ => match since.iter().rfind(is_large) {
                Some(recovered) => Why::Recovered(*recovered),
                None => Why::Unchanged,
            },
        }
    }

    /// Whether a level since `episode` was as good as that before it: what is worse again then is
    /// another change.
    fn is_taken_back(&self, episode: &Episode, tolerance: f64) -> bool {
        let fitted = &self.fit.fitted;
        let before = match episode.shape {
            Shape::Drift { .. } => episode.from,
            Shape::Step | Shape::Stairs { .. } => episode.from.saturating_sub(1),
        };
        let since = &fitted[episode.to.saturating_sub(1)..];
        let is_as_good = |before: &f64| {
            let mut levels = since.iter();
            levels.any(|level| (level - before).exp() <= 1.0 + tolerance)
        };

        fitted.get(before).is_some_and(is_as_good)
    }

    /// What the last changes of `since` add up to, from each of them on: each may be tolerated, and
    /// all of them together not. A drift at the very end has no level to compare with.
    fn together<'b>(&'b self, since: &'b [Episode]) -> impl Iterator<Item = Episode> + use<'a, 'b> {
        let ends_level = since.last().is_some_and(|last| last.shape == Shape::Step);
        let several = since.len().saturating_sub(1);
        let starts = if ends_level { 0..several } else { 0..0 };

        starts.filter_map(|start| {
            let first = since[start].from;
            let earlier = self.fit.episodes.iter().map(|episode| episode.from);
            let begin = earlier.filter(|from| *from < first).max().unwrap_or(0);
            stairs(self.values, begin, &since[start..])
        })
    }

    /// How far values typically are from what is fitted to them.
    pub(super) fn scatter(&self) -> f64 {
        let errors = std::iter::zip(self.values, &self.fit.fitted);
        let distances: Vec<f64> = errors
            .map(|(value, fitted)| (value - fitted).abs())
            .collect();

        // As a standard deviation, if they were normal.
        (median(&distances).unwrap_or_default() / 0.6745).exp_m1()
    }
}

/// The fewest runs of a series that could be found to have changed, as one of `family`: with fewer
/// of them not even two levels without overlap are more than chance.
#[must_use]
pub(super) fn runs_needed(family: usize) -> usize {
    let is_enough = |runs: &usize| least_step_p(*runs) * family.max(1) as f64 <= ALPHA;

    (2 * FEWEST..MOST_NEEDED)
        .find(is_enough)
        .unwrap_or(MOST_NEEDED)
}

/// The part of `episode` behind the first `accepted` points; `None` where that is nothing.
pub(super) fn part_since(episode: &Episode, accepted: usize) -> Option<Episode> {
    if episode.from >= accepted {
        return Some(*episode);
    }
    if !matches!(episode.shape, Shape::Drift { .. }) || episode.to <= accepted + 1 {
        return None;
    }

    let share = (episode.to - accepted) as f64 / (episode.to - episode.from) as f64;
    let part = |factor: f64| factor.powf(share);
    let Amount { change, low, high } = episode.amount;
    Some(Episode {
        from: accepted,
        amount: Amount {
            change: part(change),
            low: part(low),
            high: part(high),
        },
        ..*episode
    })
}
