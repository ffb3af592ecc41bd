//! Tries batches of `busy` on an engine, to find those that show what a task costs there: empty
//! tasks, single round trips, and tasks with more and more work until their cost hardly matters.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::{Value, json};

use super::engines::Engines;
use super::{Conditions, Error};
use crate::engine::Batch;
use crate::plan::{Arm, Case, Plan};
use crate::results::Shape;
use crate::units::seconds;
use crate::workload::{Context, Pace, Shared};

/// Seconds that a batch of empty tasks should take, so that its beginning and its end vanish in it.
const BATCH_S: f64 = 0.02;
/// Seconds that the most workers should take for a batch of tasks with work.
const RUNG_S: f64 = 0.005;
/// With more workers the plain loop would take too long for such a batch, so that it gets smaller.
const FEW_WORKERS: f64 = 4.0;
/// The smallest share of a usual batch that it may become.
const SMALLEST_RUNG: f64 = 0.25;
/// The most tasks of a batch.
const MOST_TASKS: usize = 1_000_000;
/// A worker gets at least this many tasks of a batch, or one task more for one of them would be all
/// that is seen.
const LEAST_EACH: usize = 8;
/// The ladder ends upwards where a task's cost is lost in its work.
const HIGHEST: f64 = 0.95;
/// It also ends where a task's work is this many times its cost,
const MOST_WORK: f64 = 256.0;
/// or this many seconds.
const LONGEST_S: f64 = 0.1;
/// Halvings that are not even looked at: a disturbed batch there would end the ladder at once.
const SURE_HALVINGS: i32 = 1;
/// Doublings that are not looked at either.
const SURE_DOUBLINGS: i32 = 4;
/// Seconds that the steps of a task are timed for on one thread.
const CALIBRATION_S: f64 = 0.001;
/// How often they are timed: a slow moment there would end the ladder too early.
const CALIBRATIONS: u32 = 5;
/// Seconds that the round trips of one round should take, the rests included.
const TRIPS_S: f64 = 0.005;
/// The least number of round trips in a round.
const LEAST_TRIPS: usize = 5;
/// The most round trips in a round.
const MOST_TRIPS: usize = 1000;

/// The parameters of a batch.
pub(super) fn parameters(shape: Shape, tasks: usize, steps: u64) -> Value {
    json!({ "tasks": tasks, "steps": steps, "shape": shape })
}

/// An engine on which batches are tried.
pub(super) struct Probe<'a> {
    case: &'a Case,
    engines: Engines,
    /// The arm with the most workers.
    most: &'a Arm,
    /// The workers of every arm.
    workers: Vec<NonZeroUsize>,
    conditions: Conditions<'a>,
    context: Context<'a>,
}

/// A batch of empty tasks that takes long enough.
struct EmptyBatch {
    tasks: usize,
    /// Seconds that a task costs a worker, on the arm where that is most.
    cost_s: f64,
}

/// A batch of equal tasks with work.
#[derive(Clone, Copy)]
struct Rung {
    tasks: usize,
    steps: u64,
    /// Seconds of the work in all of them.
    work_s: f64,
}

impl<'a> Probe<'a> {
    /// Starts the engines of `case`.
    pub(super) fn start(
        case: &'a Case,
        plan: &Plan,
        conditions: Conditions<'a>,
    ) -> Result<Self, Error> {
        let most = case.others().max_by_key(|arm| arm.workers);
        let most = most.unwrap_or_else(|| case.reference_arm());

        Ok(Self {
            case,
            engines: Engines::start(case, plan, Engines::default(), conditions)?,
            most,
            workers: case.others().map(|arm| arm.workers).collect(),
            conditions,
            context: Context {
                task_timeout: plan.cluster.longest_task(),
                stop: conditions.stop,
                observer: conditions.observer,
                workers: most.workers,
                memory: plan.memory_of(case),
            },
        })
    }

    /// The parameters of every batch that shows what a task costs.
    pub(super) fn batches(mut self) -> Result<Vec<Value>, Error> {
        let empty = self.empty_batch()?;
        let mut batches = vec![
            parameters(Shape::Batch, empty.tasks, 0),
            self.trips(Shape::Awake)?,
            self.trips(Shape::Asleep)?,
        ];

        let rungs = self.rungs(empty.cost_s)?.into_iter();
        batches.extend(rungs.map(|rung| parameters(Shape::Batch, rung.tasks, rung.steps)));
        Ok(batches)
    }

    fn prepared(&self, params: Value) -> Result<Shared, Error> {
        Ok(self.case.workload.prepare(params, &self.context)?)
    }

    /// Seconds that `workers` take for all tasks of `workload`.
    fn time(&mut self, workload: &Shared, workers: NonZeroUsize) -> Result<f64, Error> {
        let Conditions { clock, stop, .. } = self.conditions;
        let place = self.engines.place_of(self.most);
        let engine = &mut self.engines[place].engine;
        let batch = Batch::all(workload, workers, stop);
        engine.limit(workers);

        let began = clock.now();
        let partials = engine.execute(&batch);
        let elapsed = seconds(clock.since(began));
        engine.take_spans();

        partials?;
        Ok(elapsed.max(f64::MIN_POSITIVE))
    }

