//! What the machine gave to a figure while it was measured.

use serde::{Deserialize, Serialize};

use crate::results::{Condition, Metric, Pair, PairedRound};
use crate::stats::median;

/// What a figure depends on besides the program: medians of the steady rounds, each where the
/// figure depends on it and it was measured.
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

impl Conditions {
    /// All that are known.
    pub(super) fn figures(&self) -> impl Iterator<Item = f64> {
        let Self {
            cores,
            crowding,
            memory_s,
            update_s,
            write_s,
            handoff_s,
        } = *self;

        [cores, crowding, memory_s, update_s, write_s, handoff_s]
            .into_iter()
            .flatten()
    }

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
    pub(super) fn slowness(self, condition: Condition) -> Option<f64> {
        match condition {
            // Times are in units of it.
            Condition::Arithmetic => None,
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
    /// Those that are kept beside figures.
    pub(super) const ALL: [Self; 6] = [
        Self::Cores,
        Self::Crowding,
        Self::Memory,
        Self::Update,
        Self::Write,
        Self::Handoff,
    ];

    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::Update | Self::Write)
    }
}

/// `value` to six digits: no clock and no figure has more that count.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::{noisy, rounds};
    use crate::results::{Granted, Stream};

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
        let conditions_of = |metric| Conditions::of(pair, metric);

        let serial = conditions_of(Metric::SerialTime);
        assert_eq!((serial.cores, serial.update_s), (None, Some(0.1)));
        let arm = conditions_of(Metric::DistributedTime);
        assert_eq!((arm.cores, arm.update_s), (Some(1.6), Some(0.3)));
        assert_eq!((arm.write_s, arm.handoff_s), (Some(0.6), None));
        assert_eq!(conditions_of(Metric::Speedup).memory_s, None);
        assert_eq!(conditions_of(Metric::TaskOverhead).handoff_s, Some(1e-5));
        assert_eq!(arm.per(0.001).update_s, Some(300.0));
        assert_eq!(arm.per(0.001).cores, Some(1.6));
    }
}
