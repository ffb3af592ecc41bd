//! Why a judgement's outcome is what it is: one reason each, stored so that every report says the
//! same.

use serde::{Deserialize, Serialize};

/// The one reason of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The whole interval is within the tolerance.
    WithinTolerance,
    /// The whole interval is above the tolerance and the noise, and the difference is significant.
    Worse,
    /// The whole interval is above the tolerance, but not above what the run differs from itself.
    WithinNoise,
    /// The whole interval is above the tolerance, but the machine itself was slower by as much.
    SlowerMachine,
    /// A further pass did not find it worse.
    NotConfirmed,
    /// The interval reaches over the tolerance, or chance is not excluded.
    TooFewRounds {
        /// The rounds that would probably tell; absent when no sensible number would.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needed: Option<u32>,
    },
    /// The same, and more rounds of the newer run alone would not tell.
    ShortBaseline {
        /// The rounds that both runs would probably need.
        needed: u32,
    },
    /// The speed-up fell, but only because the serial loop became faster.
    FasterSerial,
    /// The speed-up fell and the serial loop became faster; whether the engine became slower as
    /// well cannot be told.
    PerhapsFasterSerial,
    /// The speed-up rose, but only because the serial loop became slower.
    SlowerSerial,
}

impl Reason {
    /// A word or two for it, where an outcome needs more than its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            // What became of the serial loop needs a sentence.
            Self::WithinTolerance | Self::FasterSerial | Self::SlowerSerial => "ok",
            Self::Worse => "regressed",
            Self::WithinNoise => "within noise",
            Self::SlowerMachine => "slow machine",
            Self::NotConfirmed => "unconfirmed",
            Self::TooFewRounds { .. } | Self::ShortBaseline { .. } => "few rounds",
            Self::PerhapsFasterSerial => "serial faster",
        }
    }

    /// Whether the serial loop became faster, which may be all that made a speed-up fall.
    #[must_use]
    pub fn is_faster_serial(self) -> bool {
        matches!(self, Self::FasterSerial | Self::PerhapsFasterSerial)
    }
}
