//! The rank-sum test of Mann, Whitney and Wilcoxon. It assumes neither a distribution nor that ties
//! are rare, and does not measure how large a difference is.

use statrs::distribution::{ContinuousCDF, Normal};

use super::tails::Tails;

/// Above this number of additions the normal approximation answers: they grow as the fourth power
/// of the samples' size.
const MOST_ADDITIONS: usize = 50_000_000;

/// The result of the rank-sum test of two samples, `a` and `b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankSum {
    /// The pairs whose value of `a` is the greater one, plus half the tied pairs.
    pub u: f64,
    /// How probable a `u` as small as this one, or smaller, is when both samples come from one
    /// distribution: a small probability means that `a` tends to be less.
    pub p_less: f64,
    /// The same for a `u` as great as this one, or greater: a small probability means that `a`
    /// tends to be greater.
    pub p_greater: f64,
    /// Twice the smaller of the two, at most 1.
    pub p_two_sided: f64,
    /// Whether the probabilities are exact; `false` for the normal approximation.
    pub exact: bool,
}

/// The rank-sum test of `a` against `b`. `None` when a sample is empty or holds a NaN, which has no
/// rank.
///
/// The probabilities are those of the exact permutation distribution, given the ties, as long as it
/// costs at most 50 million additions (59 values a side); beyond that those of the normal
/// approximation with corrections for ties and continuity.
///
/// Sources: H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18, 1947; the
/// distribution with ties and the approximation as in E. L. Lehmann, Nonparametrics: Statistical
/// Methods Based on Ranks, 1975, sections 1.2 to 1.4.
#[must_use]
pub fn rank_sum(a: &[f64], b: &[f64]) -> Option<RankSum> {
    if a.is_empty() || b.is_empty() || a.iter().chain(b).any(|value| value.is_nan()) {
        return None;
    }

    let ranked = Ranked::of(a, b);
    let exact = additions(a.len(), b.len()) <= MOST_ADDITIONS;
    let tails = if exact {
        exact_tails(&ranked, a.len(), b.len())
    } else {
        normal_tails(&ranked, a.len() as f64, b.len() as f64)
    };

    Some(RankSum {
        u: ranked.twice_u as f64 / 2.0,
        p_less: tails.lower,
        p_greater: tails.upper,
        p_two_sided: tails.two_sided(),
        exact,
    })
}

/// How many additions the exact distribution for samples of these sizes costs.
pub(super) fn additions(a: usize, b: usize) -> usize {
    let sums = 2 * a * b + 1;

    (a + b).saturating_mul(a.min(b)).saturating_mul(sums)
}

/// Both samples in one order. Everything that may be half a whole number is doubled.
struct Ranked {
    /// Twice the mid-rank of each value, ascending.
    twice_ranks: Vec<usize>,
    /// Twice the u of `a` over `b`.
    twice_u: usize,
    /// Sum of t^3 - t over the groups of t tied values.
    ties: f64,
}

impl Ranked {
    fn of(a: &[f64], b: &[f64]) -> Self {
        let from = |is_a| move |&value: &f64| Pooled { value, is_a };
        let mut pooled: Vec<Pooled> = a
            .iter()
            .map(from(true))
            .chain(b.iter().map(from(false)))
            .collect();
        pooled.sort_by(|left, right| left.value.total_cmp(&right.value));

        let mut ranked = Self {
            twice_ranks: Vec::with_capacity(pooled.len()),
            twice_u: 0,
            ties: 0.0,
        };
        let mut twice_sum_of_a = 0;

        for tied in pooled.chunk_by(|left, right| left.value == right.value) {
            // The mean of the ranks first + 1 to first + tied, twice.
            let twice_rank = 2 * ranked.twice_ranks.len() + 1 + tied.len();
            twice_sum_of_a += twice_rank * tied.iter().filter(|pooled| pooled.is_a).count();
            ranked.twice_ranks.extend(tied.iter().map(|_| twice_rank));

            let count = tied.len() as f64;
            ranked.ties += count.powi(3) - count;
        }

        ranked.twice_u = twice_sum_of_a - a.len() * (a.len() + 1);
        ranked
    }
}

/// A value of either sample.
struct Pooled {
    value: f64,
    is_a: bool,
}

