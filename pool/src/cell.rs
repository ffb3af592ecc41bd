//! Where one task's code becomes one task's outcome: the state every thread agrees on.
//!
//! ```text
//! Held ──admit──> Ready ──claim──> Running ──complete──> Done ──take──> Taken
//!   └──────cancel──────┴───────────────────────────────────┘
//! ```
//!
//! A cell only hands things over; it must not run, time or count anything. It is also compiled into
//! `tests/loom.rs`, which tests it.

use std::mem;

use crate::sync::{AtomicBool, Mutex, Ordering, lock};
use crate::waiter::Waiter;

/// Holds the code `F` until a thread claims it, and the outcome `R` until it is taken.
pub(crate) struct Cell<F, R> {
    state: Mutex<State<F, R>>,
    /// Says without the lock that the stage is `Done` or `Taken`; set under the lock.
    done: AtomicBool,
}

struct State<F, R> {
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
        let watcher = None;
        Self {
            state: Mutex::new(State { stage, watcher }),
            done: AtomicBool::new(false),
        }
    }

    /// Lets a held task start; false if it has been cancelled.
    pub(crate) fn admit(&self) -> bool {
        let stage = &mut lock(&self.state).stage;
        let (next, admitted) = match mem::replace(stage, Stage::Running) {
            Stage::Held(code) => (Stage::Ready(code), true),
            other => (other, false),
        };
        *stage = next;
        admitted
    }

    /// Whether the task may start and no thread has taken its code.
    pub(crate) fn may_start(&self) -> bool {
        matches!(lock(&self.state).stage, Stage::Ready(_))
    }

    /// Takes the code if the task may start and no other thread has taken it; the caller has to
    /// complete it.
    pub(crate) fn claim(&self) -> Option<F> {
        let stage = &mut lock(&self.state).stage;
        match mem::replace(stage, Stage::Running) {
            Stage::Ready(code) => Some(code),
            other => {
                *stage = other;
                None
            }
        }
    }

    /// Stores the outcome of a claimed task and wakes the thread that waits for it.
    pub(crate) fn complete(&self, outcome: R) {
        let mut state = lock(&self.state);
        state.stage = Stage::Done(outcome);
        // Releases the outcome to threads that see the flag before they take the lock.
        self.done.store(true, Ordering::Release);
        let watcher = state.watcher.take();
        drop(state);

        if let Some(watcher) = watcher {
            watcher.wake();
        }
    }

    /// Replaces code that nobody has claimed by an outcome. The code is returned, because dropping
    /// it may run anything at all, and no lock may be held then.
    pub(crate) fn cancel(&self, outcome: R) -> Option<Cancelled<F>> {
        let mut state = lock(&self.state);
        let (code, was_held) = match mem::replace(&mut state.stage, Stage::Running) {
            Stage::Held(code) => (code, true),
            Stage::Ready(code) => (code, false),
            other => {
                state.stage = other;
                return None;
            }
        };
        drop(state);

        self.complete(outcome);
        Some(Cancelled { code, was_held })
    }

    /// Has `watcher` woken on completion; false if that is over. Replaces an earlier watcher.
    pub(crate) fn watch(&self, watcher: Waiter) -> bool {
        let mut state = lock(&self.state);
        let unfinished = !self.is_done();
        if unfinished {
            state.watcher = Some(watcher);
        }
        unfinished
    }

    /// Whether the outcome is there.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Takes the outcome if it is there.
    pub(crate) fn take(&self) -> Option<R> {
        // An early look must not hold up the thread that claims or completes the task.
        if !self.is_done() {
            return None;
        }

        let stage = &mut lock(&self.state).stage;
        match mem::replace(stage, Stage::Taken) {
            Stage::Done(outcome) => Some(outcome),
            other => {
                *stage = other;
                None
            }
        }
    }
}
