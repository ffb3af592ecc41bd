//! One metric of one measurement, judged, as stored in a comparison.

use serde::{Deserialize, Serialize};

use super::comparison::ALPHA;
use super::{Reason, Round};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// A round's serial time.
    SerialTime,
    /// A round's distributed time.
    DistributedTime,
    /// A round's serial time divided by its distributed time.
    Speedup,
    /// A round's time of a task that does nothing.
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

    /// Those that decide a verdict unless the user names others. The cost of an empty task is some hundred
    /// nanoseconds: it changes by tens of per cent for no reason that matters to a job.
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

    /// Its value in `round`: seconds, or a ratio.
    #[must_use]
    pub fn of(self, round: &Round) -> f64 {
        match self {
            Self::SerialTime => round.serial_s,
            Self::DistributedTime => round.distributed_s,
            Self::Speedup => round.speedup(),
            Self::TaskOverhead => round.task_overhead_s,
        }
    }

    /// Whether it is a time, which grows when things get worse.
    #[must_use]
    pub fn is_time(self) -> bool {
        self != Self::Speedup
    }
}

/// One metric of one measurement, judged. A change is a factor in the direction of worse: 1.1 is 10 % more
/// time, or a speed-up that is lower by the factor 1.1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The workload.
    pub workload: String,
    /// The engine of the distributed arm.
    pub engine: String,
    /// That engine's workers.
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
    /// The chance of such a difference between equals, corrected by Holm for all that the verdict depends on.
    pub p_value: f64,
    /// How much the samples differ from themselves: between their halves, and in the machine's speed.
    pub noise: f64,
    /// The change that is tolerated on these machines.
    pub tolerance: f64,
    /// The change that counts: the tolerance, or the noise where that is more.
    pub threshold: f64,
    /// The smallest change that these samples could have shown to be above the threshold.
    pub detectable: f64,
    /// What follows.
    pub outcome: Outcome,
    /// Why; absent in runs of earlier versions, see [`Judgement::explanation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
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
            && self.reason != Some(Reason::SlowerSerial)
    }

    /// The reason that is stored, or the one that follows from the figures of a run that stored none.
    #[must_use]
    pub fn explanation(&self) -> Reason {
        self.reason.unwrap_or_else(|| match self.outcome {
            Outcome::Ok => Reason::WithinTolerance,
            Outcome::Regressed => Reason::Worse,
            Outcome::Inconclusive if self.confirmed() == Some(false) => Reason::NotConfirmed,
            Outcome::Inconclusive
                if self.low > 1.0 + self.tolerance && self.low <= 1.0 + self.threshold =>
            {
                Reason::WithinNoise
            }
            Outcome::Inconclusive => Reason::TooFewRounds { needed: None },
        })
    }

    /// Whether every further pass agreed that it regressed, where there was any.
    #[must_use]
    pub fn confirmed(&self) -> Option<bool> {
        (!self.again.is_empty()).then(|| {
            self.again
                .iter()
                .all(|again| again.agrees_above(again.tolerance))
        })
    }

    /// Whether this, as a further pass, agrees with one that found a regression at `tolerance`: worse for
    /// certain, and typically by more than counts. It need not prove that alone, or each pass more would
    /// multiply the misses; chance is what the first pass has excluded, and a passing disturbance of the
    /// machine is what the further ones are for.
    fn agrees_above(&self, tolerance: f64) -> bool {
        self.low > 1.0
            && self.change > 1.0 + tolerance.max(self.noise)
            && self.reason != Some(Reason::FasterSerial)
    }

    /// The tolerance below which this would have been confirmed as regressed, on the machine of the baseline:
    /// 0 when at none.
    #[must_use]
    pub fn regresses_below(&self) -> f64 {
        let accused = self.p_value < ALPHA && self.low > 1.0 + self.noise;
        let harmless = self.informational || self.reason == Some(Reason::FasterSerial);
        if !accused || harmless || self.again.is_empty() {
            return 0.0;
        }
        let agreed = |one: &Self| {
            if one.agrees_above(0.0) {
                one.change - 1.0
            } else {
                0.0
            }
        };
        self.again.iter().map(agreed).fold(self.low - 1.0, f64::min)
    }

    /// Whether both are of the same measurement.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.workload, &self.engine, self.workers)
            == (&other.workload, &other.engine, other.workers)
    }

    /// Whether both judge the same thing.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.is_beside(other) && self.metric == other.metric
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
