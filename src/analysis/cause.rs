//! Why an arm is slower than its workers could be, from what was measured of them.

use super::summary::median_of;
use super::{Estimate, Loss, Summary};
use crate::results::{CpuUse, OWN, Pair, PairedRound};

/// The seconds of a plain loop from which its CPU time says how many cores it uses: looking at the
/// clocks before and after it takes some microseconds of CPU time.
const SHORTEST_S: f64 = 1e-3;
/// The plain loop uses several cores by itself from this on.
const OWN_THREADS: f64 = 1.2;
/// The machine granted fewer cores than workers where it is less than this share of them.
const GRANTED: f64 = 0.9;
/// Tasks for each worker from which one more or fewer hardly matters.
const MANY_TASKS: usize = 8;
/// The longest task is much longer than the others from this number of times their mean on.
const UNEQUAL: f64 = 1.5;
/// The part of what tasks take longer that names the cause.
const MOST: f64 = 0.5;

/// The largest part of what an arm takes beyond a perfect split of the reference's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// What the arm takes beyond a perfect split, in seconds.
    pub beyond_s: f64,
    /// The part that `cause` explains, in seconds.
    pub seconds: f64,
    /// What it is.
    pub cause: Cause,
}

/// Why workers do not bring what they could.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// The plain loop keeps this many cores busy by itself.
    OwnThreads(f64),
    /// Submitting tasks, waking workers, fetching results.
    Dispatch,
    /// Sending items to other processes and results back: bytes, of all calls together.
    Transfer(u64),
    /// Threads of one interpreter take turns: the cores that they keep busy together.
    TakesTurns(f64),
    /// Threads of one interpreter compete for its objects: how many times the CPU time they use.
    Contention(f64),
    /// There are fewer tasks than workers.
    FewTasks,
    /// The last tasks leave workers without one: their number is no multiple of the workers.
    Remainder,
    /// The same of batches of tasks, of which there are this many.
    Batches(usize),
    /// One worker's tasks take longer than the others'.
    Imbalance,
    /// The machine granted fewer cores than there are workers: the number.
    GrantedCores(f64),
    /// Tasks take this many times as long beside others, in their own code: memory bandwidth, two
    /// threads on one core, clock.
    Inflation(f64),
    /// The same in the kernel.
    KernelTime(f64),
    /// The same without using a CPU: a disk, a lock.
    Waiting(f64),
    /// A program with workers of its own keeps one core busy, whatever it is told: the cores.
    OneCore(f64),
    /// Its workers are not all busy all the time: how many cores they use.
    IdleWorkers(f64),
}

