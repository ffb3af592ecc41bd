//! What follows for a series, and why.

use super::episode::Episode;
use crate::results::Outcome;

/// What follows for one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The verdict.
    pub outcome: Outcome,
    /// The reason.
    pub why: Why,
}

/// Why a series is judged as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// There are too few runs for any statement.
    TooFewRuns {
        /// How many there should be.
        needed: usize,
    },
    /// No change that counts.
    Unchanged,
    /// It got worse by this, and still is.
    Worse(Episode),
    /// It got worse by this, and is not any more.
    Recovered(Episode),
    /// It got better by this.
    Better(Episode),
    /// It got worse by this, and the machine itself became slower by as much.
    SlowerMachine(Episode),
    /// The interval of this change has the tolerance in it.
    Perhaps(Episode),
    /// The last runs are worse, and too few to tell a change from a spike.
    Open {
        /// How many they are.
        runs: usize,
        /// How many times as bad as the level, the last one.
        factor: f64,
    },
    /// A speed-up that fell because the loop became faster, while the arm did not become slower.
    FasterSerial(Episode),
}

impl Why {
    /// What it means for the verdict.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Worse(_) => Outcome::Regressed,
            Self::TooFewRuns { .. }
            | Self::SlowerMachine(_)
            | Self::Perhaps(_)
            | Self::Open { .. } => Outcome::Inconclusive,
            Self::Unchanged | Self::Recovered(_) | Self::Better(_) | Self::FasterSerial(_) => {
                Outcome::Ok
            }
        }
    }
}

impl From<Why> for Standing {
    fn from(why: Why) -> Self {
        Self {
            outcome: why.outcome(),
            why,
        }
    }
}

impl Why {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooFewRuns { .. } => "few runs",
            Self::Unchanged => "unchanged",
            Self::Worse(_) => "worse",
            Self::Recovered(_) => "recovered",
            Self::Better(_) => "better",
            Self::SlowerMachine(_) => "slow machine",
            Self::Perhaps(_) => "perhaps worse",
            Self::Open { .. } => "last runs worse",
            Self::FasterSerial(_) => "faster loop",
        }
    }

    /// The change that it is about, if about one.
    #[must_use]
    pub fn episode(self) -> Option<Episode> {
        match self {
            Self::Worse(episode)
            | Self::Recovered(episode)
            | Self::Better(episode)
            | Self::SlowerMachine(episode)
            | Self::Perhaps(episode)
            | Self::FasterSerial(episode) => Some(episode),
            Self::TooFewRuns { .. } | Self::Unchanged | Self::Open { .. } => None,
        }
    }
}
