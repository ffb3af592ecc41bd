//! What comparing two runs found, as stored with the newer one. How it is found is
//! `crate::compare`'s.

use serde::{Deserialize, Serialize};

use super::{Judgement, Measurement, Outcome};

/// A run judged against an earlier one, or against another binary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What the run was compared with.
    pub baseline: Origin,
    /// How far the two machines are the same, which decides what is compared.
    pub machine: MachineMatch,
    /// How the machines differ, a line each.
    pub machine_differences: Vec<String>,
    /// The change that is tolerated: 0.1 for 10 %.
    pub tolerance: f64,
    /// One for each workload, engine, number of workers and metric.
    pub judgements: Vec<Judgement>,
    /// The measurements of further passes over what looked worse in all passes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_passes: Vec<Vec<Measurement>>,
    /// What is in one of the runs only, or is not compared on these machines, a line each.
    pub left_out: Vec<String>,
}

/// Where a baseline comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file, or the other binary.
    pub name: String,
    /// The version of the program that measured it.
    pub parbench_version: String,
    /// When its run began.
    pub started_at: String,
}

/// How far two runs were measured under the same conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineMatch {
    /// In turns, round by round: whatever the machine did, it did to both.
    Interleaved,
    /// The same machine, or one that cannot be told from it: times are compared.
    Same,
    /// The same processor otherwise set up: times are compared in units of the calibration kernel.
    SameModel,
    /// Another processor: only ratios are compared.
    Different,
    /// The same processor with another instruction set in use: the kernels are others, and only
    /// ratios are compared.
    OtherInstructions,
}

impl MachineMatch {
    /// Whether times can be compared, in seconds or in units of the calibration.
    #[must_use]
    pub fn compares_times(self) -> bool {
        matches!(self, Self::Interleaved | Self::Same | Self::SameModel)
    }
}

impl Comparison {
    /// The worst of the judgements that decide; inconclusive when there is none.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.deciding()
            .map(|judgement| judgement.outcome)
            .max()
            .unwrap_or(Outcome::Inconclusive)
    }

    /// The judgements that the verdict depends on.
    pub fn deciding(&self) -> impl Iterator<Item = &Judgement> {
        self.judgements
            .iter()
            .filter(|judgement| !judgement.informational)
    }

    /// Those of them with this outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Judgement> {
        self.deciding()
            .filter(move |judgement| judgement.outcome == outcome)
    }

    /// How many of them did not stay open.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.deciding()
            .filter(|judgement| judgement.outcome != Outcome::Inconclusive)
            .count()
    }
}
