//! The bootstrap over rounds: how far a figure that is derived from medians may be off.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::Interval;
use super::random::below;

/// Draws as many rounds as there are, with replacement, and calls `statistic` with the median of
/// each series over them, `resamples` times. All series have one value for each round, and a round
/// is drawn with all of its values: what it did to all of them alike stays together. Nothing is
/// called where there are no rounds or where the series differ in length.
///
/// The same seed draws the same rounds.
///
/// Source: B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7,
/// 1979.
pub fn bootstrap_medians(
    series: &[Vec<f64>],
    resamples: usize,
    seed: u64,
    mut statistic: impl FnMut(&[f64]),
) {
    let rounds = series.first().map_or(0, Vec::len);
    if rounds == 0 || series.iter().any(|values| values.len() != rounds) {
        return;
    }

    // Each series' rounds by rising value: the median is then found by counting, without sorting.
    let ranked: Vec<Vec<(f64, usize)>> = series.iter().map(|values| ranked(values)).collect();
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut drawn = vec![0_usize; rounds];
    let mut medians = vec![0.0; series.len()];

    for _ in 0..resamples {
        drawn.fill(0);
        for _ in 0..rounds {
            drawn[below(rounds, &mut generator)] += 1;
        }
        for (median, ranked) in medians.iter_mut().zip(&ranked) {
            *median = median_of_drawn(ranked, &drawn);
        }
        statistic(&medians);
    }
}

fn ranked(values: &[f64]) -> Vec<(f64, usize)> {
    let mut ranked: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));

    ranked
}

/// The median of the values that were drawn, each as often as `drawn` says of its round.
fn median_of_drawn(ranked: &[(f64, usize)], drawn: &[usize]) -> f64 {
    let half = drawn.len() / 2;
    let is_even = drawn.len().is_multiple_of(2);
    let mut seen = 0;
    let mut lower = None;

    for &(value, round) in ranked {
        seen += drawn[round];
        if is_even && lower.is_none() && seen >= half {
            lower = Some(value);
        }
        if seen > half {
            return lower.map_or(value, |lower| f64::midpoint(lower, value));
        }
    }
    f64::NAN
}

/// The interval that covers the true value with `confidence`, from the `values` that resampling
/// `rounds` rounds gave. `None` without values, for fewer than two rounds, and for a confidence
/// outside 0 to 1.
///
/// The bare percentiles are too narrow for few rounds, like a normal interval in the place of
/// Student's. The expanded ones make up for that: those at the normal distribution's probability of
/// sqrt(n / (n - 1)) times Student's quantile.
///
/// Source: T. C. Hesterberg, What teachers should know about the bootstrap, The American
/// Statistician 69(4), 2015, section 3.3.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length"
)]
pub fn expanded_percentiles(
    mut values: Vec<f64>,
    rounds: usize,
    confidence: f64,
) -> Option<Interval> {
    if values.is_empty() || rounds < 2 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }

    let n = rounds as f64;
    let student = StudentsT::new(0.0, 1.0, n - 1.0).ok()?;
    let quantile = student.inverse_cdf(0.5 + confidence / 2.0);
    let tail = Normal::standard().cdf(-quantile * (n / (n - 1.0)).sqrt());

    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let rank = (tail * values.len() as f64).floor() as usize;
    let rank = rank.min(last / 2);
    Some(Interval {
        low: values[rank],
        high: values[last - rank],
        coverage: confidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::median;

    #[test]
    fn medians_are_those_of_the_drawn_rounds() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0, 6.0];

        for drawn in [
            [1, 1, 1, 1, 1, 1],
            [6, 0, 0, 0, 0, 0],
            [0, 3, 0, 0, 0, 3],
            [2, 1, 0, 1, 2, 0],
        ] {
            let picked: Vec<f64> = std::iter::zip(values, drawn)
                .flat_map(|(value, times)| std::iter::repeat_n(value, times))
                .collect();
            assert_eq!(
                median_of_drawn(&ranked(&values), &drawn),
                median(&picked).unwrap(),
                "{drawn:?}"
            );
        }
        assert_eq!(median_of_drawn(&ranked(&values[..3]), &[1, 1, 1]), 4.0);
    }

    #[test]
    fn a_round_is_drawn_with_all_of_its_values() {
        let series = [vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]];
        let mut draws = 0;

        bootstrap_medians(&series, 500, 7, |medians| {
            assert_eq!(medians[1], 10.0 * medians[0]);
            draws += 1;
        });
        assert_eq!(draws, 500);
    }

    #[test]
    fn the_same_seed_draws_the_same_rounds() {
        let values = [vec![1.0, 4.0, 2.0, 8.0, 5.0, 7.0]];
        let draws = |seed| {
            let mut draws = Vec::new();
            bootstrap_medians(&values, 50, seed, |medians| draws.push(medians[0]));
            draws
        };

        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }

    #[test]
    fn few_rounds_have_wider_intervals_than_the_bare_percentiles() {
        let values: Vec<f64> = (0..2000).map(f64::from).collect();
        let ends = |rounds| {
            let interval = expanded_percentiles(values.clone(), rounds, 0.95).unwrap();
            (interval.low, interval.high)
        };

        // With R: 2000 * pnorm(-qt(0.975, 5) * sqrt(6 / 5)) = 4.87.
        assert_eq!(ends(6), (4.0, 1995.0));
        // And with 99 degrees of freedom 46.13; the bare percentiles would be 50.
        assert_eq!(ends(100), (46.0, 1953.0));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert_eq!(expanded_percentiles(Vec::new(), 6, 0.95), None);
        assert_eq!(expanded_percentiles(vec![1.0], 1, 0.95), None);
        assert_eq!(expanded_percentiles(vec![1.0], 6, 1.0), None);
        bootstrap_medians(&[], 10, 0, |_| panic!("nothing to draw from"));
        bootstrap_medians(&[vec![1.0], Vec::new()], 10, 0, |_| panic!("they differ"));
    }
}
