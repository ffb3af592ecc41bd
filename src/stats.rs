//! Pure statistics over slices of numbers. No clocks, no results, no text.

/// The middle of `values`, or the mean of the two middle ones; `None` when there is none.
///
/// NaN sorts last, by IEEE 754 totalOrder.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(sorted[sorted.len() / 2 - 1], upper)) }
}

/// The middle and the ends of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Spread {
    /// Of `values`, or `None` when there is none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let median = median(values)?;
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { median, min, max })
    }
}

/// A confidence interval, and how sure it really is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The probability that it covers the true value: at least what was asked for.
    pub coverage: f64,
}

/// The exact interval of a median by the sign test: the narrowest pair of order statistics, equally far
/// from both ends, that covers the true median with at least `confidence`. It assumes independent values
/// and nothing about their distribution. `None` when there are too few: 6 are the fewest for 95 %, 8 for 99 %.
///
/// Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, section 3.2; the idea is
/// W. R. Thompson's, Annals of Mathematical Statistics 7, 1936.
#[must_use]
pub fn median_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let n = values.len();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // The true median lies below the k-th smallest value (k from 0) when at most k values lie below it:
    // k heads or fewer in n fair throws.
    let mut found = None;
    let mut tail = 0.0;
    // Logarithms, because 2^-n is too small a number from n = 1075 on.
    let mut log_weight = -(n as f64) * std::f64::consts::LN_2;
    for k in 0..n / 2 {
        tail += log_weight.exp();
        let coverage = 1.0 - 2.0 * tail;
        if coverage < confidence {
            break;
        }
        found = Some(Interval { low: sorted[k], high: sorted[n - 1 - k], coverage });
        log_weight += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    found
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
            assert_eq!((interval.low, interval.high), (f64::from(rank), f64::from(n + 1 - rank)), "n = {n}");
            assert!((interval.coverage - coverage).abs() < 1e-12, "n = {n}: {interval:?}");
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

    #[test]
    fn median_of_odd_even_and_none() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn spread_holds_the_ends() {
        assert_eq!(Spread::of(&[2.0, 8.0, 4.0]), Some(Spread { median: 4.0, min: 2.0, max: 8.0 }));
        assert_eq!(Spread::of(&[]), None);
    }
}
