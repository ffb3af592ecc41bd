//! The rounds of one measurement: what is timed, what is read beside it, whose answers are compared. Only
//! `Engine::execute` stands in an arm's timed region.

use std::time::Duration;

use serde_json::Value;

use super::arm::{Execution, shortest_arm, time};
use super::neighbours::{Neighbours, Span};
use super::order::order;
use super::stop_rule::progress;
use super::{Conditions, Error};
use crate::engine::{self, Engine, Pass};
use crate::event::{Arm, Event};
use crate::machine::Counters;
use crate::results::{self, Busy, MachineUse, Order, Passes, Round, Sampling, first_difference};
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
    /// What others used meanwhile.
    pub(super) neighbours: &'a mut Neighbours,
    /// The rounds to store, also after an error: an interrupted run keeps them.
    pub(super) complete: Vec<Round>,
}

/// The counters at a moment.
#[derive(Clone, Copy)]
struct Moment {
    at: Duration,
    counters: Counters,
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
            let steady = self.complete.iter().filter(|round| !round.cold);
            let counted = match sampling.rounds {
                results::Rounds::Exactly(_) => (number + 1).saturating_sub(sampling.warmup),
                // Without warm-up the cold round would make an even number of steady ones odd.
                results::Rounds::Until(_) => (number + 1).saturating_sub(sampling.warmup.max(1)),
            };
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
                self.distributed
                    .execute(self.workload, Pass::Audit, self.conditions.stop)?;
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
        let cold = number == 0;
        // A pause before this round is not this round's.
        let _ = self.conditions.stop.take_continued();
        let began = self.moment();
        let task_overhead_s = self.task_overhead()?;
        let calibration = self.conditions.gauges.calibrate(self.workers)?;
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
        // A second pass of the cold round would not be cold.
        let quota = self.conditions.gauges.quota().filter(|_| !cold);
        let shortest = shortest_arm(quota, self.workers);
        let mut repeats = Passes {
            serial: 1,
            distributed: 1,
        };
        let mut serial = None;
        for arm in arms {
            if cold {
                self.workload.cool_down();
                self.distributed
                    .cool_down(self.workload, self.conditions.stop)?;
            }
            // Looking at the counters takes time, and tasks of this process are its own.
            let before = (!self.distributed.is_in_process()).then(|| self.moment());
            let engine: &mut dyn Engine = match arm {
                Arm::Serial => self.serial,
                Arm::Distributed => self.distributed,
            };
            let Execution {
                elapsed,
                cpu,
                passes,
            } = time(engine, self.workload, shortest, self.conditions)?;
            let count = u32::try_from(passes.len()).unwrap_or(u32::MAX);
            match arm {
                Arm::Serial => {
                    (round.serial_s, round.serial_cpu) = (seconds(elapsed), cpu);
                    repeats.serial = count;
                    serial = before.map(|before| Span::between(before, self.moment()));
                }
                Arm::Distributed => {
                    (round.distributed_s, round.distributed_cpu) = (seconds(elapsed), cpu);
                    round.cluster = self.distributed.cluster_use();
                    repeats.distributed = count;
                    round.busy = self
                        .distributed
                        .take_busy()
                        .map(|busy| per_pass(busy, count));
                }
            }
            self.answers(arm, number, passes)?;
        }

        round.machine = self.machine_use(Span::between(began, self.moment()), serial);
        round.machine.passes = (repeats.serial > 1 || repeats.distributed > 1).then_some(repeats);
        Ok(round)
    }

    /// What the machine did in the `whole` round; `serial` is its serial arm, where that was looked at apart.
    fn machine_use(&mut self, whole: Span, serial: Option<Span>) -> MachineUse {
        // Workers on nodes are no descendants of this process: while they work, nobody can tell them from others.
        let on_nodes = !self.distributed.placement().nodes.is_empty();
        let span = if on_nodes { serial } else { Some(whole) };

        MachineUse {
            other_programs: span.and_then(|span| self.neighbours.during(span)),
            stopped: self.conditions.stop.take_continued(),
            ..withheld(&whole)
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            at: self.conditions.clock.now(),
            counters: self.conditions.gauges.counters(),
        }
    }

    /// Seconds that a task costs which does nothing. The least of several batches: a worker that slept, or that
    /// lost its CPU, is no property of the engine.
    fn task_overhead(&mut self) -> Result<f64, Error> {
        let (mut least, mut spent) = (f64::INFINITY, 0.0);
        for _ in 0..EMPTY_BATCHES {
            let began = self.conditions.clock.now();
            self.distributed
                .execute(self.empty, Pass::Work, self.conditions.stop)?;
            let took = seconds(self.conditions.clock.since(began));
            (least, spent) = (least.min(took), spent + took);
            if spent > EMPTY_LIMIT_S {
                break;
            }
        }
        self.distributed.take_busy();
        Ok(least / self.empty.tasks() as f64)
    }

    /// Tells the cold round's partial results, and checks the answer of each pass.
    fn answers(&mut self, arm: Arm, number: u32, passes: Vec<Vec<Value>>) -> Result<(), Error> {
        if number == 0 {
            self.tell(arm, passes.first().map_or(&[], Vec::as_slice));
        }
        for partials in passes {
            self.verify(arm, number, partials)?;
        }
        Ok(())
    }

    fn tell(&self, arm: Arm, partials: &[Value]) {
        for (index, partial) in partials.iter().enumerate() {
            let text = self.workload.describe(index, partial);
            self.conditions
                .observer
                .observe(&Event::TaskAnswered { arm, index, text });
        }
    }

    fn verify(&mut self, arm: Arm, number: u32, partials: Vec<Value>) -> Result<(), Error> {
        let found = self.workload.combine(partials)?;
        let expected = self.answer.get_or_insert_with(|| found.clone());
        let Some(difference) = first_difference("answer", expected, &found) else {
            return Ok(());
        };
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

fn per_pass(busy: engine::Busy, passes: u32) -> Busy {
    let share = |time: Duration| seconds(time / passes.max(1));
    Busy {
        total_s: share(busy.total),
        busiest_s: share(busy.busiest),
    }
}

impl Span {
    fn between(before: Moment, after: Moment) -> Self {
        let wall = after.at.saturating_sub(before.at);
        Self {
            wall,
            before: before.counters,
            after: after.counters,
        }
    }
}

/// What the machine withheld in a span of time.
fn withheld(span: &Span) -> MachineUse {
    let wall = seconds(span.wall).max(1e-9);
    let grown = |time: fn(&Counters) -> Option<Duration>| {
        Some(seconds(time(&span.after)?.saturating_sub(time(&span.before)?)) / wall)
    };
    let cpus = span
        .after
        .processors
        .map_or(1, |processors| processors.cpus)
        .max(1);
    let stolen = grown(|counters| counters.processors.map(|processors| processors.steal));

    MachineUse {
        steal: stolen.map(|cores| (cores / cpus as f64).min(1.0)),
        throttled: grown(|counters| counters.throttled),
        load: span.after.load,
        ..MachineUse::default()
    }
}
