//! The request to stop early: a flag that long loops look at between steps. A signal handler or a
//! test raises it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A shared flag: 0 while work goes on, afterwards the number of the signal that asked to stop.
/// Beside it is a mark that the program was suspended and continued, since a pause falsifies times,
/// one that there is nothing to keep, and a second flag for what cleans up.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    signal: Arc<AtomicUsize>,
    continued: Arc<AtomicUsize>,
    ends_at_once: Arc<AtomicBool>,
    cleans_up: Arc<AtomicBool>,
    further_signal: Arc<AtomicUsize>,
}

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

    /// The number behind the flag, for a signal handler to store the signal in.
    #[must_use]
    pub fn cell(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.signal)
    }

    /// The number behind the mark of a pause, for a signal handler to store anything but 0 in.
    #[must_use]
    pub fn continued_cell(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.continued)
    }

    /// Whether the program was suspended and continued since the last call.
    #[must_use]
    pub fn take_continued(&self) -> bool {
        self.continued.swap(0, Ordering::Relaxed) != 0
    }

    /// The mark that a signal may end the program at once, for a signal handler to look at.
    #[must_use]
    pub fn at_once_cell(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.ends_at_once)
    }

    /// What `wait` returns, which may wait for somebody else and does not look at the flag, as
    /// opening a pipe does. There is nothing to keep yet: a signal ends the program meanwhile.
    pub fn at_once<T>(&self, wait: impl FnOnce() -> T) -> Result<T, Interrupted> {
        self.ends_at_once.store(true, Ordering::Relaxed);
        // A signal before the mark has raised the flag.
        let waited = self.check().map(|()| wait());

        self.ends_at_once.store(false, Ordering::Relaxed);
        waited
    }

    /// What `work` returns, which cleans up after what is complete. The flag that it is given is
    /// raised by a further signal only, which would end the program otherwise.
    pub fn cleaning_up<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        let further = Self {
            signal: Arc::clone(&self.further_signal),
            ..Self::new()
        };

        self.cleans_up.store(true, Ordering::Relaxed);
        let done = work(&further);
        self.cleans_up.store(false, Ordering::Relaxed);
        done
    }

    /// Has a further `signal` end what cleans up. `false` where nothing does, or it was asked to end
    /// before: then the signal has to end the program.
    #[must_use]
    pub fn ends_cleaning_up(&self, signal: usize) -> bool {
        let cleans_up = self.cleans_up.load(Ordering::Relaxed);

        cleans_up && self.further_signal.swap(signal, Ordering::Relaxed) == 0
    }

    /// Raises the flag as `signal` would.
    pub fn raise(&self, signal: usize) {
        self.signal.store(signal, Ordering::Relaxed);
    }

    /// The signal that asked to stop, if there was any.
    #[must_use]
    pub fn signal(&self) -> Option<usize> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// An error once the flag is raised: the line that long loops call between steps. One relaxed
    /// load.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.signal().is_none() {
            Ok(())
        } else {
            Err(Interrupted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_further_signal_ends_what_cleans_up_and_the_next_one_ends_the_program() {
        let stop = Stop::new();
        stop.raise(2);
        assert!(!stop.ends_cleaning_up(2), "nothing cleans up yet");

        stop.cleaning_up(|further| {
            assert_eq!(further.check(), Ok(()));
            assert!(stop.ends_cleaning_up(15));
            assert_eq!(further.signal(), Some(15));
            assert!(!stop.ends_cleaning_up(15));
        });
        assert_eq!(stop.signal(), Some(2));
        assert!(!stop.ends_cleaning_up(2));
    }
}
