//! The rounds of one measurement: what is timed, what is read beside it, whose answers are compared. Only
//! `Engine::execute` stands in an arm's timed region.

use std::time::Duration;

use serde_json::Value;

use super::order::order;
use super::stop_rule::progress;
use super::{Conditions, Error};
use crate::engine::{self, Engine, Pass};
use crate::event::{Arm, Event};
use crate::machine::{Counters, usable_cpus};
use crate::results::{Busy, CpuUse, MachineUse, Order, Round, Sampling, first_difference};
use crate::units::seconds;
use crate::workload::Shared;

/// Batches of tasks that do nothing in each round.
const EMPTY_BATCHES: u32 = 4;
/// But no further one after this long: on a cluster one batch is long enough to be steady.
const EMPTY_LIMIT_S: f64 = 0.02;

/// How often a round is run again that had fewer workers than it should have.
const RETRIES: u32 = 3;

/// The rounds of one workload on one engine.
pub(super) struct Rounds<'a> {
    pub(super) workload: &'a Shared,
    /// Tasks that do nothing.
    pub(super) empty: &'a Shared,
    /// The engine's workers.
    pub(super) workers: usize,
    pub(super) serial: &'a mut dyn Engine,
    pub(super) distributed: &'a mut dyn Engine,
    pub(super) conditions: Conditions<'a>,
    /// What every arm must find: the first arm's answer ever.
    pub(super) answer: &'a mut Option<Value>,
    /// The rounds to store, also after an error: an interrupted run keeps them.
    pub(super) complete: Vec<Round>,
}

/// One execution of one arm.
struct Execution {
    elapsed: Duration,
    cpu: Option<CpuUse>,
    partials: Vec<Value>,
}

