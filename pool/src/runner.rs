//! The threads at work: what a runner does from its first task to its last, and how a thread
//! blocks. This file must not decide where runners start.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use crate::blocked::TaskList;
use crate::runnable::{QueuedTask, Site};
use crate::shared::Shared;
use crate::slots::{Snapshot, Wait};
use crate::sync::{Arc, current, park, spin};
use crate::unwind::ignore_panic;
use crate::waiter::{Sleeper, Waiter};

thread_local! {
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// A thread that holds a slot.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    number: Cell<usize>,
}

/// The worker that the calling thread is, if it is inside a task.
pub(crate) fn current_worker() -> Option<Rc<Worker>> {
    WORKER
        .try_with(|worker| worker.borrow().clone())
        .ok()
        .flatten()
}

/// A runner: works from the taking of a slot until it gives the slot up.
///
/// False if the calling thread cannot be one, because it is inside a task: that waits inside one of
/// rayon's own operations, and rayon lends its thread meanwhile. A task on top of it might wait for
/// the one below, which would never end. The caller has to pass the slot to another thread; not
/// back to rayon's, whose idle threads may all be in the same place and would pass it round for as
/// long.
pub(crate) fn run(shared: &Arc<Shared>) -> bool {
    if current_worker().is_some() {
        return false;
    }
    if shared.slots.retire_at_start() {
        return true;
    }

    let worker = Rc::new(Worker {
        number: Cell::new(shared.take_number()),
        shared: Arc::clone(shared),
    });
    WORKER.set(Some(Rc::clone(&worker)));
    worker.work();
    WORKER.set(None);
    true
}

impl Worker {
    /// Where a task runs that starts now.
    pub(crate) fn site(&self) -> Site<'_> {
        Site {
            worker: self.number.get(),
            log: &self.shared.log,
        }
    }

    fn work(&self) {
        let Shared { slots, queue, .. } = &*self.shared;
        loop {
            while let Some(task) = queue.pop().or_else(|| self.seek()) {
                task.run(&self.site());
                ignore_panic(|| drop(task));

                // The number first: the next runner to start may have it.
                if slots.has_surplus() {
                    self.give_number_back();
                    if slots.retire() {
                        return;
                    }
                    self.take_number();
                }
            }

            self.give_number_back();
            if let Some(left) = slots.leave(|| !queue.is_empty()) {
                return self.look_back(left);
            }
            self.take_number();
        }
    }

    /// Looks out for the next task for a short while. A runner that left at once would have to be
    /// started again, which costs more than many a task. Submitters meanwhile rely on it for every
    /// task they push, so it starts as many runners as it leaves tasks.
    fn seek(&self) -> Option<QueuedTask> {
        let Shared { slots, queue, .. } = &*self.shared;
        if !slots.start_seeking() {
            return None;
        }
        spin(|| !queue.is_empty());
        slots.stop_seeking();

        let task = queue.pop()?;
        let others = queue.len();
        (0..others).all(|_| self.shared.replace());
        Some(task)
    }

    /// The last look of a runner that found nothing to do and gave its slot up.
    fn look_back(&self, left: Snapshot) {
        if left.is_stuck() {
            self.shared.cover();
        }
        self.shared.wake_rest_watchers();
    }

    fn take_number(&self) {
        self.number.set(self.shared.take_number());
    }

    fn give_number_back(&self) {
        self.shared.give_number_back(self.number.get());
    }

    /// Blocks the task on top of this worker, whose slot others use meanwhile.
    fn sleep(&self, awaited: &impl Awaited, deadline: Option<Instant>) {
        let wait = if awaited.is_inside(&self.shared) {
            Wait::Inside
        } else {
            Wait::Outside
        };
        let sleeper = Arc::new(Sleeper::new(Arc::clone(&self.shared.slots), wait));
        awaited.watch(Waiter::Sleeper(Arc::clone(&sleeper)));
        // A task that it runs itself might take longer than its deadline.
        let tasks = match deadline {
            None => awaited.tasks(&self.shared),
            Some(_) => TaskList::default(),
        };

        while !awaited.is_over() && !has_passed(deadline) {
            self.give_number_back();
            self.shared.blocked.add(&sleeper, &tasks);
            if sleeper.release_slot() {
                self.shared.cover();
                if sleeper.is_asleep() {
                    park(deadline);
                }
                sleeper.regain_slot();
            }
            let was_asked = !self.shared.blocked.remove(&sleeper);
            self.take_number();

            if was_asked {
                for task in tasks.iter().take_while(|_| !awaited.is_over()) {
                    task.run(&self.site());
                }
            }
        }
    }
}

/// What a thread can wait for.
pub(crate) trait Awaited {
    /// Whether the wait is over.
    fn is_over(&self) -> bool;

    /// Has `waiter` woken whenever the wait may be over.
    fn watch(&self, waiter: Waiter);

    /// Whether the tasks of `pool` bring the end about.
    fn is_inside(&self, pool: &Shared) -> bool;

    /// The tasks of `pool` whose end is waited for.
    fn tasks(&self, pool: &Shared) -> TaskList;
}

/// Blocks the calling thread until the wait is over or the deadline has passed.
pub(crate) fn block(awaited: &impl Awaited, deadline: Option<Instant>) {
    if awaited.is_over() || spin(|| awaited.is_over()) {
        return;
    }
    if let Some(worker) = current_worker() {
        return worker.sleep(awaited, deadline);
    }

    awaited.watch(Waiter::Thread(current()));
    while !awaited.is_over() && !has_passed(deadline) {
        park(deadline);
    }
}

fn has_passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Blocks until every task of the pool has finished. Returns at once inside one of them, which
/// could not finish otherwise.
pub(crate) fn wait_for_rest(pool: &Shared) {
    if current_worker().is_some_and(|worker| worker.shared.id == pool.id) {
        return;
    }

    block(&Rest(pool), None);
    // Several threads wait for a closed pool only, which stays at rest.
    pool.dismiss_rest_watchers();
}

/// That a pool has nothing to do.
struct Rest<'a>(&'a Shared);

impl Awaited for Rest<'_> {
    fn is_over(&self) -> bool {
        self.0.is_at_rest()
    }

    fn watch(&self, waiter: Waiter) {
        self.0.watch_rest(waiter);
    }

    fn is_inside(&self, _pool: &Shared) -> bool {
        false
    }

    fn tasks(&self, _pool: &Shared) -> TaskList {
        TaskList::default()
    }
}
