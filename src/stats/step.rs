//! Whether a series in time changed its level once, and where: the greatest step over all splits,
//! and how often a series without any order has one as great.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::median;
use super::random::below;

/// Values count as this many deviations from the median at the most, so that a single spike is no
/// step.
const MOST_DEVIATIONS: f64 = 8.0;

/// The median absolute deviation of a normal distribution, as a share of its standard deviation.
const MEDIAN_DEVIATION_SHARE: f64 = 0.6745;

/// With this many permutations that have as great a step, chance has explained it.
const ENOUGH: usize = 20;

/// Where a series changed its level, and how far chance explains that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepTest {
    /// The index of the first value after the step.
    pub at: usize,
    /// How often a series of the same values in any order has a step as great.
    pub p_value: f64,
}

/// How the permutations are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutations {
    /// How many at the most.
    pub count: usize,
    /// The same seed draws the same ones.
    pub seed: u64,
}

/// The greatest step of `values` over all splits with at least `fewest` values on each side, and
/// the permutation test of it. `None` for too few values and for one that is not finite.
///
/// The size of a step is the difference of the two means, weighted with the root of k (n - k) / n.
/// Values are first limited to eight robust deviations from the median of all. That does not depend
/// on their order, so the test stays exact: where the values are exchangeable, whatever their
/// distribution, `p_value` is below alpha in at most a share alpha of all series. Values that
/// depend on their neighbours are not exchangeable, and give more.
///
/// Permutations end early once 20 of them have a step as great: p is 20 divided by their number
/// then, which is as exact. None are drawn where a bound of the chance is below the least p that
/// they can show, which is the p then: a clear step in a long series costs one look at it.
///
/// Sources: the segmentation by permutations of the greatest statistic is that of D. S. Matteson
/// and N. A. James, A nonparametric approach for multiple change point analysis of multivariate
/// data, Journal of the American Statistical Association 109, 2014 (E-divisive), here with means;
/// the early end is J. Besag and P. Clifford's, Sequential Monte Carlo p-values, Biometrika 78,
/// 1991; the bound is S. Bernstein's, which holds for draws without replacement, too: W. Hoeffding,
/// Probability inequalities for sums of bounded random variables, JASA 58, 1963, section 6.
#[must_use]
pub fn step_test(values: &[f64], fewest: usize, permutations: Permutations) -> Option<StepTest> {
    let mut scores = scores(values)?;
    let splits = Splits::new(values.len(), fewest)?;
    let observed = splits.greatest(&scores);
    if observed.size <= 0.0 {
        return Some(StepTest {
            at: observed.at,
            p_value: 1.0,
        });
    }

    // Sums in another order differ in their last digits.
    let bound = observed.size * (1.0 - 1e-9);
    let least = 1.0 / (permutations.count + 1) as f64;
    if splits.chance_bound(&scores, bound) <= least {
        return Some(StepTest {
            at: observed.at,
            p_value: least,
        });
    }

    let mut random = Xoshiro256PlusPlus::seed_from_u64(permutations.seed);
    let mut as_great = 0;
    for drawn in 1..=permutations.count {
        shuffle(&mut scores, &mut random);
        as_great += usize::from(splits.greatest(&scores).size >= bound);
        if as_great == ENOUGH {
            return Some(StepTest {
                at: observed.at,
                p_value: ENOUGH as f64 / drawn as f64,
            });
        }
    }

    Some(StepTest {
        at: observed.at,
        p_value: (as_great + 1) as f64 / (permutations.count + 1) as f64,
    })
}

/// Where the greatest step of `values` is, as an index, without a test. `None` as for
/// [`step_test`].
#[must_use]
pub fn greatest_step(values: &[f64], fewest: usize) -> Option<usize> {
    let scores = scores(values)?;

    Some(Splits::new(values.len(), fewest)?.greatest(&scores).at)
}

/// The least p-value that `values` values can have by any test of their order alone: that of one
/// split in the middle, the two sides of which do not overlap.
#[must_use]
pub fn least_step_p(values: usize) -> f64 {
    let half = values / 2;

    // 1 / C(n, n / 2), factor by factor, so that nothing overflows.
    let arrangements = (1..=half).map(|k| k as f64 / (values - half + k) as f64);
    (2.0 * arrangements.product::<f64>()).min(1.0)
}

