//! In what a machine became slower, as stored in a comparison.

use serde::{Deserialize, Serialize};

/// One thing of a machine that figures depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The arithmetic of one core.
    Arithmetic,
    /// The cores that the workers were granted.
    Cores,
    /// What other programs left of the CPUs.
    Crowding,
    /// Memory beyond the caches of one core.
    Memory,
    /// Streams through memory that is written in place.
    Update,
    /// Streams into memory past the caches.
    Write,
    /// The way from one thread to another.
    Handoff,
}

/// How many times as slow a machine became in one thing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowDown {
    /// In what.
    pub condition: Condition,
    /// Above 1.
    pub factor: f64,
}

impl Condition {
    /// Whether it takes CPUs away, and does not make them slower.
    #[must_use]
    pub fn withholds(self) -> bool {
        matches!(self, Self::Cores | Self::Crowding)
    }
}
