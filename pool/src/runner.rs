//! The threads at work: what a runner does from its first task to its last, and how a thread blocks. This file
//! must not decide where runners start.

use super::{
    shared::{Entry, Shared},
    slots::{Snapshot, Wait},
    sync::{Arc, current, park, spin},
    waiter::{Sleeper, Waiter},
};
use std::{
    cell::{Cell, RefCell},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Instant,
};

thread_local! {
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// A thread that holds a slot.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    lane: Cell<usize>,
}

/// The worker that the calling thread is, if it is inside a task.
pub(super) fn worker() -> Option<Rc<Worker>> {
    WORKER
        .try_with(|worker| worker.borrow().clone())
        .ok()
        .flatten()
}

/// A runner: works from the taking of a slot until it gives the slot up.
pub(super) fn run(shared: Arc<Shared>) {
    if worker().is_some() {
        // A task waits inside one of rayon's own operations, and rayon lends its thread meanwhile. A task on
        // top of it might wait for the one below, which would never end: pass the slot to another thread. Not back
        // to rayon's, whose idle threads may all be in the same place and would pass it round for as long.
        return shared.start_apart();
    }
    if shared.slots.retire_at_start() {
        return;
    }
    let worker = Rc::new(Worker {
        lane: Cell::new(shared.take_lane()),
        shared,
    });
    WORKER.set(Some(Rc::clone(&worker)));
    worker.work();
    WORKER.set(None);
}

impl Worker {
    /// The number of the slot.
    pub(super) fn lane(&self) -> usize {
        self.lane.get()
    }

    fn work(&self) {
        let Shared { slots, queue, .. } = &*self.shared;
        loop {
            while let Some(task) = queue.pop().or_else(|| self.seek()) {
                task.run(self);
                quietly(|| drop(task));
                // The number first: the next runner to start may have it.
                if slots.has_surplus() {
                    self.give_lane();
                    if slots.retire() {
                        return;
                    }
                    self.lane.set(self.shared.take_lane());
                }
            }
            self.give_lane();
            if let Some(left) = slots.leave(|| !queue.is_empty()) {
                return self.rest(left);
            }
            self.lane.set(self.shared.take_lane());
        }
    }

    /// Looks out for the next task for a short while. A runner that left at once would have to be started
    /// anew, which costs more than many a task. Submitters meanwhile rely on it for every task they push, so
    /// it starts as many runners as it leaves tasks.
    fn seek(&self) -> Option<Entry> {
        let Shared { slots, queue, .. } = &*self.shared;
        if !slots.seek() {
            return None;
        }
        spin(|| !queue.is_empty());
        slots.found();
        let task = queue.pop()?;
        let others = queue.len();
        (0..others).all(|_| self.shared.replace());
        Some(task)
    }

    /// The last look back of a runner that found nothing to do.
    fn rest(&self, left: Snapshot) {
        if left.is_stuck() {
            self.shared.cover();
        }
        self.shared.wake_rest_watchers();
    }

    fn give_lane(&self) {
        self.shared.give_lane(self.lane.get());
    }

    /// Blocks the task on top of this worker, whose slot others use meanwhile.
    fn sleep(
        &self,
        wait: Wait,
        deadline: Option<Instant>,
        watch: impl FnOnce(Waiter),
        done: impl Fn() -> bool,
    ) {
        let sleeper = Arc::new(Sleeper::new(Arc::clone(&self.shared.slots), wait));
        watch(Waiter::Sleeper(Arc::clone(&sleeper)));
        while !done() && !has_passed(deadline) {
            self.give_lane();
            if sleeper.lie_down() {
                self.shared.cover();
                park(deadline);
                sleeper.get_up();
            }
            self.lane.set(self.shared.take_lane());
        }
    }
}

fn has_passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Blocks the calling thread until `done` holds or the deadline has passed. `watch` has the waiter that it is
/// given woken whenever `done` may have changed; `is_own` says whether a pool can bring that about itself.
pub(super) fn block(
    is_own: &dyn Fn(&Shared) -> bool,
    deadline: Option<Instant>,
    watch: impl FnOnce(Waiter),
    done: impl Fn() -> bool,
) {
    if done() || spin(&done) {
        return;
    }
    if let Some(worker) = worker() {
        let wait = if is_own(&worker.shared) {
            Wait::Inside
        } else {
            Wait::Outside
        };
        return worker.sleep(wait, deadline, watch, done);
    }
    watch(Waiter::Thread(current()));
    while !done() && !has_passed(deadline) {
        park(deadline);
    }
}

/// Runs code of a user whose panic concerns nobody, such as the drop of a result that nobody fetched.
pub(super) fn quietly(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        // The payload is a value of the user's as well; should its drop panic too, the next one is leaked.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        mem::forget(dropped);
    }
}
