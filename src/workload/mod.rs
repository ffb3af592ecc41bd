//! Workloads: what a task computes, and how the tasks' partial results become one answer. A
//! workload cannot see engines, workers, rounds or clocks; tasks and random streams depend on its
//! parameters and the task's index only, so the answer is the same wherever the tasks run.
//!
//! A new workload is one new file with an `impl Workload`, and two adjacent lines here: its `mod`
//! and its entry in [`built_in`].

mod busy;
mod cmd;
mod context;
mod definition;
mod erased;
mod fib;
mod host;
mod image;
mod pi;
mod python;
mod slowed;
mod tasks;
mod worker_program;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::results::{FunctionFacts, ProcessUse, Work};
use crate::stop::{Interrupted, Stop};
use crate::units::Bytes;

pub use crate::results::{BUSY, TaskVariant};
pub use busy::{busy, empty_tasks};
pub use context::{ArmName, ArmOfRound, Context};
pub use definition::{Definition, Registry, definition};
pub use erased::{Prepared, Spec};
pub use host::{Host, HostTerms, HostedEngine, HostedPass, HostedPlace, HostedStart, HostedTime};
pub use slowed::slowed;
pub use tasks::{Tasks, default_tasks};
pub use worker_program::{WorkerProgram, usual_name};

/// The workloads that come with parbench, in the order in which `all` runs them.
#[must_use]
pub fn built_in() -> Registry {
    Registry::new([
        definition::<fib::Fib>(),
        definition::<pi::Pi>(),
        definition::<image::Image>(),
        definition::<cmd::Cmd>(),
        definition::<python::Python>(),
        busy(),
    ])
}

