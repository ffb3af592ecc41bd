//! Engines: ways to run all tasks of a prepared workload. An engine sees erased workloads only, and
//! starts apart from working so that both can be timed.
//!
//! A new engine is one new file with an `impl Engine` and an `impl Definition`, and two adjacent
//! lines here: its `mod` and its entry in [`built_in`].

mod hosted;
mod own;
mod pool;
mod process;
mod ray;
mod registry;
mod run;
mod serial;
mod variant;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;
use crate::machine::ProcessCpu;
use crate::results::{ClusterUse, CpuUse, LostWorker, Placement, Span};
use crate::stop::{Interrupted, Stop};
use crate::units::Bytes;
use crate::workload::{self, ArmName, Shared, WorkerProgram};

pub use own::own;
pub use ray::{Address, Cluster, Python};
pub use registry::{Registry, hosted_by};
pub use serial::serial;
pub use variant::of_variant;

use run::{run, run_by};

/// The engines that come with parbench. The first one is used unless another is asked for.
#[must_use]
pub fn built_in() -> Registry {
    Registry::new([
        Arc::new(pool::PoolEngine) as Arc<dyn Definition>,
        Arc::new(process::ProcessEngine),
        Arc::new(ray::RayEngine),
    ])
}

/// An engine as the command line and plans know it, before it is started.
pub trait Definition: Send + Sync {
    /// Its name on the command line, in tables and in stored runs.
    fn name(&self) -> &str;

    /// One sentence for `parbench list`.
    fn about(&self) -> &str;

    /// Starts it, ready to work when this returns.
    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error>;

    /// Whether it can run `workload`; if not, why, as the rest of a sentence that begins with
    /// "engine NAME cannot run WORKLOAD: ".
    fn accepts(&self, _workload: &dyn workload::Definition) -> Result<(), String> {
        Ok(())
    }

    /// How many CPUs it can use, where they are not those of this machine.
    fn cpus(&self, _cluster: &Cluster, _stop: &Stop) -> Result<Option<NonZeroUsize>, Error> {
        Ok(None)
    }

    /// Whether its tasks run in this process, so that its CPU times are theirs and what they keep
    /// in memory is there for the tasks of other such engines.
    fn is_in_process(&self) -> bool {
        false
    }

    /// Whether it works on a cluster, so that the cluster's address matters.
    fn uses_cluster(&self) -> bool {
        false
    }

    /// Whether processes of its own stay busy on this machine between tasks, so that it would
    /// disturb the arms of other engines and needs rounds of its own.
    fn disturbs_others(&self, _cluster: &Cluster) -> bool {
        false
    }
}

/// What an engine is started with.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The most tasks that any batch will run at once.
    pub workers: NonZeroUsize,
    /// The most workers of any engine of the run: what is started once for the whole run must do
    /// for them.
    pub most_workers: NonZeroUsize,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// The program whose processes do the tasks, where it is not this one.
    pub worker: Option<&'a WorkerProgram>,
    /// For engines beyond this machine.
    pub cluster: &'a Cluster,
    /// Raised when the user wants to leave: starting may take long.
    pub stop: &'a Stop,
}

/// What to run.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The workload.
    pub workload: &'a Shared,
    /// The first of its tasks to run.
    pub first: usize,
    /// How many of its tasks to run. Beyond the last one their indices go on, and the work is
    /// repeated: task `index` is that of the remainder.
    pub tasks: usize,
    /// What to do with each task.
    pub pass: Pass,
    /// How many of the started workers may be used, at most those that the engine was started with.
    pub workers: NonZeroUsize,
    /// The arm that it belongs to, if it is the work of one.
    pub arm: Option<&'a ArmName>,
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
}

impl<'a> Batch<'a> {
    /// Every task of `workload`, for its partial result, on at most `workers` workers.
    #[must_use]
    pub fn all(workload: &'a Shared, workers: NonZeroUsize, stop: &'a Stop) -> Self {
        Self {
            workload,
            first: 0,
            tasks: workload.tasks(),
            pass: Pass::Work,
            workers,
            arm: None,
            stop,
        }
    }

