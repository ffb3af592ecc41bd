//! One metric of one arm: how it changed, how sure that is, how much of it is noise.

use super::CONFIDENCE;
use super::estimate::Basis;
use super::matching::Matched;
use super::slower::{combined, slow_downs};
use crate::results::{
    Judgement, MachineMatch, Metric, Outcome, Pair, PairedRound, Reason, SlowDown,
};
use crate::stats::{
    Interval, median, median_interval, rank_sum, ratio_of_medians, signed_rank, split_half,
};

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
    /// In what the machine became slower.
    pub(super) slow_downs: Vec<SlowDown>,
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
    let slow_downs = slow_downs(old, new, metric, machine);
    let noise = own_noise.max(combined(metric, &slow_downs) - 1.0);
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
        slow_downs: Vec::new(),
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
        slow_downs,
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
