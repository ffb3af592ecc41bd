//! A series cut into pieces of one level each: split at its greatest step, and each side again, as
//! long as the step is more than chance would make.

use super::FEWEST;
use crate::stats::{Permutations, StepTest, greatest_step, median, step_test};

/// How a series is tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Testing {
    /// The p-value below which a step is no chance.
    pub(super) level: f64,
    /// How chance is drawn.
    pub(super) permutations: Permutations,
}

impl Testing {
    /// For `family` series that are judged together. The level is what Holm asks of the least
    /// p-value. A p-value that is far below it takes several times as many permutations as the
    /// level itself.
    pub(super) fn of(family: usize, alpha: f64, seed: u64) -> Self {
        const LEAST: usize = 1999;
        const MOST: usize = 99_999;
        const OF_EACH: usize = 500;
        // With fewer, the least p-value that there is would be above the level of 1 % of a family.
        const LEAST_OF_EACH: usize = 200;

        let family = family.max(1);
        let most = MOST.max(family.saturating_mul(LEAST_OF_EACH));
        Self {
            level: alpha / family as f64,
            permutations: Permutations {
                count: family.saturating_mul(OF_EACH).clamp(LEAST, most),
                seed,
            },
        }
    }
}

/// Whether all of `values` could stand in any order. `None` where there are too few of them.
pub(super) fn exchangeable(values: &[f64], testing: Testing) -> Option<StepTest> {
    step_test(values, FEWEST, testing.permutations)
}

/// The first index of each piece of `values`, which have been found not to be exchangeable, with
/// the step `first`.
pub(super) fn pieces(values: &[f64], first: StepTest, testing: Testing) -> Vec<usize> {
    let mut starts = vec![0, first.at];
    let mut open = vec![(0, first.at), (first.at, values.len())];

    while let Some((from, to)) = open.pop() {
        let Some(test) = exchangeable(&values[from..to], testing) else {
            continue;
        };
        if test.p_value <= testing.level {
            let at = from + test.at;
            starts.push(at);
            open.extend([(from, at), (at, to)]);
        }
    }

    starts.sort_unstable();
    settle(&mut starts, values);
    drop_unsupported(&mut starts, values);
    starts
}

/// Moves each split to where the step is greatest between its neighbours: it was found while there
/// were other steps around it.
fn settle(starts: &mut [usize], values: &[f64]) {
    for place in 1..starts.len() {
        let from = starts[place - 1];
        let to = starts.get(place + 1).copied().unwrap_or(values.len());
        if let Some(at) = greatest_step(&values[from..to], FEWEST) {
            starts[place] = from + at;
        }
    }
}

/// Joins pieces whose step rests on too few values: where fewer than three of a side are nearer to
/// its own level than to the other one, these are spikes, with their neighbours around them.
fn drop_unsupported(starts: &mut Vec<usize>, values: &[f64]) {
    let mut place = 1;

    while place < starts.len() {
        let end = starts.get(place + 1).copied().unwrap_or(values.len());
        let before = &values[starts[place - 1]..starts[place]];
        let after = &values[starts[place]..end];
        if is_supported(before, after) {
            place += 1;
        } else {
            starts.remove(place);
            place = place.saturating_sub(1).max(1);
        }
    }
}

fn is_supported(before: &[f64], after: &[f64]) -> bool {
    let Some((low, high)) = median(before).zip(median(after)) else {
        return false;
    };
    let is_nearer_to = |level: f64, other: f64| {
        move |value: &&f64| (**value - level).abs() < (**value - other).abs()
    };

    before.iter().filter(is_nearer_to(low, high)).count() >= FEWEST
        && after.iter().filter(is_nearer_to(high, low)).count() >= FEWEST
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTING: Testing = Testing {
        level: 0.01,
        permutations: Permutations {
            count: 1999,
            seed: 1,
        },
    };

    /// Values around the levels, each as often as it says.
    fn stairs(levels: &[(f64, usize)]) -> Vec<f64> {
        let levels = levels.iter().flat_map(|&(level, times)| vec![level; times]);
        let noise = [0.0, 0.4, -0.3, 0.1, -0.5, 0.2, 0.5, -0.1];

        levels
            .zip(noise.into_iter().cycle())
            .map(|(level, noise)| level + noise)
            .collect()
    }

    fn starts(values: &[f64]) -> Vec<usize> {
        let first = exchangeable(values, TESTING).unwrap();
        if first.p_value > TESTING.level {
            return vec![0];
        }
        pieces(values, first, TESTING)
    }

    #[test]
    fn every_step_is_found_and_nothing_else() {
        assert_eq!(starts(&stairs(&[(0.0, 40)])), [0]);
        assert_eq!(starts(&stairs(&[(0.0, 30), (3.0, 6)])), [0, 30]);
        assert_eq!(
            starts(&stairs(&[(0.0, 20), (3.0, 20), (0.0, 20), (5.0, 20)])),
            [0, 20, 40, 60]
        );
        // Three runs are the fewest that are a step.
        assert_eq!(starts(&stairs(&[(0.0, 40), (5.0, 3)])), [0, 40]);
        assert_eq!(starts(&stairs(&[(0.0, 40), (5.0, 2)])), [0]);
    }

    #[test]
    fn more_questions_take_more_permutations() {
        assert_eq!(Testing::of(1, 0.01, 0).permutations.count, 1999);
        let many = Testing::of(40, 0.01, 0);
        assert!(many.level * many.permutations.count as f64 > 4.0);

        // Also of very many, the least p-value is below the level.
        let most = Testing::of(5_000, 0.01, 0);
        assert!(most.level * most.permutations.count as f64 > 1.0);
    }
}
