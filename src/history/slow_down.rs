//! How much of a change the machine explains: one whose memory became slower says no more than that
//! about the program.

use std::ops::Range;

use super::FEWEST;
use super::episode::{Amount, Episode, Shape};
use super::series::Series;
use crate::results::{Condition, SlowDown};

/// The share of a drift's runs at each of its ends that are compared with one another.
const ENDS_OF_DRIFT: usize = 3;

/// In what the machine became slower with `episode`, one of `episodes` of `series` or several of
/// them together.
#[must_use]
pub fn slow_downs(series: &Series, episodes: &[Episode], episode: &Episode) -> Vec<SlowDown> {
    let (before, after) = sides(episodes, episode);
    let runs = (episode.to - episode.from) as f64;
    // The ends of a drift are compared, and lie closer together than its first and last run.
    let longer = match episode.shape {
        Shape::Drift { .. } => (runs - 1.0) / (runs - before.len() as f64).max(1.0),
        _ => 1.0,
    };

    Condition::ALL
        .into_iter()
        .filter_map(|condition| {
            let known = |runs: &Range<usize>| {
                let points = series.points.get(runs.clone()).unwrap_or_default();
                let slowness = points.iter().filter_map(|point| {
                    let slowness = point.conditions?.slowness(condition)?.ln();
                    slowness.is_finite().then_some(slowness)
                });
                slowness.collect::<Vec<f64>>()
            };
            let factor = slower_by(condition, &known(&before), &known(&after))?;
            Some(SlowDown {
                condition,
                factor: factor.powf(longer),
            })
        })
        .collect()
}

/// The runs right before an episode and those after it.
fn sides(episodes: &[Episode], episode: &Episode) -> (Range<usize>, Range<usize>) {
    let Episode { from, to, .. } = *episode;
    if matches!(episode.shape, Shape::Drift { .. }) {
        let end = ((to - from) / ENDS_OF_DRIFT).max(FEWEST).min(to - from);
        return (from..from + end, to - end..to);
    }

    let starts = || episodes.iter().map(|other| other.from);
    let before = starts().filter(|start| *start < from).max().unwrap_or(0);
    let last = starts().filter(|start| (from..to).contains(start)).max();
    (before..from, last.unwrap_or(from)..to)
}

/// By what factor a condition became slower, from the logarithms of its slowness; `None` where it
/// did not. Where there are enough runs for a 99 % interval, it has to be above 1. Of streams the
/// upper end counts, since how much a task depends on them is not known.
fn slower_by(condition: Condition, before: &[f64], after: &[f64]) -> Option<f64> {
    if before.len().min(after.len()) < FEWEST {
        return None;
    }

    let Amount { change, low, high } = Amount::between(before, after);
    let factor = match (low > 0.0, condition.is_stream()) {
        (true, _) if low <= 1.0 => return None,
        (true, true) => high,
        (true, false) | (false, _) => change,
    };
    (factor > 1.0).then_some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_slower_counts_and_of_streams_its_upper_end() {
        let noise = [0.0, 0.02, -0.02, 0.01, -0.01, 0.03, -0.03, 0.0];
        let at = |level: f64| noise.map(|noise| level + noise);

        assert_eq!(slower_by(Condition::Memory, &at(0.0), &at(0.0)), None);
        assert_eq!(slower_by(Condition::Memory, &at(0.5), &at(0.0)), None);
        let memory = slower_by(Condition::Memory, &at(0.0), &at(0.5)).unwrap();
        assert!((memory - 0.5_f64.exp()).abs() < 0.01, "{memory}");
        assert!(slower_by(Condition::Update, &at(0.0), &at(0.5)).unwrap() > memory);
        // Three runs have no interval, and two are too few.
        assert!(slower_by(Condition::Update, &at(0.0), &at(0.5)[..3]).is_some());
        assert_eq!(slower_by(Condition::Update, &at(0.0), &at(0.5)[..2]), None);
    }

    #[test]
    fn the_sides_of_a_change_reach_to_its_neighbours() {
        let episode = |shape, from, to| Episode {
            shape,
            from,
            to,
            amount: Amount::between(&[], &[]),
        };
        let all = [
            episode(Shape::Step, 10, 20),
            episode(Shape::Step, 20, 30),
            episode(Shape::Step, 30, 40),
        ];

        assert_eq!(sides(&all, &all[0]), (0..10, 10..20));
        assert_eq!(sides(&all, &all[1]), (10..20, 20..30));
        let stairs = episode(Shape::Stairs { steps: 2, last: 30 }, 20, 40);
        assert_eq!(sides(&all, &stairs), (10..20, 30..40));
        let drift = episode(Shape::Drift { p_value: 0.0 }, 10, 40);
        assert_eq!(sides(&[drift], &drift), (10..20, 30..40));
    }
}
