//! Engines: ways to run all tasks of a prepared workload. An engine sees erased workloads only; it knows
//! nothing of plans, rounds, clocks or reports, and starts apart from working so that both can be timed.
//!
//! A new engine is one new file with an `impl Engine`, and two adjacent lines here: its `mod` and its entry
//! in [`ENGINES`].

mod cluster;
mod pool;
mod process;
mod ray;
mod serial;

use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::Value;

use crate::results::{ClusterUse, Placement};
use crate::stop::{Interrupted, Stop};
use crate::units::Bytes;
use crate::workload::{self, Shared};

pub use cluster::{Address, Cluster, Python};

/// The plain loop that every other engine is compared with.
pub static SERIAL: Definition = serial::DEFINITION;

/// Every engine that distributes tasks.
pub static ENGINES: &[Definition] = &[pool::DEFINITION, process::DEFINITION, ray::DEFINITION];

/// The engine that distributes tasks unless another is asked for.
#[must_use]
pub fn default() -> &'static Definition {
    &ENGINES[0]
}

/// The engine called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Definition> {
    ENGINES.iter().find(|definition| definition.name == name)
}

/// An entry of the registry.
pub struct Definition {
    /// Its name on the command line, in tables and in stored runs.
    pub name: &'static str,
    /// One sentence for `parbench list`.
    pub about: &'static str,
    /// Starts it, ready to work when this returns.
    pub start: fn(&Options<'_>) -> Result<Box<dyn Engine>, Error>,
    /// How many CPUs it can use, where that is not for this machine to say.
    pub cpus: fn(&Cluster, &Stop) -> Result<Option<NonZeroUsize>, Error>,
}

impl Definition {
    /// Whether it works on a cluster, so that the cluster's address matters.
    #[must_use]
    pub fn uses_cluster(&self) -> bool {
        self.name == ray::DEFINITION.name
    }
}

/// What an engine is started with.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Tasks that may run at once.
    pub workers: NonZeroUsize,
    /// The most workers of any engine of the run: what is started once must do for them.
    pub most_workers: NonZeroUsize,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// For engines beyond this machine.
    pub cluster: &'a Cluster,
    /// Raised when the user wants to leave: starting may take long.
    pub stop: &'a Stop,
}

/// What to do with each task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Do it, for its partial result.
    Work,
    /// Do it and check what a partial result cannot show; the results are nulls.
    Audit,
}

/// A running engine.
pub trait Engine {
    /// Runs every task of `workload` and returns their results in the order of the tasks. After an error no
    /// task is left running.
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error>;

    /// Has every worker that shares no memory with this process make `workload` ready. Never timed.
    fn prepare(&mut self, _workload: &Shared, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Has every such worker give up what tasks of `workload` keep for the next ones. Never timed.
    fn cool_down(&mut self, _workload: &Shared, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Waits until all workers are there again that were lost or released. Never timed.
    fn restore(&mut self, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Gives its CPUs back to others until [`restore`](Self::restore), where they are a cluster's. Never timed.
    fn release(&mut self, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// What the last execution had of the cluster that the engine works on.
    fn cluster_use(&self) -> Option<ClusterUse> {
        None
    }

    /// Where it ran tasks and what it did again, all since it started; nothing where that goes without saying.
    fn placement(&self) -> Placement {
        Placement::default()
    }

    /// Whether tasks run in this process, so that its CPU times are theirs.
    fn is_in_process(&self) -> bool {
        true
    }

    /// How its workers were busy since this was last asked, where the engine knows of every task.
    fn take_busy(&mut self) -> Option<Busy> {
        None
    }

    /// Ends the engine and everything it started.
    fn shutdown(self: Box<Self>);
}

/// Time that an engine's workers spent in tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// All workers together.
    pub total: Duration,
    /// The busiest worker.
    pub busiest: Duration,
}

/// Why an engine has no results.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// A task failed, or the engine could not start or run it.
    #[error("{0}")]
    Failed(String),
    /// The engine is gone, and with it the tasks under way; what it answered before is right.
    #[error("{0}")]
    Lost(String),
}

impl From<workload::Error> for Error {
    fn from(error: workload::Error) -> Self {
        match error {
            workload::Error::Interrupted(interrupted) => Self::Interrupted(interrupted),
            failed @ workload::Error::Failed(_) => Self::Failed(failed.to_string()),
        }
    }
}

/// Does one task as `pass` says.
fn run(workload: &Shared, index: usize, pass: Pass, stop: &Stop) -> Result<Value, workload::Error> {
    stop.check()?;
    match pass {
        Pass::Work => workload.task(index, stop),
        Pass::Audit => workload.audit(index, stop).map(|()| Value::Null),
    }
}