/// Mixes `values` (R. Durstenfeld, Communications of the ACM 7, 1964).
pub(super) fn shuffle(values: &mut [f64], random: &mut Xoshiro256PlusPlus) {
    for last in (1..values.len()).rev() {
        values.swap(last, below(last + 1, random));
    }
}

/// The distances from the median in robust deviations, limited, with a mean of 0. All of them are 0
/// where the values are equal.
fn scores(values: &[f64]) -> Option<Vec<f64>> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }

    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let typical = median(&distances)?;
    let scale = if typical > 0.0 {
        typical / MEDIAN_DEVIATION_SHARE
    } else {
        // More than half of the values are equal.
        distances.iter().sum::<f64>() / distances.len() as f64
    };
    if scale <= 0.0 {
        return Some(vec![0.0; values.len()]);
    }

    let limited = values.iter().map(|value| {
        let deviations = (value - middle) / scale;
        deviations.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
    });
    let limited: Vec<f64> = limited.collect();
    let mean = limited.iter().sum::<f64>() / limited.len() as f64;
    Some(limited.into_iter().map(|score| score - mean).collect())
}

/// A step: where it is and how great.
#[derive(Clone, Copy)]
struct Step {
    at: usize,
    size: f64,
}

/// The places where a series may be split, with the weight of each.
struct Splits {
    fewest: usize,
    /// Of the split before each index, from `fewest` on.
    weights: Vec<f64>,
}

impl Splits {
    fn new(values: usize, fewest: usize) -> Option<Self> {
        let fewest = fewest.max(1);
        let last = values.checked_sub(fewest).filter(|last| *last >= fewest)?;

        // The sum of k values of mean 0 in all, divided by its deviation.
        let weight = |k: usize| (values as f64 / (k as f64 * (values - k) as f64)).sqrt();
        Some(Self {
            fewest,
            weights: (fewest..=last).map(weight).collect(),
        })
    }

    /// What the chance of a step of this `size` in a random order of `scores`, whose mean is 0,
    /// cannot exceed: Bernstein's bound for the sum of each side, over all splits together.
    fn chance_bound(&self, scores: &[f64], size: f64) -> f64 {
        let variance = scores.iter().map(|score| score * score).sum::<f64>() / scores.len() as f64;
        let most = scores.iter().map(|score| score.abs()).fold(0.0, f64::max);

        let bounds = self.weights.iter().enumerate().map(|(place, weight)| {
            let at = self.fewest + place;
            // The other side has the same sum, negative.
            let count = at.min(scores.len() - at) as f64;
            let sum = size / weight;
            if sum > count * most {
                return 0.0;
            }

            2.0 * (-sum * sum / (2.0 * (count * variance + most * sum / 3.0))).exp()
        });
        bounds.sum()
    }

    /// The greatest step of `scores`, whose mean is 0.
    fn greatest(&self, scores: &[f64]) -> Step {
        let mut sum: f64 = scores[..self.fewest].iter().sum();
        let mut greatest = Step {
            at: self.fewest,
            size: 0.0,
        };

        for (place, weight) in self.weights.iter().enumerate() {
            let at = self.fewest + place;
            let size = sum.abs() * weight;
            if size > greatest.size {
                greatest = Step { at, size };
            }
            sum += scores[at];
        }
        greatest
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    const PERMUTATIONS: Permutations = Permutations {
        count: 999,
        seed: 1,
    };

    /// A uniform value from 0 to 1.
    fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
        (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let values: Vec<f64> = (0..40)
            .map(|place| f64::from(place % 5) + if place < 33 { 0.0 } else { 6.0 })
            .collect();
        let test = step_test(&values, 3, PERMUTATIONS).unwrap();

        assert_eq!((test.at, test.p_value), (33, 1.0 / 1000.0));
        assert_eq!(greatest_step(&values, 3), Some(33));
    }

    /// All orders of six values, of which two have no greater step than 1, 2, 3 before 7, 8, 9:
    /// that order of the sides and the other one, with 3! orders in each side.
    #[test]
    fn the_p_value_is_the_share_of_all_orders() {
        let test = step_test(
            &[2.0, 1.0, 3.0, 8.0, 7.0, 9.0],
            3,
            Permutations {
                count: 20_000,
                seed: 5,
            },
        );
        let exact = 2.0 * 36.0 / 720.0;

        // It ends after 20 of them: the deviation of such an estimate is a fifth of it.
        let p_value = test.unwrap().p_value;
        assert!((p_value / exact - 1.0).abs() < 0.7, "{p_value}");
        assert!((least_step_p(6) - exact).abs() < 1e-12);
    }

    #[test]
    fn series_without_an_order_are_accused_as_often_as_allowed() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1948);
        let series = 1000;
        let mut accused = 0;

