//! Where a rising curve of samples crosses a level. There is no extrapolation.

/// The smallest x at which the curve through `points`, pairs of x and y ordered by rising x > 0,
/// reaches `level`: linear in y and in the logarithm of x between neighbours, since such curves are
/// sampled at equal ratios.
///
/// The first x when the curve begins at or above the level, which it then may have reached earlier.
/// `None` when it never does. A y that is NaN counts as below.
#[must_use]
pub fn crossing(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let reached = points.iter().position(|&(_, y)| y >= level)?;

    Some(crossing_before(points, reached, level))
}

/// The smallest x from which on the curve stays at or above `level`: where [`crossing`] is the
/// first crossing, this is the last one. `None` when the curve ends below the level, or has no
/// points.
#[must_use]
pub fn lasting_crossing(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let reached = points
        .iter()
        .rposition(|&(_, y)| y.is_nan() || y < level)
        .map_or(0, |below| below + 1);

    (reached < points.len()).then(|| crossing_before(points, reached, level))
}

/// Where the curve rises to `level` between the point at `reached` and the one before it.
fn crossing_before(points: &[(f64, f64)], reached: usize, level: f64) -> f64 {
    let (x, y) = points[reached];
    let Some(&(x_before, y_before)) = reached.checked_sub(1).and_then(|index| points.get(index))
    else {
        return x;
    };

    // With a NaN for the y before, only this point is known to reach the level.
    let share = (level - y_before) / (y - y_before);
    if share.is_finite() {
        x_before * (x / x_before).powf(share)
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_samples_the_logarithm_is_interpolated() {
        // Half-way between 1 and 100 on a logarithmic axis lies 10.
        let middle = crossing(&[(1.0, 0.0), (100.0, 1.0)], 0.5).unwrap();
        assert!((middle - 10.0).abs() < 1e-12);

        assert_eq!(
            crossing(&[(1.0, 0.2), (2.0, 0.5), (4.0, 0.8)], 0.5),
            Some(2.0)
        );

        // A dip after the first crossing does not move it.
        let dip = [(1.0, 0.4), (4.0, 0.6), (16.0, 0.1), (64.0, 0.9)];
        assert!((crossing(&dip, 0.5).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_lasting_crossing_is_the_last_one() {
        let dip = [(1.0, 0.4), (4.0, 0.6), (16.0, 0.1), (64.0, 0.9)];
        assert!((lasting_crossing(&dip, 0.5).unwrap() - 32.0).abs() < 1e-12);

        // On a curve that only rises the two are the same.
        let rising = [(1.0, 0.2), (4.0, 0.6), (16.0, 0.9)];
        assert_eq!(lasting_crossing(&rising, 0.5), crossing(&rising, 0.5));

        assert_eq!(lasting_crossing(&[(3.0, 0.7), (6.0, 0.9)], 0.5), Some(3.0));
        assert_eq!(lasting_crossing(&[(3.0, 0.7), (6.0, 0.4)], 0.5), None);
        assert_eq!(lasting_crossing(&[(3.0, 0.7), (6.0, f64::NAN)], 0.5), None);
        assert_eq!(
            lasting_crossing(&[(3.0, f64::NAN), (6.0, 0.7)], 0.5),
            Some(6.0)
        );
        assert_eq!(lasting_crossing(&[], 0.5), None);
    }

    #[test]
    fn a_curve_above_begins_there_and_one_below_has_none() {
        assert_eq!(crossing(&[(3.0, 0.7), (6.0, 0.9)], 0.5), Some(3.0));
        assert_eq!(crossing(&[(3.0, 0.1), (6.0, 0.4)], 0.5), None);
        assert_eq!(crossing(&[], 0.5), None);
        assert_eq!(crossing(&[(1.0, f64::NAN), (2.0, 0.5)], 0.5), Some(2.0));
        assert_eq!(crossing(&[(1.0, f64::NAN), (2.0, f64::NAN)], 0.5), None);
    }

    /// The model of a constant cost per task: efficiency d / (d + c), which is one half where d =
    /// c.
    #[test]
    fn a_constant_cost_is_found_at_half() {
        let cost = 0.73e-6;
        let curve: Vec<_> = (-6..=8)
            .map(|power| 1e-6 * 2_f64.powi(power))
            .map(|d| (d, d / (d + cost)))
            .collect();

        let half = crossing(&curve, 0.5).unwrap();
        assert!((half / cost - 1.0).abs() < 0.02, "{half}");
    }
}
