//! The tasks that are blocked, and what each of them waits for.
//!
//! When the system refuses a thread for a runner, a blocked task that waits for a task which could
//! start is asked to run it itself: on its own thread, on top of its own frame. This file is also
//! compiled into `tests/loom.rs`, which tests it.

use crate::runnable::QueuedTask;
use crate::sync::{Arc, Mutex, lock};
use crate::waiter::Sleeper;

/// The tasks that a task waits for. The standard library's, also under loom: nothing depends on
/// when the list is dropped.
pub(crate) type TaskList = std::sync::Arc<[QueuedTask]>;

/// The blocked tasks of one pool.
#[derive(Default)]
pub(crate) struct BlockedTasks(Mutex<Vec<BlockedTask>>);

struct BlockedTask {
    sleeper: Arc<Sleeper>,
    awaited: TaskList,
}

impl BlockedTasks {
    /// Lists a task that is about to give its slot up.
    pub(crate) fn add(&self, sleeper: &Arc<Sleeper>, awaited: &TaskList) {
        lock(&self.0).push(BlockedTask {
            sleeper: Arc::clone(sleeper),
            awaited: TaskList::clone(awaited),
        });
    }

    /// Takes a task off the list. False if it has been asked to run what it waits for.
    pub(crate) fn remove(&self, sleeper: &Arc<Sleeper>) -> bool {
        let mut list = lock(&self.0);
        let place = list
            .iter()
            .position(|task| Arc::ptr_eq(&task.sleeper, sleeper));
        place.map(|place| list.swap_remove(place)).is_some()
    }

    /// Asks the first blocked task that waits for one which `may_run`, and wakes it with a slot.
    /// False if there is no such task.
    pub(crate) fn ask(&self, may_run: impl Fn(&QueuedTask) -> bool) -> bool {
        let mut list = lock(&self.0);
        let place = list
            .iter()
            .position(|task| task.awaited.iter().any(&may_run));
        let Some(place) = place else {
            return false;
        };

        let BlockedTask { sleeper, awaited } = list.swap_remove(place);
        // Under the lock, which the blocked task needs to go on: until then it holds on to what it
        // waits for, so no result of a user is dropped here.
        drop(awaited);
        drop(list);

        sleeper.wake();
        true
    }
}
