//! The sign test's interval of a median. It assumes no distribution.

use super::Interval;

/// The exact interval of a median by the sign test: the narrowest pair of order statistics, equally
/// far from both ends, that covers the true median with at least `confidence`. It assumes
/// independent values and nothing about their distribution. `None` for too few values, see
/// [`fewest_for`], and for a confidence of 1 or above: no order statistics are certain. NaN sorts
/// last, by IEEE 754 totalOrder.
///
/// Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, section 3.2; the idea
/// is W. R. Thompson's, Annals of Mathematical Statistics 7, 1936.
#[must_use]
pub fn median_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    if confidence.is_nan() || confidence >= 1.0 {
        return None;
    }

    let n = values.len();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);

    // The true median lies below the k-th smallest value (k from 0) when at most k values lie below
    // it: k heads or fewer in n fair throws.
    let mut narrowest = None;
    let mut tail = 0.0;
    // Logarithms, because 2^-n is too small a number from n = 1075 on.
    let mut log_weight = log_weight_of_no_head(n);
    for k in 0..n / 2 {
        tail += log_weight.exp();
        let coverage = 1.0 - 2.0 * tail;
        if coverage < confidence {
            break;
        }

        narrowest = Some(Interval {
            low: sorted[k],
            high: sorted[n - 1 - k],
            coverage,
        });
        log_weight += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }

    narrowest
}

/// The fewest values for which [`median_interval`] is `Some`: 6 for 95 %, 8 for 99 %. `usize::MAX`
/// for a confidence of 1 or above, which no number of values gives.
///
/// The interval between the extremes misses the median when all values lie on one side of it: 2 of
/// 2^n cases.
#[must_use]
pub fn fewest_for(confidence: f64) -> usize {
    if confidence.is_nan() || confidence >= 1.0 {
        return usize::MAX;
    }

    // From 55 values on the coverage rounds to 1, so the search ends there at the latest.
    (2..usize::MAX)
        .find(|&n| 1.0 - 2.0 * log_weight_of_no_head(n).exp() >= confidence)
        .unwrap_or(usize::MAX)
}

/// The logarithm of the probability of no head in `n` fair throws.
fn log_weight_of_no_head(n: usize) -> f64 {
    -(n as f64) * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the binomial table for p = 1/2: 1 - 2 P(X <= k) with k as in Conover's table A3.
    #[test]
    fn sign_intervals_have_their_tabled_ranks_and_coverage() {
        for (n, confidence, rank, coverage) in [
            (6_u32, 0.95, 1_u32, 0.968_75),
            (8, 0.95, 1, 0.992_187_5),
            (8, 0.99, 1, 0.992_187_5),
            (9, 0.95, 2, 0.960_937_5),
            (10, 0.95, 2, 0.978_515_625),
            (20, 0.95, 6, 0.958_610_534_667_968_8),
            (25, 0.95, 8, 0.956_714_749_336_242_7),
        ] {
            let values: Vec<f64> = (1..=n).rev().map(f64::from).collect();
            let interval = median_interval(&values, confidence).unwrap();

            assert_eq!(
                (interval.low, interval.high),
                (f64::from(rank), f64::from(n + 1 - rank)),
                "n = {n}"
            );
            assert!(
                (interval.coverage - coverage).abs() < 1e-12,
                "n = {n}: {interval:?}"
            );
        }
    }

    #[test]
    fn too_few_values_give_no_interval_and_very_many_do() {
        let values = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();

        assert_eq!(median_interval(&[], 0.95), None);
        assert_eq!(median_interval(&values(5), 0.95), None);
        assert_eq!(median_interval(&values(7), 0.99), None);

        // The normal approximation of the rank: n / 2 - 1.96 sqrt(n) / 2.
        let interval = median_interval(&values(10_000), 0.95).unwrap();
        assert!(
            (interval.low - 4902.0).abs() < 2.0 && (interval.coverage - 0.95).abs() < 0.002,
            "{interval:?}"
        );
    }

    /// 1 - 2^(1-n) is 0.9375 for 5 and 0.96875 for 6; 0.984375 for 7 and 0.9921875 for 8; 0.5 for
    /// 2.
    #[test]
    fn the_fewest_values_are_those_of_the_interval() {
        for (confidence, fewest) in [(0.5, 2), (0.9, 5), (0.95, 6), (0.99, 8), (0.999, 11)] {
            assert_eq!(fewest_for(confidence), fewest, "{confidence}");
        }

        for confidence in [
            -1.0,
            0.0,
            0.3,
            0.5,
            0.75,
            0.8,
            0.9,
            0.95,
            0.968_75,
            0.99,
            0.999,
            1.0 - 1e-15,
        ] {
            let fewest = fewest_for(confidence);
            assert!(
                median_interval(&vec![1.0; fewest], confidence).is_some(),
                "{confidence}"
            );
            assert_eq!(
                median_interval(&vec![1.0; fewest - 1], confidence),
                None,
                "{confidence}"
            );
        }
    }

    #[test]
    fn certainty_and_nan_give_no_interval_and_do_not_panic() {
        for confidence in [1.0, 2.0, f64::INFINITY, f64::NAN] {
            assert_eq!(median_interval(&[1.0; 100], confidence), None);
            assert_eq!(fewest_for(confidence), usize::MAX);
        }

        let interval = median_interval(&[2.0, f64::NAN, 1.0, 3.0, 5.0, 4.0], 0.95).unwrap();
        assert!(interval.low == 1.0 && interval.high.is_nan());
    }
}
