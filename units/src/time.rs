//! Spans of time: as the seconds that statistics hold, and in the unit that suits a reader.

use std::fmt;
use std::time::Duration;

use super::digits::three_digits;

/// A duration as the seconds that statistics and stored runs hold.
#[must_use]
pub fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// A unit that times are shown in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeUnit {
    /// How many seconds it is.
    pub seconds: f64,
    /// Its symbol: `ms`.
    pub symbol: &'static str,
}

/// A time span, shown in the unit that suits it: `1.23 s`, `45.6 ms`, `789 µs`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Seconds(pub f64);

impl Seconds {
    /// The unit that suits this span. Figures that belong together are all shown in the unit of one
    /// of them.
    #[must_use]
    pub fn unit(self) -> TimeUnit {
        // The bounds are where three digits would round up to the next unit's 1.00.
        let (seconds, symbol) = match self.0 {
            s if s >= 0.999_5 || s == 0.0 => (1.0, "s"),
            s if s >= 0.999_5e-3 => (1e-3, "ms"),
            s if s >= 0.999_5e-6 => (1e-6, "µs"),
            _ => (1e-9, "ns"),
        };

        TimeUnit { seconds, symbol }
    }
}

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self(seconds(duration))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit();

        f.pad(&format!(
            "{} {}",
            three_digits(self.0 / unit.seconds),
            unit.symbol
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_pick_their_unit_and_round_across_it() {
        let text = |seconds: f64| Seconds(seconds).to_string();

        assert_eq!(text(1.234), "1.23 s");
        assert_eq!(text(0.9996), "1.00 s");
        assert_eq!(text(0.0456), "45.6 ms");
        assert_eq!(text(789e-6), "789 µs");
        assert_eq!(text(350e-9), "350 ns");
        assert_eq!(text(0.0), "0.00 s");
        assert_eq!(text(123.4), "123 s");
    }
}
