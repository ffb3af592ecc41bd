//! What the machine gave to a figure while it was measured, and how much of a change that explains: a
//! machine whose memory became slower says no more than that about the program.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::FEWEST;
use super::episode::{Amount, Episode, Shape};
use super::record::rounded;
use super::series::Series;
use crate::results::{Metric, Pair, PairedRound};
use crate::stats::median;

/// The share of a drift's runs at each of its ends that are compared with one another.
const ENDS_OF_DRIFT: usize = 3;

/// What a figure depends on besides the program: medians of the steady rounds, each where the figure
/// depends on it and it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// Core-equivalents that the machine granted to the arm's workers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<f64>,
    /// How many times as long the arm took because other programs wanted its CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crowding: Option<f64>,
    /// Seconds to read and write memory beyond the caches of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_s: Option<f64>,
    /// Seconds in which the arm's workers read a piece of memory and write it in place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_s: Option<f64>,
    /// Seconds in which they write it past the caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_s: Option<f64>,
    /// Seconds that a number takes from one thread to another and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff_s: Option<f64>,
}

/// One thing that figures depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The cores that the workers were granted.
    Cores,
    /// What other programs left of the CPUs.
    Crowding,
    /// Memory beyond the caches of one core.
    Memory,
    /// Streams through memory that is written in place.
    Update,
    /// Streams into memory past the caches.
    Write,
    /// The way from one thread to another.
    Handoff,
}

/// How many times as slow the machine became in one thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowDown {
    /// In what.
    pub condition: Condition,
    /// Above 1.
    pub factor: f64,
}

impl Conditions {
    /// What `metric` of `pair` depended on.
    pub(super) fn of(pair: Pair<'_>, metric: Metric) -> Self {
        let reference_workers = pair.measurement.reference_arm().workers;
        let workers = match metric {
            Metric::SerialTime => reference_workers,
            Metric::DistributedTime | Metric::Speedup | Metric::TaskOverhead => pair.workers(),
        };
        let typical = |value: &dyn Fn(PairedRound<'_>) -> Option<f64>| {
            // Not every round knows everything: of many numbers of workers each looks at a few.
            let known: Vec<f64> = pair.steady().filter_map(value).collect();
            median(&known).map(rounded)
        };
        let crowding = |workers: usize| {
            typical(&|round| Some(round.round.machine.other_programs?.slow_down(workers)))
        };
        let stream = |round: PairedRound<'_>| round.round.calibration.stream_of(workers);

        let memory_s = typical(&|round| Some(round.round.calibration.memory_s));
        let update_s = typical(&|round| Some(stream(round)?.update_s));
        let write_s = typical(&|round| Some(stream(round)?.write_s));
        let cores = typical(&|round| round.round.calibration.granted_to(workers));

        match metric {
            Metric::SerialTime => Self {
                crowding: crowding(reference_workers),
                memory_s,
                update_s,
                write_s,
                ..Self::default()
            },
            Metric::DistributedTime => Self {
                cores,
                crowding: crowding(workers),
                memory_s,
                update_s,
                write_s,
                ..Self::default()
            },
            // The speed of one core cancels.
            Metric::Speedup => Self {
                cores,
                crowding: crowding(workers),
                update_s,
                write_s,
                ..Self::default()
            },
            Metric::TaskOverhead => Self {
                memory_s,
                handoff_s: typical(&|round| round.round.calibration.handoff_s),
                ..Self::default()
            },
        }
    }

    /// In units of the calibration arithmetic, as times are.
    pub(super) fn per(self, arithmetic_s: f64) -> Self {
        let per = |seconds: Option<f64>| Some(seconds? / arithmetic_s);

        Self {
            memory_s: per(self.memory_s),
            update_s: per(self.update_s),
            write_s: per(self.write_s),
            handoff_s: per(self.handoff_s),
            ..self
        }
    }

