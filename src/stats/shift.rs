//! How far apart two samples are, as the median of all differences, with an interval. It assumes
//! that the samples differ in their place only, and neither a distribution nor that they are large.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Interval;
use super::rank_sum::{additions, twice_u_distribution};

/// Above this number of additions the normal approximation answers.
const MOST_ADDITIONS: usize = 5_000_000;

/// How far one sample is from another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median of all differences.
    pub estimate: f64,
    /// Its interval.
    pub interval: Interval,
}

/// By how much `after` is above `before`: the median of all differences of a value of the one and a
/// value of the other, and the interval between two order statistics of these differences. `None`
/// for a value that is not finite, for a confidence outside 0 to 1, and where the samples are so
/// small that not even all differences have the confidence: for 99 % three values need nine others,
/// and five need five.
///
/// The interval holds every shift that the rank-sum test does not reject; it is as exact as that
/// test, whose normal approximation answers for large samples.
///
/// Source: J. L. Hodges and E. L. Lehmann, Estimates of location based on rank tests, Annals of
/// Mathematical Statistics 34, 1963; the interval as in E. L. Lehmann, Nonparametrics: Statistical
/// Methods Based on Ranks, 1975, section 2.5.
#[must_use]
pub fn shift(before: &[f64], after: &[f64], confidence: f64) -> Option<Shift> {
    let is_finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let is_valid = confidence > 0.0 && confidence < 1.0 && is_finite(before) && is_finite(after);
    if !is_valid {
        return None;
    }

    let mut differences: Vec<f64> = after
        .iter()
        .flat_map(|after| before.iter().map(move |before| after - before))
        .collect();
    differences.sort_by(f64::total_cmp);

    let rejected = rejected(before.len(), after.len(), (1.0 - confidence) / 2.0)?;
    let last = differences.len().checked_sub(1)?;
    let interval = Interval {
        low: *differences.get(rejected)?,
        high: differences[last.checked_sub(rejected)?],
        coverage: confidence,
    };
    let middle = f64::midpoint(differences[last / 2], differences[last.div_ceil(2)]);
    Some(Shift {
        estimate: middle,
        interval,
    })
}

/// How many of the least values of u the test with this tail rejects, less one: the index of the
/// difference where the interval begins. `None` when it rejects none.
fn rejected(before: usize, after: usize, tail: f64) -> Option<usize> {
    let (a, b) = (before as f64, after as f64);
    if before == 0 || after == 0 {
        return None;
    }

    if additions(before, after) > MOST_ADDITIONS {
        let z = -Normal::standard().inverse_cdf(tail);
        let reach = z * (a * b * (a + b + 1.0) / 12.0).sqrt();
        let count = (a * b / 2.0 - reach).floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below the number of differences, which fit into memory"
        )]
        return (count >= 1.0).then_some(count as usize - 1);
    }

    let ranks: Vec<usize> = (1..=before + after).map(|rank| 2 * rank).collect();
    let distribution = twice_u_distribution(&ranks, before.min(after));
    // Without ties u is whole: every second one of the doubled ones has a probability.
    let mut below = 0.0;
    let mut count = 0;
    for probability in distribution.iter().step_by(2) {
        below += probability;
        if below > tail {
            break;
        }
        count += 1;
    }
    usize::checked_sub(count, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.3, `wilcox.test(y, x, conf.int = TRUE, conf.level = 0.95)` with Lehmann's own example of
    /// permeability constants (`help(wilcox.test)`): the estimate is -0.305, the interval from
    /// -0.76 to 0.15.
    #[test]
    fn the_interval_is_that_of_r() {
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let early = [1.15, 0.88, 0.90, 0.74, 1.21];
        let shift = shift(&term, &early, 0.95).unwrap();

        assert!((shift.estimate + 0.305).abs() < 1e-9, "{shift:?}");
        assert!((shift.interval.low + 0.76).abs() < 1e-9, "{shift:?}");
        assert!((shift.interval.high - 0.15).abs() < 1e-9, "{shift:?}");
    }

    /// The doubled tail of no overlap at all has to be below 1 %.
    #[test]
    fn few_values_need_many_others() {
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        let has_interval =
            |before: usize, after: usize| shift(&many[..before], &many[..after], 0.99).is_some();

        // C(11, 3) = 165, C(12, 3) = 220.
        assert!(!has_interval(8, 3) && has_interval(9, 3));
        // C(9, 4) = 126, C(10, 5) = 252.
        assert!(!has_interval(5, 4) && has_interval(5, 5));
        assert!(!has_interval(100, 1));
    }

    #[test]
    fn the_approximation_continues_the_exact_interval() {
        let before: Vec<f64> = (0..40).map(|k| f64::from(k * 7 % 40)).collect();
        let after: Vec<f64> = (0..40).map(|k| f64::from(k * 11 % 40) + 8.0).collect();
        let exact = rejected(30, 30, 0.005).unwrap();
        let normal = {
            let reach = 2.5758 * (900.0 * 61.0 / 12.0_f64).sqrt();
            450.0 - reach - 1.0
        };
        assert!((exact as f64 - normal).abs() < 3.0, "{exact} and {normal}");

        let shift = shift(&before, &after, 0.99).unwrap();
        assert!((shift.estimate - 8.0).abs() < 1.0, "{shift:?}");
        assert!(shift.interval.low < 8.0 && shift.interval.high > 8.0);
    }

    #[test]
    fn what_has_no_differences_has_no_shift() {
        let five = [1.0, 2.0, 3.0, 4.0, 5.0];

        assert_eq!(shift(&[], &five, 0.9), None);
        assert_eq!(shift(&five, &[], 0.9), None);
        assert_eq!(shift(&five, &[1.0, 2.0, f64::NAN, 3.0, 4.0], 0.9), None);
        for confidence in [0.0, 1.0, f64::NAN] {
            assert_eq!(shift(&five, &five, confidence), None);
        }
    }
}
