//! The synchronisation primitives under the pool's protocols, and the ready queue.
//!
//! `cell.rs`, `slots.rs` and `waiter.rs` take everything concurrent from here, so that `tests/loom.rs` can
//! include those very files beside a `sync` of its own and let loom explore their interleavings. This file
//! must not know what a task is.

use crossbeam_deque::{Injector, Steal};
use std::{
    hint,
    sync::{LazyLock, MutexGuard, PoisonError},
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

/// How often here: not at all where whoever it waits for needs the only CPU.
static SPINS_HERE: LazyLock<u32> = LazyLock::new(|| match thread::available_parallelism() {
    Ok(cpus) if cpus.get() > 1 => SPINS,
    _ => 0,
});

/// Alone on its cache lines, so that who writes it does not slow down who uses what is beside it.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Apart<T>(pub(super) T);

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

/// Counts the CPUs now, which asks the system, and not when the first thread waits.
pub(super) fn prepare() {
    LazyLock::force(&SPINS_HERE);
}

/// Looks for a short while whether `ready` holds, and says whether it did.
pub(super) fn spin(ready: impl Fn() -> bool) -> bool {
    (0..*SPINS_HERE).any(|_| {
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

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
