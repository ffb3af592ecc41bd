//! The time axis: linear from zero, or logarithmic where small bars would vanish beside large ones;
//! its ticks and their labels. Numbers only; where the axis stands is up to the layout.

use crate::results::ArmFigures;
use crate::units::Seconds;

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
    /// Upwards.
    pub(super) ticks: Vec<Tick>,
}

/// A time that the axis shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) seconds: f64,
    pub(super) label: String,
}

/// The least and the greatest of some times.
struct Span {
    least: f64,
    greatest: f64,
}

impl Span {
    fn of(seconds: impl Iterator<Item = f64>) -> Self {
        let nothing = Self {
            least: f64::INFINITY,
            greatest: LEAST,
        };

        seconds
            .map(|value| value.max(LEAST))
            .fold(nothing, |span, value| Self {
                least: span.least.min(value),
                greatest: span.greatest.max(value),
            })
    }
}

impl Axis {
    /// An axis that holds the bars and whiskers of all arms.
    pub(super) fn of(arms: &[ArmFigures]) -> Self {
        let bars = Span::of(arms.iter().map(|arm| arm.median_s));
        let whiskers = Span::of(arms.iter().flat_map(|arm| [arm.min_s, arm.max_s]));

        if bars.greatest > LOG_FROM * bars.least {
            Self::logarithmic(whiskers.least, whiskers.greatest)
        } else {
            Self::linear(whiskers.greatest)
        }
    }

    /// A logarithmic axis that holds all of `seconds`.
    pub(super) fn spanning(seconds: impl Iterator<Item = f64>) -> Self {
        let Span { least, greatest } = Span::of(seconds);

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
        let ticks = up_to(0.0, steps, 1.0).map(|index| Tick {
            seconds: index * step,
            label: label(index * step, high, step),
        });

        Self {
            log: false,
            low: 0.0,
            high,
            ticks: ticks.collect(),
        }
    }

    /// Ticks are powers of ten. The foot lies clearly below the least time, or its bar would have
    /// no height.
    fn logarithmic(least: f64, greatest: f64) -> Self {
        let foot = tolerant_floor((least / 1.5).log10());
        let top = tolerant_ceil(greatest.log10());
        let every = ((top - foot) / TICKS).ceil();
        let power = |exponent: f64| 10_f64.powf(exponent);
        let ticks = up_to(foot, top, every).map(|exponent| Tick {
            seconds: power(exponent),
            label: label(power(exponent), power(exponent), power(exponent)),
        });

        Self {
            log: true,
            low: power(foot),
            high: power(top),
            ticks: ticks.collect(),
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

/// Rounded down, where a hair below a whole number is that number: logarithms and quotients are
/// inexact.
fn tolerant_floor(value: f64) -> f64 {
    (value + 1e-9).floor()
}

/// Rounded up with the same tolerance.
fn tolerant_ceil(value: f64) -> f64 {
    (value - 1e-9).ceil()
}

/// `seconds` in the unit that suits `scale`, with the decimals that distinguish multiples of
/// `step`.
fn label(seconds: f64, scale: f64, step: f64) -> String {
    let unit = Seconds(scale).unit();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a few decimals"
    )]
    let decimals = (-tolerant_floor((step / unit.seconds).log10())).max(0.0) as usize;

    if seconds == 0.0 {
        format!("0 {}", unit.symbol)
    } else {
        format!("{:.decimals$} {}", seconds / unit.seconds, unit.symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn axis(serial: f64, distributed: f64) -> Axis {
        let mut measurement = fixture::measurement("pi", 2, serial, distributed);
        measurement.rounds = vec![fixture::round(serial, distributed)];
        Axis::of(&[0, 1].map(|arm| measurement.figures(arm).unwrap()))
    }

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
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
                    .all(|tick| (0.0..=1.0).contains(&axis.height(tick.seconds))),
                "{axis:?}"
            );
            let top = serial.max(distributed);
            assert!(top == 0.0 || axis.height(top) > 0.3, "{axis:?}");
        }
    }
}
