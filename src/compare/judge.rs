//! One metric of one arm: how it changed, how sure that is, how much of it is noise.

use super::estimate::Basis;
use super::matching::Matched;
use crate::results::{Judgement, MachineMatch, Metric, Outcome, Pair, PairedRound, Reason};
use crate::stats::{
    Interval, median, median_interval, rank_sum, ratio_of_medians, signed_rank, split_half,
};

/// The confidence of the intervals.
pub(super) const CONFIDENCE: f64 = 0.99;
/// How much wider the threshold is where times are compared in units of the calibration kernel:
/// that kernel is arithmetic, and does not see memory.
const WIDER: f64 = 2.0;

/// A metric of an arm in two runs, and by which rules they are compared.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) matched: &'a Matched<'a>,
    pub(super) metric: Metric,
    pub(super) machine: MachineMatch,
    /// The change that is tolerated.
    pub(super) tolerance: f64,
    /// Whether the verdict depends on it.
    pub(super) decides: bool,
}

/// A judgement without what depends on all the others: its p-value is uncorrected and its outcome
/// open.
pub(super) struct Draft {
    pub(super) judgement: Judgement,
    pub(super) basis: Basis,
    /// The part of its noise that comes from the samples, and not from the speed of the machine.
    pub(super) own_noise: f64,
}

/// Judges a metric as far as it can be judged alone. `None` when there are too few rounds for an
/// interval, or when the metric means nothing for this arm.
pub(super) fn judge(subject: Subject<'_>) -> Option<Draft> {
    let Subject {
        matched,
        metric,
        machine,
        tolerance,
        decides,
    } = subject;
    let (old, new) = (matched.old, matched.new);
    let samples = Samples::of(subject)?;
    let (interval, change) = samples.change(machine)?;

    let wider = if machine == MachineMatch::SameModel {
        WIDER
    } else {
        1.0
    };
    let own_noise = samples.noise(machine);
    let noise = own_noise.max(machine_noise(old, new, metric, machine));
    let tolerance = wider * tolerance;
    let threshold = tolerance.max(wider * noise);

    let arm = match metric {
        Metric::SerialTime => new.measurement.reference_arm(),
        Metric::DistributedTime | Metric::Speedup | Metric::TaskOverhead => new.arm(),
    };
    let judgement = Judgement {
        workload: new.workload().to_owned(),
        variant: matched.variant.clone(),
        engine: arm.engine.clone(),
        workers: arm.workers,
        metric,
        informational: !decides,
        baseline: median(&values(old, metric)?)?,
        current: median(&values(new, metric)?)?,
        change,
        low: interval.low,
        high: interval.high,
        p_value: samples.p_value(machine)?,
        noise,
        tolerance,
        threshold,
        detectable: (1.0 + threshold) * change / interval.low - 1.0,
        outcome: Outcome::Inconclusive,
        reason: Reason::TooFewRounds { needed: None },
        again: Vec::new(),
    };
    let basis = Basis {
        old: samples.old.len(),
        new: samples.new.len(),
    };
    Some(Draft {
        judgement,
        basis,
        own_noise: wider * own_noise,
    })
}

/// The metric in each steady round; `None` where it means nothing.
fn values(pair: Pair<'_>, metric: Metric) -> Option<Vec<f64>> {
    pair.steady().map(|round| metric.of(round)).collect()
}

/// The samples of one metric, such that more is worse.
struct Samples {
    old: Vec<f64>,
    new: Vec<f64>,
}

impl Samples {
    fn of(subject: Subject<'_>) -> Option<Self> {
        let Subject {
            matched,
            metric,
            machine,
            ..
        } = subject;
        let value = |round: PairedRound<'_>| {
            let value = metric.of(round)?.max(f64::MIN_POSITIVE);
            let arithmetic_s = round.round.calibration.arithmetic_s.max(f64::MIN_POSITIVE);

            Some(match (metric.is_time(), machine) {
                (true, MachineMatch::SameModel) => value / arithmetic_s,
                (true, _) => value,
                (false, _) => 1.0 / value,
            })
        };
        let values = |pair: Pair<'_>| pair.steady().map(value).collect::<Option<Vec<f64>>>();

