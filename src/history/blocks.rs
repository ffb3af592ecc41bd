//! Runs far off that stand together: a level that was left and reached again, which no single split
//! shows.

use super::FEWEST;
use crate::stats::{grouping_p, median, outliers};

/// How much less likely than a step blocks have to be: both tests together accuse by chance a
/// hundredth more often than that of the steps.
const RARER: f64 = 100.0;

/// Stretches of runs far off.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// Where they begin and end, within the series.
    pub(super) splits: Vec<usize>,
    /// The chance of as few groups, many times over: as rare as [`RARER`] asks for.
    pub(super) p_value: f64,
}

/// The blocks of `values` in the direction that is less likely: stretches of [`FEWEST`] values or
/// more far from the median. `None` where there are none.
///
/// How many values are far off says nothing about their order, so that where the values are
/// exchangeable the chance of their standing together is exact.
pub(super) fn blocks(values: &[f64]) -> Option<Blocks> {
    let middle = median(values)?;
    let is_far = outliers(values);

    let directions = [true, false].into_iter().filter_map(|is_upwards| {
        let marks: Vec<bool> = std::iter::zip(values, &is_far)
            .map(|(value, is_far)| *is_far && (*value > middle) == is_upwards)
            .collect();
        let splits = bounds(&marks);

        (!splits.is_empty()).then(|| Blocks {
            splits,
            // There are two directions.
            p_value: (2.0 * RARER * grouping_p(&marks)).min(1.0),
        })
    });
    directions.min_by(|left, right| left.p_value.total_cmp(&right.p_value))
}

/// Where the stretches of marks that are long enough begin and end, within the series.
fn bounds(marks: &[bool]) -> Vec<usize> {
    let mut bounds = Vec::new();
    let mut from = 0;

    for stretch in marks.chunk_by(|left, right| left == right) {
        let to = from + stretch.len();
        if stretch[0] && stretch.len() >= FEWEST {
            bounds.extend([from, to]);
        }
        from = to;
    }
    bounds.retain(|&bound| 0 < bound && bound < marks.len());
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values with a little noise, but these runs far off.
    fn values(far: &[std::ops::Range<usize>], by: f64) -> Vec<f64> {
        (0..60)
            .map(|run| {
                let noise = 0.01 * (run * 7 % 5) as f64;
                let is_far = far.iter().any(|range| range.contains(&run));
                noise + if is_far { by } else { 0.0 }
            })
            .collect()
    }

    #[test]
    fn stretches_are_found_in_either_direction() {
        for by in [0.3, -0.3] {
            let found = blocks(&values(&[20..32, 57..60], by)).unwrap();
            assert_eq!(found.splits, [20, 32, 57]);
            assert!(found.p_value < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn single_runs_and_short_stretches_are_no_block() {
        assert_eq!(blocks(&values(&[], 0.3)), None);
        assert_eq!(blocks(&values(&[10..11, 30..32, 50..51], 0.3)), None);

        // Three of them in a row may be chance.
        let found = blocks(&values(std::slice::from_ref(&(30..33)), 0.3)).unwrap();
        assert!(found.p_value > 0.05, "{found:?}");
    }
}