impl Pair<'_> {
    /// Seconds of the longest task where it is much longer than the others, and how many times as
    /// fast as the reference that lets any number of workers be. `None` also where the engine does
    /// not report single tasks, and where the work grows with the workers.
    #[must_use]
    pub fn longest_task(self) -> Option<(f64, Estimate)> {
        if self.measurement.is_weak_scaling() {
            return None;
        }
        let tasks = self.measurement.tasks.max(1) as f64;
        let rounds = self.counted();
        // Calls of functions are timed before the rounds only.
        let function = self.measurement.function_of(self.index);
        let longest_in = |round: &PairedRound<'_>| match function {
            Some(facts) => Some(facts.longest_s),
            None => Some(round.arm.busy?.longest_s),
        };
        let longest_s = median_of(&rounds, |round| longest_in(&round))?;
        let mean_s = match function {
            Some(facts) => facts.total_s / tasks,
            None => median_of(&rounds, |round| Some(round.arm.busy?.total_s / tasks))?,
        };
        if longest_s <= UNEQUAL * mean_s {
            return None;
        }

        let bound =
            |round: &PairedRound<'_>| Some(round.reference_s() / longest_in(round)?.max(1e-9));
        let bounds: Option<Vec<f64>> = rounds.iter().map(bound).collect();
        Some((longest_s, Estimate::of(&bounds?)?))
    }

    /// The largest part of what the arm takes beyond a perfect split, and its cause. `None` where
    /// the engine does not report its workers' time, where nothing is lost, and where other
    /// programs were in the way: what they took would be blamed on the tasks.
    #[must_use]
    pub fn shortfall(self, summary: &Summary) -> Option<Shortfall> {
        if self.arm().engine == OWN {
            return self.own_shortfall(summary);
        }
        if !self.measurement.functions.is_empty() {
            return self.function_shortfall(summary);
        }
        let Loss {
            dispatch_s,
            imbalance_s,
            inflation_s,
        } = summary.loss.filter(|_| !summary.busy_machine)?;
        let rounds = self.counted();
        let workers = self.workers().max(1) as f64;
        let split = median_of(&rounds, |round| Some(round.reference_s() / workers))?;
        let beyond_s = summary.arm.median_s - split;

        let parts = [
            (dispatch_s, Cause::Dispatch),
            (imbalance_s, self.imbalance()),
            (inflation_s, self.inflation(summary, &rounds, inflation_s)),
        ];
        let (seconds, part) = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let cause = own_threads(&rounds).unwrap_or(part);

        (seconds > 0.0 && beyond_s > 0.0).then_some(Shortfall {
            beyond_s,
            seconds: seconds.min(beyond_s),
            cause,
        })
    }

    fn imbalance(self) -> Cause {
        let (tasks, workers) = (self.measurement.tasks * self.arm().scale, self.workers());

        if tasks < workers {
            Cause::FewTasks
        } else if !tasks.is_multiple_of(workers) && tasks < workers * MANY_TASKS {
            Cause::Remainder
        } else {
            Cause::Imbalance
        }
    }

    /// What makes tasks take longer beside others, all workers' `inflation_s` seconds each.
    fn inflation(self, summary: &Summary, rounds: &[PairedRound<'_>], inflation_s: f64) -> Cause {
        let workers = self.workers().max(1) as f64;
        let reference_s = median_of(rounds, |round| Some(round.reference_s())).unwrap_or_default();
        let times_as_long = 1.0 + inflation_s * workers / reference_s.max(1e-9);
        let too_few = self.too_few_cores(summary);
        let most_s = MOST * inflation_s * workers;

        match (Grown::of(rounds), too_few) {
            (Some(grown), _) if grown.system_s > most_s => Cause::KernelTime(times_as_long),
            (Some(grown), _) if grown.user_s + grown.system_s >= most_s => {
                Cause::Inflation(times_as_long)
            }
            (_, Some(cores)) => Cause::GrantedCores(cores),
            (Some(_), None) => match (waited_for_cpus(rounds), self.cores_used()) {
                (Some(waited_s), Some(cores)) if waited_s > most_s => Cause::GrantedCores(cores),
                _ => Cause::Waiting(times_as_long),
            },
            (None, None) => Cause::Inflation(times_as_long),
        }
    }

    /// The cores that the machine granted, where they are fewer than the workers. A look before a
    /// round is short: what the arm itself used may say that there were more.
    fn too_few_cores(self, summary: &Summary) -> Option<f64> {
        let granted = summary.granted_cores?;
        let has_used_more = self
            .cores_used()
            .is_some_and(|used| GRANTED * used > granted);
        let is_enough = granted >= GRANTED * self.workers().max(1) as f64;

        (!is_enough && !has_used_more).then_some(granted)
    }
}

/// By how much more CPU time the arm used than the plain loop for the same work.
pub(super) struct Grown {
    pub(super) user_s: f64,
    pub(super) system_s: f64,
}

