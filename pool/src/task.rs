//! One task: its code and its outcome in a single allocation, and how it is run.
//!
//! The queue sees it as a [`Runnable`], its `ObjectRef` as an [`Outcome`]. This file must not
//! decide when or on which thread a task runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::cell::{Cancelled, Cell};
use crate::error::TaskError;
use crate::runnable::{Runnable, Site};
use crate::shared::Shared;
use crate::span::{Execution, Name};
use crate::sync::Arc;
use crate::unwind::panic_message;
use crate::waiter::Waiter;

/// What may be asked of a task by the holder of its `ObjectRef`.
pub(crate) trait Outcome<T>: Runnable {
    /// The pool that the task belongs to.
    fn pool(&self) -> u64;

    fn name(&self) -> String;

    fn is_done(&self) -> bool;

    fn take(&self) -> Option<Result<T, TaskError>>;

    fn watch(&self, waiter: Waiter);

    fn cancel(&self) -> bool;
}

/// Bytes that a task declares, and the pool that lends them.
pub(crate) struct Demand {
    pub(crate) bytes: u64,
    pub(crate) lender: Arc<Shared>,
}

/// A task's code `F`, then its outcome, and what its span needs. Kept small, because a program may
/// hold millions, and fresh memory is the dearest part of a short task: hence the box around what
/// is rare.
pub(crate) struct Task<T, F> {
    pub(crate) cell: Cell<F, Result<T, Box<TaskError>>>,
    pub(crate) pool: u64,
    pub(crate) name: Name,
    /// Its place in its batch.
    pub(crate) index: usize,
    /// When the batch was submitted.
    pub(crate) queued: u64,
    /// None if the task needs no admission.
    pub(crate) demand: Option<Demand>,
}

impl<T, F> Runnable for Task<T, F>
where
    T: Send,
    F: FnOnce() -> T + Send,
{
    fn run(&self, site: &Site<'_>) {
        let Some(code) = self.cell.claim() else {
            return;
        };

        let started = site.log.now();
        let outcome = catch_unwind(AssertUnwindSafe(code));
        let execution = Execution {
            index: self.index,
            worker: site.worker,
            queued: self.queued,
            started,
            finished: site.log.now(),
        };
        site.log.add(&self.name, execution);

        // Before the outcome is there, so that a thread which sees it finds the bytes free.
        if let Some(Demand { bytes, lender }) = &self.demand {
            lender.admit(|admission, push| admission.release(*bytes, push));
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

    fn may_start(&self) -> bool {
        self.cell.may_start()
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
        let outcome = self.cell.take()?;
        Some(outcome.map_err(|error| *error))
    }

    fn watch(&self, waiter: Waiter) {
        self.cell.watch(waiter);
    }

    fn cancel(&self) -> bool {
        let error = TaskError::Cancelled { task: self.name() };
        let Some(Cancelled { code, was_held }) = self.cell.cancel(Err(Box::new(error))) else {
            return false;
        };

        if let Some(Demand { bytes, lender }) = &self.demand {
            lender.admit(|admission, push| {
                if was_held {
                    admission.withdraw(self.address(), push)
                } else {
                    admission.release(*bytes, push)
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
        ptr::from_ref(self).addr()
    }
}
