//! Where one task's code becomes one task's outcome: the state every thread agrees on.
//!
//! ```text
//! Held ──admit──> Ready ──claim──> Running ──complete──> Done ──take──> Taken
//!   └──────cancel──────┴───────────────────────────────────┘
//! ```
//!
//! A cell only hands things over; it must not run, time or count anything. It is also compiled into
//! `tests/loom.rs`, which tests it.

use super::{
    sync::{AtomicBool, Mutex, Ordering, lock},
    waiter::Waiter,
};

/// Holds the code `F` until somebody claims it, and the outcome `R` until somebody takes it.
pub(crate) struct Cell<F, R> {
    inside: Mutex<Inside<F, R>>,
    /// Says without the lock that the stage is `Done` or `Taken`; set under the lock.
    done: AtomicBool,
}

struct Inside<F, R> {
    stage: Stage<F, R>,
    /// At most one thread waits, because the one `ObjectRef` cannot be in two places.
    watcher: Option<Waiter>,
}

enum Stage<F, R> {
    Held(F),
    Ready(F),
    Running,
    Done(R),
    Taken,
}

/// What [`Cell::cancel`] took out.
pub(crate) struct Cancelled<F> {
    /// The code that will not run.
    pub(crate) code: F,
    /// Whether it had not been admitted yet.
    pub(crate) was_held: bool,
}

impl<F, R> Cell<F, R> {
    /// A task that may start.
    pub(crate) fn ready(code: F) -> Self {
        Self::new(Stage::Ready(code))
    }

    /// A task that may not start before it is admitted.
    pub(crate) fn held(code: F) -> Self {
        Self::new(Stage::Held(code))
    }

    fn new(stage: Stage<F, R>) -> Self {
        Self {
            inside: Mutex::new(Inside {
                stage,
                watcher: None,
            }),
            done: AtomicBool::new(false),
        }
    }

    /// Lets a held task start; false if it has been cancelled.
    pub(crate) fn admit(&self) -> bool {
        let stage = &mut lock(&self.inside).stage;
        let (next, admitted) = match std::mem::replace(stage, Stage::Running) {
            Stage::Held(code) => (Stage::Ready(code), true),
            other => (other, false),
        };
        *stage = next;
        admitted
    }

    /// Takes the code if the task may start and nobody else has taken it; the caller has to complete it.
    pub(crate) fn claim(&self) -> Option<F> {
        let stage = &mut lock(&self.inside).stage;
        match std::mem::replace(stage, Stage::Running) {
            Stage::Ready(code) => Some(code),
            other => {
                *stage = other;
                None
            }
        }
    }

    /// Stores the outcome of a claimed task and wakes whoever waits for it.
    pub(crate) fn complete(&self, outcome: R) {
        let mut inside = lock(&self.inside);
        inside.stage = Stage::Done(outcome);
        // Releases the outcome to threads that see the flag before they take the lock.
        self.done.store(true, Ordering::Release);
        let watcher = inside.watcher.take();
        drop(inside);
        if let Some(watcher) = watcher {
            watcher.wake();
        }
    }

    /// Replaces code that nobody has claimed by an outcome. The code is returned, because dropping it may
    /// run anything at all, and no lock may be held then.
    pub(crate) fn cancel(&self, outcome: R) -> Option<Cancelled<F>> {
        let mut inside = lock(&self.inside);
        let cancelled = match std::mem::replace(&mut inside.stage, Stage::Running) {
            Stage::Held(code) => Cancelled {
                code,
                was_held: true,
            },
            Stage::Ready(code) => Cancelled {
                code,
                was_held: false,
            },
            other => {
                inside.stage = other;
                return None;
            }
        };
        drop(inside);
        self.complete(outcome);
        Some(cancelled)
    }

    /// Has `watcher` woken on completion; false if that is over. Replaces an earlier watcher.
    pub(crate) fn watch(&self, watcher: Waiter) -> bool {
        let mut inside = lock(&self.inside);
        let unfinished = !self.is_done();
        if unfinished {
            inside.watcher = Some(watcher);
        }
        unfinished
    }

    /// Whether the outcome is there.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Takes the outcome if it is there.
    pub(crate) fn take(&self) -> Option<R> {
        // Whoever asks early must not hold up the one who claims or completes the task.
        if !self.is_done() {
            return None;
        }
        let stage = &mut lock(&self.inside).stage;
        match std::mem::replace(stage, Stage::Taken) {
            Stage::Done(outcome) => Some(outcome),
            other => {
                *stage = other;
                None
            }
        }
    }
}