/// One kind of work.
pub trait Workload: Send + Sync + Sized + 'static {
    /// Its name on the command line, in tables and in stored runs.
    const NAME: &'static str;
    /// One sentence for `--help` and `parbench list`.
    const ABOUT: &'static str;
    /// Whether `all`, `check` and `noise` run it with its defaults.
    const BELONGS_TO_ALL: bool = true;
    /// Whether its tasks do their work in the process that runs them, so that the CPU time of that
    /// process is theirs.
    const RUNS_IN_PROCESS: bool = true;
    /// Smaller values for `--quick`, where a round of the usual work takes longer than a first
    /// answer may.
    const QUICK: &'static [QuickValue] = &[];
    /// Whether tasks may start workers of their own; the parameters say whether they do.
    const MAY_HAVE_OWN_WORKERS: bool = false;
    /// Whether two passes may give different answers, since tasks run what nobody here has written:
    /// then only what two serial passes agree on is compared.
    const MAY_VARY: bool = false;
    /// The engines that it brings along, where its tasks are functions of another language; the
    /// first is the default.
    const HOSTED_ENGINES: &'static [HostedEngine] = &[];
    /// Everything that decides the answer. Complete: a default that depends on the machine (such as
    /// the number of tasks) is filled in when the command line is read.
    type Params: clap::Args + Serialize + DeserializeOwned + Send + Sync;
    /// What one task sends back. Small: it may travel between machines.
    type Partial: Serialize + DeserializeOwned;
    /// What all tasks together found.
    type Answer: Serialize;

    /// Makes ready what tasks need (input files, tables) and refuses what cannot work. Never timed.
    fn prepare(params: Self::Params, context: &Context<'_>) -> Result<Self, Error>;

    /// Into how many tasks the work is cut.
    fn tasks(&self) -> usize;

    /// What all tasks together get through.
    fn work(&self) -> Work;

    /// The memory that a task holds while it runs, where that is enough to matter.
    fn task_bytes(&self) -> Bytes {
        Bytes(0)
    }

    /// Does task `index`. This, and only this, is timed. Long loops look at `stop` between steps.
    fn task(&self, index: usize, stop: &Stop) -> Result<Self::Partial, Error>;

    /// Does task `index` on `workers` workers that it starts itself; only where
    /// [`has_own_workers`](Self::has_own_workers) says so.
    fn task_on(
        &self,
        index: usize,
        _workers: NonZeroUsize,
        stop: &Stop,
    ) -> Result<Self::Partial, Error> {
        self.task(index, stop)
    }

    /// Does task `index` once more, untimed, and checks what a partial result cannot show.
    fn audit(&self, _index: usize, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// The tasks that follow in this process belong to this arm of a round.
    fn enter_arm(&self, _arm: &ArmName) {}

    /// Makes ready for the tasks of one arm of a round. Never timed.
    fn before_arm(&self, _arm: ArmOfRound, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Cleans up after the tasks of one arm of a round. Returns what processes used that have
    /// outlived their tasks. Never timed.
    fn after_arm(&self, _arm: ArmOfRound, _stop: &Stop) -> Result<Option<ProcessUse>, Error> {
        Ok(None)
    }

    /// Cleans up after all arms, also after the user asked to stop; `further` is raised where the
    /// user asks once more meanwhile.
    fn after_all(&self, _further: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Gives up what tasks keep for the next ones, such as warm memory: what follows is a cold
    /// start again.
    fn cool_down(&self) {}

    /// What the process of a task used, where tasks run in processes of their own.
    fn process_use(&self, _partial: &Self::Partial) -> Option<ProcessUse> {
        None
    }

    /// Tasks that do nothing in the way that these tasks do something, to see what that costs;
    /// `None` where a call that returns at once is such a task.
    fn empty_tasks(&self, _context: &Context<'_>) -> Option<Result<Shared, Error>> {
        None
    }

    /// Whether each task with `params` starts as many workers as it is asked for, so that it is
    /// measured beside itself with one worker.
    fn has_own_workers(_params: &Self::Params) -> bool {
        false
    }

    /// Whether the plain loop runs another program than one worker does, which is then the
    /// reference.
    fn has_serial_program(_params: &Self::Params) -> bool {
        false
    }

    /// Whether tasks with `params` write to files of their own, so that a task must not run twice at
    /// once.
    fn writes_files(_params: &Self::Params) -> bool {
        false
    }

    /// Variants of tasks with `params`, to be measured beside them: another command, numbers of
    /// threads.
    fn variants(_params: &Self::Params) -> Vec<TaskVariant> {
        Vec::new()
    }

    /// `variant` of the tasks, for every one of the [`variants`](Self::variants).
    fn variant(&self, _variant: TaskVariant) -> Option<Shared> {
        None
    }

    /// The processes that run its [`HOSTED_ENGINES`](Self::HOSTED_ENGINES), by their labels: one,
    /// or several that are compared.
    fn hosts(_params: &Self::Params) -> Vec<String> {
        Vec::new()
    }

    /// What runs the engines that it brings along.
    fn host(&self) -> Option<&dyn Host> {
        None
    }

    /// What is known of the functions that it runs, one for each host.
    fn functions(&self) -> Vec<FunctionFacts> {
        Vec::new()
    }

    /// The command that tasks with `params` run, for a workload that runs what its parameters say:
    /// the user has to agree before a stored run of it is repeated.
    fn command(_params: &Self::Params) -> Option<String> {
        None
    }

    /// The program on this machine that tasks run and that other machines have to be given for
    /// that.
    fn shipped_program(&self) -> Option<PathBuf> {
        None
    }

    /// The answer from the partial results, in the order of the tasks.
    fn combine(&self, partials: Vec<Self::Partial>) -> Result<Self::Answer, Error>;

    /// What task `index` found, in words, for `--verbose`.
    fn describe(&self, index: usize, partial: &Self::Partial) -> String;

    /// A digest of the files that tasks read, where another machine may have other files under the
    /// same names. Reads all of them; never timed.
    fn inputs(&self, _stop: &Stop) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// Whether the tasks of a pass are submitted together, or each after the last one's result.
    fn pace(&self) -> Pace {
        Pace::Together
    }

    /// Parts of the work that were left out because they are broken. A run with such parts is
    /// reported but is not a success.
    fn problems(&self) -> Vec<Failure> {
        Vec::new()
    }
}

/// A parameter that is smaller for a first answer, unless the user gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuickValue {
    /// The name of the parameter's flag, without dashes.
    pub parameter: &'static str,
    /// Its value, as it is typed.
    pub value: &'static str,
}

/// How the tasks of one pass follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All are submitted at once.
    Together,
    /// Each is submitted once the result of the one before is there, after a rest that is not
    /// timed: round trips.
    OneByOne {
        /// How long the engine's workers have nothing to do before each task.
        rest: Duration,
    },
}

/// The variable with the number of a worker process, from 1.
pub const WORKER_NUMBER: &str = "PARBENCH_WORKER";

/// Why a workload cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// Anything else, with what may be changed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Error {
    /// An error that says `message`.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Failure::new(message))
    }
}

/// A prepared workload, shared with the threads that run its tasks.
pub type Shared = Arc<dyn Prepared>;
