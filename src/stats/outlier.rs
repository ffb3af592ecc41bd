//! Values that lie far from the others. They are pointed at, never removed.

use super::median;

/// The modified z-score above which a value is an outlier.
const THRESHOLD: f64 = 3.5;

/// The median absolute deviation as a share of the standard deviation of a normal distribution.
const MEDIAN_DEVIATION_SHARE: f64 = 0.6745;

/// The standard deviation of a normal distribution divided by its mean absolute deviation: the
/// square root of pi / 2.
const DEVIATION_PER_MEAN: f64 = 1.253_314;

/// Whether each value is an outlier: its modified z-score, 0.6745 times its distance from the
/// median divided by the median absolute deviation, is above 3.5. NaN never is an outlier, and
/// counts as the greatest distance.
///
/// When more than half the values are equal that deviation is 0; then the score is the distance
/// divided by 1.253314 times the mean absolute deviation from the median. When that is 0 or NaN,
/// there is no outlier.
///
/// Sources: B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers, 1993, section 3.3;
/// the median absolute deviation is F. R. Hampel's, Journal of the American Statistical Association
/// 69, 1974; the factor of the mean deviation is R. C. Geary's, Biometrika 27, 1935.
#[must_use]
pub fn outliers(values: &[f64]) -> Vec<bool> {
    let Some(middle) = median(values) else {
        return Vec::new();
    };
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();

    let deviation = match median(&distances) {
        Some(deviation) if deviation > 0.0 => deviation / MEDIAN_DEVIATION_SHARE,
        _ => DEVIATION_PER_MEAN * distances.iter().sum::<f64>() / distances.len() as f64,
    };

    distances
        .iter()
        .map(|distance| deviation > 0.0 && distance / deviation > THRESHOLD)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy: `0.6745 * (x - median(x)) / mad` is 25.86 and 26.31 for the last two, and -1.57 to
    /// 0.67 for the others.
    #[test]
    fn two_outliers_do_not_hide_each_other() {
        let flags = outliers(&[2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]);

        assert_eq!(
            flags,
            [
                false, false, false, false, false, false, false, false, true, true
            ]
        );
    }

    /// By hand: the deviation is 1, so 5.18 scores 3.494 and 5.20 scores 3.5074.
    #[test]
    fn the_threshold_is_three_and_a_half() {
        assert_eq!(outliers(&[-2.0, -1.0, 0.0, 1.0, 5.18]), [false; 5]);
        assert_eq!(
            outliers(&[-2.0, -1.0, 0.0, 1.0, 5.20]),
            [false, false, false, false, true]
        );
    }

    /// By hand: with n values of which one is off by d, the mean deviation is d / n and its score n
    /// / 1.253314: 3.19 for 4 and 3.99 for 5.
    #[test]
    fn equal_values_fall_back_on_the_mean_deviation() {
        assert_eq!(outliers(&[10.0, 10.0, 10.0, 99.0]), [false; 4]);
        assert_eq!(
            outliers(&[10.0, 10.0, 10.0, 10.0, 99.0]),
            [false, false, false, false, true]
        );
        assert_eq!(outliers(&[10.0; 5]), [false; 5]);
    }

    #[test]
    fn nan_and_no_values_are_no_outliers() {
        assert_eq!(
            outliers(&[1.0, 1.1, 0.9, f64::NAN, 50.0]),
            [false, false, false, false, true]
        );
        assert_eq!(outliers(&[f64::NAN; 3]), [false; 3]);
        assert_eq!(outliers(&[1.0, f64::INFINITY, f64::INFINITY]), [false; 3]);
        assert_eq!(outliers(&[]), [false; 0]);
    }
}
