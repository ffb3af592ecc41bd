//! The threads that runners run on: rayon's, one for each worker, and extra ones that stand in for
//! blocked ones. This file must not decide which of them a runner gets.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::thread;

use crate::error::BuildError;

/// What a thread does.
pub(crate) type Body = Box<dyn FnOnce() + Send>;

/// How an extra thread is started; a test puts a function in its place that refuses.
pub(crate) type Spawn = fn(thread::Builder, Body) -> io::Result<()>;

/// Asks the system for a thread.
pub(crate) fn spawn(thread: thread::Builder, body: Body) -> io::Result<()> {
    thread.spawn(body).map(drop)
}

/// What the threads of a pool have in common.
pub(crate) struct ThreadOptions {
    /// How their names begin.
    pub(crate) prefix: String,
    /// The bytes of their stacks.
    pub(crate) stack_size: usize,
    /// How extra ones are started.
    pub(crate) spawn: Spawn,
}

/// The threads of one pool.
pub(crate) struct Threads {
    rayon: rayon::ThreadPool,
    /// How many bodies were handed to rayon and have not ended.
    busy: AtomicUsize,
    options: ThreadOptions,
}

impl Threads {
    /// Starts a thread for each worker.
    ///
    /// There are no spare ones for workers that wait: rayon wakes idle threads with every job, they
    /// look for more and yield, and a scheduler that counts them puts two busy workers on one CPU.
    pub(crate) fn start(workers: usize, options: ThreadOptions) -> Result<Self, BuildError> {
        let ThreadOptions {
            prefix, stack_size, ..
        } = &options;

        // The system's error for the thread that it refused: rayon only passes on that there was
        // one.
        let mut refused = None;
        let rayon = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .spawn_handler(|thread| {
                let number = thread.index() + 1;
                let builder = thread::Builder::new().name(format!("{prefix}-{}", thread.index()));
                let started = builder.stack_size(*stack_size).spawn(|| thread.run());
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
            busy: AtomicUsize::new(0),
            options,
        })
    }

    /// How many threads there are without the extra ones.
    pub(crate) fn count(&self) -> usize {
        self.rayon.current_num_threads()
    }

    /// Reserves one of rayon's threads for [`run`](Self::run), whether it is idle or not.
    pub(crate) fn reserve(&self) {
        self.busy.fetch_add(1, Ordering::SeqCst);
    }

    /// Reserves one of rayon's threads, if one is idle.
    pub(crate) fn reserve_idle(&self) -> bool {
        fence(Ordering::SeqCst);
        let next = |busy: usize| (busy < self.count()).then_some(busy + 1);
        self.busy
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next)
            .is_ok()
    }

    /// Whether one of rayon's threads is idle.
    pub(crate) fn has_idle(&self) -> bool {
        fence(Ordering::SeqCst);
        self.busy.load(Ordering::SeqCst) < self.count()
    }

    /// Runs `body`, which has to [`release`](Self::release) it, on the reserved thread.
    pub(crate) fn run(&self, body: impl FnOnce() + Send + 'static) {
        self.rayon.spawn(body);
    }

    /// Ends a reservation. A look for tasks by the caller comes after that in the eyes of all
    /// threads.
    pub(crate) fn release(&self) {
        self.busy.fetch_sub(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Runs `body` on an extra thread, which ends with it. False if the system refuses one.
    pub(crate) fn run_extra(&self, body: impl FnOnce() + Send + 'static) -> bool {
        let ThreadOptions {
            prefix,
            stack_size,
            spawn,
        } = &self.options;
        let thread = thread::Builder::new()
            .name(format!("{prefix}-extra"))
            .stack_size(*stack_size);

        spawn(thread, Box::new(body)).is_ok()
    }
}
