//! A series cut into pieces of one level each: split where it has an order, and each part again, as
//! long as that is more than chance would make.

use super::FEWEST;
use super::order::{Order, Testing, order};
use crate::stats::{greatest_step, median};

/// The first index of each piece of `values`, which have been found to have the order `first`.
pub(super) fn pieces(values: &[f64], first: &Order, testing: Testing) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(&first.splits);
    let mut open = parts(0, &first.splits, values.len());

    while let Some((from, to)) = open.pop() {
        let Some(found) = order(&values[from..to], testing) else {
            continue;
        };
        if found.p_value <= testing.level {
            let splits: Vec<usize> = found.splits.iter().map(|split| from + split).collect();
            open.extend(parts(from, &splits, to));
            starts.extend(splits);
        }
    }

    starts.sort_unstable();
    settle(&mut starts, values);
    drop_unsupported(&mut starts, values);
    starts
}

/// The parts from one index to another that `splits` leave.
fn parts(from: usize, splits: &[usize], to: usize) -> Vec<(usize, usize)> {
    let starts = std::iter::once(from).chain(splits.iter().copied());
    let ends = splits.iter().copied().chain([to]);

    starts.zip(ends).collect()
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
    use crate::stats::Permutations;

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
        let first = order(values, TESTING).unwrap();
        if first.p_value > TESTING.level {
            return vec![0];
        }
        pieces(values, &first, TESTING)
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
    fn levels_that_were_left_again_are_pieces() {
        let wave = [(0.0, 20), (5.0, 12), (0.0, 25), (5.0, 3)];
        assert_eq!(starts(&stairs(&wave)), [0, 20, 32, 57]);
        assert_eq!(
            starts(&stairs(&[(0.0, 15), (5.0, 13), (0.0, 12)])),
            [0, 15, 28]
        );

        let often = [
            (0.0, 10),
            (6.0, 10),
            (0.0, 20),
            (6.0, 12),
            (0.0, 10),
            (6.0, 6),
        ];
        assert_eq!(starts(&stairs(&often)), [0, 10, 20, 40, 52, 62]);
    }
}
