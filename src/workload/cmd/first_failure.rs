//! The first task that failed: the others are ended, and fail as it did.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::workload::Error;

/// What failed first, if anything has.
#[derive(Debug, Default)]
pub(super) struct FirstFailure {
    failure: Mutex<Option<Failure>>,
    /// Raised with it.
    has_failed: AtomicBool,
}

impl FirstFailure {
    /// A flag that is raised once a task has failed: no other one is needed any more.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.has_failed
    }

    /// Records `failure`, unless another one came before; the error is that of the first.
    pub(super) fn record(&self, failure: Failure) -> Error {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let first = first.get_or_insert(failure).clone();

        self.has_failed.store(true, Ordering::Relaxed);
        Error::Failed(first)
    }
}
