//! Why a program with workers of its own is slower than they could be, from what is seen of it from
//! outside: its time and its CPU time.

use super::Summary;
use super::cause::{Cause, Grown, Shortfall, beyond_split_s, own_threads};
use super::summary::median_of;
use crate::results::{Pair, PairedRound};

/// The cores that the plain loop keeps busy below which its calls mostly wait.
pub const MOSTLY_WAITING: f64 = 0.5;
/// A program that may have several workers and uses fewer cores than this uses one.
const ONE_CORE: f64 = 1.1;
/// The part of grown CPU time that says where it was spent.
const MOST: f64 = 0.5;

impl Pair<'_> {
    /// The cores that the arm keeps busy; `None` where its CPU time is not known.
    #[must_use]
    pub fn cores_used(self) -> Option<f64> {
        median_of(&self.counted(), cores_used)
    }

    /// The cores that the arm keeps busy and those that it was ready to use and did not get; `None`
    /// where its CPU time is not known.
    #[must_use]
    pub fn cores_wanted(self) -> Option<f64> {
        median_of(&self.counted(), |round| {
            let waited_s = round.arm.cpu?.waited_s.unwrap_or_default();
            Some(cores_used(round)? + waited_s / round.arm.wall_s.max(1e-9))
        })
    }

    /// Whether calls wait most of their time already one after another: for a disk, another machine.
    pub(super) fn waits_in_the_loop(self) -> bool {
        let reference = Pair {
            index: self.measurement.reference,
            ..self
        };

        reference
            .cores_used()
            .is_some_and(|cores| cores < MOSTLY_WAITING)
    }

    /// What the arm takes beyond a perfect split, and the larger of its two reasons: cores that
    /// were idle, and CPU time that one worker did not need. `None` where nothing is lost, where
    /// CPU times are not known, and where other programs were in the way.
    pub(super) fn own_shortfall(self, summary: &Summary) -> Option<Shortfall> {
        if summary.busy_machine {
            return None;
        }
        let rounds = self.counted();
        let workers = self.workers().max(1) as f64;
        let beyond_s = beyond_split_s(&rounds, workers)?;
        let used = median_of(&rounds, cores_used)?;
        let idle_s = median_of(&rounds, |round| {
            Some(round.arm.wall_s - round.arm.cpu?.total_s() / workers)
        })?;
        let grown = Grown::of(&rounds)?;
        let grown_s = (grown.user_s + grown.system_s) / workers;

        let (seconds, cause) = if idle_s >= grown_s {
            (idle_s, idle(used))
        } else {
            (grown_s, inflation(&rounds, &grown)?)
        };
        let cause = own_threads(&rounds).unwrap_or(cause);
        (seconds > 0.0 && beyond_s > 0.0).then_some(Shortfall {
            beyond_s,
            seconds: seconds.min(beyond_s),
            cause,
        })
    }
}

fn cores_used(round: PairedRound<'_>) -> Option<f64> {
    Some(round.arm.cpu?.total_s() / round.arm.wall_s.max(1e-9))
}

fn idle(used: f64) -> Cause {
    if used < ONE_CORE {
        Cause::OneCore(used)
    } else {
        Cause::IdleWorkers(used)
    }
}

fn inflation(rounds: &[PairedRound<'_>], grown: &Grown) -> Option<Cause> {
    let before_s = median_of(rounds, |round| Some(round.reference.cpu?.total_s()))?;
    let all_s = grown.user_s + grown.system_s;
    let times = 1.0 + all_s / before_s.max(1e-9);

    Some(if grown.system_s > MOST * all_s {
        Cause::KernelTime(times)
    } else {
        Cause::Inflation(times)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::results::{CpuUse, Measurement};

    /// A program that takes 1 s with one worker and `wall_s` with four, with their CPU times.
    fn program(wall_s: f64, one: (f64, f64), four: (f64, f64)) -> Measurement {
        let mut measurement = measurement(&[4], 8, |_| wall_s, 1);
        let used = |(user_s, system_s)| CpuUse {
            user_s,
            system_s,
            preemptions: None,
            waited_s: None,
        };
        for round in &mut measurement.rounds {
            round.times[0].cpu = Some(used(one));
            round.times[1].cpu = Some(used(four));
        }
        measurement
    }

    fn cause(measurement: &Measurement) -> Option<Cause> {
        let pair = measurement.pairs().next().unwrap();
        pair.own_shortfall(&pair.summary().unwrap())
            .map(|shortfall| shortfall.cause)
    }

    #[test]
    fn a_program_that_uses_one_core_does_not_listen() {
        let measurement = program(1.0, (1.0, 0.0), (1.0, 0.0));
        let Some(Cause::OneCore(cores)) = cause(&measurement) else {
            panic!("{:?}", cause(&measurement))
        };
        assert!((cores - 1.0).abs() < 0.02, "{cores}");
    }

    #[test]
    fn a_serial_part_leaves_workers_idle() {
        // Half of a second by one worker, half of it by four.
        let measurement = program(0.625, (1.0, 0.0), (1.0, 0.0));
        assert!(matches!(cause(&measurement), Some(Cause::IdleWorkers(_))));
    }

    #[test]
    fn cpu_time_that_one_worker_did_not_need_is_named_by_where_it_was_spent() {
        let memory = program(0.5, (1.0, 0.0), (2.0, 0.0));
        assert!(matches!(cause(&memory), Some(Cause::Inflation(times)) if times == 2.0));
        let kernel = program(0.5, (1.0, 0.0), (1.1, 0.9));
        assert!(matches!(cause(&kernel), Some(Cause::KernelTime(_))));
    }

    #[test]
    fn one_worker_that_is_several_has_nothing_to_gain() {
        let measurement = program(1.0, (1.9, 0.0), (1.9, 0.0));
        assert!(matches!(cause(&measurement), Some(Cause::OwnThreads(cores)) if cores > 1.8));
    }
}
