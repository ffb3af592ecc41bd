//! One task: its code and its outcome in a single allocation, and how it is run.
//!
//! The queue sees it as a [`Runnable`], its `ObjectRef` as an [`Outcome`]. This file must not decide when or
//! on which thread a task runs.

use super::{
    cell::{Cancelled, Cell},
    error::TaskError,
    gate,
    runner::{Worker, quietly},
    shared::{Entry, Shared},
    span::{Execution, Name},
    sync::Arc,
    waiter::Waiter,
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What may be asked of any task.
pub(super) trait Runnable: Send + Sync {
    /// Runs the task on the calling thread, unless it is held or somebody else has claimed it.
    fn run(&self, worker: &Worker);
    fn admit(&self) -> bool;
    fn bytes(&self) -> u64;
}

/// What may be asked of a task by whoever waits for its result.
pub(super) trait Outcome<T>: Runnable {
    /// The pool that the task belongs to.
    fn pool(&self) -> u64;
    fn name(&self) -> String;
    fn is_done(&self) -> bool;
    fn take(&self) -> Option<Result<T, TaskError>>;
    fn watch(&self, waiter: Waiter);
    fn cancel(&self) -> bool;
}

/// Bytes that a task declares, and the pool that lends them.
pub(super) struct Demand {
    pub(super) bytes: u64,
    pub(super) shared: Arc<Shared>,
}

/// A task's code `F`, then its outcome, and what its span needs. Kept small, because a program may hold
/// millions, and fresh memory is the dearest part of a short task: hence the box around what is rare.
pub(super) struct Task<T, F> {
    pub(super) cell: Cell<F, Result<T, Box<TaskError>>>,
    pub(super) pool: u64,
    pub(super) name: Name,
    /// Its place in its batch.
    pub(super) index: usize,
    /// When the batch was submitted.
    pub(super) queued: u64,
    /// None if the task needs no admission.
    pub(super) demand: Option<Demand>,
}

impl<T, F> Runnable for Task<T, F>
where
    T: Send,
    F: FnOnce() -> T + Send,
{
    fn run(&self, worker: &Worker) {
        let Some(code) = self.cell.claim() else {
            return;
        };
        // The number may have changed when the code returns.
        let number = worker.lane();
        let started = worker.shared.now();
        let outcome = catch_unwind(AssertUnwindSafe(code));
        let execution = Execution {
            index: self.index,
            worker: number,
            queued: self.queued,
            started,
            finished: worker.shared.now(),
        };
        worker.shared.log.add(&self.name, execution);

        // Before the outcome is there, so that whoever sees it finds the bytes free.
        if let Some(Demand { bytes, shared }) = &self.demand {
            shared.at_gate(|gate, push| gate.give_back(*bytes, push));
        }
        self.cell.complete(outcome.map_err(|payload| {
            Box::new(TaskError::Panicked {
                task: self.name(),
                message: panic_message(payload),
            })
        }));
    }

    fn admit(&self) -> bool {
        self.cell.admit()
    }

    fn bytes(&self) -> u64 {
        self.demand.as_ref().map_or(0, |demand| demand.bytes)
    }
}

impl<T, F> Outcome<T> for Task<T, F>
where
    T: Send,
    F: FnOnce() -> T + Send,
{
    fn pool(&self) -> u64 {
        self.pool
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn is_done(&self) -> bool {
        self.cell.is_done()
    }

    fn take(&self) -> Option<Result<T, TaskError>> {
        self.cell
            .take()
            .map(|outcome| outcome.map_err(|error| *error))
    }

    fn watch(&self, waiter: Waiter) {
        self.cell.watch(waiter);
    }

    fn cancel(&self) -> bool {
        let error = TaskError::Cancelled { task: self.name() };
        let Some(Cancelled { code, was_held }) = self.cell.cancel(Err(Box::new(error))) else {
            return false;
        };
        if let Some(Demand { bytes, shared }) = &self.demand {
            shared.at_gate(|gate, push| {
                if was_held {
                    gate.forget(self.address(), push)
                } else {
                    gate.give_back(*bytes, push)
                }
            });
        }
        // Last, because it runs whatever the drops of the captured values do; they may even panic.
        drop(code);
        true
    }
}

impl<T, F> Task<T, F> {
    fn name(&self) -> String {
        self.name.to_string()
    }

    /// What tells it from every other task as long as it lives.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl gate::Entry for Entry {
    fn bytes(&self) -> u64 {
        (**self).bytes()
    }

    fn admit(&self) -> bool {
        (**self).admit()
    }

    fn address(&self) -> usize {
        Arc::as_ptr(self).addr()
    }
}

/// What a panic said, for the payload that catching it gave.
#[must_use]
pub fn panic_message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.unwrap_or("the panic carries no text").to_owned();
            quietly(|| drop(payload));
            text
        }
    }
}
