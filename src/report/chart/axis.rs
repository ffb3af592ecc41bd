//! The time axis: linear from zero, or logarithmic where small bars would vanish beside large ones; its ticks
//! and what they say. Numbers only; where the axis stands is the layout's.

use crate::results::Summary;

/// Bars this many times apart cannot be read off one linear axis.
const LOG_FROM: f64 = 20.0;
/// No clock resolves less, and a logarithm needs more than zero.
const LEAST: f64 = 1e-9;
/// More ticks than this crowd the axis.
const TICKS: f64 = 6.0;

/// Which times stand at which height.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Whether equal heights are equal ratios.
    pub(super) log: bool,
    low: f64,
    high: f64,
    /// Each tick's seconds and label, upwards.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that holds all bars and whiskers of `summaries`.
    pub(super) fn of(summaries: &[Summary]) -> Self {
        let over = |of: fn(&Summary) -> [f64; 2]| {
            let values = summaries.iter().flat_map(of).map(|value| value.max(LEAST));
            values.fold((f64::INFINITY, LEAST), |(min, max), value| {
                (min.min(value), max.max(value))
            })
        };
        let (smallest, largest) = over(|s| [s.serial_median_s, s.distributed_median_s]);
        let (least, _) = over(|s| [s.serial_min_s, s.distributed_min_s]);
        let (_, greatest) = over(|s| [s.serial_max_s, s.distributed_max_s]);
        if largest > LOG_FROM * smallest {
            Self::logarithmic(least, greatest)
        } else {
            Self::linear(greatest)
        }
    }

    /// A logarithmic axis that holds all of `seconds`.
    pub(super) fn spanning(seconds: impl Iterator<Item = f64>) -> Self {
        let (least, greatest) = seconds
            .map(|value| value.max(LEAST))
            .fold((f64::INFINITY, LEAST), |(min, max), value| {
                (min.min(value), max.max(value))
            });
        Self::logarithmic(least.min(greatest), greatest)
    }

    /// The height of `seconds`, from 0 at the foot to 1 at the top.
    pub(super) fn height(&self, seconds: f64) -> f64 {
        let height = if self.log {
            (seconds.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            seconds / self.high
        };
        height.clamp(0.0, 1.0)
    }

    fn linear(greatest: f64) -> Self {
        let step = round_up(greatest / (TICKS - 1.0));
        let steps = tolerant_ceil(greatest / step);
        let high = step * steps;
        let ticks = up_to(0.0, steps, 1.0)
            .map(|index| (index * step, label(index * step, high, step)))
            .collect();
        Self {
            log: false,
            low: 0.0,
            high,
            ticks,
        }
    }

    /// Ticks are powers of ten. The foot lies clearly below the least time, or its bar would have no height.
    fn logarithmic(least: f64, greatest: f64) -> Self {
        let foot = tolerant_floor((least / 1.5).log10());
        let top = tolerant_ceil(greatest.log10());
        let every = ((top - foot) / TICKS).ceil();
        let power = |exponent: f64| 10_f64.powf(exponent);
        let ticks = up_to(foot, top, every)
            .map(|exponent| {
                (
                    power(exponent),
                    label(power(exponent), power(exponent), power(exponent)),
                )
            })
            .collect();
        Self {
            log: true,
            low: power(foot),
            high: power(top),
            ticks,
        }
    }
}

/// `first`, `first + step`, ... up to `last`.
fn up_to(first: f64, last: f64, step: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(first), move |at| Some(at + step)).take_while(move |at| *at <= last)
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(tolerant_floor(value.log10()));
    let digit = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|digit| digit * power >= value * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

/// Rounded down, where a hair below a whole number is that number: logarithms and quotients are inexact.
fn tolerant_floor(value: f64) -> f64 {
    (value + 1e-9).floor()
}

/// Rounded up, likewise.
fn tolerant_ceil(value: f64) -> f64 {
    (value - 1e-9).ceil()
}

/// `seconds` in the unit that suits `scale`, with the decimals that tell multiples of `step` apart.
fn label(seconds: f64, scale: f64, step: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let (unit, name) = units
        .into_iter()
        .find(|(unit, _)| scale >= unit * (1.0 - 1e-9))
        .unwrap_or((1e-9, "ns"));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a few decimals"
    )]
    let decimals = (-tolerant_floor((step / unit).log10())).max(0.0) as usize;
    if seconds == 0.0 {
        format!("0 {name}")
    } else {
        format!("{:.decimals$} {name}", seconds / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn axis(serial: f64, distributed: f64) -> Axis {
        let mut measurement = fixture::measurement("pi", 2, serial, distributed);
        measurement.rounds = vec![fixture::round(serial, distributed, false)];
        Axis::of(&[measurement.summary().unwrap()])
    }

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn the_scale_switches_above_a_ratio_of_twenty() {
        assert!(!axis(20.0, 1.0).log && !axis(1.0, 20.0).log);
        assert!(axis(20.01, 1.0).log && axis(1.0, 20.01).log);
    }

    #[test]
    fn ticks_are_round_and_share_a_unit() {
        assert_eq!(labels(&axis(1.3, 0.7)), ["0 s", "0.5 s", "1.0 s", "1.5 s"]);
        assert_eq!(
            labels(&axis(0.98, 0.7)),
            ["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s"]
        );
        assert_eq!(
            labels(&axis(2e-6, 2e-6)),
            ["0 µs", "0.5 µs", "1.0 µs", "1.5 µs", "2.0 µs"]
        );
        assert_eq!(labels(&axis(10.0, 0.1)), ["10 ms", "100 ms", "1 s", "10 s"]);
        assert_eq!(
            labels(&axis(0.0, 900.0)),
            ["0.1 ns", "100 ns", "100 µs", "100 ms", "100 s"]
        );
    }

    #[test]
    fn every_time_stands_on_the_axis_and_every_bar_has_a_height() {
        let times = [0.0, 1e-9, 3e-7, 0.0456, 0.99, 1.0, 999.9, 86_400.0];
        for (serial, distributed) in times.iter().flat_map(|&a| times.map(|b| (a, b))) {
            let axis = axis(serial, distributed);
            assert!((2..=8).contains(&axis.ticks.len()), "{axis:?}");
            let low = serial.min(distributed);
            assert!(
                !axis.log || low == 0.0 || axis.height(low) > 0.01,
                "{low} {axis:?}"
            );
            assert!(
                axis.ticks
                    .iter()
                    .all(|(at, _)| (0.0..=1.0).contains(&axis.height(*at))),
                "{axis:?}"
            );
            let top = serial.max(distributed);
            assert!(top == 0.0 || axis.height(top) > 0.3, "{axis:?}");
        }
    }
}
