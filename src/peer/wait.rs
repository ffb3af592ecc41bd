//! How long to wait for a child process.

use std::time::{Duration, Instant};

use super::failure::Failure;
use crate::stop::Stop;

/// The longest time between two looks at the stop flag.
const STOP_INTERVAL: Duration = Duration::from_millis(20);
/// The longest wait where there is neither a deadline nor a stop flag; then the caller waits again.
const LONGEST: Duration = Duration::from_mins(1);

/// What ends a wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait<'a> {
    /// The last moment of the wait.
    pub deadline: Option<Instant>,
    /// The flag that ends the wait. Without it, nothing has to look at it from time to time.
    pub stop: Option<&'a Stop>,
}

impl<'a> Wait<'a> {
    /// A wait for `limit` from now on, or until `stop` is raised.
    #[must_use]
    pub fn at_most(limit: Duration, stop: Option<&'a Stop>) -> Self {
        Self {
            deadline: Instant::now().checked_add(limit),
            stop,
        }
    }

    /// The time until the caller has to look again, or why the wait is over.
    pub(super) fn step(&self) -> Result<Duration, Failure> {
        if let Some(stop) = self.stop {
            stop.check()?;
        }

        let left = match self.deadline {
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => LONGEST,
        };
        if left.is_zero() {
            return Err(Failure::TimedOut);
        }

        Ok(match self.stop {
            Some(_) => left.min(STOP_INTERVAL),
            None => left,
        })
    }
}
