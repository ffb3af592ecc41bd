//! What comparing two runs found, as stored with the newer one. How it is found is `crate::compare`'s.

use serde::{Deserialize, Serialize};

use super::{Measurement, Round};

/// The chance of a false alarm that is accepted, over everything that is compared together.
pub const ALPHA: f64 = 0.01;

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
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// A round's serial time.
    SerialTime,
    /// A round's distributed time.
    DistributedTime,
    /// A round's serial time by its distributed time.
    Speedup,
    /// A round's time of a task that does nothing.
    TaskOverhead,
}

impl Metric {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 4] = [Self::SerialTime, Self::DistributedTime, Self::Speedup, Self::TaskOverhead];

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
    /// The baseline's median: seconds, or a ratio.
    pub baseline: f64,
    /// The current median, likewise.
    pub current: f64,
    /// How many times as bad as the baseline.
    pub change: f64,
    /// Lower end of its 99 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The chance of such a difference between equals, corrected by Holm for all that was compared.
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
    /// What further passes found, where there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Judgement>,
}

impl Judgement {
    /// Whether it got better by more than the threshold.
    #[must_use]
    pub fn improved(&self) -> bool {
        self.outcome == Outcome::Ok && self.high < 1.0 / (1.0 + self.threshold)
    }

    /// Whether every further pass agreed that it regressed, where there was any.
    #[must_use]
    pub fn confirmed(&self) -> Option<bool> {
        (!self.again.is_empty()).then(|| self.again.iter().all(|again| again.agrees_above(again.tolerance)))
    }

    /// Whether this, as a further pass, agrees with one that found a regression at `tolerance`: worse for
    /// certain, and typically by more than counts. It need not prove that alone, or each pass more would
    /// multiply the misses; chance is what the first pass has excluded, and a passing disturbance of the
    /// machine is what the further ones are for.
    fn agrees_above(&self, tolerance: f64) -> bool {
        self.low > 1.0 && self.change > 1.0 + tolerance.max(self.noise)
    }

    /// The tolerance below which this would have been confirmed as regressed, on the machine of the baseline:
    /// 0 when at none.
    #[must_use]
    pub fn regresses_below(&self) -> f64 {
        let accused = self.p_value < ALPHA && self.low > 1.0 + self.noise;
        if !accused || self.again.is_empty() {
            return 0.0;
        }
        let agreed = |one: &Self| if one.agrees_above(0.0) { one.change - 1.0 } else { 0.0 };
        self.again.iter().map(agreed).fold(self.low - 1.0, f64::min)
    }

    /// Whether both judge the same thing.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.workload.clone(), one.engine.clone(), one.workers, one.metric);
        key(self) == key(other)
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

impl Comparison {
    /// The worst of its judgements; inconclusive when there is none.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.judgements.iter().map(|judgement| judgement.outcome).max().unwrap_or(Outcome::Inconclusive)
    }

    /// The judgements with this outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(move |judgement| judgement.outcome == outcome)
    }

    /// Keeps as regressed only what `again`, a further pass over the suspects, found so too; the rest is open.
    pub fn confirm(&mut self, again: &Self) {
        for judgement in self.judgements.iter_mut().filter(|one| one.outcome == Outcome::Regressed) {
            judgement
                .again
                .extend(again.judgements.iter().find(|other| other.is_about_the_same(judgement)).cloned());
            if judgement.confirmed() != Some(true) {
                judgement.outcome = Outcome::Inconclusive;
            }
        }
    }
}
