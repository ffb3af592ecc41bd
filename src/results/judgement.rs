//! One metric of one measurement, judged, as stored in a comparison.

use serde::{Deserialize, Serialize};

use super::{PairedRound, Reason, SlowDown};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// The time of the reference arm, which is the serial loop.
    SerialTime,
    /// The time of an arm on an engine.
    DistributedTime,
    /// The reference's time divided by the arm's.
    Speedup,
    /// The time of an empty task on the arm's engine.
    TaskOverhead,
}

impl Metric {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 4] = [
        Self::SerialTime,
        Self::DistributedTime,
        Self::Speedup,
        Self::TaskOverhead,
    ];

    /// Those that decide a verdict unless the user names others. The cost of an empty task is some
    /// hundred nanoseconds: it changes by tens of per cent for no reason that matters to a job.
    pub const DECIDING: [Self; 3] = [Self::SerialTime, Self::DistributedTime, Self::Speedup];

    /// Its name in tables and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SerialTime => "serial",
            Self::DistributedTime => "distributed",
            Self::Speedup => "speed-up",
            Self::TaskOverhead => "task overhead",
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::SerialTime | Self::DistributedTime | Self::Speedup => self.name(),
            Self::TaskOverhead => "task-overhead",
        }
    }

    /// Its value in `round`: seconds, or a ratio; `None` where it means nothing.
    #[must_use]
    pub fn of(self, round: PairedRound<'_>) -> Option<f64> {
        match self {
            Self::SerialTime => Some(round.reference_s()),
            Self::DistributedTime => Some(round.arm_s()),
            Self::Speedup => Some(round.speedup()),
            Self::TaskOverhead => round.dispatch_s(),
        }
    }

    /// Whether it is a time, which grows when things get worse.
    #[must_use]
    pub fn is_time(self) -> bool {
        self != Self::Speedup
    }
}

/// One metric of one measurement, judged. A change is a factor in the direction of worse: 1.1 is 10
/// % more time, or a speed-up that is lower by the factor 1.1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The workload.
    pub workload: String,
    /// The parameters that tell this measurement from others of the same workload in the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The engine of the arm; of the reference arm where that itself is judged.
    pub engine: String,
    /// The arm's workers.
    pub workers: usize,
    /// What was compared.
    pub metric: Metric,
    /// Whether it is only shown, and the verdict does not depend on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub informational: bool,
    /// The baseline's median: seconds, or a ratio.
    pub baseline: f64,
    /// The current median, in the same unit.
    pub current: f64,
    /// How many times as bad as the baseline.
    pub change: f64,
    /// Lower end of its 99 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The chance of such a difference between equals, corrected by Holm for all that the verdict
    /// depends on.
    pub p_value: f64,
    /// How much the samples differ from themselves: between their halves, and in the machine's
    /// speed.
    pub noise: f64,
    /// The change that is tolerated on these machines.
    pub tolerance: f64,
    /// The change that counts: the tolerance, or the noise where that is more.
    pub threshold: f64,
    /// The smallest change that these samples could have shown to be above the threshold.
    pub detectable: f64,
    /// What follows.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// In what the machine was slower, where that is the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slow_downs: Vec<SlowDown>,
    /// What further passes found, where there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Judgement>,
}

impl Judgement {
    /// Whether it got better by more than the threshold.
    #[must_use]
    pub fn improved(&self) -> bool {
        self.outcome == Outcome::Ok
            && self.high < 1.0 / (1.0 + self.threshold)
            && self.reason != Reason::SlowerSerial
    }

    /// Whether both are of the same measurement.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.workload == other.workload && self.variant == other.variant
    }

    /// Whether both are of the same arm.
    #[must_use]
    pub fn is_of_the_same_arm(&self, other: &Self) -> bool {
        self.is_beside(other) && self.engine == other.engine && self.workers == other.workers
    }

    /// Whether both judge the same thing.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.is_of_the_same_arm(other) && self.metric == other.metric
    }
}

/// What a comparison says of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The whole interval is within the tolerance: no slow-down that counts.
    Ok,
    /// Neither of the others: nothing can be said.
    Inconclusive,
    /// The whole interval is above the threshold, and the difference is significant.
    Regressed,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Inconclusive => "inconclusive",
            Self::Regressed => "regressed",
        }
    }
}