        Some(Self {
            old: values(matched.old)?,
            new: values(matched.new)?,
        })
    }

    /// By what factor the new samples are worse, with its interval.
    fn change(&self, machine: MachineMatch) -> Option<(Interval, f64)> {
        if machine == MachineMatch::Interleaved {
            let ratios = self.ratios();
            return Some((median_interval(&ratios, CONFIDENCE)?, median(&ratios)?));
        }
        let interval = ratio_of_medians(&self.new, &self.old, CONFIDENCE)?;
        Some((interval, median(&self.new)? / median(&self.old)?))
    }

    /// The chance of such a difference between equals. Rounds in turns are compared in their pairs:
    /// pooled, what the machine did to both would hide what differs.
    fn p_value(&self, machine: MachineMatch) -> Option<f64> {
        if machine == MachineMatch::Interleaved {
            let differences: Vec<f64> = self.ratios().iter().map(|ratio| ratio.ln()).collect();
            return Some(signed_rank(&differences)?.p_two_sided);
        }
        Some(rank_sum(&self.new, &self.old)?.p_two_sided)
    }

    /// New divided by old, of the rounds that belong together.
    fn ratios(&self) -> Vec<f64> {
        self.new
            .iter()
            .zip(&self.old)
            .map(|(new, old)| new / old)
            .collect()
    }

    /// How much the samples differ from themselves: an A/A comparison of their halves.
    fn noise(&self, machine: MachineMatch) -> f64 {
        let halves = |values: &[f64]| split_half(values).unwrap_or(0.0);
        if machine == MachineMatch::Interleaved {
            halves(&self.ratios())
        } else {
            halves(&self.old).max(halves(&self.new))
        }
    }
}

/// How much slower the machine itself was, in what `metric` depends on: times of a machine that
/// became slower say no more than that about the program. 0 where the machine cancels.
fn machine_noise(old: Pair<'_>, new: Pair<'_>, metric: Metric, machine: MachineMatch) -> f64 {
    if machine == MachineMatch::Interleaved {
        return 0.0;
    }

    let slower = |value: &dyn Fn(PairedRound<'_>) -> Option<f64>| {
        // Not every round knows everything: of many numbers of workers each looks at a few.
        let typical = |pair: Pair<'_>| median(&pair.steady().filter_map(value).collect::<Vec<_>>());
        let typical = typical(old).zip(typical(new));
        typical.map_or(1.0, |(old, new)| (new / old).max(1.0))
    };
    let workers = new.workers();
    let arithmetic = || slower(&|round| Some(round.round.calibration.arithmetic_s));
    let memory = || slower(&|round| Some(round.round.calibration.memory_s));
    let one_core = || arithmetic().max(memory());
    let cores = || slower(&|round| Some(1.0 / round.round.calibration.granted_to(workers)?));
    let handoff = || slower(&|round| round.round.calibration.handoff_s);
    let crowded = |workers: usize| {
        slower(&|round| Some(round.round.machine.other_programs?.slow_down(workers)))
    };
    let reference_workers = new.measurement.reference_arm().workers;
    let serial =
        || slower(&|round| Some(round.reference_starvation())).max(crowded(reference_workers));
    let distributed = || slower(&|round| Some(round.arm_starvation())).max(crowded(workers));

    let factor = match (metric, machine) {
        (Metric::Speedup, _) => cores() * distributed() * serial(),
        // Their times are in units of the arithmetic already.
        (_, MachineMatch::SameModel) => 1.0,
        (Metric::SerialTime, _) => one_core() * serial(),
        (Metric::DistributedTime, _) => one_core() * cores() * distributed(),
        (Metric::TaskOverhead, _) => one_core().max(handoff()),
    };
    factor - 1.0
}
