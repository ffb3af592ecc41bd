//! How many rounds a run's measurements had to have, as stored: a repetition of the run needs it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a measurement is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Rounds that run before those that count. The first round ever is the cold one; it is stored
    /// but counts only if there is no warm-up.
    pub warmup: u32,
    /// When to stop.
    pub rounds: Rounds,
    /// Seed of the order of the arms: the same seed gives the same order.
    pub order_seed: u64,
}

/// When a measurement has rounds enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounds {
    /// After this number of rounds.
    Exactly(u32),
    /// When the speed-up is known well enough.
    Until(Precision),
}

/// When the speed-up is known well enough. Only the width of its interval ends a measurement early,
/// never what the interval says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// The least number of rounds; an even number is run.
    pub min_rounds: u32,
    /// The least time, counted from the end of the warm-up.
    #[serde(rename = "min_time_s", with = "as_seconds")]
    pub min_time: Duration,
    /// The most time for each arm, counted from the same moment; the least number of rounds is run
    /// all the same.
    #[serde(rename = "max_time_s", with = "as_seconds")]
    pub max_time: Duration,
    /// Half the width of the speed-up's 95 % interval, as a share of the speed-up.
    pub half_width: f64,
}

impl Sampling {
    /// The same with at least `rounds` rounds that count and are not cold, and an even number of
    /// them.
    #[must_use]
    pub fn with_at_least(self, rounds: usize) -> Self {
        let cold = u32::from(self.warmup == 0);
        let least = u32::try_from(rounds).unwrap_or(u32::MAX);
        let least = least.checked_next_multiple_of(2).unwrap_or(least);
        let rounds = match self.rounds {
            Rounds::Exactly(number) => Rounds::Exactly(number.max(least.saturating_add(cold))),
            Rounds::Until(precision) => Rounds::Until(Precision {
                min_rounds: precision.min_rounds.max(least),
                ..precision
            }),
        };
        Self { rounds, ..self }
    }
}

mod as_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::units::seconds;

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(seconds(*duration))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
