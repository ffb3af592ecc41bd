//! The threads that runners run on: rayon's, one for each worker, and extra ones that stand in for
//! blocked ones. This file must not decide which of them a runner gets.

use std::io;
use std::thread;

use crate::error::BuildError;

/// The threads of one pool.
pub(crate) struct Threads {
    rayon: rayon::ThreadPool,
    prefix: String,
    stack_size: usize,
}

impl Threads {
    /// Starts a thread for each worker, with names that begin with `prefix` and `stack_size` bytes
    /// of stack each.
    ///
    /// There are no spare ones for workers that wait: rayon wakes idle threads with every job, they
    /// look for more and yield, and a scheduler that counts them puts two busy workers on one CPU.
    pub(crate) fn start(
        workers: usize,
        prefix: String,
        stack_size: usize,
    ) -> Result<Self, BuildError> {
        // The system's error for the thread that it refused: rayon only passes on that there was
        // one.
        let mut refused = None;
        let rayon = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .spawn_handler(|thread| {
                let number = thread.index() + 1;
                let builder = thread::Builder::new().name(format!("{prefix}-{}", thread.index()));
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
                threads: workers,
                source,
            }
        })?;

        // rayon returns before its threads run; a caller that times the start wants them running.
        rayon.broadcast(|_| ());

        Ok(Self {
            rayon,
            prefix,
            stack_size,
        })
    }

    /// How many threads there are without the extra ones.
    pub(crate) fn count(&self) -> usize {
        self.rayon.current_num_threads()
    }

    /// Runs `body` on one of rayon's threads, as soon as one is idle.
    pub(crate) fn run(&self, body: impl FnOnce() + Send + 'static) {
        self.rayon.spawn(body);
    }

    /// Runs `body` on an extra thread, which ends with it.
    pub(crate) fn run_extra(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        thread::Builder::new()
            .name(format!("{}-extra", self.prefix))
            .stack_size(self.stack_size)
            .spawn(body)
            .map(drop)
    }
}
