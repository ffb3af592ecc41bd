//! What two programs that take turns say to each other: JSON values, one a line. The protocol has a
//! number, so that two versions that cannot talk say so.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::results::{Measurement, Round};
use crate::units::Bytes;

/// The name of the hidden subcommand.
pub const SUBCOMMAND: &str = "turns";

/// Raised when a line changes its meaning.
pub(super) const PROTOCOL: u32 = 2;

/// The program's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    /// [`PROTOCOL`].
    pub(super) parbench_turns: u32,
    /// The program's version.
    pub(super) version: String,
    /// `release` or `debug`.
    pub(super) build_profile: String,
}

/// What it is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ask {
    /// Get ready; comes once.
    Prepare(Preparation),
    /// Run this round, with its arms in this order.
    Round { number: u32, order: Vec<usize> },
    /// Send what was measured, without its rounds.
    Measurement,
}

/// The case whose rounds it is to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Preparation {
    pub(super) workload: String,
    pub(super) params: Value,
    pub(super) arms: Vec<Arm>,
    /// The index of the arm that ratios refer to.
    pub(super) reference: usize,
    /// What running tasks together may hold.
    pub(super) memory_bytes: Bytes,
    /// The same on each machine of a cluster, where the user limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cluster_memory_bytes: Option<Bytes>,
    /// How many times as long every task takes.
    pub(super) slowdown: f64,
    /// Give a cluster's slots back after each round: the other program needs them, too.
    #[serde(default)]
    pub(super) shares_slots: bool,
}

/// An engine with a number of workers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Arm {
    pub(super) engine: String,
    pub(super) workers: NonZeroUsize,
    /// How many times it does the case's work.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub(super) scale: NonZeroUsize,
}

fn once() -> NonZeroUsize {
    NonZeroUsize::MIN
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_once(scale: &NonZeroUsize) -> bool {
    *scale == once()
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// Prepared.
    Ready,
    /// A round that is complete.
    Round(Box<Round>),
    /// What was measured.
    Measurement(Box<Measurement>),
    /// It cannot; this is its last line.
    Failed(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replies as protocol 2 was first spoken. A program of any later version is compared with such
    /// ones, so whatever they lack must be optional.
    const ROUND: &str = r#"{"round":{"order":[0,1],"times":[
        {"wall_s":0.00014,"cpu":{"user_s":0.000104,"system_s":0.000156,"preemptions":1,"waited_s":0.0}},
        {"wall_s":0.00015,"dispatch_s":2.9e-7,"busy":{"total_s":0.0001,"busiest_s":0.0001}}],
        "calibration":{"arithmetic_s":0.0005,"memory_s":0.0007,"handoff_s":0.0003,
        "granted":[{"workers":2,"cores":1.9}]},"machine":{"steal":0.0,"throttled":0.0,"load":14.8}}}"#;
    const MEASUREMENT: &str = r#"{"measurement":{"workload":"pi","params":{"samples":1000,"tasks":2,"seed":1},
        "tasks":2,"work":{"amount":2000,"unit":"samples"},"answer":{"total_inside":1585},
        "arms":[{"engine":"serial","workers":1,"startup_s":0.0},{"engine":"pool","workers":2,"startup_s":0.0085}],
        "reference":0,"rounds":[]}}"#;

    fn round(text: &str) -> Round {
        let Ok(Reply::Round(round)) = serde_json::from_str(text) else {
            panic!("not a round: {text}")
        };
        *round
    }

    fn measurement(text: &str) -> Measurement {
        let Ok(Reply::Measurement(measurement)) = serde_json::from_str(text) else {
            panic!("not a measurement: {text}");
        };
        *measurement
    }

    #[test]
    fn replies_of_the_first_version_are_understood() {
        let round = round(ROUND);
        let times: Vec<f64> = round.times.iter().map(|time| time.wall_s).collect();
        assert_eq!((times, round.cold), (vec![0.00014, 0.00015], false));
        assert_eq!(round.order, [0, 1]);

        let measurement = measurement(MEASUREMENT);
        assert_eq!(
            (measurement.workload.as_str(), measurement.arms[1].workers),
            ("pi", 2)
        );
        assert_eq!(measurement.answer["total_inside"], 1585);
    }

    #[test]
    fn what_a_newer_program_adds_is_ignored() {
        let newer = |text: &str| text.replacen(":{", r#":{"from_the_future":{"a":[1]},"#, 1);
        assert_eq!(round(&newer(ROUND)), round(ROUND));
        assert_eq!(measurement(&newer(MEASUREMENT)), measurement(MEASUREMENT));

        let newer = r#"{"parbench_turns":2,"version":"0.1.0","build_profile":"debug","more":1}"#;
        assert_eq!(
            serde_json::from_str::<Greeting>(newer)
                .unwrap()
                .parbench_turns,
            PROTOCOL
        );
    }
}
