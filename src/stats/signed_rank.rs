//! The signed-rank test of Wilcoxon, for differences of values that belong together in pairs. It
//! does not measure how large a difference is.

use statrs::distribution::{ContinuousCDF, Normal};

use super::tails::Tails;

/// Above this number of differences the normal approximation answers: the exact distribution costs
/// as many additions as the cube of their number.
const MOST_EXACT: usize = 360;

/// The result of the signed-rank test of some differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// The ranks of the positive differences, summed.
    pub positive: f64,
    /// How probable a sum as small as this one, or smaller, is when differences of either sign are
    /// equally likely: a small probability means that the differences tend to be negative.
    pub p_less: f64,
    /// The same for a sum as great as this one, or greater: a small probability means that they
    /// tend to be positive.
    pub p_greater: f64,
    /// Twice the smaller of the two, at most 1.
    pub p_two_sided: f64,
    /// Whether the probabilities are exact; `false` for the normal approximation.
    pub exact: bool,
}

/// The signed-rank test of `differences` against a distribution that is symmetric about 0. `None`
/// when there are no differences and for a NaN, which has no rank.
///
/// It holds exactly for pairs whose members are exchangeable when nothing differs: then every
/// combination of signs is equally likely, whatever the sizes are, also with ties, which share the
/// mean of their ranks. Differences of 0 have no sign and are left out, as Wilcoxon did; when all
/// of them are 0, the probabilities are 1.
///
/// Sources: F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1(6), 1945;
/// the distribution with ties and the approximation as in E. L. Lehmann, Nonparametrics:
/// Statistical Methods Based on Ranks, 1975, sections 3.2 and 3.3.
#[must_use]
pub fn signed_rank(differences: &[f64]) -> Option<SignedRank> {
    if differences.is_empty() || differences.iter().any(|difference| difference.is_nan()) {
        return None;
    }

    let ranked = Ranked::of(differences);
    let exact = ranked.twice_ranks.len() <= MOST_EXACT;
    let tails = if exact {
        ranked.exact_tails()
    } else {
        ranked.normal_tails()
    };

    Some(SignedRank {
        positive: ranked.twice_positive as f64 / 2.0,
        p_less: tails.lower,
        p_greater: tails.upper,
        p_two_sided: tails.two_sided(),
        exact,
    })
}

/// The least two-sided p-value that this number of differences can have: that of equal signs. It
/// underflows to 0 where 2^-n does.
#[must_use]
pub fn least_signed_rank_p(differences: usize) -> f64 {
    let exponent = i32::try_from(differences).unwrap_or(i32::MAX);

    (2.0 * 0.5_f64.powi(exponent)).min(1.0)
}

/// The differences by size, without those of 0. Everything that may be half a whole number is
/// doubled.
struct Ranked {
    /// Twice the mid-rank of each size, ascending.
    twice_ranks: Vec<usize>,
    /// Twice the sum of the positive differences' ranks.
    twice_positive: usize,
}

impl Ranked {
    fn of(differences: &[f64]) -> Self {
        let mut sorted: Vec<f64> = differences
            .iter()
            .copied()
            .filter(|difference| *difference != 0.0)
            .collect();
        sorted.sort_by(|left, right| left.abs().total_cmp(&right.abs()));

        let mut ranked = Self {
            twice_ranks: Vec::with_capacity(sorted.len()),
            twice_positive: 0,
        };
        for tied in sorted.chunk_by(|left, right| left.abs() == right.abs()) {
            // The mean of the ranks first + 1 to first + tied, twice.
            let twice_rank = 2 * ranked.twice_ranks.len() + 1 + tied.len();
            let positive = tied.iter().filter(|difference| **difference > 0.0).count();
            ranked.twice_positive += twice_rank * positive;
            ranked.twice_ranks.extend(tied.iter().map(|_| twice_rank));
        }

        ranked
    }

