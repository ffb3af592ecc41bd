//! Which values stand where on an axis, its ticks and their labels. Numbers only: where the axis
//! itself stands is up to the chart.

use crate::units::Seconds;

/// No clock resolves less, and a logarithm needs more than zero.
const LEAST: f64 = 1e-9;

/// Into how many steps an axis of numbers is divided, at the least; it may become twice as many.
const STEPS: f64 = 3.0;
/// Into how many steps an axis of times is divided at the most.
const TIME_STEPS: f64 = 5.0;

/// Which values stand at which share of the axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Whether equal lengths are equal ratios.
    is_log: bool,
    /// From the low end.
    pub(super) ticks: Vec<Tick>,
}

/// A value that the axis shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Axis {
    /// Times from 0 to `greatest`. The last label has the unit of all of them.
    pub(super) fn times(greatest: f64) -> Self {
        let high = greatest.max(LEAST);
        let step = round_up(high / TIME_STEPS);
        let last = tolerant_floor(high / step);
        let ticks = up_to(last).map(|index| Tick {
            value: index * step,
            label: time_label(index * step, last * step, step, index == last),
        });

        Self {
            low: 0.0,
            high,
            is_log: false,
            ticks: ticks.collect(),
        }
    }

    /// Numbers from 0 to a tick that is not below `greatest`, which `label` writes with a number of
    /// decimals.
    pub(super) fn numbers(greatest: f64, label: impl Fn(f64, usize) -> String) -> Self {
        let step = round_down(greatest.max(LEAST) / STEPS);
        let last = tolerant_ceil(greatest.max(LEAST) / step);
        let ticks = up_to(last).map(|index| Tick {
            value: index * step,
            label: if index == 0.0 {
                "0".to_owned()
            } else {
                label(index * step, decimals(step))
            },
        });

        Self {
            low: 0.0,
            high: step * last,
            is_log: false,
            ticks: ticks.collect(),
        }
    }

    /// Shares from 0 to a quarter that is not below `greatest`.
    pub(super) fn percents(greatest: f64) -> Self {
        const STEP: f64 = 0.25;

        let last = tolerant_ceil(greatest / STEP);
        let ticks = up_to(last).map(|index| Tick {
            value: index * STEP,
            label: format!("{:.0} %", index * STEP * 100.0),
        });

        Self {
            low: 0.0,
            high: STEP * last,
            is_log: false,
            ticks: ticks.collect(),
        }
    }

    /// Shares from `low` to `high`, at ticks that both lie between, with a sign.
    pub(super) fn changes(low: f64, high: f64) -> Self {
        let step = round_up(((high - low) / STEPS).max(0.005));
        let (first, last) = (tolerant_floor(low / step), tolerant_ceil(high / step));
        let last = last.max(first + 1.0);
        let decimals = decimals(step * 100.0);
        let ticks = up_to(last - first).map(|index| {
            let value = (first + index) * step;
            Tick {
                value,
                label: if value.abs() < step / 2.0 {
                    "0 %".to_owned()
                } else {
                    format!("{:+.decimals$} %", value * 100.0)
                },
            }
        });

        Self {
            low: first * step,
            high: last * step,
            is_log: false,
            ticks: ticks.collect(),
        }
    }

    /// Times on a logarithmic axis that holds all of `seconds`.
    pub(super) fn logarithmic(seconds: impl Iterator<Item = f64>) -> Self {
        const ROOM: f64 = 1.15;

        let bounds = (f64::INFINITY, LEAST);
        let (smallest, greatest) = seconds
            .map(|value| value.max(LEAST))
            .fold(bounds, |(smallest, greatest), value| {
                (smallest.min(value), greatest.max(value))
            });
        let (low, high) = (smallest.min(greatest) / ROOM, greatest * ROOM);

        // Powers of ten, every second or third of them on a long axis, or with their halves on a
        // short one.
        let (foot, top) = (tolerant_floor(low.log10()), tolerant_ceil(high.log10()));
        let digits: &[f64] = match top - foot {
            decades if decades <= 2.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = ((top - foot) / (2.0 * STEPS)).ceil().max(1.0);
        let decades = up_to((top - foot) / every).map(|index| foot + index * every);
        let values =
            decades.flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powf(power)));
        let ticks = values
            .filter(|value| (low..=high).contains(value))
            .map(|value| Tick {
                value,
                label: time_label(value, value, value, true),
            });

        Self {
            low,
            high,
            is_log: true,
            ticks: ticks.collect(),
        }
    }

    /// Where `value` stands, from 0 at the low end to 1 at the high one; beyond for a value that is
    /// not on the axis.
    pub(super) fn share(&self, value: f64) -> f64 {
        if self.is_log {
            (value.max(LEAST) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The value at the high end.
    pub(super) fn high(&self) -> f64 {
        self.high
    }
}

/// 0, 1, ... up to `last`.
fn up_to(last: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(0.0), |at| Some(at + 1.0)).take_while(move |at| *at <= last + 1e-9)
}

/// The last 1, 2 or 5 times a power of ten that is not above `value`.
fn round_down(value: f64) -> f64 {
    let power = 10_f64.powf(tolerant_floor(value.log10()));
    let digit = [5.0, 2.0]
        .into_iter()
        .find(|digit| digit * power <= value * (1.0 + 1e-9));

    digit.unwrap_or(1.0) * power
}

/// The next 1, 2 or 5 times a power of ten that is not below `value`.
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

/// How many decimals distinguish multiples of `step`.
fn decimals(step: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a few decimals"
    )]
    let decimals = (-tolerant_floor(step.log10())).max(0.0) as usize;

    decimals
}

