//! Holm's correction for asking many questions at once.

/// The adjusted p-values, in the order of `p_values`: rejecting those below alpha keeps the
/// probability of any false rejection below alpha, however the tests depend on one another. Each is
/// at most 1, and none is below that of a smaller p-value. A NaN counts as a test without evidence:
/// as 1.
///
/// Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal
/// of Statistics 6(2), 1979.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let raw = |place: usize| {
        if p_values[place].is_nan() {
            1.0
        } else {
            p_values[place]
        }
    };

    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|&left, &right| raw(left).total_cmp(&raw(right)));

    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 0.0_f64;
    for (smaller, &place) in ascending.iter().enumerate() {
        let remaining = (p_values.len() - smaller) as f64;
        least = least.max(remaining * raw(place)).min(1.0);
        adjusted[place] = least;
    }

    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_adjusted(p_values: &[f64], expected: &[f64]) {
        let adjusted = holm(p_values);

        assert_eq!(adjusted.len(), expected.len());
        for (actual, expected) in adjusted.iter().zip(expected) {
            assert!(
                (actual - expected).abs() < 1e-12,
                "{actual} is not {expected}"
            );
        }
    }

    /// By hand: 4 x 0.005, 3 x 0.01, then 2 x 0.03, and 1 x 0.04 is raised to the 0.06 before it.
    #[test]
    fn four_tests_in_their_own_order() {
        assert_adjusted(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
    }

    /// By hand: 5 x 0.01, 4 x 0.02, 3 x 0.03, 2 x 0.04 is 0.08 and raised to 0.09, and so is 1 x
    /// 0.05.
    #[test]
    fn later_ones_are_raised_to_the_ones_before() {
        assert_adjusted(
            &[0.01, 0.02, 0.03, 0.04, 0.05],
            &[0.05, 0.08, 0.09, 0.09, 0.09],
        );
    }

    #[test]
    fn no_p_value_exceeds_one_and_nan_is_no_evidence() {
        assert_adjusted(&[0.6, 0.5], &[1.0, 1.0]);
        assert_adjusted(&[f64::NAN, 0.01, -f64::NAN], &[1.0, 0.03, 1.0]);
        assert_adjusted(&[0.2], &[0.2]);
        assert_adjusted(&[], &[]);
    }
}
