//! One round of a session: what is timed, what is read beside it, whose answers are compared.

use std::time::Duration;

use serde_json::Value;

use super::arm::{Execution, shortest_arm, time};
use super::engines::Started;
use super::neighbours::Stretch;
use super::session::{ArmOnEngine, Session};
use super::{Conditions, Error, withheld};
use crate::engine::{self, Batch, Engine};
use crate::event::Event;
use crate::machine::Counters;
use crate::results::{ArmTime, MachineUse, ProcessUse, Round, Span};
use crate::units::seconds;
use crate::workload::{ArmName, ArmOfRound};

/// How often a round is run again that had fewer workers than it should have.
const RETRIES: u32 = 3;
/// The most spans that are stored of an arm in a round.
const MOST_SPANS: usize = 10_000;

/// The counters at a moment.
#[derive(Clone, Copy)]
struct Moment {
    at: Duration,
    counters: Counters,
}

impl Session<'_> {
    /// Runs round `number`, counted from 0, with its arms in `order`; the first one is the cold
    /// one. A round during which workers were missing says nothing about their full number: it is
    /// dropped and run again.
    pub fn round(&mut self, number: u32, order: &[usize]) -> Result<Round, Error> {
        let mut missing = None;

        for _ in 0..=RETRIES {
            self.engines.restore(self.conditions.stop)?;
            let round = self.attempt(number, order)?;
            missing = self.missing(&round);
            if missing.is_none() {
                self.release()?;
                return Ok(round);
            }
        }

        let (slots, workers) = missing.unwrap_or_default();
        Err(Error::Engine(engine::Error::lost(format!(
            "round {} was run {} times, and each time slots were lost; the last time {slots} of \
             {workers} stayed",
            number + 1,
            RETRIES + 1,
        ))))
    }

    /// The slots and the workers of an arm that had fewer slots than workers.
    fn missing(&self, round: &Round) -> Option<(usize, usize)> {
        let arms = self.arms.iter().zip(&round.times);
        let mut slots =
            arms.filter_map(|(arm, time)| Some((time.cluster?.slots, arm.workers.get())));

        slots.find(|(slots, workers)| slots < workers)
    }

    /// Runs the empty tasks, the calibrations, then every arm, and compares their answers. The
    /// calibrations stand between one round's last arm and the next one's first: every engine
    /// begins a round from rest.
    fn attempt(&mut self, number: u32, order: &[usize]) -> Result<Round, Error> {
        let cold = number == 0;
        // A pause before this round is not this round's.
        let _ = self.conditions.stop.take_continued();
        let began = self.moment();

        let dispatch_s = self.dispatch()?;
        let calibration = self.calibration(number)?;

        // A second pass of the cold round would not be cold, and one of a program would do without
        // what makes it ready.
        let can_repeat = !cold && self.case.workload.runs_in_process();
        let quota = self.conditions.gauges.quota().filter(|_| can_repeat);
        let most_workers = self.worker_counts().last().copied().unwrap_or(1);
        let shortest = shortest_arm(quota, most_workers);
        let mut times = vec![ArmTime::default(); order.len()];
        let mut reference = None;
        for &index in order {
            let engine = self.arms[index].engine;
            self.engines.give_turn(engine, self.conditions.stop)?;
            if cold {
                self.cool_down(index)?;
                self.conditions.observer.observe(&Event::ArmStarted {
                    arm: self.label(index),
                });
            }

            // Looking at the counters takes time: only where the whole round says nothing.
            let is_looked_at = index == self.case.reference && self.has_nodes();
            let before = is_looked_at.then(|| self.moment());
            let executed = self.execute(index, number, shortest);
            if executed.is_err() {
                self.failed_arm = Some(index);
            }
            times[index] = ArmTime {
                dispatch_s: dispatch_s[index],
                ..executed?
            };
            if let Some(before) = before {
                reference = Some(Stretch::between(before, self.moment()));
            }
        }

        let whole = Stretch::between(began, self.moment());
        let machine = self.machine_use(whole, reference);
        Ok(Round {
            cold,
            order: order.to_vec(),
            times,
            calibration,
            machine,
        })
    }

    /// Whether an engine has workers on nodes. These are no descendants of this process: while they
    /// work, nobody can tell them from other programs.
    fn has_nodes(&self) -> bool {
        let has_nodes = |started: &Started| !started.engine.placement().nodes.is_empty();

        self.engines.iter().any(has_nodes)
    }

    fn cool_down(&mut self, index: usize) -> Result<(), Error> {
        self.workload.cool_down();
        let engine = &mut self.engines[self.arms[index].engine].engine;

        Ok(engine.cool_down(&self.workload, self.conditions.stop)?)
    }

    /// Times the arm at `index` and checks its answers.
    fn execute(&mut self, index: usize, number: u32, shortest: Duration) -> Result<ArmTime, Error> {
        let ArmOnEngine {
            engine,
            workers,
            scale,
        } = self.arms[index];
        let name = ArmName {
            round: number + 1,
            name: self.label(index),
        };
        let started = &mut self.engines[engine];
        let is_accounted = started.is_in_process && self.case.workload.runs_in_process();
        let engine = &mut started.engine;
        let stop = self.conditions.stop;
        let batch = Batch {
            tasks: self.workload.tasks() * scale.get(),
            arm: Some(&name),
            ..Batch::all(&self.workload, workers, stop)
        };

        let arm = ArmOfRound {
            workers,
            hook_timeout: self.plan.cluster.task_timeout,
            has_failed: false,
        };
        let (execution, left) = timed(&mut **engine, &batch, arm, shortest, self.conditions)?;
        let Execution {
            elapsed,
            cpu,
            workers_cpu,
            own_cpu,
            busy,
            passes,
            spans,
            lost_workers,
        } = execution;
        let cluster = engine.take_cluster_use();
        let count = u32::try_from(passes.len()).unwrap_or(u32::MAX);
        let processes = self.process_use(&passes);
        let processes = processes.map(|used| left.map_or(used, |left| used.and(left)));
        self.answers(index, number, passes)?;

        let (spans, spans_left_out) = self.stored_spans(spans);
        Ok(ArmTime {
            wall_s: seconds(elapsed),
            cpu: processes
                .map(|used| used.cpu.divided(count))
                .or(own_cpu)
                .or(workers_cpu)
                .or(cpu.filter(|_| is_accounted)),
            peak: processes.map(|used| used.peak),
            unwaited: processes.map_or(0, |used| used.unwaited),
            output_bytes: processes
                .and_then(|used| used.output_bytes)
                .map(|bytes| bytes / u64::from(count)),
            dispatch_s: None,
            busy,
            passes: (count > 1).then_some(count),
            cluster,
            spans,
            spans_left_out,
            lost_workers,
        })
    }

    /// What the processes of tasks used in all `passes`, where tasks run in processes of their own.
    fn process_use(&self, passes: &[Vec<Value>]) -> Option<ProcessUse> {
        let uses = passes
            .iter()
            .map(|partials| self.workload.process_use(partials));

        uses.reduce(|all, pass| Some(all?.and(pass?))).flatten()
    }

    /// The spans to store, by their start, and how many more there were.
    fn stored_spans(&self, mut spans: Vec<Span>) -> (Vec<Span>, usize) {
        if !self.plan.store_spans {
            return (Vec::new(), 0);
        }

        spans.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        let left_out = spans.len().saturating_sub(MOST_SPANS);
        spans.truncate(MOST_SPANS);
        (spans, left_out)
    }

    /// What the machine did in the `whole` round; `reference` is its reference arm, where that was
    /// looked at apart.
    fn machine_use(&mut self, whole: Stretch, reference: Option<Stretch>) -> MachineUse {
        let stretch = if self.has_nodes() {
            reference
        } else {
            Some(whole)
        };

        MachineUse {
            other_programs: stretch.and_then(|stretch| self.neighbours.during(stretch)),
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

    /// What reports call the arm at `index`.
    pub(super) fn label(&self, index: usize) -> String {
        self.case.arms[index].label()
    }
}

/// Times `arm`, which does `batch`, between what the workload does before and after it. Beside it
/// is what processes used that have outlived their tasks.
fn timed(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    arm: ArmOfRound,
    shortest: Duration,
    conditions: Conditions<'_>,
) -> Result<(Execution, Option<ProcessUse>), Error> {
    let (workload, stop) = (batch.workload, conditions.stop);
    if let Some(name) = batch.arm {
        workload.enter_arm(name);
    }
    workload.before_arm(arm, stop)?;
    // What went before, such as empty tasks with fewer workers, is no part of the arm.
    engine.take_cluster_use();
    let execution = time(engine, batch, shortest, conditions);

    let arm = ArmOfRound {
        has_failed: execution.is_err(),
        ..arm
    };
    let followed = workload.after_arm(arm, stop);
    let execution = execution?;
    Ok((execution, followed?))
}

impl Stretch {
    fn between(before: Moment, after: Moment) -> Self {
        Self {
            wall: after.at.saturating_sub(before.at),
            before: before.counters,
            after: after.counters,
        }
    }
}
