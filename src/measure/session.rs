//! One case whose rounds somebody else asks for, one by one: another process that lets two programs take
//! turns. It has no stop rule of its own.

use std::num::NonZeroUsize;

use serde_json::{Value, json};

use super::neighbours::Neighbours;
use super::rounds::Rounds;
use super::{Conditions, Error};
use crate::engine::{self, Engine, Pass};
use crate::plan::{Case, Plan};
use crate::results::{Measurement, Order, Round};
use crate::units::seconds;
use crate::workload::{self, Context, Shared};

/// Tasks that do nothing, in each batch: enough to see what one costs, in a fraction of a millisecond.
const EMPTY_TASKS: u32 = 256;

/// A case's workload, prepared once for any number of workers.
pub(super) struct Prepared {
    pub(super) workload: Shared,
    pub(super) empty: Shared,
}

impl Prepared {
    /// Makes the workload of `case` ready.
    pub(super) fn new(case: &Case, plan: &Plan, conditions: Conditions<'_>) -> Result<Self, Error> {
        let context = Context {
            stop: conditions.stop,
            observer: conditions.observer,
            workers: case
                .workers
                .as_slice()
                .iter()
                .copied()
                .max()
                .unwrap_or(NonZeroUsize::MIN),
            memory: plan.memory,
        };
        let workload = (case.workload.prepare)(case.params.clone(), &context)?;
        if workload.task_bytes() > plan.memory {
            let (needed, memory) = (workload.task_bytes(), plan.memory);
            return Err(Error::Memory(format!(
                "a task needs {needed} of memory, this run may use {memory}: grant more with --memory"
            )));
        }
        let workload = workload::slowed(workload, plan.slowdown);
        let empty =
            (workload::BUSY.prepare)(json!({ "tasks": EMPTY_TASKS, "steps": 0 }), &context)?;
        Ok(Self { workload, empty })
    }
}

/// A prepared case on a running engine.
pub struct Session<'a> {
    case: &'a Case,
    plan: &'a Plan,
    conditions: Conditions<'a>,
    prepared: Prepared,
    workers: NonZeroUsize,
    serial: Box<dyn Engine>,
    distributed: Box<dyn Engine>,
    startup_s: f64,
    answer: Option<Value>,
    /// Whether a cluster's slots are given back after each round.
    shares_slots: bool,
    neighbours: Neighbours,
}

impl<'a> Session<'a> {
    /// Prepares the first case of `plan` and starts its engine with the first of its numbers of workers. The
    /// error is a line that names what failed; `None` when the plan is empty.
    #[must_use]
    pub fn start(plan: &'a Plan, conditions: Conditions<'a>) -> Option<Result<Self, String>> {
        let case = plan.cases.first()?;
        let workers = *case.workers.as_slice().first()?;
        Some(Self::begin(case, workers, plan, conditions).map_err(|error| error.to_string()))
    }

    fn begin(
        case: &'a Case,
        workers: NonZeroUsize,
        plan: &'a Plan,
        conditions: Conditions<'a>,
    ) -> Result<Self, Error> {
        let prepared = Prepared::new(case, plan, conditions)?;
        if let Some(problem) = prepared.workload.problems().into_iter().next() {
            return Err(Error::Answer(problem));
        }
        let options = plan.options(workers, conditions.stop);
        let asked = conditions.clock.now();
        let mut distributed = (case.engine.start)(&options)?;
        let startup_s = seconds(conditions.clock.since(asked));
        distributed.prepare(&prepared.workload, conditions.stop)?;
        let serial = (engine::SERIAL.start)(&options)?;
        Ok(Self {
            case,
            plan,
            conditions,
            prepared,
            workers,
            serial,
            distributed,
            startup_s,
            answer: None,
            shares_slots: false,
            neighbours: Neighbours::default(),
        })
    }

    /// Gives a cluster's slots back, now and after each round, so that another program can have them meanwhile.
    pub fn share_slots(&mut self) -> Result<(), String> {
        self.shares_slots = true;
        self.distributed
            .release(self.conditions.stop)
            .map_err(|error| error.to_string())
    }

    /// Runs round `number`, counted from 0; the first one is the cold one.
    pub fn round(&mut self, number: u32, order: Order) -> Result<Round, String> {
        self.run(number, order).map_err(|error| error.to_string())
    }

    fn run(&mut self, number: u32, order: Order) -> Result<Round, Error> {
        let mut rounds = Rounds {
            workload: &self.prepared.workload,
            empty: &self.prepared.empty,
            workers: self.workers.get(),
            serial: &mut *self.serial,
            distributed: &mut *self.distributed,
            conditions: self.conditions,
            answer: &mut self.answer,
            neighbours: &mut self.neighbours,
            complete: Vec::new(),
        };
        let round = rounds.round(number, order)?;
        if round.cold {
            self.distributed
                .execute(&self.prepared.workload, Pass::Audit, self.conditions.stop)?;
        }
        if self.shares_slots {
            self.distributed.release(self.conditions.stop)?;
        }
        Ok(round)
    }

    /// What was measured so far, without any rounds; `None` before the first one.
    #[must_use]
    pub fn measurement(&self) -> Option<Measurement> {
        let workload = &self.prepared.workload;
        Some(Measurement {
            workload: self.case.workload.name.to_owned(),
            params: self.case.params.clone(),
            tasks: workload.tasks(),
            engine: self.case.engine.name.to_owned(),
            workers: self.workers.get(),
            task_bytes: workload.task_bytes(),
            memory_bytes: self.plan.memory,
            work: workload.work(),
            answer: self.answer.clone()?,
            startup_s: self.startup_s,
            placement: self.distributed.placement(),
            rounds: Vec::new(),
        })
    }

    /// Ends the engine.
    pub fn shutdown(self) {
        self.distributed.shutdown();
    }
}