    /// Everything that is known, such that more is slower.
    fn slowness(self, condition: Condition) -> Option<f64> {
        match condition {
            Condition::Cores => self.cores.map(|cores| 1.0 / cores),
            Condition::Crowding => self.crowding,
            Condition::Memory => self.memory_s,
            Condition::Update => self.update_s,
            Condition::Write => self.write_s,
            Condition::Handoff => self.handoff_s,
        }
    }
}

impl Condition {
    const ALL: [Self; 6] = [
        Self::Cores,
        Self::Crowding,
        Self::Memory,
        Self::Update,
        Self::Write,
        Self::Handoff,
    ];

    /// Whether it takes CPUs away, and does not make them slower.
    fn withholds(self) -> bool {
        matches!(self, Self::Cores | Self::Crowding)
    }

    fn is_stream(self) -> bool {
        matches!(self, Self::Update | Self::Write)
    }
}

/// In what the machine became slower with `episode`, one of `episodes` of `series` or several of them
/// together.
#[must_use]
pub fn slow_downs(series: &Series, episodes: &[Episode], episode: &Episode) -> Vec<SlowDown> {
    let (before, after) = sides(episodes, episode);

    Condition::ALL
        .into_iter()
        .filter_map(|condition| {
            let known = |runs: &Range<usize>| {
                let points = series.points.get(runs.clone()).unwrap_or_default();
                let slowness = points.iter().filter_map(|point| {
                    let slowness = point.conditions?.slowness(condition)?.ln();
                    slowness.is_finite().then_some(slowness)
                });
                slowness.collect::<Vec<f64>>()
            };
            let factor = slower_by(condition, &known(&before), &known(&after))?;
            Some(SlowDown { condition, factor })
        })
        .collect()
}

/// How many times as slow all of `slow_downs` together may have made `metric`, by the rule of `check`.
#[must_use]
pub fn combined(metric: Metric, slow_downs: &[SlowDown]) -> f64 {
    let (withheld, slower): (Vec<&SlowDown>, Vec<&SlowDown>) = slow_downs
        .iter()
        .partition(|slow_down| slow_down.condition.withholds());
    let withheld: f64 = withheld.iter().map(|slow_down| slow_down.factor).product();
    let slower = slower
        .iter()
        .map(|slow_down| slow_down.factor)
        .fold(1.0, f64::max);

    match metric {
        Metric::Speedup => withheld.max(slower),
        Metric::SerialTime | Metric::DistributedTime | Metric::TaskOverhead => withheld * slower,
    }
}

/// The runs right before an episode and those after it.
fn sides(episodes: &[Episode], episode: &Episode) -> (Range<usize>, Range<usize>) {
    let Episode { from, to, .. } = *episode;
    if matches!(episode.shape, Shape::Drift { .. }) {
        let end = ((to - from) / ENDS_OF_DRIFT).max(FEWEST).min(to - from);
        return (from..from + end, to - end..to);
    }

    let starts = || episodes.iter().map(|other| other.from);
    let before = starts().filter(|start| *start < from).max().unwrap_or(0);
    let last = starts().filter(|start| (from..to).contains(start)).max();
    (before..from, last.unwrap_or(from)..to)
}

