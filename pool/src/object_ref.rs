//! The future result of a task, and the ways to wait for it. This file must not start or run
//! threads.

use std::fmt;
use std::slice;
use std::time::{Duration, Instant};

use crate::blocked::TaskList;
use crate::error::TaskError;
use crate::runnable::QueuedTask;
use crate::runner::{Awaited, block, current_worker};
use crate::shared::Shared;
use crate::sync::Arc;
use crate::task::Outcome;
use crate::waiter::Waiter;

/// The result of a task, which may still be on its way.
///
/// It may be sent to other threads and captured by other tasks. Dropping it neither cancels the
/// task nor waits for it; the result is then dropped as soon as it is there.
#[must_use = "the result can only be fetched from here"]
pub struct ObjectRef<T>(pub(crate) Arc<dyn Outcome<T>>);

impl<T> ObjectRef<T> {
    /// Waits for the task and returns its result.
    ///
    /// Inside a task of the same pool this never deadlocks, however deep and with however few
    /// workers: a task that has not started is run at once, on the waiting thread; while another
    /// thread runs it, the waiting task lends its slot to other tasks.
    pub fn get(self) -> Result<T, TaskError> {
        loop {
            if let Some(outcome) = self.0.take() {
                return outcome;
            }
            self.finish();
        }
    }

    /// Waits no longer than `timeout` for the task, and gives the ref back if it has not finished
    /// by then.
    ///
    /// The inner `Result` is what [`get`](Self::get) would return. Inside a task, the thread sleeps
    /// and never runs the awaited task itself, since that might take longer than the timeout.
    pub fn get_timeout(self, timeout: Duration) -> Result<Result<T, TaskError>, Self> {
        block(&self, deadline(timeout));
        self.0.take().ok_or(self)
    }

    /// Whether the result is there: [`get`](Self::get) will not wait.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.is_done()
    }

    /// Cancels the task if it has not started; it will then never start, and its result is
    /// [`TaskError::Cancelled`]. Returns whether that was so: a task that has started is left
    /// alone.
    #[must_use = "a task that has started runs on"]
    pub fn cancel(&self) -> bool {
        self.0.cancel()
    }

    /// The task's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Returns when the task has finished; runs it if that is what it takes.
    fn finish(&self) {
        if let Some(worker) = current_worker().filter(|worker| self.is_inside(&worker.shared)) {
            self.0.run(&worker.site());
        }
        block(self, None);
    }
}

impl<T> Awaited for ObjectRef<T> {
    fn is_over(&self) -> bool {
        self.is_ready()
    }

    fn watch(&self, waiter: Waiter) {
        self.0.watch(waiter);
    }

    fn is_inside(&self, pool: &Shared) -> bool {
        self.0.pool() == pool.id
    }

    fn tasks(&self, pool: &Shared) -> TaskList {
        FirstOf {
            refs: slice::from_ref(self),
            how_many: 1,
        }
        .tasks(pool)
    }
}

impl<T> fmt::Debug for ObjectRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectRef")
            .field("task", &self.name())
            .field("ready", &self.is_ready())
            .finish()
    }
}

/// Waits for all tasks and returns their results in the order of `refs`, or the first error in that
/// order.
///
/// It returns only when all have finished, even if one fails early.
pub fn get_all<T>(refs: impl IntoIterator<Item = ObjectRef<T>>) -> Result<Vec<T>, TaskError> {
    let refs: Vec<_> = refs.into_iter().collect();

    // Workers take the oldest task first, so a thread that waits for the newest first hardly ever
    // wakes in between; and a task that waits runs those that the workers would come to last. Once
    // they meet, little is left.
    for task in refs.iter().rev().take_while(|task| !task.is_ready()) {
        task.finish();
    }

    let mut results = Vec::with_capacity(refs.len());
    let mut first_error = None;
    for task in refs {
        match task.get() {
            Ok(result) => results.push(result),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(results), Err)
}

/// Waits until `how_many` of the tasks have finished or `timeout` has passed, and parts the refs
/// into those that are ready and the rest.
///
/// Both lists keep the order of `refs`. At most `how_many` are returned as ready, the first ones in
/// that order, even if more have finished; if there are fewer than `how_many` refs, all of them are
/// waited for. Without a timeout it waits as long as it takes. Inside a task, the thread sleeps and
/// other threads run the tasks.
pub fn wait<T>(
    refs: Vec<ObjectRef<T>>,
    how_many: usize,
    timeout: Option<Duration>,
) -> (Vec<ObjectRef<T>>, Vec<ObjectRef<T>>) {
    let how_many = how_many.min(refs.len());
    let first = FirstOf {
        refs: &refs,
        how_many,
    };
    block(&first, timeout.and_then(deadline));

    let mut room = how_many;
    refs.into_iter().partition(|task| {
        let take = room > 0 && task.is_ready();
        room -= usize::from(take);
        take
    })
}

/// Those of several tasks that finish first.
struct FirstOf<'a, T> {
    refs: &'a [ObjectRef<T>],
    how_many: usize,
}

impl<T> Awaited for FirstOf<'_, T> {
    fn is_over(&self) -> bool {
        let ready = self.refs.iter().filter(|task| task.is_ready());
        ready.take(self.how_many).count() == self.how_many
    }

    fn watch(&self, waiter: Waiter) {
        for task in self.refs {
            task.watch(waiter.clone());
        }
    }

    fn is_inside(&self, pool: &Shared) -> bool {
        self.refs.iter().all(|task| task.is_inside(pool))
    }

    fn tasks(&self, pool: &Shared) -> TaskList {
        let inside = self.refs.iter().filter(|task| task.is_inside(pool));
        inside
            .map(|task| Arc::clone(&task.0) as QueuedTask)
            .collect()
    }
}

/// When a timeout ends; None if that is beyond what the clock can hold.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
