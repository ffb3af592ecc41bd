//! Where a rising curve of samples crosses a level. It must not extrapolate.

/// The smallest x at which the curve through `points`, ordered by rising x > 0, reaches `level`: linear in y and in
/// the logarithm of x between neighbours, since such curves are sampled at equal ratios.
///
/// The first x when the curve begins at or above the level, which it then may have reached earlier. `None` when it
/// never does. A y that is no number counts as below.
#[must_use]
pub fn crossing(points: &[(f64, f64)], level: f64) -> Option<f64> {
    let reached = points.iter().position(|&(_, y)| y >= level)?;
    let (x, y) = points[reached];
    let Some(&(before, below)) = reached.checked_sub(1).and_then(|index| points.get(index)) else {
        return Some(x);
    };
    let share = if below.is_nan() { 1.0 } else { (level - below) / (y - below) };
    Some(before * (x / before).powf(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_samples_the_logarithm_is_interpolated() {
        let at = |points: &[(f64, f64)], level| crossing(points, level).unwrap();
        // Half-way between 1 and 100 on a logarithmic axis lies 10.
        assert!((at(&[(1.0, 0.0), (100.0, 1.0)], 0.5) - 10.0).abs() < 1e-12);
        assert_eq!(at(&[(1.0, 0.2), (2.0, 0.5), (4.0, 0.8)], 0.5), 2.0);
        // A dip after the first crossing does not move it.
        assert!((at(&[(1.0, 0.4), (4.0, 0.6), (16.0, 0.1), (64.0, 0.9)], 0.5) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_curve_above_begins_there_and_one_below_has_none() {
        assert_eq!(crossing(&[(3.0, 0.7), (6.0, 0.9)], 0.5), Some(3.0));
        assert_eq!(crossing(&[(3.0, 0.1), (6.0, 0.4)], 0.5), None);
        assert_eq!(crossing(&[], 0.5), None);
        assert_eq!(crossing(&[(1.0, f64::NAN), (2.0, 0.5)], 0.5), Some(2.0));
        assert_eq!(crossing(&[(1.0, f64::NAN), (2.0, f64::NAN)], 0.5), None);
    }

    /// The model of a constant cost per task: efficiency d / (d + c), which is one half where d = c.
    #[test]
    fn a_constant_cost_is_found_at_half() {
        let cost = 0.73e-6;
        let curve: Vec<_> =
            (-6..=8).map(|power| 1e-6 * 2_f64.powi(power)).map(|d| (d, d / (d + cost))).collect();
        let found = crossing(&curve, 0.5).unwrap();
        assert!((found / cost - 1.0).abs() < 0.02, "{found}");
    }
}
