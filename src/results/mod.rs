//! The only persisted model, plain data: a run, its measurements, their arms and rounds. Samples are
//! stored; `analysis` derives everything else from them.

mod cluster_kind;
mod comparison;
mod difference;
mod environment;
mod function;
mod judgement;
#[cfg(test)]
pub(crate) mod machines;
mod measurement;
mod noise;
mod pair;
mod parse;
mod placement;
mod possible;
mod quick;
mod reason;
mod round;
mod sampling;
mod shape;
mod slow_down;
mod span;
mod stored_path;
mod task_variant;
mod variant;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub use cluster_kind::ClusterKind;
pub use comparison::{Comparison, MachineMatch, Origin};
pub use difference::{answer_difference, common, first_difference, masked};
pub use environment::{Build, Cpu, Environment, MemoryDetail};
pub use function::FunctionFacts;
pub use judgement::{Judgement, Metric, Outcome};
pub use measurement::{
    Arm, HOST_FOLLOWS, Measurement, OF_PROGRAMS, OWN, PROGRAM, SERIAL, WORTH, Work, arm_label,
    is_serial,
};
pub use noise::{AtTolerance, Check, Noise, Rate};
pub(crate) use pair::at_least_a_tick;
pub use pair::{Pair, PairedRound};
pub use parse::ParseError;
pub use placement::{LostSlots, Node, Phase, Placement, Rerun};
pub use possible::is_date;
pub use quick::{Quick, SmallerWork};
pub use reason::Reason;
pub use round::{
    ArmTime, Calibration, ClusterUse, CpuUse, Granted, MachineUse, Peak, ProcessUse, Round, Stream,
};
pub use sampling::{Precision, Rounds, Sampling};
pub use shape::{BUSY, Shape};
pub use slow_down::{Condition, SlowDown};
pub use span::{Busy, LostWorker, Span};
pub use stored_path::StoredPath;
pub use task_variant::TaskVariant;

/// The version of the stored form. A reader refuses every other one.
pub const SCHEMA_VERSION: u32 = 3;

/// One invocation: what was measured, where, and what went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program's version.
    pub parbench_version: String,
    /// When the run began, RFC 3339 in UTC.
    pub started_at: String,
    /// The command line that measured it, word by word as it was typed; nothing where an earlier
    /// version did not keep it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<StoredPath>,
    /// Whether a signal ended the run before all rounds were complete: then it has those that were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// That the run is a first answer only, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick: Option<Quick>,
    /// The machine and the build.
    pub environment: Environment,
    /// How its measurements were sampled.
    pub sampling: Sampling,
    /// One for each workload and set of parameters, in the order of measuring.
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
    /// What failed, and what may be changed.
    #[serde(flatten)]
    pub failure: Failure,
}

impl Problem {
    /// A problem of `workload`; a message of several lines becomes one.
    #[must_use]
    pub fn new(workload: &str, failure: Failure) -> Self {
        let lines = failure
            .message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let message = lines.collect::<Vec<_>>().join("; ");

        Self {
            workload: workload.to_owned(),
            failure: Failure { message, ..failure },
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.workload, self.failure)
    }
}

impl std::error::Error for Problem {}

impl Run {
    /// Every arm of every measurement beside its reference.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.measurements.iter().flat_map(Measurement::pairs)
    }

    /// What its reader types for the program that measured it.
    #[must_use]
    pub fn program(&self) -> Cow<'_, str> {
        let program = self.command.first().map(StoredPath::as_path);
        let name = program.and_then(Path::file_stem);

        name.map_or(Cow::Borrowed("parbench"), OsStr::to_string_lossy)
    }

    /// The speed-up from which its measurements call distributing worth having.
    #[must_use]
    pub fn worth(&self) -> f64 {
        self.measurements
            .first()
            .map_or(WORTH, |measurement| measurement.worth)
    }

    /// Takes up the measurements of `other`, and what failed there.
    pub fn add(&mut self, other: Self) {
        self.interrupted |= other.interrupted;
        self.quick = self.quick.take().or(other.quick);
        self.measurements.extend(other.measurements);
        self.problems.extend(other.problems);
    }

    /// Whether a part failed or was interrupted, so that the rest is no basis for a verdict.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.flaw().is_some()
    }

    /// What makes it broken: `it was interrupted`, `image failed in it`, or both.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        let interrupted = self.interrupted.then(|| "it was interrupted".to_owned());
        let failed = self.problems.first();
        let failed = failed.map(|problem| format!("{} failed in it", problem.workload));
        let flaws: Vec<String> = interrupted.into_iter().chain(failed).collect();

        (!flaws.is_empty()).then(|| flaws.join(" and "))
    }
}