/// The probability of each twice-u of a sample of `size` values that fall on these ascending ranks
/// at random.
///
/// Rank after rank either falls to the sample or does not. With `taken` ranks so far and `left` to
/// come it does with probability `(size - taken) / left`: so the numbers are probabilities all
/// along, and none overflows. `rows[taken][excess]` is the probability of `taken` ranks with a
/// doubled sum `excess` above the least possible.
pub(super) fn twice_u_distribution(twice_ranks: &[usize], size: usize) -> Vec<f64> {
    let total = twice_ranks.len();

    // The doubled sum of j of n ranks is between j (j + 1) and that plus 2 j (n - j).
    let mut rows: Vec<Vec<f64>> = (0..=size)
        .map(|j| vec![0.0; 2 * j * (total - j) + 1])
        .collect();
    rows[0][0] = 1.0;

    for (past, &twice_rank) in twice_ranks.iter().enumerate() {
        let left = (total - past) as f64;

        // Downwards, so that a row is still the one before this rank when the next row takes from
        // it.
        for taken in (0..=size.min(past)).rev() {
            let falls = (size - taken) as f64 / left;
            let (until, beyond) = rows.split_at_mut(taken + 1);

            for (excess, probability) in until[taken]
                .iter_mut()
                .enumerate()
                .filter(|(_, p)| **p > 0.0)
            {
                if let Some(next) = beyond.first_mut() {
                    next[excess + twice_rank - 2 * (taken + 1)] += *probability * falls;
                }

                *probability *= 1.0 - falls;
            }
        }
    }

    rows.swap_remove(size)
}

/// The tails of u in the exact distribution, for samples of `a` and `b` values.
fn exact_tails(ranked: &Ranked, a: usize, b: usize) -> Tails {
    let distribution = twice_u_distribution(&ranked.twice_ranks, a.min(b));

    // The distribution is that of the smaller sample's u. Which sample is `a` changes the statistic
    // only: u of a over b and u of b over a add up to all pairs.
    if a <= b {
        Tails::at(&distribution, ranked.twice_u)
    } else {
        Tails::at(&distribution, 2 * a * b - ranked.twice_u).mirrored()
    }
}

