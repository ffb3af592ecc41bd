//! The synchronisation primitives under the pool's protocols, and the ready queue.
//!
//! `cell.rs`, `slots.rs` and `waiter.rs` take everything concurrent from here, so that `tests/loom.rs` can
//! include those very files beside a `sync` of its own and let loom explore their interleavings. This file
//! must not know what a task is.

use crossbeam_deque::{Injector, Steal};
use std::{
    hint,
    sync::{MutexGuard, PoisonError},
    thread,
    time::Instant,
};

pub(super) use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering, fence},
    },
    thread::{Thread, current},
};

/// How often a waiting thread looks again before it goes to sleep: one to two microseconds, several round trips
/// of a short task, and less than a trip through the kernel costs. Longer would only delay the thread that it
/// waits for where the two have to share a core.
const SPINS: u32 = 100;

/// Locks, ignoring poison: no code of a user ever runs under one of the pool's locks, so a panic cannot leave
/// anything half done behind it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Blocks until this thread's token is there or the deadline has passed; may also return for no reason.
pub(super) fn park(deadline: Option<Instant>) {
    match deadline {
        None => thread::park(),
        Some(deadline) => thread::park_timeout(deadline.saturating_duration_since(Instant::now())),
    }
}

/// Looks for a short while whether `ready` holds, and says whether it did.
pub(super) fn spin(ready: impl Fn() -> bool) -> bool {
    (0..SPINS).any(|_| {
        hint::spin_loop();
        ready()
    })
}

/// Tasks that may start, oldest first, for any thread to take.
pub(super) struct Queue<T>(Injector<T>);

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self(Injector::new())
    }

    pub(super) fn push(&self, task: T) {
        self.0.push(task);
    }

    pub(super) fn pop(&self) -> Option<T> {
        loop {
            match self.0.steal() {
                Steal::Success(task) => return Some(task),
                Steal::Empty => return None,
                Steal::Retry => hint::spin_loop(),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
