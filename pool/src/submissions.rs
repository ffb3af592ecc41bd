//! Submissions against shutdown: whether the pool is closed, and how many submissions are in
//! progress.
//!
//! A submission registers here, then looks whether the pool is closed; a shutdown closes the pool,
//! then waits until no submission is registered. One word holds both, so each submission falls on
//! one side: it is refused, or the shutdown waits for its task. This file must not know what is
//! submitted; it is also compiled into `tests/loom.rs`, which tests it.

use crate::sync::{AtomicU64, Ordering, fence};

const CLOSED: u64 = 1 << 63;

/// The submissions to one pool.
pub(crate) struct Submissions(AtomicU64);

impl Submissions {
    /// Those of an open pool.
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Registers a submission. False if the pool is closed; either way the caller has to
    /// [`end`](Self::end) it.
    pub(crate) fn begin(&self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst) & CLOSED == 0
    }

    /// Ends what [`begin`](Self::begin) began. True if a shutdown may wait for it.
    pub(crate) fn end(&self) -> bool {
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

    /// Whether the pool is closed and no submission is in progress.
    pub(crate) fn are_over(&self) -> bool {
        self.0.load(Ordering::SeqCst) == CLOSED
    }
}
