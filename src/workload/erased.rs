//! The workloads without their types: what engines, plans and stored runs see. Values cross this
//! seam as JSON, so an engine in this process and one on another machine treat them alike.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{ArmName, ArmOfRound, Context, Error, Host, Pace, Shared, TaskVariant, Workload};
use crate::failure::Failure;
use crate::results::{FunctionFacts, ProcessUse, Work};
use crate::stop::Stop;
use crate::units::Bytes;

/// Which work: enough for a process elsewhere to prepare the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The workload's name.
    pub name: Arc<str>,
    /// Its complete parameters.
    pub params: Value,
    /// How many times as long every task takes: 1, but for showing that a regression is found.
    pub slowdown: f64,
    /// What all running tasks together may hold. A workload may leave out what needs more, so it
    /// must be the same everywhere.
    pub memory: Bytes,
    /// How long a task may take that is a process of its own.
    pub task_timeout: Duration,
}

/// A workload ready to run, its types erased. See [`Workload`] for each method's meaning.
pub trait Prepared: Send + Sync {
    /// Which work this is.
    fn spec(&self) -> &Spec;
    /// Into how many tasks the work is cut.
    fn tasks(&self) -> usize;
    /// What all tasks together get through.
    fn work(&self) -> Work;
    /// The memory that a task holds while it runs.
    fn task_bytes(&self) -> Bytes;
    /// Does task `index`.
    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error>;
    /// Does task `index` on `workers` workers that it starts itself.
    fn task_on(&self, index: usize, _workers: NonZeroUsize, stop: &Stop) -> Result<Value, Error> {
        self.task(index, stop)
    }
    /// Does task `index` once more and checks what a partial result cannot show.
    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error>;
    /// The tasks that follow in this process belong to this arm of a round.
    fn enter_arm(&self, _arm: &ArmName) {}
    /// Makes ready for the tasks of one arm of a round.
    fn before_arm(&self, _arm: ArmOfRound, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }
    /// Cleans up after the tasks of one arm of a round, and returns what outlived them used.
    fn after_arm(&self, _arm: ArmOfRound, _stop: &Stop) -> Result<Option<ProcessUse>, Error> {
        Ok(None)
    }
    /// Cleans up after all arms, until `further` is raised.
    fn after_all(&self, _further: &Stop) -> Result<(), Error> {
        Ok(())
    }
    /// Gives up what tasks keep for the next ones.
    fn cool_down(&self);
    /// What the processes of tasks used together, where tasks run in processes of their own.
    fn process_use(&self, _partials: &[Value]) -> Option<ProcessUse> {
        None
    }
    /// Tasks that do nothing, to see what running them costs an engine.
    fn empty_tasks(&self, _context: &Context<'_>) -> Option<Result<Shared, Error>> {
        None
    }
    /// `variant` of the tasks; `None` where there is no such variant.
    fn variant(&self, _variant: TaskVariant) -> Option<Shared> {
        None
    }
    /// What runs the engines that it brings along.
    fn host(&self) -> Option<&dyn Host> {
        None
    }
    /// What is known of the functions that it runs.
    fn functions(&self) -> Vec<FunctionFacts> {
        Vec::new()
    }
    /// The program on this machine that tasks run and that other machines have to be given for
    /// that.
    fn shipped_program(&self) -> Option<PathBuf> {
        None
    }
    /// Whether tasks do anything. To ask a worker process for one that does not is a round trip and
    /// nothing else.
    fn has_work(&self) -> bool {
        true
    }
    /// Whether tasks do their work in the process that runs them.
    fn runs_in_process(&self) -> bool {
        true
    }
    /// Whether two passes may give different answers.
    fn may_vary(&self) -> bool {
        false
    }
    /// The answer from the partial results.
    fn combine(&self, partials: Vec<Value>) -> Result<Value, Error>;
    /// What task `index` found, in words.
    fn describe(&self, index: usize, partial: &Value) -> String;
    /// A digest of the files that tasks read, where another machine may have other files under the
    /// same names.
    fn inputs(&self, _stop: &Stop) -> Result<Option<String>, Error> {
        Ok(None)
    }
    /// Whether the tasks of a pass are submitted together, or each after the last one's result.
    fn pace(&self) -> Pace {
        Pace::Together
    }
    /// Parts of the work that were left out.
    fn problems(&self) -> Vec<Failure>;
}

