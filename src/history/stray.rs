//! Single runs that are far from their neighbours: a spike is no change, and the last runs may be a
//! spike or the beginning of a change, which only further runs show.

use crate::stats::outliers;

/// A run far from the level of its series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stray {
    /// The index of its point.
    pub at: usize,
    /// How many times as bad as the level.
    pub factor: f64,
    /// Whether no run after it is back at the level.
    pub is_last: bool,
}

/// Those of `values`, which are logarithms, that are far from what was `fitted` to them: by the
/// rule of [`outliers`], and by more than `tolerance`.
#[must_use]
pub fn strays(values: &[f64], fitted: &[f64], tolerance: f64) -> Vec<Stray> {
    let errors: Vec<f64> = std::iter::zip(values, fitted)
        .map(|(value, fitted)| value - fitted)
        .collect();
    let bound = (1.0 + tolerance).ln();
    let is_far: Vec<bool> = std::iter::zip(outliers(&errors), &errors)
        .map(|(is_outlier, error)| is_outlier && error.abs() > bound)
        .collect();

    // However many they are, a change may have begun with them that is not clear yet.
    let is_upwards = errors.last().is_some_and(|error| *error > 0.0);
    let at_the_end = std::iter::zip(&is_far, &errors)
        .rev()
        .take_while(|(is_far, error)| **is_far && (**error > 0.0) == is_upwards)
        .count();
    let first_of_end = values.len() - at_the_end;

    (0..values.len())
        .filter(|&at| is_far[at])
        .map(|at| Stray {
            at,
            factor: errors[at].exp(),
            is_last: at >= first_of_end,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(far: &[(usize, f64)]) -> Vec<(usize, bool)> {
        let mut values: Vec<f64> = (0..30).map(|k| 0.01 * f64::from(k * 7 % 5)).collect();
        for &(at, by) in far {
            values[at] += by;
        }

        strays(&values, &[0.02; 30], 0.05)
            .iter()
            .map(|stray| (stray.at, stray.is_last))
            .collect()
    }

    #[test]
    fn a_spike_is_named_and_the_last_runs_are_open() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[(12, 0.3)]), [(12, false)]);
        assert_eq!(found(&[(12, -0.3), (29, 0.3)]), [(12, false), (29, true)]);
        assert_eq!(found(&[(28, 0.3), (29, 0.4)]), [(28, true), (29, true)]);
        let last = [27, 28, 29].map(|at| (at, 0.3));
        assert_eq!(found(&last), last.map(|(at, _)| (at, true)));
        // Of two directions the last one is open.
        assert_eq!(found(&[(28, -0.3), (29, 0.4)]), [(28, false), (29, true)]);
    }

    #[test]
    fn what_is_tolerated_is_no_spike() {
        let values = [0.0, 0.001, -0.001, 0.0, 0.001, -0.001, 0.0, 0.04];

        assert_eq!(strays(&values, &[0.0; 8], 0.05), []);
        assert_eq!(strays(&values, &[0.0; 8], 0.03).len(), 1);
        assert_eq!(strays(&[], &[], 0.05), []);
    }
}