    /// How many empty tasks make a batch, and what each costs a worker.
    fn empty_batch(&mut self) -> Result<EmptyBatch, Error> {
        let mut tasks = 16 * self.most.workers.get();

        loop {
            let batch = self.prepared(parameters(Shape::Batch, tasks, 0))?;
            let (mut shortest, mut cost_s) = (f64::INFINITY, 0.0);
            for workers in self.workers.clone() {
                // Twice, or a stall would look like a batch that is large enough.
                let took = f64::min(self.time(&batch, workers)?, self.time(&batch, workers)?);
                shortest = f64::min(shortest, took);
                cost_s = f64::max(cost_s, took * workers.get() as f64 / tasks as f64);
            }

            if shortest >= BATCH_S / 2.0 || tasks >= MOST_TASKS {
                return Ok(EmptyBatch { tasks, cost_s });
            }
            tasks = (tasks * 4).min(MOST_TASKS);
        }
    }

    /// Round trips of empty tasks, as many as fit into a round.
    fn trips(&mut self, shape: Shape) -> Result<Value, Error> {
        let task = self.prepared(parameters(shape, 1, 0))?;
        let rest = match task.pace() {
            Pace::Together => Duration::ZERO,
            Pace::OneByOne { rest } => rest,
        };

        let mut shortest = f64::INFINITY;
        for _ in 0..LEAST_TRIPS {
            shortest = f64::min(shortest, self.time(&task, self.most.workers)?);
        }
        let trips = whole(TRIPS_S / (shortest + seconds(rest))).clamp(LEAST_TRIPS, MOST_TRIPS);
        Ok(parameters(shape, trips, 0))
    }

    /// Batches from tasks that are lost in their cost to tasks that hide it, by rising work.
    fn rungs(&mut self, cost_s: f64) -> Result<Vec<Rung>, Error> {
        let step_s = self.step_s()?;
        let mut rungs: Vec<Rung> = Vec::new();

        for halvings in 0.. {
            let rung = self.rung(cost_s / 2_f64.powi(halvings), cost_s, step_s);
            if rungs.last().is_some_and(|last| last.steps == rung.steps) {
                break;
            }
            rungs.push(rung);
            // Well below the point where the engine is as fast as the plain loop.
            let lowest = |workers: f64| f64::min(0.25, 0.5 / workers);
            let is_lost = |efficiency: f64, workers: f64| efficiency < lowest(workers);
            if halvings >= SURE_HALVINGS && self.every_arm(rung, is_lost)? {
                break;
            }
        }
        rungs.reverse();

        for doublings in 1.. {
            let work_s = cost_s * 2_f64.powi(doublings);
            if doublings > 1 && (work_s > cost_s * MOST_WORK || work_s > LONGEST_S) {
                break;
            }
            let rung = self.rung(work_s, cost_s, step_s);
            rungs.push(rung);
            let hides_cost = |efficiency: f64, _| efficiency > HIGHEST;
            if doublings >= SURE_DOUBLINGS && self.every_arm(rung, hides_cost)? {
                break;
            }
        }
        Ok(rungs)
    }

    /// A batch of tasks of `work_s` seconds, each of which costs a worker `cost_s` more.
    fn rung(&self, work_s: f64, cost_s: f64, step_s: f64) -> Rung {
        let workers = self.most.workers.get();
        let rung_s = RUNG_S * (FEW_WORKERS / workers as f64).clamp(SMALLEST_RUNG, 1.0);
        let tasks = whole(rung_s * workers as f64 / (work_s + cost_s));
        let tasks = tasks
            .clamp(LEAST_EACH * workers, MOST_TASKS)
            .next_multiple_of(workers);

        let tasks = tasks.min(MOST_TASKS);
        Rung {
            tasks,
            steps: whole(work_s / step_s).max(1) as u64,
            work_s: tasks as f64 * work_s,
        }
    }

    /// Whether `holds` of the efficiency and the workers of each arm.
    fn every_arm(&mut self, rung: Rung, holds: impl Fn(f64, f64) -> bool) -> Result<bool, Error> {
        let batch = self.prepared(parameters(Shape::Batch, rung.tasks, rung.steps))?;

        for workers in self.workers.clone() {
            // Twice, or a stall would end the ladder.
            let took = f64::min(self.time(&batch, workers)?, self.time(&batch, workers)?);
            let workers = workers.get() as f64;
            if !holds(rung.work_s / (workers * took), workers) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Seconds of one step of arithmetic on this thread, when nothing is in its way.
    fn step_s(&self) -> Result<f64, Error> {
        let mut shortest = f64::INFINITY;
        for _ in 0..CALIBRATIONS {
            shortest = f64::min(shortest, self.calibrated_step_s()?);
        }

        Ok(shortest)
    }

    fn calibrated_step_s(&self) -> Result<f64, Error> {
        let Conditions { clock, stop, .. } = self.conditions;
        let (mut steps, mut elapsed) = (1_u64 << 12, 0.0);

        while elapsed < CALIBRATION_S && steps < 1 << 40 {
            steps *= 2;
            let task = self.prepared(parameters(Shape::Batch, 1, steps))?;
            let began = clock.now();
            task.task(0, stop)?;
            elapsed = seconds(clock.since(began));
        }
        Ok(elapsed.max(f64::MIN_POSITIVE) / steps as f64)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at both ends"
)]
fn whole(value: f64) -> usize {
    value.round() as usize
}