impl Rounds<'_> {
    /// Runs rounds until `sampling` has enough.
    pub(super) fn run(&mut self, sampling: Sampling) -> Result<(), Error> {
        let mut began = self.conditions.clock.now();
        for number in 0_u32.. {
            if number == sampling.warmup {
                // Warm-up, and the audit in it, take nothing from the time for the rounds that count.
                began = self.conditions.clock.now();
            }
            let round = self.round(number, order(sampling.order_seed, number, sampling.warmup))?;
            if round.cold || number >= sampling.warmup {
                self.complete.push(round);
            }
            let counted = (number + 1).saturating_sub(sampling.warmup);
            let steady = self.complete.iter().filter(|round| !round.cold);
            let speedups = || steady.map(Round::speedup).collect();
            let spent = self.conditions.clock.since(began);
            let progress = progress(sampling.rounds, counted, spent, speedups);
            self.conditions.observer.observe(&Event::RoundFinished {
                done: number as usize + 1,
                progress,
                serial: Duration::from_secs_f64(round.serial_s),
                distributed: Duration::from_secs_f64(round.distributed_s),
            });
            if round.cold {
                // After the cold round, or it would not be cold; on the engine, so that it takes less time.
                self.distributed.execute(self.workload, Pass::Audit, self.conditions.stop)?;
            }
            if progress >= 1.0 {
                break;
            }
        }
        Ok(())
    }

    /// Runs a round with all workers. One during which some were missing says nothing about so many workers: it is
    /// dropped and run again.
    pub(super) fn round(&mut self, number: u32, order: Order) -> Result<Round, Error> {
        let mut fewest = 0;
        for _ in 0..=RETRIES {
            self.distributed.restore(self.conditions.stop)?;
            let round = self.attempt(number, order)?;
            match round.cluster {
                Some(cluster) if cluster.slots < self.workers => fewest = cluster.slots,
                _ => return Ok(round),
            }
        }
        Err(Error::Engine(engine::Error::Lost(format!(
            "round {} was run {} times, and each time slots were lost; the last time {fewest} of {} stayed",
            number + 1,
            RETRIES + 1,
            self.workers
        ))))
    }

    /// Runs the overhead's tasks, the calibrations, then both arms, and compares their answers. The
    /// calibrations stand between one round's last arm and the next one's first: the engine always begins
    /// an arm from rest, whichever goes first.
    fn attempt(&mut self, number: u32, order: Order) -> Result<Round, Error> {
        let Conditions { clock, gauges, .. } = self.conditions;
        let cold = number == 0;
        let began = (clock.now(), gauges.counters());
        let task_overhead_s = self.task_overhead()?;
        let calibration = gauges.calibrate(self.workers);
        let arms = match order {
            Order::SerialFirst => [Arm::Serial, Arm::Distributed],
            Order::DistributedFirst => [Arm::Distributed, Arm::Serial],
        };
        let mut round = Round {
            serial_s: 0.0,
            distributed_s: 0.0,
            order,
            cold,
            calibration,
            task_overhead_s,
            serial_cpu: None,
            distributed_cpu: None,
            busy: None,
            machine: MachineUse::default(),
            cluster: None,
        };
        for arm in arms {
            if cold {
                self.workload.cool_down();
                self.distributed.cool_down(self.workload, self.conditions.stop)?;
            }
            let Execution { elapsed, cpu, partials } = self.time(arm)?;
            match arm {
                Arm::Serial => (round.serial_s, round.serial_cpu) = (seconds(elapsed), cpu),
                Arm::Distributed => {
                    (round.distributed_s, round.distributed_cpu) = (seconds(elapsed), cpu);
                    round.cluster = self.distributed.cluster_use();
                    round.busy = self
                        .distributed
                        .take_busy()
                        .map(|busy| Busy { total_s: seconds(busy.total), busiest_s: seconds(busy.busiest) });
                }
            }
            if cold {
                self.tell(arm, &partials);
            }
            self.verify(arm, number, partials)?;
        }
        round.machine = withheld(began, (clock.now(), gauges.counters()));
        Ok(round)
    }

    /// Seconds that a task costs which does nothing. The least of several batches: a worker that slept, or that
    /// lost its CPU, is no property of the engine.
    fn task_overhead(&mut self) -> Result<f64, Error> {
        let (mut least, mut spent) = (f64::INFINITY, 0.0);
        for _ in 0..EMPTY_BATCHES {
            let began = self.conditions.clock.now();
            self.distributed.execute(self.empty, Pass::Work, self.conditions.stop)?;
            let took = seconds(self.conditions.clock.since(began));
            (least, spent) = (least.min(took), spent + took);
            if spent > EMPTY_LIMIT_S {
                break;
            }
        }
        self.distributed.take_busy();
        Ok(least / self.empty.tasks() as f64)
    }

    fn time(&mut self, arm: Arm) -> Result<Execution, Error> {
        let Conditions { clock, gauges, stop, .. } = self.conditions;
        let engine: &mut dyn Engine = match arm {
            Arm::Serial => self.serial,
            Arm::Distributed => self.distributed,
        };
        let cpu = gauges.cpu_times();
        let began = clock.now();
        let result = engine.execute(self.workload, Pass::Work, stop);
        let elapsed = clock.since(began);
        let cpu = cpu.zip(gauges.cpu_times()).filter(|_| engine.is_in_process());
        let cpu = cpu.map(|(before, after)| CpuUse {
            user_s: seconds(after.user.saturating_sub(before.user)),
            system_s: seconds(after.system.saturating_sub(before.system)),
            preemptions: after.preemptions.saturating_sub(before.preemptions),
            waited_s: before
                .waited
                .zip(after.waited)
                .map(|(before, after)| seconds(after.saturating_sub(before))),
        });
        Ok(Execution { elapsed, cpu, partials: result? })
    }

    fn tell(&self, arm: Arm, partials: &[Value]) {
        for (index, partial) in partials.iter().enumerate() {
            let text = self.workload.describe(index, partial);
            self.conditions.observer.observe(&Event::TaskAnswered { arm, index, text });
        }
    }

    fn verify(&mut self, arm: Arm, number: u32, partials: Vec<Value>) -> Result<(), Error> {
        let found = self.workload.combine(partials)?;
        let expected = self.answer.get_or_insert_with(|| found.clone());
        let Some(difference) = first_difference("answer", expected, &found) else { return Ok(()) };
        let arm = match arm {
            Arm::Serial => "serial",
            Arm::Distributed => "distributed",
        };
        let round = number + 1;
        Err(Error::Answer(format!(
            "the {arm} answer of round {round} differs from the first one: {difference}"
        )))
    }
}

/// What the machine withheld between two moments.
fn withheld(before: (Duration, Counters), after: (Duration, Counters)) -> MachineUse {
    let wall = seconds(after.0.saturating_sub(before.0)).max(1e-9);
    let grown = |of: fn(&Counters) -> Option<Duration>| {
        Some(seconds(of(&after.1)?.saturating_sub(of(&before.1)?)) / wall)
    };
    MachineUse {
        steal: grown(|counters| counters.steal).map(|cores| (cores / usable_cpus().get() as f64).min(1.0)),
        throttled: grown(|counters| counters.throttled),
        load: after.1.load,
    }
}
