//! A task as the rest of the pool sees it: something that can be run once, whatever its result is.

use crate::admission::Candidate;
use crate::span::Log;
use crate::sync::Arc;

/// What may be asked of any task.
pub(crate) trait Runnable: Send + Sync {
    /// Runs the task on the calling thread, unless it is held or another thread has claimed it.
    fn run(&self, site: &Site<'_>);

    /// Lets a held task start; false if it has been cancelled.
    fn admit(&self) -> bool;

    /// Whether it may start and no thread has claimed it.
    fn may_start(&self) -> bool;

    /// The bytes that it declares.
    fn bytes(&self) -> u64;
}

/// A task in the queue, or one that waits for admission.
pub(crate) type QueuedTask = Arc<dyn Runnable>;

/// Where a task runs.
pub(crate) struct Site<'a> {
    /// The number of the worker.
    pub(crate) worker: usize,
    /// Where its span goes.
    pub(crate) log: &'a Log,
}

impl Candidate for QueuedTask {
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
