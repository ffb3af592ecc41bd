//! Whom to wake: a thread that is blocked until a task has finished, with or without a slot to get
//! back.
//!
//! A task that blocks gives its slot up, and *the thread that wakes it gives it a slot again*,
//! before it even runs. So a task that can go on is always counted as active, and "nobody is
//! active" means that nobody can move. This file must not know what is waited for; it is also
//! compiled into `tests/loom.rs`, which tests it.

use crate::slots::{Slots, Wait};
use crate::sync::{Arc, Mutex, Thread, current, lock};

/// A blocked thread, as the thread that ends its wait sees it.
#[derive(Clone)]
pub(crate) enum Waiter {
    /// A thread that holds no slot.
    Thread(Thread),
    /// A thread inside a task.
    Sleeper(Arc<Sleeper>),
}

impl Waiter {
    /// Makes the thread look again. Thread tokens are never lost, so it does not matter whether the
    /// thread is already parked.
    pub(crate) fn wake(self) {
        match self {
            Self::Thread(thread) => thread.unpark(),
            Self::Sleeper(sleeper) => sleeper.wake(),
        }
    }
}

/// A task that waits, and whether it has a slot meanwhile.
pub(crate) struct Sleeper {
    thread: Thread,
    slots: Arc<Slots>,
    wait: Wait,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has a slot, and nobody has woken it since it last looked.
    Awake,
    /// It has no slot.
    Asleep,
    /// It has a slot and should look again before it gives it up.
    Woken,
}

impl Sleeper {
    /// A sleeper for the calling thread, which holds a slot of `slots`.
    pub(crate) fn new(slots: Arc<Slots>, wait: Wait) -> Self {
        Self {
            thread: current(),
            slots,
            wait,
            state: Mutex::new(State::Awake),
        }
    }

    /// Gives the slot up, unless somebody woke the sleeper since the last look. True if the slot is
    /// gone: then the caller looks at the queue, parks, and [regains](Self::regain_slot) the slot.
    pub(crate) fn release_slot(&self) -> bool {
        let mut state = lock(&self.state);
        if *state == State::Woken {
            *state = State::Awake;
            return false;
        }

        *state = State::Asleep;
        self.slots.block(self.wait);
        true
    }

    /// Whether nobody has woken the sleeper since it gave its slot up.
    pub(crate) fn is_asleep(&self) -> bool {
        *lock(&self.state) == State::Asleep
    }

    /// Takes a slot again if no waker has done so: the wait timed out, or the thread woke for no
    /// reason.
    pub(crate) fn regain_slot(&self) {
        let mut state = lock(&self.state);
        if *state == State::Asleep {
            self.slots.unblock(self.wait);
        }
        *state = State::Awake;
    }

    /// Gives the sleeper a slot, unless it has one, and makes it look again.
    pub(crate) fn wake(&self) {
        let mut state = lock(&self.state);
        if *state == State::Asleep {
            self.slots.unblock(self.wait);
        }
        *state = State::Woken;
        drop(state);

        self.thread.unpark();
    }
}