        for seed in 0..series {
            // With a heavy tail, as times have it.
            let values: Vec<f64> = (0..40).map(|_| uniform(&mut random).powi(-1)).collect();
            let permutations = Permutations { count: 399, seed };
            let test = step_test(&values, 3, permutations).unwrap();
            accused += u32::from(test.p_value <= 0.05);
        }

        // 50 are expected, with a deviation of 6.9.
        assert!((25..=75).contains(&accused), "{accused} of {series}");
    }

    #[test]
    fn a_spike_is_no_step_wherever_it_is() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        let noise: Vec<f64> = (0..60).map(|_| uniform(&mut random)).collect();

        for place in [0, 1, 2, 30, 57, 58, 59] {
            let mut values = noise.clone();
            values[place] = 50.0;
            let test = step_test(&values, 3, PERMUTATIONS).unwrap();
            assert!(test.p_value > 0.01, "at {place}: {test:?}");
        }
    }

    /// Far out in the tail, where the bound is used: of drawn orders, this share has steps as
    /// great.
    #[test]
    fn chance_is_never_above_its_bound() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
        let draws = 4000;

        for count in [8, 16, 40, 200] {
            let values: Vec<f64> = (0..count).map(|_| uniform(&mut random).powi(-1)).collect();
            let mut scores = scores(&values).unwrap();
            let splits = Splits::new(count, 3).unwrap();

            let mut sizes: Vec<f64> = (0..draws)
                .map(|_| {
                    shuffle(&mut scores, &mut random);
                    splits.greatest(&scores).size
                })
                .collect();
            sizes.sort_by(|left, right| right.total_cmp(left));

            for as_great in [400, 40, 4] {
                let share = as_great as f64 / f64::from(draws);
                let bound = splits.chance_bound(&scores, sizes[as_great - 1]);
                assert!(share <= bound, "{count} values: {share} and {bound}");
            }
        }
    }

    #[test]
    fn a_clear_step_has_the_p_value_that_drawing_would_give() {
        let values: Vec<f64> = (0..300)
            .map(|place| f64::from(place * 7 % 5) + if place < 200 { 0.0 } else { 6.0 })
            .collect();
        let scores = scores(&values).unwrap();
        let splits = Splits::new(300, 3).unwrap();
        let size = splits.greatest(&scores).size;

        assert!(splits.chance_bound(&scores, size) < 1e-9);
        let test = step_test(&values, 3, PERMUTATIONS).unwrap();
        assert_eq!((test.at, test.p_value), (200, 1.0 / 1000.0));
        // Of a series as short as this, the bound says nothing, and orders are drawn.
        let short = super::scores(&[1.0, 2.0, 3.0, 8.0, 7.0, 9.0]).unwrap();
        let splits = Splits::new(6, 3).unwrap();
        assert!(splits.chance_bound(&short, splits.greatest(&short).size) > 0.05);
    }

    #[test]
    fn the_same_seed_draws_the_same_permutations() {
        let values = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 5.5, 7.0];
        let test = |seed| step_test(&values, 3, Permutations { count: 200, seed }).unwrap();

        assert_eq!(test(4), test(4));
    }

    #[test]
    fn what_has_no_step_says_so() {
        let equal = step_test(&[2.0; 9], 3, PERMUTATIONS).unwrap();
        assert_eq!(equal.p_value, 1.0);

        assert_eq!(step_test(&[1.0; 5], 3, PERMUTATIONS), None);
        assert_eq!(step_test(&[], 3, PERMUTATIONS), None);
        for wrong in [f64::NAN, f64::INFINITY] {
            let values = [1.0, 2.0, 3.0, wrong, 5.0, 6.0];
            assert_eq!(step_test(&values, 3, PERMUTATIONS), None);
        }
        assert_eq!((least_step_p(0), least_step_p(1)), (1.0, 1.0));
    }
}
