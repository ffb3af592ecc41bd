//! A figure as the rounds give it: their median, and the interval in which it lies.

use serde::Serialize;

use crate::stats::{fewest_for, median, median_interval};

const CONFIDENCE: f64 = 0.95;

/// A median with its 95 % interval, as far as the rounds give one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The middle of the rounds.
    pub median: f64,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
}

impl Estimate {
    /// The fewest values that give an interval.
    #[must_use]
    pub fn fewest_values() -> usize {
        fewest_for(CONFIDENCE)
    }

    /// The estimate that `values` give, one for each round; `None` without any.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let interval = median_interval(values, CONFIDENCE);
        let finite = |end: f64| Some(end).filter(|end| end.is_finite());

        Some(Self {
            median: median(values)?,
            low: interval.and_then(|interval| finite(interval.low)),
            high: interval.and_then(|interval| finite(interval.high)),
        })
    }

    /// The estimate of this quantity divided by `divisor`.
    pub(super) fn divided(self, divisor: f64) -> Self {
        Self {
            median: self.median / divisor,
            low: self.low.map(|low| low / divisor),
            high: self.high.map(|high| high / divisor),
        }
    }
}
