//! How a pool is made. This file must not submit or run tasks.

use super::{
    TaskPool,
    error::BuildError,
    handle::Handle,
    shared::{Shared, Threads},
    sync::{Arc, prepare},
};
use std::{io, num::NonZeroUsize, thread};

/// Enough for tasks that wait for tasks tens of thousands deep: see [`Builder::stack_size`].
const STACK_SIZE: usize = 64 << 20;

/// Some 90 MB of spans.
const SPAN_LIMIT: usize = 1 << 20;

/// As many as rayon has threads at most; see [`Builder::workers`].
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
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            workers: None,
            memory_budget: None,
            thread_name: "task-pool".to_owned(),
            stack_size: STACK_SIZE,
            span_limit: SPAN_LIMIT,
        }
    }
}

impl Builder {
    /// How many tasks run at once, 65,535 at most: a larger number counts as that. By default as many as this process
    /// may use cores.
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

    /// The bytes of each thread's stack. By default 64 MiB, of which the system provides only what is used.
    ///
    /// It limits how deep tasks may wait for tasks that run on the same stack.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// How many spans the pool keeps at most until they are taken; further ones are only counted, and with a
    /// limit of 0 not even that. By default 1,048,576. Workers take room in shares, so where one of them runs
    /// most tasks, up to an eighth of it may stay empty.
    pub fn span_limit(mut self, spans: usize) -> Self {
        self.span_limit = spans;
        self
    }

    /// Starts the pool's threads.
    pub fn build(self) -> Result<TaskPool, BuildError> {
        prepare();
        let workers = self
            .workers
            .or_else(|| thread::available_parallelism().ok());
        let workers = workers.map_or(1, NonZeroUsize::get).min(MOST_WORKERS);
        // No spare ones for workers that wait: rayon wakes idle threads with every job, they look for more and
        // yield, and a scheduler that counts them puts two busy workers on one CPU. Whoever replaces a waiting
        // worker gets a thread of its own.
        let threads = workers;
        let (name, stack_size) = (self.thread_name.clone(), self.stack_size);
        // What the system said to the thread that it refused: rayon hands on that there was something.
        let mut refused = None;
        let rayon = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(|thread| {
                let number = thread.index() + 1;
                let builder = thread::Builder::new().name(format!("{name}-{}", thread.index()));
                let started = builder.stack_size(stack_size).spawn(|| thread.run());
                started.map(drop).map_err(|error| {
                    let kind = error.kind();
                    refused = Some((number, error));
                    io::Error::from(kind)
                })
            })
            .build();
        let rayon = rayon.map_err(|error| {
            let (number, source) = refused.unwrap_or_else(|| (1, io::Error::other(error)));
            BuildError::Threads {
                number,
                threads,
                source,
            }
        })?;
        // rayon returns before its threads run; whoever times the start wants them running.
        rayon.broadcast(|_| ());
        let threads = Threads {
            rayon,
            prefix: self.thread_name,
            stack_size: self.stack_size,
        };
        let shared = Shared::new(workers, self.memory_budget, self.span_limit, threads);
        Ok(TaskPool {
            handle: Handle {
                shared: Arc::new(shared),
            },
        })
    }
}
