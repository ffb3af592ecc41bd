//! A confidence interval.

/// A confidence interval, and how often it really covers the true value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The probability that it covers the true value. For
    /// [`median_interval`](super::median_interval) it is exact, and at least the requested
    /// confidence; for the others it is the requested confidence.
    pub coverage: f64,
}
