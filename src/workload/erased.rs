//! The workloads without their types: what engines, plans and stored runs see. Values cross this
//! seam as JSON, so an engine in this process and one on another machine treat them alike.

use std::sync::Arc;

use serde_json::Value;

use super::{Error, Pace, Workload};
use crate::failure::Failure;
use crate::results::Work;
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
    /// Does task `index` once more and checks what a partial result cannot show.
    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error>;
    /// Gives up what tasks keep for the next ones.
    fn cool_down(&self);
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
        let partial = self.workload.task(index, stop)?;
        serde_json::to_value(partial)
            .map_err(|error| Error::failed(format!("task {index}: {error}")))
    }

    fn audit(&self, index: usize, stop: &Stop) -> Result<(), Error> {
        self.workload.audit(index, stop)
    }

    fn cool_down(&self) {
        self.workload.cool_down();
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

fn typed<W: Workload>(index: usize, value: Value) -> Result<W::Partial, Error> {
    serde_json::from_value(value).map_err(|error| {
        Error::failed(format!(
            "task {index} sent a partial result of another form: {error}"
        ))
    })
}
