//! A task pool with the semantics of Ray: [`submit`](TaskPool::submit) returns an [`ObjectRef`] at
//! once, [`get`](ObjectRef::get) waits for its result, and tasks may wait for tasks without ever
//! deadlocking.
//!
//! ```
//! use parbench_pool::{TaskPool, get_all};
//!
//! let pool = TaskPool::builder().memory_budget(1 << 30).build()?;
//! let squares = pool.submit_all((0..10).map(|i| move || i * i))?;
//! let large = pool.task("large").bytes(1 << 20).submit(|| vec![0_u8; 1 << 20].len())?;
//! assert_eq!(get_all(squares)?.into_iter().sum::<i32>(), 285);
//! assert_eq!(large.get()?, 1 << 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate must not know what its tasks compute. Its modules stand leaf to root below: a module
//! imports only modules listed above it.
//!
//! # Slots and threads
//!
//! As in Ray, concurrency is a number of *slots*, not of threads. A *runner* holds a slot, takes
//! tasks from one queue, oldest first, and gives the slot up when the queue is empty. A task that
//! blocks in `get` lends its slot to another runner, on a thread that is started for it: up to 64
//! of them, and beyond that one whenever no runner is left that could go on. A task that wakes
//! takes a slot again at once, so that for a moment more tasks than slots may run: the next runner
//! to finish a task then retires. [`TaskPool::limit`] has fewer of the slots used.
//!
//! # States of a task
//!
//! A task is *held* (it waits for memory), *ready*, *running*, *done* (finished, failed or
//! cancelled), or *taken*. The thread that moves it from ready to running, under its lock, is the
//! one that runs it: a runner, or the task that waits for it. Its entry in the queue may thus be
//! out of date, and is then skipped.
//!
//! # Why nobody waits forever
//!
//! * *Submission against leaving.* A submitter pushes, then looks for a free slot; a runner gives
//!   its slot up, then looks at the queue; with a sequentially consistent fence between the two
//!   steps of each, at least one sees the other (`slots.rs`).
//! * *Submission against seeking.* A runner with nothing to do keeps its slot and looks out for
//!   tasks a few microseconds more; submitters that see it start no runner of their own. When it
//!   stops seeking, it looks at the queue behind such a fence, takes one task, and starts a runner
//!   for each task that it leaves, while slots are free.
//! * *Completion against waiting.* A waiter registers under the task's lock and parks unless the
//!   result is there; the thread that completes the task stores the result under that lock and then
//!   wakes the registered waiter (`cell.rs`). Thread tokens make a wake-up before the parking as
//!   good as one after it.
//! * *Tasks that wait for tasks.* A waiting task that finds its task ready runs it on top of
//!   itself; never an unrelated one, which might wait for the frame below it. Otherwise it sleeps,
//!   and lends its slot. When all slots are free and the queue is not empty, a runner can always
//!   start; so as long as what waits for what has no circle, somebody goes on.
//! * *Threads that the system refuses.* Instead of a runner on another thread, a blocked task that
//!   waits for a ready one runs it on top of itself, also if it waits by [`wait`] (`blocked.rs`).
//!   If there is no such task and nothing else can move, a held task that one of them waits for
//!   starts over budget. So the task at the end of each chain of waiting tasks goes on.
//! * *Wakers give slots.* The thread that completes a task that a sleeper waits for gives the
//!   sleeper a slot before it gives its own up (`waiter.rs`). Hence "no slot is taken, the queue is
//!   empty, and tasks wait" means that they all wait for held tasks; only then does the oldest held
//!   task start over budget (`admission.rs`).
//! * *Shutdown against submission.* Either the submission sees the pool closed, or the shutdown
//!   waits for it (`submissions.rs`).
//! * *A limit against a late start.* A runner that took its slot by the old limit looks again
//!   before its first task (`slots.rs`).
//!
//! `tests/loom.rs` compiles `blocked.rs`, `cell.rs`, `slots.rs`, `submissions.rs` and `waiter.rs`
//! against loom and explores these interleavings.
//!
//! # Limits
//!
//! Tasks that wait for tasks on the same stack need some of it for each: with the default of 64
//! MiB, a chain of 10,000 in a debug build. A task that waits by [`wait`] or with a timeout always
//! keeps a thread. Tasks of two pools that wait for each other's held tasks can wait forever:
//! neither pool sees the other's memory. While the system refuses further threads and all threads
//! are blocked, only tasks that blocked tasks wait for without a timeout are run.
//!
//! Rayon's own operations inside a task use whichever of the pool's threads is idle. What they run
//! must not `get` from the same pool: a half of `rayon::join` that moved to another thread is no
//! task, so nobody lends its slot, and with every slot taken it waits forever.

