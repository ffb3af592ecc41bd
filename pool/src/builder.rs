//! How a pool is made. This file must not submit or run tasks.

use std::num::NonZeroUsize;
use std::thread;

use crate::TaskPool;
use crate::error::BuildError;
use crate::handle::Handle;
use crate::runner;
use crate::shared::{Limits, Shared};
use crate::sync::count_cpus;
use crate::threads::{Spawn, ThreadOptions, Threads, spawn};

/// Enough for tasks that wait for tasks tens of thousands deep: see [`Builder::stack_size`].
const STACK_SIZE: usize = 64 << 20;

/// Some 90 MB of spans.
const SPAN_LIMIT: usize = 1 << 20;

/// The number of threads that rayon has at most; see [`Builder::workers`].
const MOST_WORKERS: usize = 65_535;

/// The properties of a new [`TaskPool`].
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct Builder {
    workers: Option<NonZeroUsize>,
    memory_budget: Option<u64>,
    thread_name: String,
    stack_size: usize,
    span_limit: usize,
    spawn: Spawn,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            workers: None,
            memory_budget: None,
            thread_name: "task-pool".to_owned(),
            stack_size: STACK_SIZE,
            span_limit: SPAN_LIMIT,
            spawn,
        }
    }
}

impl Builder {
    /// How many tasks run at once, 65,535 at most: a larger number counts as that. By default as
    /// many as this process may use cores.
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// How many bytes running tasks may declare together. By default there is no limit.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.memory_budget = Some(bytes);
        self
    }

    /// How the names of the threads begin. By default `task-pool`.
    pub fn thread_name(mut self, prefix: impl Into<String>) -> Self {
        self.thread_name = prefix.into();
        self
    }

    /// The bytes of each thread's stack. By default 64 MiB, of which the system provides only what
    /// is used.
    ///
    /// It limits how deep tasks may wait for tasks that run on the same stack.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// How many spans the pool keeps at most until they are taken; further ones are only counted,
    /// and with a limit of 0 not even that. By default 1,048,576. Workers take room in shares, so
    /// where one of them runs most tasks, up to an eighth of it may stay empty.
    pub fn span_limit(mut self, spans: usize) -> Self {
        self.span_limit = spans;
        self
    }

    /// How extra threads are started.
    #[cfg(test)]
    pub(crate) fn spawn(mut self, spawn: Spawn) -> Self {
        self.spawn = spawn;
        self
    }

    /// Starts the pool's threads.
    pub fn build(self) -> Result<TaskPool, BuildError> {
        count_cpus();
        let workers = self
            .workers
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
            .min(MOST_WORKERS);

        let options = ThreadOptions {
            prefix: self.thread_name,
            stack_size: self.stack_size,
            spawn: self.spawn,
        };
        let threads = Threads::start(workers, options)?;
        let limits = Limits {
            memory_budget: self.memory_budget,
            spans: self.span_limit,
        };
        let shared = Shared::new(limits, threads, runner::run);

        Ok(TaskPool {
            handle: Handle { shared },
        })
    }
}
