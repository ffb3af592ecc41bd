//! How much a sample differs from itself.

use super::median;

/// The relative difference between the medians of the first and the second half of `values`, which
/// stand in order of time: 0.1 when one half's median is 1.1 times the other's, whichever is
/// greater. Nothing was changed between the halves, so a difference of this size needs no cause.
/// With an odd number the middle value is left out. `None` for fewer than 4 values and for a value
/// that is not positive and finite.
///
/// Sources: an A/A test as in R. Kohavi, D. Tang and Y. Xu, Trustworthy Online Controlled
/// Experiments, 2020, chapter 19; halves of one sample as in C. Spearman, British Journal of
/// Psychology 3, 1910.
#[must_use]
pub fn split_half(values: &[f64]) -> Option<f64> {
    let is_valid = |value: &f64| value.is_finite() && *value > 0.0;
    if values.len() < 4 || !values.iter().all(is_valid) {
        return None;
    }

    let half = values.len() / 2;
    let first = median(&values[..half])?;
    let second = median(&values[values.len() - half..])?;

    // exp(|ln(first / second)|) - 1, without the logarithm.
    Some((first / second).max(second / first) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the medians are 2 and 3, in either order.
    #[test]
    fn the_difference_has_no_direction() {
        assert_eq!(split_half(&[1.0, 2.0, 9.0, 3.0, 2.5, 4.0]), Some(0.5));
        assert_eq!(split_half(&[3.0, 2.5, 4.0, 1.0, 2.0, 9.0]), Some(0.5));
    }

    #[test]
    fn the_middle_of_an_odd_number_is_left_out() {
        assert_eq!(split_half(&[2.0, 2.0, 1000.0, 3.0, 3.0]), Some(0.5));
        assert_eq!(split_half(&[5.0; 7]), Some(0.0));
    }

    #[test]
    fn it_is_the_exponential_of_the_distance_of_the_logarithms() {
        let values: Vec<f64> = (1..30)
            .map(|place| 1.0 + f64::from(place * 17 % 13))
            .collect();
        let distance = (median(&values[..14]).unwrap() / median(&values[15..]).unwrap())
            .ln()
            .abs();

        assert!((split_half(&values).unwrap() - distance.exp_m1()).abs() < 1e-12);
    }

    #[test]
    fn few_or_impossible_values_have_no_difference() {
        assert_eq!(split_half(&[1.0, 2.0, 3.0]), None);

        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(split_half(&[1.0, 2.0, 3.0, wrong]), None);
        }
    }
}