#![forbid(unsafe_code)]

mod sync;

mod slots;

mod waiter;

mod cell;

mod submissions;

mod admission;

mod error;

mod span;

mod unwind;

mod runnable;

mod threads;

mod blocked;

mod shared;

mod task;

mod runner;

mod object_ref;

mod handle;

mod builder;

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::time::Instant;

pub use crate::builder::Builder;
pub use crate::error::{BuildError, SubmitError, TaskError};
pub use crate::handle::{Handle, NewTask};
pub use crate::object_ref::{ObjectRef, get_all, wait};
pub use crate::span::{Span, Spans};
pub use crate::unwind::panic_message;

/// The examples of the README, which are tests as well.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A pool of workers that run tasks.
///
/// Dropping it shuts it down.
#[derive(Debug)]
pub struct TaskPool {
    handle: Handle,
}

impl TaskPool {
    /// A pool that runs `workers` tasks at once, and is otherwise as [`Builder`] makes it by
    /// default.
    pub fn new(workers: NonZeroUsize) -> Result<Self, BuildError> {
        Self::builder().workers(workers).build()
    }

    /// Starts the description of a pool.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A handle through which other threads and tasks can submit.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Hands a task over and returns at once; see [`Handle::submit`].
    pub fn submit<T, F>(&self, code: F) -> Result<ObjectRef<T>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.handle.submit(code)
    }

    /// Hands many tasks over; see [`Handle::submit_all`].
    pub fn submit_all<T, F>(
        &self,
        codes: impl IntoIterator<Item = F>,
    ) -> Result<Vec<ObjectRef<T>>, SubmitError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.handle.submit_all(codes)
    }

    /// Starts the description of a task that has a name of its own.
    pub fn task(&self, name: impl Into<String>) -> NewTask<'_> {
        self.handle.task(name)
    }

    /// How many tasks run at once: as many as the pool was built for, or fewer after
    /// [`limit`](Self::limit).
    #[must_use]
    pub fn workers(&self) -> usize {
        self.handle.workers()
    }

    /// Has at most `workers` tasks run at once from now on; a number above the one that the pool
    /// was built for counts as that one.
    ///
    /// Where that is fewer than before, it waits until the tasks that were submitted have finished,
    /// unless it is called inside one of them: then those that run go on, and the limit holds once
    /// they have finished. The pool keeps its threads, so that the limit can be raised again at no
    /// cost.
    pub fn limit(&mut self, workers: NonZeroUsize) {
        if self.handle.shared.limit(workers) {
            runner::wait_for_rest(&self.handle.shared);
        }
    }

    /// The bytes that running tasks may declare together, if there is a limit.
    #[must_use]
    pub fn memory_budget(&self) -> Option<u64> {
        self.handle.memory_budget()
    }

    /// The moment from which the times of spans count.
    #[must_use]
    pub fn epoch(&self) -> Instant {
        self.handle.epoch()
    }

    /// Takes the spans of all tasks that have finished since the last call; see
    /// [`Handle::take_spans`].
    #[must_use = "spans that are taken are gone from the pool"]
    pub fn take_spans(&self) -> Spans {
        self.handle.take_spans()
    }

    /// Refuses new tasks, and returns when those that were submitted have finished.
    ///
    /// Called inside one of the pool's own tasks, it returns at once, because that task could not
    /// finish otherwise; all that was submitted is run all the same. Results can be fetched
    /// afterwards.
    pub fn shutdown(&self) {
        self.handle.shared.close();
        runner::wait_for_rest(&self.handle.shared);
    }

    /// Whether the pool refuses new tasks.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.handle.is_shut_down()
    }
}

impl Drop for TaskPool {
    fn drop(&mut self) {
        self.shutdown();
    }
}
