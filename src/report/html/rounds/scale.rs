//! How high the points of a strip stand: by their time as a share of the arm's median, on one scale
//! for all arms of a measurement, so that quiet arms and noisy ones can be told apart at a glance.

use crate::results::{Measurement, Round};

/// Strips that are quieter than this show how quiet they are.
const LEAST: f64 = 0.02;
/// Times beyond these are drawn at the edge, or one of them would flatten all others.
const LOWEST: f64 = 0.5;
const HIGHEST: f64 = 2.0;

/// Room at each edge of a strip, so that no point is cut off: a share of its height.
const EDGE: f64 = 0.19;

/// The range of the strips of a measurement.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

/// Where a point stands.
pub(super) struct Height {
    /// From the upper edge, as a share of the height.
    pub(super) share: f64,
    /// Whether its time lies beyond the strip.
    pub(super) is_beyond: bool,
}

impl Scale {
    /// One that holds the rounds that count.
    pub(super) fn of(measurement: &Measurement) -> Self {
        let counted: Vec<&Round> = measurement.counted();
        let ratios = (0..measurement.arms.len()).flat_map(|arm| {
            let median_s = median_s(measurement, arm);
            let times = counted.iter().map(move |round| round.times[arm].wall_s);
            times.map(move |wall_s| relative(wall_s, median_s))
        });

        let start = (1.0 - LEAST, 1.0 + LEAST);
        let (low, high) = ratios.fold(start, |(low, high), ratio| {
            (f64::min(low, ratio), f64::max(high, ratio))
        });
        Self {
            low: low.max(LOWEST),
            high: high.min(HIGHEST),
        }
    }

    /// Where a time of this share of the median stands.
    pub(super) fn height(&self, ratio: f64) -> Height {
        let inside = ratio.clamp(self.low, self.high);
        let from_top = (self.high - inside) / (self.high - self.low);

        Height {
            share: EDGE + (1.0 - 2.0 * EDGE) * from_top,
            is_beyond: inside != ratio,
        }
    }

    /// `-3 %`.
    pub(super) fn low(&self) -> String {
        percent(self.low)
    }

    /// `+8 %`.
    pub(super) fn high(&self) -> String {
        percent(self.high)
    }
}

/// The median time of the arm at `arm` over the rounds that count.
pub(super) fn median_s(measurement: &Measurement, arm: usize) -> f64 {
    measurement
        .figures(arm)
        .map_or(0.0, |figures| figures.median_s)
}

/// `wall_s` as a share of the median: 1 where nothing took any time.
pub(super) fn relative(wall_s: f64, median_s: f64) -> f64 {
    if median_s > 0.0 {
        wall_s / median_s
    } else {
        1.0
    }
}

/// How far a share of the median is from it.
pub(super) fn percent(ratio: f64) -> String {
    format!("{:+.0} %", 100.0 * (ratio - 1.0))
}