    /// The indices of its tasks.
    #[must_use]
    pub fn indices(&self) -> Range<usize> {
        self.first..self.first + self.tasks
    }
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
    /// Runs every task of the batch and returns their results in the order of the tasks.
    /// After an error no task is left running.
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error>;

    /// Has the batches that follow use at most `workers`, where that takes time that is not theirs.
    /// Never timed, and called before every batch with the batch's own number.
    fn limit(&mut self, _workers: NonZeroUsize) {}

    /// When each task ran since this was last asked for, in seconds since its batch began, in any
    /// order; empty where the engine does not know of every task. Never timed, and asked for before
    /// a batch that begins with another task.
    fn take_spans(&mut self) -> Vec<Span> {
        Vec::new()
    }

    /// The workers that were lost since this was last asked for and whose tasks others have done
    /// again; empty where a round that lost one is measured again. Never timed.
    fn take_lost_workers(&mut self) -> Vec<LostWorker> {
        Vec::new()
    }

    /// What the last execution took, where the engine itself stands farther from this clock than
    /// from its tasks.
    fn take_measured(&mut self) -> Option<Measured> {
        None
    }

    /// The CPU time so far of each process that it runs tasks in, where these go on from batch to
    /// batch and the system says.
    fn worker_cpu(&self) -> Vec<ProcessCpu> {
        Vec::new()
    }

    /// Seconds of starting in [`prepare`](Self::prepare), beside those of its definition's `start`.
    fn startup_s(&self) -> f64 {
        0.0
    }

    /// How its workers run, for reports, where there is more to say than its name.
    fn detail(&self) -> Option<String> {
        None
    }

    /// Has every worker that shares no memory with this process make `workload` ready. Never timed.
    fn prepare(&mut self, _workload: &Shared, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Has every such worker give up what tasks of `workload` keep for the next ones. Never timed.
    fn cool_down(&mut self, _workload: &Shared, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Waits until all workers that were lost or released are back. Never timed.
    fn restore(&mut self, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Gives its CPUs back to others until [`restore`](Self::restore), where they are a cluster's.
    /// Never timed.
    fn release(&mut self, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// What the executions since this was last asked for had of the cluster that the engine works
    /// on. Never timed.
    fn take_cluster_use(&mut self) -> Option<ClusterUse> {
        None
    }

    /// Where it ran tasks and what it did again, all since it was last prepared; nothing on this
    /// machine without losses.
    fn placement(&self) -> Placement {
        Placement::default()
    }

    /// Whether an empty task shows what the engine itself costs. The plain loop has no such cost.
    fn has_dispatch(&self) -> bool {
        true
    }

    /// Ends the engine and everything it started.
    fn shutdown(self: Box<Self>);
}

/// What an execution took, as the engine has measured it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// From the first task's start to the last result.
    pub wall: Duration,
    /// The CPU time of everything that took part.
    pub cpu: Option<CpuUse>,
}

/// Why an engine has no results.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// A task failed, or the engine could not start or run it.
    #[error(transparent)]
    Failed(Failure),
    /// The engine is gone, and with it the tasks under way; what it answered before is right.
    #[error(transparent)]
    Lost(Failure),
}

impl Error {
    /// A task failed, or the engine could not start or run it.
    pub fn failed(failure: impl Into<Failure>) -> Self {
        Self::Failed(failure.into())
    }

    /// The engine is gone.
    pub fn lost(failure: impl Into<Failure>) -> Self {
        Self::Lost(failure.into())
    }
}

impl From<workload::Error> for Error {
    fn from(error: workload::Error) -> Self {
        match error {
            workload::Error::Interrupted(interrupted) => Self::Interrupted(interrupted),
            workload::Error::Failed(failure) => Self::Failed(failure),
        }
    }
}