/// A typed workload behind the seam.
pub(super) struct Erased<W> {
    pub(super) spec: Spec,
    pub(super) workload: W,
}

impl<W: Workload> Prepared for Erased<W> {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn tasks(&self) -> usize {
        self.workload.tasks()
    }

    fn work(&self) -> Work {
        self.workload.work()
    }

    fn task_bytes(&self) -> Bytes {
        self.workload.task_bytes()
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<Value, Error> {
        value::<W>(index, &self.workload.task(index, stop)?)
    }

    fn task_on(&self, index: usize, workers: NonZeroUsize, stop: &Stop) -> Result<Value, Error> {
        value::<W>(index, &self.workload.task_on(index, workers, stop)?)
    }

    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        self.workload.audit(index, stop)
    }

    fn enter_arm(&self, arm: &ArmName) {
        self.workload.enter_arm(arm);
    }

    fn before_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<(), Error> {
        self.workload.before_arm(arm, stop)
    }

    fn after_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<Option<ProcessUse>, Error> {
        self.workload.after_arm(arm, stop)
    }

    fn after_all(&self, further: &Stop) -> Result<(), Error> {
        self.workload.after_all(further)
    }

    fn cool_down(&self) {
        self.workload.cool_down();
    }

    fn process_use(&self, partials: &[Value]) -> Option<ProcessUse> {
        // There may be a million partial results.
        if W::RUNS_IN_PROCESS {
            return None;
        }
        let of_task = |(index, partial): (usize, &Value)| {
            let partial = typed::<W>(index, partial.clone()).ok()?;
            self.workload.process_use(&partial)
        };

        partials
            .iter()
            .enumerate()
            .map(of_task)
            .reduce(|all, task| Some(all?.and(task?)))
            .flatten()
    }

    fn empty_tasks(&self, context: &Context<'_>) -> Option<Result<Shared, Error>> {
        self.workload.empty_tasks(context)
    }

    fn variant(&self, variant: TaskVariant) -> Option<Shared> {
        self.workload.variant(variant)
    }

    fn host(&self) -> Option<&dyn Host> {
        self.workload.host()
    }

    fn functions(&self) -> Vec<FunctionFacts> {
        self.workload.functions()
    }

    fn shipped_program(&self) -> Option<PathBuf> {
        self.workload.shipped_program()
    }

    fn runs_in_process(&self) -> bool {
        W::RUNS_IN_PROCESS
    }

    fn may_vary(&self) -> bool {
        W::MAY_VARY
    }

    fn combine(&self, partials: Vec<Value>) -> Result<Value, Error> {
        let typed = partials
            .into_iter()
            .enumerate()
            .map(|(index, value)| typed::<W>(index, value));
        let answer = self.workload.combine(typed.collect::<Result<_, _>>()?)?;
        serde_json::to_value(answer).map_err(|error| Error::failed(format!("answer: {error}")))
    }

    fn describe(&self, index: usize, partial: &Value) -> String {
        typed::<W>(index, partial.clone()).map_or_else(
            |error| error.to_string(),
            |partial| self.workload.describe(index, &partial),
        )
    }

    fn inputs(&self, stop: &Stop) -> Result<Option<String>, Error> {
        self.workload.inputs(stop)
    }

    fn pace(&self) -> Pace {
        self.workload.pace()
    }

    fn problems(&self) -> Vec<Failure> {
        self.workload.problems()
    }
}

fn value<W: Workload>(index: usize, partial: &W::Partial) -> Result<Value, Error> {
    serde_json::to_value(partial).map_err(|error| Error::failed(format!("task {index}: {error}")))
}

fn typed<W: Workload>(index: usize, value: Value) -> Result<W::Partial, Error> {
    serde_json::from_value(value).map_err(|error| {
        Error::failed(format!(
            "task {index} sent a partial result of another form: {error}"
        ))
    })
}
