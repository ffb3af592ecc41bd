//! A sample in a few numbers: its middle, its mean, its spread.

/// The middle of `values`, or the mean of the two middle ones; `None` without values.
///
/// NaN sorts last, by IEEE 754 totalOrder.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);

    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        Some(upper)
    } else {
        Some(f64::midpoint(sorted[sorted.len() / 2 - 1], upper))
    }
}

/// The arithmetic mean of `values`; `None` without values.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation of the population that `values` are a sample of, with n - 1 below the sum
/// of squares (Bessel's correction); `None` for fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();

    Some((squares / (values.len() - 1) as f64).sqrt())
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
    /// The spread of `values`; `None` without values. NaN counts for the median only.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        Some(Self {
            median: median(values)?,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_even_and_no_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    /// From `statistics.mean` and `statistics.stdev` of Python 3.
    #[test]
    fn mean_and_deviation_of_a_sample() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];

        assert_eq!(mean(&values), Some(5.0));
        assert!((standard_deviation(&values).unwrap() - 2.138_089_935_299_395).abs() < 1e-15);
        assert_eq!((mean(&[]), standard_deviation(&[1.0])), (None, None));
    }

    #[test]
    fn spread_holds_the_ends() {
        assert_eq!(
            Spread::of(&[2.0, 8.0, 4.0]),
            Some(Spread {
                median: 4.0,
                min: 2.0,
                max: 8.0
            })
        );
        assert_eq!(Spread::of(&[]), None);
    }
}
