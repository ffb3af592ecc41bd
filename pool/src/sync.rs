//! The synchronisation primitives under the pool's protocols, and the ready queue.
//!
//! The files that `tests/loom.rs` includes take everything concurrent from here, so that it can
//! compile those very files beside a `sync` of its own and let loom explore their interleavings.
//! This file must not know what a task is.

use std::hint;
use std::sync::{LazyLock, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crossbeam_deque::{Injector, Steal};

pub(crate) use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering, fence},
    },
    thread::{Thread, current},
};

/// How often a waiting thread looks again before it parks: one to two microseconds, several round
/// trips of a short task, and less than a trip through the kernel costs. Longer would only delay
/// the thread that it waits for where the two have to share a core.
const SPINS: u32 = 100;

/// The same for this machine: with a single CPU, looking again only keeps the other thread from it.
static SPINS_HERE: LazyLock<u32> = LazyLock::new(|| match thread::available_parallelism() {
    Ok(cpus) if cpus.get() > 1 => SPINS,
    _ => 0,
});

/// Alone on its cache lines, so that a write to it does not slow down readers of its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct CachePadded<T>(pub(crate) T);

/// Locks, ignoring poison: no code of a user ever runs under one of the pool's locks, so a panic
/// cannot leave anything half done behind it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Blocks until this thread's token is there or the deadline has passed; may also return for no
/// reason.
pub(crate) fn park(deadline: Option<Instant>) {
    match deadline {
        None => thread::park(),
        Some(deadline) => thread::park_timeout(deadline.saturating_duration_since(Instant::now())),
    }
}

/// Counts the CPUs now, which asks the system, and not when the first thread waits.
pub(crate) fn count_cpus() {
    LazyLock::force(&SPINS_HERE);
}

/// Looks for a short while whether `ready` holds, and returns whether it did.
pub(crate) fn spin(ready: impl Fn() -> bool) -> bool {
    (0..*SPINS_HERE).any(|_| {
        hint::spin_loop();
        ready()
    })
}

/// Tasks that may start, oldest first, for any thread to take.
pub(crate) struct Queue<T>(Injector<T>);

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self(Injector::new())
    }

    pub(crate) fn push(&self, task: T) {
        self.0.push(task);
    }

    pub(crate) fn pop(&self) -> Option<T> {
        loop {
            match self.0.steal() {
                Steal::Success(task) => return Some(task),
                Steal::Empty => return None,
                Steal::Retry => hint::spin_loop(),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
