//! How the tasks of the workload `busy` follow one another, as its stored parameters say.

use serde::{Deserialize, Serialize};

/// The name of the workload whose tasks do a known amount of arithmetic, or none.
pub const BUSY: &str = "busy";

/// How the tasks of `busy` follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// All are submitted at once.
    #[default]
    Batch,
    /// Round trips: each is submitted right after the result of the one before, so that the workers
    /// are still awake.
    Awake,
    /// Round trips after a rest in which the workers fall asleep.
    Asleep,
}