    /// The tails of the sum in its whole distribution: rank after rank falls to the positive ones
    /// or does not, by a fair coin.
    fn exact_tails(&self) -> Tails {
        let total: usize = self.twice_ranks.iter().sum();
        let mut distribution = vec![0.0; total + 1];
        distribution[0] = 1.0;

        let mut reached = 0;
        for &twice_rank in &self.twice_ranks {
            reached += twice_rank;

            // Downwards, so that a smaller sum is still the one before this rank.
            for sum in (0..=reached).rev() {
                let without = distribution[sum];
                let with = if sum >= twice_rank {
                    distribution[sum - twice_rank]
                } else {
                    0.0
                };
                distribution[sum] = f64::midpoint(without, with);
            }
        }

        Tails::at(&distribution, self.twice_positive)
    }

    /// The tails in the normal approximation, corrected for ties and for the sum's being a whole
    /// number.
    fn normal_tails(&self) -> Tails {
        let ranks = || self.twice_ranks.iter().map(|&twice| twice as f64 / 2.0);
        let mean = ranks().sum::<f64>() / 2.0;
        let deviation = (ranks().map(|rank| rank * rank).sum::<f64>() / 4.0).sqrt();
        let positive = self.twice_positive as f64 / 2.0;

        let below = |sum: f64| Normal::standard().cdf((sum - mean) / deviation);
        Tails {
            lower: below(positive + 0.5),
            upper: below(2.0 * mean - positive + 0.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tails by trying every combination of signs.
    fn by_enumeration(differences: &[f64]) -> Tails {
        let sizes: Vec<f64> = differences
            .iter()
            .map(|value| value.abs())
            .filter(|size| *size > 0.0)
            .collect();
        let rank = |size: f64| {
            let below = sizes.iter().filter(|other| **other < size).count() as f64;
            let equal = sizes.iter().filter(|other| **other == size).count() as f64;
            below + f64::midpoint(equal, 1.0)
        };
        let ranks: Vec<f64> = sizes.iter().map(|&size| rank(size)).collect();
        let observed: f64 = differences
            .iter()
            .filter(|value| **value > 0.0)
            .map(|value| rank(*value))
            .sum();

        let combinations = 1_u32 << ranks.len();
        let sum_of = |signs: u32| -> f64 {
            let positive = ranks
                .iter()
                .enumerate()
                .filter(|(place, _)| signs >> place & 1 == 1);
            positive.map(|(_, rank)| rank).sum()
        };
        let share = |counts: &dyn Fn(f64) -> bool| {
            f64::from(
                (0..combinations)
                    .map(|signs| u32::from(counts(sum_of(signs))))
                    .sum::<u32>(),
            ) / f64::from(combinations)
        };

        Tails {
            lower: share(&|sum| sum <= observed),
            upper: share(&|sum| sum >= observed),
        }
    }

    #[test]
    fn the_distribution_is_that_of_all_combinations_of_signs() {
        for differences in [
            &[1.0][..],
            &[-0.5, 2.0],
            &[1.0, 1.0, -1.0, 2.0, -3.0],
            &[0.0, 0.0, 3.0, -1.0, 2.0],
            &[4.0, -4.0, 4.0, -4.0, 4.0, 4.0],
            &[0.3, -0.1, 0.4, 0.1, -0.5, 0.9, 0.2, 0.6, 0.5, 0.3],
        ] {
            let tails = by_enumeration(differences);
            let test = signed_rank(differences).unwrap();
            let context = format!("{differences:?}: {test:?}, not {tails:?}");

            assert!((test.p_less - tails.lower).abs() < 1e-12, "{context}");
            assert!((test.p_greater - tails.upper).abs() < 1e-12, "{context}");
            assert!(test.exact);
        }
    }

    /// scipy 1.17.1, `wilcoxon(differences, method="exact", alternative=...)`. The first ones are
    /// the plants of C. Darwin.
    #[test]
    fn probabilities_are_scipys() {
        let darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48].map(f64::from);
        let twenty = [
            0.31, -0.12, 0.44, 0.13, -0.55, 0.93, 0.27, 0.61, 0.58, 0.36, -0.02, 0.71, 0.19, -0.23,
            0.88, 0.47, 0.04, -0.09, 0.66, 0.52,
        ];
        let many: Vec<f64> = (1..=200_i32).map(alternating).collect();

        for (differences, less, greater) in [
            (&darwin[..], None, 0.020_629_882_812_5),
            (
                &twenty,
                Some(0.998_643_875_122_070_3),
                0.001_576_423_645_019_531_2,
            ),
            (
                &many,
                Some(0.990_865_054_063_412_3),
                0.009_165_350_635_641_278,
            ),
        ] {
            let test = signed_rank(differences).unwrap();

            assert!((test.p_greater - greater).abs() < 1e-12, "{test:?}");
            assert!((test.p_two_sided - 2.0 * greater).abs() < 1e-12, "{test:?}");
            assert!(
                less.is_none_or(|less: f64| (test.p_less - less).abs() < 1e-12),
                "{test:?}"
            );
        }
    }

    /// Every value with a sign that depends on its last digit: two of five are negative.
    fn alternating(place: i32) -> f64 {
        f64::from(if place * 7 % 5 < 2 { -place } else { place })
    }

    /// The critical values of Lehmann's table H and of most textbooks: the greatest sum of the
    /// rarer sign whose two-sided probability is at most 1 %.
    #[test]
    fn critical_values_are_the_tabled_ones() {
        for (n, critical) in [
            (8_u32, 0_u32),
            (10, 3),
            (12, 7),
            (15, 15),
            (20, 37),
            (25, 68),
            (30, 109),
        ] {
            let p_of = |negative: u32| {
                // Signs whose ranks add up to `negative`: from the greatest rank down, every one
                // that still fits.
                let mut left = negative;
                let mut values: Vec<f64> = (1..=n).map(f64::from).collect();
                for rank in (1..=n).rev().filter(|&rank| rank <= negative) {
                    if rank <= left {
                        left -= rank;
                        values[rank as usize - 1] *= -1.0;
                    }
                }

                assert_eq!(left, 0);
                signed_rank(&values).unwrap().p_two_sided
            };

            assert!(p_of(critical) <= 0.01, "n = {n}");
            assert!(p_of(critical + 1) > 0.01, "n = {n}");
        }
    }

    #[test]
    fn equal_signs_have_the_least_probability() {
        for n in 1..=40_u32 {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let p = signed_rank(&values).unwrap().p_two_sided;
            let least = least_signed_rank_p(n as usize);
            assert!(
                (p - least).abs() <= 1e-9 * least,
                "n = {n}: {p} and {least}"
            );
        }

        assert_eq!(least_signed_rank_p(0), 1.0);
        assert_eq!(least_signed_rank_p(usize::MAX), 0.0);
    }

    /// Above the limit the approximation answers; just below it both must agree.
    #[test]
    fn the_approximation_continues_the_exact_distribution() {
        let values: Vec<f64> = (1..=300_i32).map(alternating).collect();
        let ranked = Ranked::of(&values);
        let (exact, normal) = (ranked.exact_tails().lower, ranked.normal_tails().lower);
        assert!((exact - normal).abs() < 1e-3, "{exact} and {normal}");

        let many: Vec<f64> = (1..=1000).map(f64::from).collect();
        let test = signed_rank(&many).unwrap();
        assert!(!test.exact && test.p_two_sided < 1e-100, "{test:?}");
    }

    #[test]
    fn zeros_and_what_has_no_rank() {
        let zeros = signed_rank(&[0.0, -0.0, 0.0]).unwrap();
        assert_eq!(
            (zeros.p_less, zeros.p_greater, zeros.p_two_sided),
            (1.0, 1.0, 1.0)
        );

        assert_eq!(signed_rank(&[]), None);
        assert_eq!(signed_rank(&[1.0, f64::NAN]), None);

        let infinite = signed_rank(&[f64::INFINITY, 1.0, f64::NEG_INFINITY, 2.0]).unwrap();
        assert!((0.0..=1.0).contains(&infinite.p_two_sided));
    }
}
