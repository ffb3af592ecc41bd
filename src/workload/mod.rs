//! Workloads: what a task computes, and how the tasks' partial results become one answer. A workload knows
//! nothing of engines, workers, rounds or clocks; tasks and random streams depend on its parameters and
//! the task's index only, so the answer is the same wherever the tasks run.
//!
//! A new workload is one new file with an `impl Workload`, and two adjacent lines here: its `mod` and its
//! entry in [`WORKLOADS`].

mod busy;
mod digest;
mod erased;
mod fib;
mod image;
mod pi;
mod slowed;

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::event::Observer;
use crate::machine;
use crate::results::Work;
use crate::stop::{Interrupted, Stop};
use crate::units::{Bounded, Bytes};

pub use erased::{Definition, Prepared, Spec};
pub use slowed::slowed;

/// Every workload, in the order in which `all` runs them.
pub static WORKLOADS: &[Definition] = &[
    Definition::of::<fib::Fib>(),
    Definition::of::<pi::Pi>(),
    Definition::of::<image::Image>(),
];

/// Tasks of known arithmetic or of none, to see what an engine itself costs. Not in [`WORKLOADS`]: nobody asks for it.
pub static BUSY: Definition = Definition::of::<busy::Busy>();

/// The definition of the workload called `name`, for whoever asks by the name that a stored run has.
#[must_use]
pub fn find(name: &str) -> Option<&'static Definition> {
    WORKLOADS.iter().find(|definition| definition.name == name)
}

/// One kind of work.
pub trait Workload: Send + Sync + Sized + 'static {
    /// Its name on the command line, in tables and in stored runs.
    const NAME: &'static str;
    /// One sentence for `--help` and `parbench list`.
    const ABOUT: &'static str;
    /// Everything that decides the answer. Complete: a default that depends on the machine (such as the
    /// number of tasks) is filled in when the command line is read.
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

    /// Does task `index` once more, untimed, and checks what a partial result cannot show.
    fn audit(&self, _index: usize, _stop: &Stop) -> Result<(), Error> {
        Ok(())
    }

    /// Gives up what tasks keep for the next ones, such as warm memory: what follows is a cold start again.
    fn cool_down(&self) {}

    /// The answer from the partial results, in the order of the tasks.
    fn combine(&self, partials: Vec<Self::Partial>) -> Result<Self::Answer, Error>;

    /// What task `index` found, in words, for `--verbose`.
    fn describe(&self, index: usize, partial: &Self::Partial) -> String;

    /// A digest of the files that tasks read, where another machine may have other files under the same names. Reads
    /// all of them; never timed.
    fn inputs(&self, _stop: &Stop) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// Parts of the work that were left out because they are broken, a line each. A run with such lines is
    /// reported but is no success.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A number of equal tasks.
pub type Tasks = Bounded<1, 1_000_000>;

/// As many tasks as there are CPUs to use: the default where tasks are equal.
#[must_use]
pub fn default_tasks() -> Tasks {
    Tasks::clamped(machine::planned_cpus().get() as u64)
}

/// What preparing may use.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
    /// Told of the progress.
    pub observer: &'a dyn Observer,
    /// Threads to prepare with.
    pub workers: NonZeroUsize,
    /// Memory that all running tasks together may hold.
    pub memory: Bytes,
}

/// Why a workload cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// Anything else, as a line that names the thing and the way out.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// An error that says `message`.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

/// A prepared workload, shared with whoever runs its tasks.
pub type Shared = Arc<dyn Prepared>;
