//! The request to stop early: a flag that long loops look at between steps. Who raises it (a signal
//! handler, a test) is not this file's concern, and nobody here waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A shared flag: 0 while work goes on, afterwards the number of the signal that asked to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

/// The work was asked to stop before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Stop {
    /// A flag that nobody has raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number behind the flag, for a signal handler to store into.
    #[must_use]
    pub fn cell(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// Raises the flag as `signal` would.
    pub fn raise(&self, signal: usize) {
        self.0.store(signal, Ordering::Relaxed);
    }

    /// The signal that asked to stop, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<usize> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// An error once the flag is raised: the line that long loops call between steps. One relaxed load.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.signal().is_none() { Ok(()) } else { Err(Interrupted) }
    }
}