/// By what factor a condition became slower, from the logarithms of its slowness; `None` where it did
/// not. Where there are enough runs for a 99 % interval, it has to be above 1. Of streams the upper end
/// counts, since how much a task depends on them is not known.
fn slower_by(condition: Condition, before: &[f64], after: &[f64]) -> Option<f64> {
    if before.len().min(after.len()) < FEWEST {
        return None;
    }

    let Amount { change, low, high } = Amount::between(before, after);
    let factor = match (low > 0.0, condition.is_stream()) {
        (true, _) if low <= 1.0 => return None,
        (true, true) => high,
        (true, false) | (false, _) => change,
    };
    (factor > 1.0).then_some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::scaled::{noisy, rounds};
    use crate::results::{Granted, Stream};

    fn slow_down(condition: Condition, factor: f64) -> SlowDown {
        SlowDown { condition, factor }
    }

    #[test]
    fn each_figure_keeps_what_it_depends_on() {
        let mut measurement = noisy(&[2], 8, |n| 1.0 / n, 0.002, 1);
        rounds(&mut measurement, |round| {
            let stream = |workers, update_s| Stream {
                workers,
                update_s,
                write_s: 2.0 * update_s,
            };
            round.calibration.streams = vec![stream(1, 0.1), stream(2, 0.3)];
            round.calibration.granted = vec![Granted {
                workers: 2,
                cores: 1.6,
            }];
        });
        let pair = measurement.pairs().next().unwrap();
        let of = |metric| Conditions::of(pair, metric);

        let serial = of(Metric::SerialTime);
        assert_eq!((serial.cores, serial.update_s), (None, Some(0.1)));
        let arm = of(Metric::DistributedTime);
        assert_eq!((arm.cores, arm.update_s), (Some(1.6), Some(0.3)));
        assert_eq!((arm.write_s, arm.handoff_s), (Some(0.6), None));
        assert_eq!(of(Metric::Speedup).memory_s, None);
        assert_eq!(of(Metric::TaskOverhead).handoff_s, Some(1e-5));
        assert_eq!(arm.per(0.001).update_s, Some(300.0));
        assert_eq!(arm.per(0.001).cores, Some(1.6));
    }

    #[test]
    fn only_what_is_surely_slower_counts_and_of_streams_its_upper_end() {
        let noise = [0.0, 0.02, -0.02, 0.01, -0.01, 0.03, -0.03, 0.0];
        let at = |level: f64| noise.map(|noise| level + noise);

        assert_eq!(slower_by(Condition::Memory, &at(0.0), &at(0.0)), None);
        assert_eq!(slower_by(Condition::Memory, &at(0.5), &at(0.0)), None);
        let memory = slower_by(Condition::Memory, &at(0.0), &at(0.5)).unwrap();
        assert!((memory - 0.5_f64.exp()).abs() < 0.01, "{memory}");
        assert!(slower_by(Condition::Update, &at(0.0), &at(0.5)).unwrap() > memory);
        // Three runs have no interval, and two are too few.
        assert!(slower_by(Condition::Update, &at(0.0), &at(0.5)[..3]).is_some());
        assert_eq!(slower_by(Condition::Update, &at(0.0), &at(0.5)[..2]), None);
    }

    #[test]
    fn what_is_withheld_multiplies_and_of_speeds_the_slowest_counts() {
        let all = [
            slow_down(Condition::Cores, 1.2),
            slow_down(Condition::Crowding, 1.5),
            slow_down(Condition::Update, 1.9),
            slow_down(Condition::Write, 1.3),
        ];

        assert!((combined(Metric::DistributedTime, &all) - 1.2 * 1.5 * 1.9).abs() < 1e-12);
        assert!((combined(Metric::Speedup, &all) - 1.9).abs() < 1e-12);
        assert_eq!(combined(Metric::SerialTime, &[]), 1.0);
    }

    #[test]
    fn the_sides_of_a_change_reach_to_its_neighbours() {
        let episode = |shape, from, to| Episode {
            shape,
            from,
            to,
            amount: Amount::between(&[], &[]),
        };
        let all = [
            episode(Shape::Step, 10, 20),
            episode(Shape::Step, 20, 30),
            episode(Shape::Step, 30, 40),
        ];

        assert_eq!(sides(&all, &all[0]), (0..10, 10..20));
        assert_eq!(sides(&all, &all[1]), (10..20, 20..30));
        let stairs = episode(Shape::Stairs { steps: 2 }, 20, 40);
        assert_eq!(sides(&all, &stairs), (10..20, 30..40));
        let drift = episode(Shape::Drift { p_value: 0.0 }, 10, 40);
        assert_eq!(sides(&[drift], &drift), (10..20, 30..40));
    }
}
