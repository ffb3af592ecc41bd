//! One metric of one measurement: how it changed, how sure that is, how much of it is noise.

use super::estimate::Basis;
use crate::results::{Judgement, MachineMatch, Measurement, Metric, Outcome, Round};
use crate::stats::{
    Interval, median, median_interval, rank_sum, ratio_of_medians, signed_rank, split_half,
};

/// The confidence of the intervals.
pub(super) const CONFIDENCE: f64 = 0.99;
/// How much wider the threshold is where times are compared in units of the calibration kernel: that kernel
/// is arithmetic, and does not see memory.
const WIDER: f64 = 2.0;

/// A metric of two measurements, and by which rules they are compared.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) old: &'a Measurement,
    pub(super) new: &'a Measurement,
    pub(super) metric: Metric,
    pub(super) machine: MachineMatch,
    /// The change that is tolerated.
    pub(super) tolerance: f64,
    /// Whether the verdict depends on it.
    pub(super) decides: bool,
}

/// A judgement without what depends on all the others: its p-value is uncorrected and its outcome open.
pub(super) struct Draft {
    pub(super) judgement: Judgement,
    pub(super) basis: Basis,
    /// The part of its noise that comes from the samples, and not from the speed of the machine.
    pub(super) own_noise: f64,
}

/// Judges a metric as far as it can be judged alone. `None` when there are too few rounds for an interval.
pub(super) fn judge(subject: Subject<'_>) -> Option<Draft> {
    let Subject {
        old,
        new,
        metric,
        machine,
        tolerance,
        decides,
    } = subject;
    let samples = Samples::of(old, new, metric, machine);
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
    let typical = |measurement: &Measurement| {
        median(
            &measurement
                .steady()
                .map(|round| metric.of(round))
                .collect::<Vec<_>>(),
        )
    };

    let judgement = Judgement {
        workload: new.workload.clone(),
        engine: new.engine.clone(),
        workers: new.workers,
        metric,
        informational: !decides,
        baseline: typical(old)?,
        current: typical(new)?,
        change,
        low: interval.low,
        high: interval.high,
        p_value: samples.p_value(machine)?,
        noise,
        tolerance,
        threshold,
        detectable: (1.0 + threshold) * change / interval.low - 1.0,
        outcome: Outcome::Inconclusive,
        reason: None,
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

/// The samples of one metric, such that more is worse.
struct Samples {
    old: Vec<f64>,
    new: Vec<f64>,
}

impl Samples {
    fn of(old: &Measurement, new: &Measurement, metric: Metric, machine: MachineMatch) -> Self {
        let value = |round: &Round| {
            let value = metric.of(round).max(f64::MIN_POSITIVE);
            match (metric.is_time(), machine) {
                (true, MachineMatch::SameModel) => {
                    value / round.calibration.arithmetic_s.max(f64::MIN_POSITIVE)
                }
                (true, _) => value,
                (false, _) => 1.0 / value,
            }
        };
        let values = |measurement: &Measurement| measurement.steady().map(value).collect();
        Self {
            old: values(old),
            new: values(new),
        }
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

    /// The chance of such a difference between equals. Rounds in turns are compared in their pairs: pooled, what the
    /// machine did to both would hide what differs.
    fn p_value(&self, machine: MachineMatch) -> Option<f64> {
        if machine == MachineMatch::Interleaved {
            let differences: Vec<f64> = self.ratios().iter().map(|ratio| ratio.ln()).collect();
            return Some(signed_rank(&differences)?.p_two_sided);
        }
        Some(rank_sum(&self.new, &self.old)?.p_two_sided)
    }

    /// New by old of the rounds that belong together.
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

/// How much slower the machine itself was, in what `metric` depends on: times of a machine that became slower say
/// no more than that about the program. Nothing where the machine cancels.
fn machine_noise(
    old: &Measurement,
    new: &Measurement,
    metric: Metric,
    machine: MachineMatch,
) -> f64 {
    if machine == MachineMatch::Interleaved {
        return 0.0;
    }
    let slower = |of: &dyn Fn(&Round) -> Option<f64>| {
        let typical =
            |one: &Measurement| median(&one.steady().map(of).collect::<Option<Vec<f64>>>()?);
        typical(old)
            .zip(typical(new))
            .map_or(1.0, |(old, new)| (new / old).max(1.0))
    };
    let arithmetic = || slower(&|round| Some(round.calibration.arithmetic_s));
    let one_core = || arithmetic().max(slower(&|round| Some(round.calibration.memory_s)));
    let cores = || slower(&|round| Some(1.0 / round.calibration.granted_cores));
    let serial = || slower(&|round| Some(Round::starved(round.serial_cpu)));
    let distributed = || slower(&|round| Some(Round::starved(round.distributed_cpu)));
    let noise = match (metric, machine) {
        (Metric::Speedup, _) => cores() * distributed() * serial(),
        // Their times are in units of the arithmetic already.
        (_, MachineMatch::SameModel) => 1.0,
        (Metric::SerialTime, _) => one_core() * serial(),
        (Metric::DistributedTime, _) => one_core() * cores() * distributed(),
        (Metric::TaskOverhead, _) => one_core().max(slower(&|round| round.calibration.handoff_s)),
    };
    noise - 1.0
}
