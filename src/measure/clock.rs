//! Time, as the measuring sees it: a trait, so that tests can script it.

use std::time::{Duration, Instant};

/// A clock that never goes back.
pub trait Clock {
    /// The time since some fixed moment.
    fn now(&self) -> Duration;

    /// The time since `moment`, which `now` gave.
    fn since(&self, moment: Duration) -> Duration {
        self.now().saturating_sub(moment)
    }
}

/// The system's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic(Instant);

impl Monotonic {
    /// Counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