/// `seconds` in the unit that suits `scale`, with the decimals that distinguish multiples of
/// `step`, and with its unit if it `has_unit`.
fn time_label(seconds: f64, scale: f64, step: f64, has_unit: bool) -> String {
    let unit = Seconds(scale).unit();
    let decimals = decimals(step / unit.seconds);

    let number = format!("{:.decimals$}", seconds / unit.seconds);
    if seconds == 0.0 {
        "0".to_owned()
    } else if has_unit {
        format!("{number} {}", unit.symbol)
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn times_begin_at_0_and_share_the_unit_of_the_last() {
        assert_eq!(labels(&Axis::times(1.3)), ["0", "0.5", "1.0 s"]);
        assert_eq!(
            labels(&Axis::times(0.0873)),
            ["0", "20", "40", "60", "80 ms"]
        );
        assert_eq!(
            labels(&Axis::times(2e-6)),
            ["0", "0.5", "1.0", "1.5", "2.0 µs"]
        );
        assert_eq!(Axis::times(1.3).share(1.3), 1.0);
        assert_eq!(Axis::times(1.3).share(0.0), 0.0);
    }

    #[test]
    fn numbers_end_on_a_tick() {
        let axis = Axis::numbers(1.97, |value, decimals| format!("{value:.decimals$}x"));
        assert_eq!(labels(&axis), ["0", "0.5x", "1.0x", "1.5x", "2.0x"]);
        assert_eq!(axis.high(), 2.0);
    }

    #[test]
    fn changes_have_a_sign_and_end_on_ticks() {
        assert_eq!(
            labels(&Axis::changes(-0.02, 0.13)),
            ["-5 %", "0 %", "+5 %", "+10 %", "+15 %"]
        );
        assert_eq!(labels(&Axis::changes(0.0, 0.0)), ["0 %", "+0.5 %"]);
        assert_eq!(Axis::changes(-0.02, 0.13).share(0.15), 1.0);
    }

    #[test]
    fn a_logarithmic_axis_has_ticks_however_long_it_is() {
        let axis_of = |seconds: [f64; 2]| Axis::logarithmic(seconds.into_iter());
        assert_eq!(labels(&axis_of([1.5e-6, 9e-6])), ["2 µs", "5 µs", "10 µs"]);
        assert_eq!(
            labels(&axis_of([80e-9, 1e-3])),
            ["100 ns", "1 µs", "10 µs", "100 µs", "1 ms"]
        );

        for least in [1e-9, 3e-7, 0.002, 1.0] {
            for times in [1.0, 1.5, 30.0, 1e3, 1e9] {
                let axis = axis_of([least, least * times]);
                assert!(axis.ticks.len() <= 8, "{axis:?}");
                assert!(
                    axis.share(least) > 0.0 && axis.share(least * times) < 1.0,
                    "{axis:?}"
                );
            }
        }
    }

    #[test]
    fn every_linear_axis_has_a_few_ticks() {
        for greatest in [0.0, 1e-9, 3e-7, 0.0456, 0.99, 1.0, 999.9, 86_400.0] {
            let axis = Axis::times(greatest);
            assert!((3..=6).contains(&axis.ticks.len()), "{axis:?}");
            assert!(
                axis.ticks
                    .iter()
                    .all(|tick| (0.0..=1.0 + 1e-9).contains(&axis.share(tick.value)))
            );
        }
    }
}