/// The tails of u in the normal approximation, for samples of `a` and `b` values.
fn normal_tails(ranked: &Ranked, a: f64, b: f64) -> Tails {
    let total = a + b;
    let variance = a * b / 12.0 * (total + 1.0 - ranked.ties / (total * (total - 1.0)));

    // No variance: every value is tied, and nothing can be told apart.
    let Ok(normal) = Normal::new(a * b / 2.0, variance.max(0.0).sqrt()) else {
        return Tails {
            lower: 1.0,
            upper: 1.0,
        };
    };

    let u = ranked.twice_u as f64 / 2.0;
    Tails {
        lower: normal.cdf(u + 0.5),
        upper: normal.sf(u - 0.5),
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn assert_close(actual: RankSum, expected: RankSum) {
        assert_eq!((actual.u, actual.exact), (expected.u, expected.exact));

        for (actual, expected) in [
            (actual.p_less, expected.p_less),
            (actual.p_greater, expected.p_greater),
            (actual.p_two_sided, expected.p_two_sided),
        ] {
            assert!(
                (actual / expected - 1.0).abs() < 1e-9,
                "{actual} is not {expected}"
            );
        }
    }

    /// scipy 1.17.1, `mannwhitneyu(a, b, alternative=..., method="exact")`. The second pair is the
    /// example of R's `wilcox.test` (Hollander and Wolfe, 1973, page 69), whose printed one-sided
    /// p-value is 0.1272.
    #[test]
    fn without_ties_scipy_finds_the_same() {
        let a = [19.0, 22.0, 16.0, 29.0, 24.0];
        assert_close(
            rank_sum(&a, &[20.0, 11.0, 17.0, 12.0]).unwrap(),
            RankSum {
                u: 17.0,
                p_less: 0.968_253_968_253_968_3,
                p_greater: 0.055_555_555_555_555_55,
                p_two_sided: 0.111_111_111_111_111_1,
                exact: true,
            },
        );

        let a = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        assert_close(
            rank_sum(&a, &[1.15, 0.88, 0.90, 0.74, 1.21]).unwrap(),
            RankSum {
                u: 35.0,
                p_less: 0.896_769_896_769_896_8,
                p_greater: 0.127_206_127_206_127_2,
                p_two_sided: 0.254_412_254_412_254_4,
                exact: true,
            },
        );

        let a: Vec<f64> = (0..40).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|value| value + 8.5).collect();
        assert_close(
            rank_sum(&a, &b).unwrap(),
            RankSum {
                u: 496.0,
                p_less: 0.001_574_249_230_761_756_3,
                p_greater: 0.998_476_370_532_757_2,
                p_two_sided: 0.003_148_498_461_523_512_6,
                exact: true,
            },
        );
    }

    /// scipy 1.17.1, `mannwhitneyu(a, b, alternative=...,
    /// method=PermutationMethod(n_resamples=10**6))`, which visits all 462 permutations.
    #[test]
    fn with_ties_scipy_finds_the_same() {
        let a = [1.0, 2.0, 2.0, 3.0, 5.0];
        assert_close(
            rank_sum(&a, &[2.0, 3.0, 4.0, 5.0, 5.0, 6.0]).unwrap(),
            RankSum {
                u: 6.5,
                p_less: 0.080_086_580_086_580_08,
                p_greater: 0.963_203_463_203_463_2,
                p_two_sided: 0.160_173_160_173_160_16,
                exact: true,
            },
        );
    }

    /// scipy 1.17.1, `mannwhitneyu(a, b, alternative=..., method="asymptotic")`.
    #[test]
    fn large_samples_are_approximated_as_scipy_does() {
        let a: Vec<f64> = (0..200).step_by(2).map(f64::from).collect();
        let mut b: Vec<f64> = (8..167).step_by(2).map(f64::from).collect();
        b.extend([20.0, 20.0, 40.0]);

        assert_close(
            rank_sum(&a, &b).unwrap(),
            RankSum {
                u: 4738.5,
                p_less: 0.950_642_529_117_384_9,
                p_greater: 0.049_644_280_697_663_565,
                p_two_sided: 0.099_288_561_395_327_13,
                exact: false,
            },
        );
    }

    /// The pairs whose value of `a` is the greater one, counted one by one; twice, for the ties.
    fn twice_pairs(a: &[f64], b: &[f64]) -> u32 {
        let pairs = a.iter().flat_map(|a| {
            b.iter()
                .map(move |b| 2 * u32::from(a > b) + u32::from(a == b))
        });
        pairs.sum()
    }

    /// The tails by trying every way to choose which of the values are `a`'s.
    fn by_enumeration(a: &[f64], b: &[f64]) -> Tails {
        let pooled = [a, b].concat();
        let observed = twice_pairs(a, b);
        let (mut all, mut at_most, mut at_least) = (0_u32, 0_u32, 0_u32);

        for chosen in
            (0_u32..1 << pooled.len()).filter(|chosen| chosen.count_ones() as usize == a.len())
        {
            let part = |of_a: bool| -> Vec<f64> {
                let kept = pooled
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| (chosen >> place & 1 == 1) == of_a);
                kept.map(|(_, value)| *value).collect()
            };
            let other = twice_pairs(&part(true), &part(false));

            all += 1;
            at_most += u32::from(other <= observed);
            at_least += u32::from(other >= observed);
        }

        Tails {
            lower: f64::from(at_most) / f64::from(all),
            upper: f64::from(at_least) / f64::from(all),
        }
    }

    #[test]
    fn small_samples_agree_with_the_enumeration_of_all_subsets() {
        let mut generator = Xoshiro256PlusPlus::seed_from_u64(11);

        for case in 0..300_u32 {
            // Few kinds of values make many ties; 1 kind ties them all.
            let kinds = [1, 2, 3, 5, 1000][case as usize % 5];
            let mut draw = |count: u32| {
                (0..count)
                    .map(|_| (generator.next_u64() % kinds) as f64)
                    .collect::<Vec<_>>()
            };
            let (a, b) = (draw(1 + case % 6), draw(1 + case / 6 % 6));

            let test = rank_sum(&a, &b).unwrap();
            let tails = by_enumeration(&a, &b);
            let context = format!("{a:?} {b:?} {test:?} {tails:?}");
            assert!(test.exact, "{context}");
            assert_eq!(test.u * 2.0, f64::from(twice_pairs(&a, &b)), "{context}");
            assert!((test.p_less - tails.lower).abs() < 1e-12, "{context}");
            assert!((test.p_greater - tails.upper).abs() < 1e-12, "{context}");
            assert!(
                (test.p_two_sided - tails.two_sided()).abs() < 1e-12,
                "{context}"
            );
        }
    }

    #[test]
    fn exact_and_approximate_meet_where_one_gives_way_to_the_other() {
        let sample = |count: u32, shift: f64| -> Vec<f64> {
            (0..count)
                .map(|place| f64::from(place * 7 % 20) + shift)
                .collect()
        };

        let exact = rank_sum(&sample(59, 0.0), &sample(59, 2.0)).unwrap();
        let approximate = rank_sum(&sample(60, 0.0), &sample(60, 2.0)).unwrap();

        assert!(exact.exact && !approximate.exact);
        assert!(
            (exact.p_less - approximate.p_less).abs() < 0.002,
            "{exact:?} {approximate:?}"
        );
    }

    #[test]
    fn equal_values_have_the_probability_one() {
        for count in [1, 3, 100] {
            let test = rank_sum(&vec![2.0; count], &vec![2.0; count + 1]).unwrap();
            let ps = [test.p_less, test.p_greater, test.p_two_sided];
            assert!(ps.iter().all(|p| (p - 1.0).abs() < 1e-12), "{test:?}");
        }

        assert_eq!(rank_sum(&[0.0], &[-0.0]).unwrap().u, 0.5);
    }

    #[test]
    fn empty_samples_and_nan_have_no_result() {
        assert_eq!(rank_sum(&[], &[1.0]), None);
        assert_eq!(rank_sum(&[1.0], &[]), None);
        assert_eq!(rank_sum(&[1.0, f64::NAN], &[1.0]), None);
        assert_eq!(
            rank_sum(&[f64::INFINITY], &[f64::NEG_INFINITY]).unwrap().u,
            1.0
        );
    }
}
