//! Who may still come in: whether the pool is closed, and how many submissions are under way.
//!
//! A submission registers here, then looks whether the pool is closed; a shutdown closes the pool, then waits
//! until no submission is registered. One word holds both, so each submission falls on one side: it is refused,
//! or the shutdown waits for its task. This file must not know what is submitted; it is also compiled into
//! `tests/loom.rs`, which tests it.

use super::sync::{AtomicU64, Ordering, fence};

const CLOSED: u64 = 1 << 63;

/// The door of one pool.
pub(crate) struct Door(AtomicU64);

impl Door {
    /// An open door.
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Registers a submission. False if the pool is closed; either way the caller has to [`exit`](Self::exit).
    pub(crate) fn enter(&self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst) & CLOSED == 0
    }

    /// Ends what [`enter`](Self::enter) began. True if somebody who closed the pool may wait for it.
    pub(crate) fn exit(&self) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) & CLOSED != 0
    }

    /// Refuses submissions from now on.
    pub(crate) fn close(&self) {
        self.0.fetch_or(CLOSED, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.load(Ordering::SeqCst) & CLOSED != 0
    }

    /// Whether no submission is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.load(Ordering::SeqCst) & !CLOSED == 0
    }
}