impl Grown {
    pub(super) fn of(rounds: &[PairedRound<'_>]) -> Option<Self> {
        let difference = |seconds: fn(CpuUse) -> f64| {
            median_of(rounds, |round| {
                let reference_s = seconds(round.reference.cpu?) * round.scale as f64;
                Some(seconds(round.arm.cpu?) - reference_s)
            })
        };

        Some(Self {
            user_s: difference(|cpu| cpu.user_s)?,
            system_s: difference(|cpu| cpu.system_s)?,
        })
    }
}

/// By how much longer the arm's threads were ready to run and had no CPU than the plain loop was.
fn waited_for_cpus(rounds: &[PairedRound<'_>]) -> Option<f64> {
    median_of(rounds, |round| {
        let reference_s = round.reference.cpu?.waited_s? * round.scale as f64;
        Some(round.arm.cpu?.waited_s? - reference_s)
    })
}

/// Seconds that the arm takes beyond a perfect split of the reference's work, in the median round.
pub(super) fn beyond_split_s(rounds: &[PairedRound<'_>], workers: f64) -> Option<f64> {
    median_of(rounds, |round| {
        Some(round.arm.wall_s - round.reference_s() / workers)
    })
}

/// That the reference keeps several cores busy by itself, if it does.
pub(super) fn own_threads(rounds: &[PairedRound<'_>]) -> Option<Cause> {
    let cores = median_of(rounds, |round| {
        let (cpu, wall_s) = (round.reference.cpu?, round.reference.wall_s);
        (wall_s >= SHORTEST_S).then(|| cpu.total_s() / wall_s)
    });

    cores
        .filter(|cores| *cores > OWN_THREADS)
        .map(Cause::OwnThreads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::{measurement, rounds};
    use crate::results::{ArmTime, Busy, Measurement};

    /// Four workers that take 0.5 s for what the loop does in 1 s: `busy` says what they did.
    fn of_four(busy: Busy, cpu: [Option<(f64, f64)>; 2], tasks: usize) -> Measurement {
        let mut measurement = measurement(&[4], 8, |_| 0.5, 1);
        measurement.tasks = tasks;
        let used = |(user_s, system_s)| CpuUse {
            user_s,
            system_s,
            preemptions: Some(0),
            waited_s: None,
        };
        rounds(&mut measurement, |round| {
            round.times[0].cpu = cpu[0].map(used);
            round.times[1] = ArmTime {
                busy: Some(busy),
                cpu: cpu[1].map(used),
                ..round.times[1].clone()
            };
        });
        measurement
    }

    fn cause(measurement: &Measurement) -> Option<Shortfall> {
        let pair = measurement.pairs().next().unwrap();
        pair.shortfall(&pair.summary().unwrap())
    }

    const IDLE: Busy = Busy {
        total_s: 1.0,
        busiest_s: 0.25,
        longest_s: 0.0,
    };
    const UNEVEN: Busy = Busy {
        total_s: 1.0,
        busiest_s: 0.49,
        longest_s: 0.0,
    };
    const SLOW: Busy = Busy {
        total_s: 1.98,
        busiest_s: 0.5,
        longest_s: 0.0,
    };

    #[test]
    fn workers_without_tasks_are_dispatch() {
        let shortfall = cause(&of_four(IDLE, [None, None], 64)).unwrap();

        assert_eq!(shortfall.cause, Cause::Dispatch);
        assert!((shortfall.beyond_s - 0.25).abs() < 0.01, "{shortfall:?}");
        assert!(shortfall.seconds <= shortfall.beyond_s);
    }

    #[test]
    fn an_imbalance_is_named_by_the_number_of_tasks() {
        for (tasks, expected) in [
            (2, Cause::FewTasks),
            (6, Cause::Remainder),
            (8, Cause::Imbalance),
            (65, Cause::Imbalance),
        ] {
            let shortfall = cause(&of_four(UNEVEN, [None, None], tasks)).unwrap();
            assert_eq!(shortfall.cause, expected, "{tasks} tasks");
        }
    }

    #[test]
    fn slow_tasks_are_named_by_their_cpu_time() {
        let serial = Some((1.0, 0.0));
        for (cpu, is_expected) in [
            (None, Cause::Inflation as fn(f64) -> Cause),
            (Some((1.95, 0.03)), Cause::Inflation),
            (Some((1.1, 0.85)), Cause::KernelTime),
            (Some((1.02, 0.01)), Cause::Waiting),
        ] {
            let cause = cause(&of_four(SLOW, [serial, cpu], 64)).unwrap().cause;
            let (Cause::Inflation(ratio) | Cause::KernelTime(ratio) | Cause::Waiting(ratio)) =
                cause
            else {
                panic!("{cause:?}")
            };
            assert_eq!(cause, is_expected(ratio), "{cpu:?}");
            assert!((1.9..2.1).contains(&ratio), "{ratio}");
        }
    }

    /// The same where a look before each round found two cores.
    fn on_two_cores(cpu: [Option<(f64, f64)>; 2]) -> Measurement {
        let mut measurement = of_four(SLOW, cpu, 64);
        rounds(&mut measurement, |round| {
            round.calibration.granted[0].cores = 2.0;
        });

        measurement
    }

    #[test]
    fn too_few_granted_cores_explain_slow_tasks() {
        for cpu in [[None, None], [Some((1.0, 0.0)), Some((1.02, 0.0))]] {
            let cause = cause(&on_two_cores(cpu)).unwrap().cause;
            assert!(
                matches!(cause, Cause::GrantedCores(cores) if (2.0..2.1).contains(&cores)),
                "{cause:?}"
            );
        }
    }

    #[test]
    fn cpu_time_that_grew_explains_slow_tasks_before_few_cores_do() {
        let shortfall = cause(&on_two_cores([Some((1.0, 0.0)), Some((1.95, 0.0))])).unwrap();

        assert!(
            matches!(shortfall.cause, Cause::Inflation(_)),
            "{shortfall:?}"
        );
    }

    #[test]
    fn more_cores_in_use_than_were_granted_are_no_want_of_cores() {
        // 1.3 s of CPU time in 0.5 s, where the loop has 1 s: not half of what tasks take longer.
        let shortfall = cause(&on_two_cores([Some((1.0, 0.0)), Some((1.3, 0.0))])).unwrap();

        assert!(
            matches!(shortfall.cause, Cause::Waiting(_)),
            "{shortfall:?}"
        );
    }

    #[test]
    fn tasks_that_wait_for_a_cpu_wait_for_no_disk() {
        let mut measurement = of_four(SLOW, [Some((1.0, 0.0)), Some((1.02, 0.0))], 64);
        rounds(&mut measurement, |round| {
            for (time, waited_s) in round.times.iter_mut().zip([0.0, 0.9]) {
                let cpu = time.cpu.as_mut().unwrap();
                cpu.waited_s = Some(waited_s);
            }
        });

        let cause = cause(&measurement).unwrap().cause;
        assert!(matches!(cause, Cause::GrantedCores(_)), "{cause:?}");
    }

    #[test]
    fn a_loop_that_uses_several_cores_explains_everything() {
        let shortfall = cause(&of_four(SLOW, [Some((1.9, 0.0)), None], 64)).unwrap();

        let Cause::OwnThreads(cores) = shortfall.cause else {
            panic!("{shortfall:?}")
        };
        assert!((1.8..2.0).contains(&cores), "{cores}");
    }

    #[test]
    fn a_loop_of_microseconds_is_not_said_to_use_several_cores() {
        // What looking at the clocks costs is most of its CPU time.
        let mut short = of_four(SLOW, [Some((1.9, 0.0)), None], 64);
        rounds(&mut short, |round| {
            for time in &mut round.times {
                time.wall_s *= 1e-5;
                let cpu = time.cpu.iter_mut();
                cpu.for_each(|cpu| cpu.user_s *= 5e-5);
            }
        });

        let shortfall = cause(&short);
        let is_own = |shortfall: Shortfall| matches!(shortfall.cause, Cause::OwnThreads(_));
        assert!(!shortfall.is_some_and(is_own), "{shortfall:?}");
    }

    #[test]
    fn without_the_workers_time_there_is_no_cause() {
        let measurement = measurement(&[4], 8, |_| 0.5, 1);

        assert_eq!(cause(&measurement), None);
    }
}
