//! One line of github-action-benchmark's charts, in the shape that both of its custom tools read.

use serde::Serialize;

use super::tracked::{Bounds, Tracked};

/// Significant digits of a value, and of half the width of its range.
const VALUE_DIGITS: usize = 5;
const RANGE_DIGITS: usize = 3;

/// A figure that the tool follows.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    /// What its tooltip shows.
    extra: String,
}

impl Entry {
    /// The figure `name` of `tracked`: `value` in `unit`, whose range has `bounds` as ends.
    pub(super) fn new(
        tracked: &Tracked<'_>,
        name: String,
        unit: &'static str,
        value: f64,
        bounds: Option<Bounds>,
    ) -> Self {
        let half_width = bounds.map(|bounds| (bounds.high - bounds.low) / 2.0);

        Self {
            name,
            unit,
            value: significant(value, VALUE_DIGITS),
            range: half_width.map(|half| format!("± {}", significant(half, RANGE_DIGITS))),
            extra: tracked.conditions(),
        }
    }
}

/// `value` to this number of significant `digits`, which is what people read in a chart.
fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

/// What the tool insists on: names of their own, finite numbers, a range that it can parse.
#[cfg(test)]
pub(super) fn assert_sound(entries: &[Entry]) {
    let mut names = std::collections::HashSet::new();

    for Entry {
        name, value, range, ..
    } in entries
    {
        assert!(names.insert(name), "{name} stands twice");
        assert!(value.is_finite() && *value >= 0.0, "{name}");
        let half = range
            .as_ref()
            .map(|range| range.strip_prefix("± ").unwrap().parse::<f64>().unwrap());
        assert!(half.is_none_or(f64::is_finite), "{name}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_digits_are_kept_of_any_magnitude() {
        assert_eq!(significant(1_234_567.8, 5), 1_234_600.0);
        assert_eq!(significant(0.001_234_567, 5), 0.001_234_6);
        assert_eq!(significant(0.0, 3), 0.0);
    }
}
