//! Whom to wake: a thread that is blocked until a task is finished, with or without a slot to get back.
//!
//! A task that blocks gives its slot up, and *whoever wakes it gives it a slot again*, before it even runs.
//! So a task that can go on is always counted as active, and "nobody is active" means that nobody can move.
//! This file must not know what is waited for; it is also compiled into `tests/loom.rs`, which tests it.

use super::{
    slots::{Slots, Wait},
    sync::{Arc, Mutex, Thread, current, lock},
};

/// A blocked thread, as the one who ends its wait sees it.
#[derive(Clone)]
pub(crate) enum Waiter {
    /// A thread that holds no slot.
    Thread(Thread),
    /// A thread inside a task.
    Sleeper(Arc<Sleeper>),
}

impl Waiter {
    /// Makes the thread look again. Thread tokens are never lost, so it does not matter whether it is
    /// already asleep.
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
    /// It has a slot and has not been told anything.
    Awake,
    /// It has no slot.
    Asleep,
    /// It has a slot and should look again before it sleeps.
    Called,
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

    /// Gives the slot up, unless somebody called since the last look. True if the slot is gone: then the
    /// caller looks at the queue, parks, and gets up.
    pub(crate) fn lie_down(&self) -> bool {
        let mut state = lock(&self.state);
        let calm = *state == State::Awake;
        *state = if calm { State::Asleep } else { State::Awake };
        if calm {
            self.slots.sleep(self.wait);
        }
        calm
    }

    /// Takes a slot again if no waker has done so: the wait timed out, or the thread woke for no reason.
    pub(crate) fn get_up(&self) {
        let mut state = lock(&self.state);
        if *state == State::Asleep {
            self.slots.resume(self.wait);
        }
        *state = State::Awake;
    }

    fn wake(&self) {
        let mut state = lock(&self.state);
        if *state == State::Asleep {
            self.slots.resume(self.wait);
        }
        *state = State::Called;
        drop(state);
        self.thread.unpark();
    }
}
