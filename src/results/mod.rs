//! The only persisted model: a run, its measurements, their rounds. Samples are stored; everything else is
//! derived from them here. It neither measures nor renders.

mod cluster_kind;
mod comparison;
mod difference;
mod environment;
mod judgement;
mod load;
#[cfg(test)]
pub(crate) mod machines;
mod noise;
mod overhead;
mod placement;
mod reason;
mod round;
mod sampling;
mod stored_path;
mod summary;
mod threshold;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::units::Bytes;

pub use cluster_kind::ClusterKind;
pub use comparison::{ALPHA, Comparison, MachineMatch, Origin};
pub use difference::first_difference;
pub use environment::{Build, Cpu, Environment, MemoryDetail};
pub use judgement::{Judgement, Metric, Outcome};
pub use load::{LoadError, load};
pub use noise::{AtTolerance, Check, Noise, Rate};
pub use overhead::{
    CurvePoint, EngineOverhead, Estimate, Overhead, OverheadRound, OverheadSummary, Rung, RungTimes,
};
pub use placement::{LostSlots, Node, Phase, Placement, Rerun};
pub use reason::Reason;
pub use round::{Busy, Calibration, ClusterUse, CpuUse, MachineUse, Order, Passes, Round};
pub use sampling::{Precision, Rounds, Sampling};
pub use stored_path::StoredPath;
pub use summary::{Loss, SPEEDUP_CONFIDENCE, Summary, Verdict};
pub use threshold::{Threshold, Withheld};

/// The version of the stored form. A reader refuses every other one.
pub const SCHEMA_VERSION: u32 = 2;

/// One invocation: what was measured, where, and what went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub parbench_version: String,
    /// When the run began, RFC 3339 in UTC.
    pub started_at: String,
    /// Whether a signal ended the run: then the rounds are those that were complete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// The machine and the build.
    pub environment: Environment,
    /// How its measurements were sampled.
    pub sampling: Sampling,
    /// One per workload, engine and number of workers, in the order of measuring.
    pub measurements: Vec<Measurement>,
    /// What comparing it with an earlier run found, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What failed without ending the run. A run that has one is no success.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// A workload, or a part of one, that failed while the rest went on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The workload.
    pub workload: String,
    /// What failed and the way out, as one line.
    pub message: String,
}

impl Problem {
    /// A problem of `workload`; a message of several lines becomes one.
    #[must_use]
    pub fn new(workload: &str, message: &str) -> Self {
        let lines = message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        Self {
            workload: workload.to_owned(),
            message: lines.collect::<Vec<_>>().join("; "),
        }
    }
}

/// The rounds of one workload on one engine with one number of workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "summary::WithSummary")]
pub struct Measurement {
    /// The workload's name.
    pub workload: String,
    /// Its parameters, complete: the same ones give the same answer everywhere.
    pub params: Value,
    /// Into how many tasks the work is cut.
    pub tasks: usize,
    /// The engine of the distributed arm.
    pub engine: String,
    /// That engine's workers.
    pub workers: usize,
    /// The memory that each running task holds, in bytes; 0 where it is too little to matter.
    #[serde(default)]
    pub task_bytes: Bytes,
    /// The memory that running tasks together could hold, in bytes.
    #[serde(default)]
    pub memory_bytes: Bytes,
    /// What one arm gets through in one round.
    pub work: Work,
    /// What both arms computed, in every round.
    pub answer: Value,
    /// Seconds from asking for the engine to its workers being ready.
    pub startup_s: f64,
    /// Where the engine ran tasks, and what it did again.
    #[serde(default, skip_serializing_if = "Placement::is_nothing")]
    pub placement: Placement,
    /// In the order they ran.
    pub rounds: Vec<Round>,
}

impl Measurement {
    /// How many tasks the memory let run at once, where that is fewer than workers and tasks would have.
    #[must_use]
    pub fn at_once_by_memory(&self) -> Option<usize> {
        let fitting = self.memory_bytes.0.checked_div(self.task_bytes.0)?;
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX);
        (fitting < self.workers.min(self.tasks)).then_some(fitting)
    }
}

/// An amount of work in the workload's own unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// How many.
    pub amount: u64,
    /// Of what, in the plural: `terms`, `samples`, `images`.
    pub unit: String,
}
