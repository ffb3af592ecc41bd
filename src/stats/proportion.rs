//! The interval of a proportion, such as a rate of false alarms. It is exact, because the normal
//! approximation fails where rates are small.

use statrs::distribution::{Beta, ContinuousCDF};

use super::Interval;

/// The most trials: beyond, the beta distribution's continued fraction in `statrs` ends before it
/// has converged, and limits near one half come out wrong (tried with a thousand million).
const MOST_TRIALS: u64 = 1_000_000;

/// The exact interval of the probability behind `hits` out of `trials` independent trials, with
/// half the error on either side. It covers with at least `confidence`, which is its `coverage`.
/// `None` without trials, for more hits than trials, for more than a million trials, and for a
/// confidence outside 0 to 1.
///
/// Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in
/// the case of the binomial, Biometrika 26(4), 1934; the limits are quantiles of beta
/// distributions.
#[must_use]
pub fn proportion_interval(hits: u64, trials: u64, confidence: f64) -> Option<Interval> {
    let are_possible = (1..=MOST_TRIALS).contains(&trials) && hits <= trials;
    let is_probability = confidence > 0.0 && confidence < 1.0;
    if !(are_possible && is_probability) {
        return None;
    }

    let error = (1.0 - confidence) / 2.0;
    let (hits, misses) = (hits as f64, (trials - hits) as f64);

    // No hits, or no misses, leave one side without a limit, and the beta distribution without its
    // shape.
    let low = if hits > 0.0 {
        quantile(&Beta::new(hits, misses + 1.0).ok()?, error)
    } else {
        0.0
    };
    let high = if misses > 0.0 {
        quantile(&Beta::new(hits + 1.0, misses).ok()?, 1.0 - error)
    } else {
        1.0
    };

    Some(Interval {
        low,
        high,
        coverage: confidence,
    })
}

/// The fewest trials after which `hits` of them show a probability of at most `bound`: the upper
/// end of [`proportion_interval`] is no greater. `None` when a million are not enough.
#[must_use]
pub fn trials_needed(hits: u64, bound: f64, confidence: f64) -> Option<u64> {
    let shows = |trials: u64| {
        proportion_interval(hits, trials, confidence).is_some_and(|interval| interval.high <= bound)
    };
    if !shows(MOST_TRIALS) {
        return None;
    }

    // More trials with as many hits only lower the end. Halving keeps a number that does not show
    // it and one that does.
    let (mut below, mut enough) = (0, MOST_TRIALS);
    while enough - below > 1 {
        let middle = below.midpoint(enough);
        if shows(middle) {
            enough = middle;
        } else {
            below = middle;
        }
    }

    Some(enough)
}

/// Where the distribution function reaches `p`, by halving. The crate's own quantiles of this
/// distribution are off by 0.2 % for 3 of a million, and never return for some of a thousand
/// million.
fn quantile(beta: &Beta, p: f64) -> f64 {
    let (mut below, mut above) = (0.0, 1.0);
    loop {
        let middle = f64::midpoint(below, above);
        // No number is left between the two.
        if middle <= below || middle >= above {
            return middle;
        }

        if beta.cdf(middle) < p {
            below = middle;
        } else {
            above = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1, `binomtest(hits, trials).proportion_ci(confidence, method="exact")`.
    #[test]
    fn limits_are_scipys() {
        for (hits, trials, confidence, low, high) in [
            (0, 200, 0.95, 0.0, 0.018_275_340_355_148_807),
            (
                5,
                20,
                0.95,
                0.086_571_469_101_434_55,
                0.491_045_871_707_957_55,
            ),
            (20, 20, 0.99, 0.767_270_499_011_410_9, 1.0),
            (1, 1, 0.95, 0.025, 1.0),
            (0, 1, 0.95, 0.0, 0.975),
            (
                50,
                100,
                0.9,
                0.413_621_714_630_911_7,
                0.586_378_285_369_088_3,
            ),
            (
                3,
                1_000_000,
                0.95,
                6.186_725_999_192_623e-7,
                8.767_247_805_906_18e-6,
            ),
            (
                999_999,
                1_000_000,
                0.99,
                0.999_992_569_894_341_8,
                0.999_999_994_987_691_1,
            ),
            (
                500_000,
                1_000_000,
                0.95,
                0.499_019_519_195_311_8,
                0.500_980_480_804_688_3,
            ),
        ] {
            let interval = proportion_interval(hits, trials, confidence).unwrap();

            assert!(
                (interval.low - low).abs() <= 1e-6 * low,
                "{hits} of {trials}: {interval:?}"
            );
            assert!(
                (interval.high - high).abs() <= 1e-6 * high,
                "{hits} of {trials}: {interval:?}"
            );
            assert_eq!(interval.coverage, confidence);
        }
    }

    /// Without a hit the upper end is 1 - 0.025^(1/n): ln 0.025 / ln 0.99 is 367.04, and ln 0.025 /
    /// ln 0.95 is 71.9. With one hit: `binomtest(1, n).proportion_ci(0.95, method="exact").high` of
    /// scipy 1.17.1 passes 1 % at 555.
    #[test]
    fn the_fewest_trials_are_those_of_the_interval() {
        assert_eq!(trials_needed(0, 0.01, 0.95), Some(368));
        assert_eq!(trials_needed(0, 0.05, 0.95), Some(72));
        assert_eq!(trials_needed(1, 0.01, 0.95), Some(555));
        assert_eq!(trials_needed(0, 0.0, 0.95), None);
        assert_eq!(trials_needed(0, f64::NAN, 0.95), None);
        assert_eq!(trials_needed(5, 1.0, 0.95), Some(5));
    }

    /// The definition, with the binomial weights summed one by one: at each limit the tail has half
    /// the error.
    #[test]
    fn each_limit_leaves_half_the_error_in_its_tail() {
        let weights = |trials: u32, p: f64| -> Vec<f64> {
            let mut weight = (1.0 - p).powi(trials.cast_signed());
            let mut weights = vec![weight];
            for k in 0..trials {
                weight *= f64::from(trials - k) / f64::from(k + 1) * p / (1.0 - p);
                weights.push(weight);
            }

            weights
        };

        for trials in 1..=60_u32 {
            for hits in 0..trials {
                let high = proportion_interval(u64::from(hits), u64::from(trials), 0.99)
                    .unwrap()
                    .high;
                let tail: f64 = weights(trials, high)[..=hits as usize].iter().sum();
                assert!((tail - 0.005).abs() < 1e-8, "{hits} of {trials}: {tail}");

                let mirrored =
                    proportion_interval(u64::from(trials - hits), u64::from(trials), 0.99).unwrap();
                assert!((mirrored.low - (1.0 - high)).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn impossible_counts_and_confidences_have_no_interval() {
        assert_eq!(proportion_interval(0, 0, 0.95), None);
        assert_eq!(proportion_interval(3, 2, 0.95), None);
        assert_eq!(proportion_interval(1, MOST_TRIALS + 1, 0.95), None);

        for confidence in [0.0, 1.0, f64::NAN] {
            assert_eq!(proportion_interval(1, 2, confidence), None);
        }
    }
}
