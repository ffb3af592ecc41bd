//! Whether values rise or fall in the order they have, and by how much with each: a trend need not
//! be straight to be found, and one far value does not make one.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{Interval, median};

/// A trend in the order of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// The median slope, from one value to the next.
    pub slope: f64,
    /// Its interval.
    pub interval: Interval,
    /// What the line through the middle of the values is at the first of them.
    pub start: f64,
    /// The chance of as clear a rise or fall in values without an order.
    pub p_value: f64,
}

/// The trend of `values`: the median of the slopes between any two of them, the interval between
/// two order statistics of these slopes, and the test of Mann and Kendall in its normal
/// approximation. `None` for fewer than three values, for one that is not finite, and for a
/// confidence outside 0 to 1.
///
/// It assumes values that do not depend on their neighbours but for the trend, and costs as many
/// slopes as there are pairs.
///
/// Sources: H. B. Mann, Nonparametric tests against trend, Econometrica 13, 1945; M. G. Kendall,
/// Rank Correlation Methods, 1955; P. K. Sen, Estimates of the regression coefficient based on
/// Kendall's tau, Journal of the American Statistical Association 63, 1968, after H. Theil, 1950.
#[must_use]
pub fn trend(values: &[f64], confidence: f64) -> Option<Trend> {
    let is_known = values.len() >= 3 && values.iter().all(|value| value.is_finite());
    let is_valid = is_known && confidence > 0.0 && confidence < 1.0;
    if !is_valid {
        return None;
    }

    let mut slopes = Vec::with_capacity(values.len() * (values.len() - 1) / 2);
    let mut rises = 0_i64;
    for (place, early) in values.iter().enumerate() {
        for (distance, late) in (1_u32..).zip(&values[place + 1..]) {
            slopes.push((late - early) / f64::from(distance));
            rises += i64::from(late > early) - i64::from(late < early);
        }
    }
    slopes.sort_by(f64::total_cmp);

    let deviation = deviation_of_rises(values);
    let z = -Normal::standard().inverse_cdf((1.0 - confidence) / 2.0);
    let interval = between(&slopes, z * deviation, confidence);
    let slope = median(&slopes)?;
    let starts: Vec<f64> = (0_u32..)
        .zip(values)
        .map(|(place, value)| value - slope * f64::from(place))
        .collect();

    // One less towards 0, since the number of rises is whole.
    let clear = (rises.abs() - 1).max(0) as f64 / deviation;
    Some(Trend {
        slope,
        interval,
        start: median(&starts)?,
        p_value: if clear.is_finite() {
            (2.0 * Normal::standard().sf(clear)).min(1.0)
        } else {
            1.0
        },
    })
}

/// The deviation of the rises less the falls in values without an order, with ties.
fn deviation_of_rises(values: &[f64]) -> f64 {
    let term = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);

    let tied: f64 = sorted
        .chunk_by(|left, right| left == right)
        .map(|equal| term(equal.len() as f64))
        .sum();
    ((term(values.len() as f64) - tied) / 18.0).sqrt()
}

/// The slopes `reach` rises from the middle.
fn between(slopes: &[f64], reach: f64, confidence: f64) -> Interval {
    let last = slopes.len() - 1;
    let rank = ((slopes.len() as f64 - reach) / 2.0).max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most half of the slopes"
    )]
    let rank = (rank as usize).min(last / 2);

    Interval {
        low: slopes[rank.saturating_sub(1)],
        high: slopes[last - rank.saturating_sub(1)],
        coverage: confidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_the_median_of_all() {
        let trend = trend(&[1.0, 4.0, 6.0, 10.0, 13.0], 0.9).unwrap();

        // By hand: 3, 2.5, 3, 3 from the first value, then 2, 3, 3, then 4, 3.5, then 3.
        assert_eq!(trend.slope, 3.0);
        assert_eq!(trend.start, 1.0);
        // S = 10, and its variance 5 * 4 * 15 / 18: z = 9 / 4.082.
        assert!((trend.p_value - 0.027_486).abs() < 1e-5, "{trend:?}");
    }

    #[test]
    fn one_far_value_makes_no_trend_and_hides_none() {
        let mut values: Vec<f64> = (0..30).map(|k| f64::from(k * 7 % 30)).collect();
        values[29] = 1e6;
        assert!(trend(&values, 0.99).unwrap().p_value > 0.1);

        let mut rising: Vec<f64> = (0..30).map(|k| f64::from(k) + f64::from(k % 3)).collect();
        rising[4] = 1e6;
        let trend = trend(&rising, 0.99).unwrap();
        assert!(trend.p_value < 1e-6 && (trend.slope - 1.0).abs() < 0.1);
        assert!(trend.interval.low > 0.5 && trend.interval.high < 1.5);
    }

    #[test]
    fn equal_values_have_no_trend() {
        let trend = trend(&[2.0; 10], 0.99).unwrap();

        assert_eq!((trend.slope, trend.p_value), (0.0, 1.0));
        assert_eq!((trend.interval.low, trend.interval.high), (0.0, 0.0));
    }

    #[test]
    fn too_few_or_impossible_values_have_none() {
        assert_eq!(trend(&[1.0, 2.0], 0.9), None);
        assert_eq!(trend(&[1.0, 2.0, f64::NAN], 0.9), None);
        assert_eq!(trend(&[1.0, 2.0, 3.0], 1.0), None);
    }
}
