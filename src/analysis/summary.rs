//! The figures derived from a measurement's rounds.

use serde::Serialize;

use crate::machine::OtherPrograms;
use crate::results::at_least_a_tick;
use crate::results::{Measurement, Pair, PairedRound, Round};
use crate::stats::{Interval, Spread, median, median_interval, outliers};

/// The confidence of the speed-up's interval.
pub const SPEEDUP_CONFIDENCE: f64 = 0.95;

/// Whether an arm beats its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the speed-up is above 1, and not all of it below what is worth having.
    Pays,
    /// The whole interval is above 1 and below what is worth having.
    HardlyPays,
    /// The whole interval is at 1 or below.
    DoesNotPay,
    /// The interval has 1 inside, or there are too few steady rounds for one.
    NotResolved,
}

/// Figures of one arm by itself, over the rounds that count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ArmFigures {
    /// Median seconds of a round.
    pub median_s: f64,
    /// The least.
    pub min_s: f64,
    /// The greatest.
    pub max_s: f64,
    /// Units of work a second, in the median round.
    pub throughput_per_s: f64,
    /// Seconds in the cold round, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_s: Option<f64>,
}

/// Derived figures of an arm beside its reference, over the steady rounds. Serialised, it is the
/// arm's entry in a stored measurement's `summary`.
///
/// The speed-up is the median of the rounds' own ratios, not the ratio of two medians: both arms of
/// one round ran close after one another. A neighbour that keeps one CPU busy still costs an arm of
/// many workers more than the serial loop, which finds a free CPU.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The arm's own figures.
    #[serde(flatten)]
    pub arm: ArmFigures,
    /// The reference arm's.
    #[serde(skip)]
    pub reference: ArmFigures,
    /// Rounds that the other figures are taken over.
    pub steady_rounds: usize,
    /// Whether those are steady: `false` when the cold round was the only one.
    pub steady: bool,
    /// Median over the rounds of the reference's time divided by the arm's.
    pub speedup: f64,
    /// The least such ratio.
    pub speedup_min: f64,
    /// The greatest.
    pub speedup_max: f64,
    /// Lower end of the speed-up's 95 % interval, by the exact sign test over the rounds' ratios;
    /// `None` below 6 steady rounds.
    pub speedup_low: Option<f64>,
    /// Its upper end.
    pub speedup_high: Option<f64>,
    /// What the interval says.
    pub verdict: Verdict,
    /// The speed-up that is worth having, on which that depends.
    #[serde(skip)]
    pub worth: f64,
    /// The speed-up divided by the number of workers.
    pub efficiency: f64,
    /// Median core-equivalents that the machine granted to this many workers: what a short look
    /// before each round found, or what the speed-up shows where that is more. `None` where tasks
    /// ran on other machines.
    pub granted_cores: Option<f64>,
    /// The speed-up divided by the core-equivalents that the machine granted: what the engine made
    /// of what there was.
    pub efficiency_of_ceiling: Option<f64>,
    /// How many times the reference's CPU time the arm uses for the same work: the median of the
    /// rounds' ratios; `None` where the system does not report both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ratio: Option<f64>,
    /// What a worker's time went into beyond its share of the serial time, where the engine reports
    /// its tasks.
    pub loss: Option<Loss>,
    /// Median seconds of the calibration's arithmetic.
    pub calibration_median_s: f64,
    /// Median seconds of an empty task, where that means something.
    pub dispatch_median_s: Option<f64>,
    /// Steady rounds that the machine disturbed: more steal or throttling than `Round`'s bounds.
    pub disturbed_rounds: usize,
    /// Steady rounds during which the program was stopped and continued; they count all the same.
    #[serde(skip_serializing_if = "is_zero")]
    pub stopped_rounds: usize,
    /// What other programs used of the CPUs, in the median round, where the system reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_programs: Option<OtherPrograms>,
    /// Whether they were in the way of the workers: then the figures say what one gets beside them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub busy_machine: bool,
    /// Steady rounds whose speed-up is an outlier among them; they count all the same.
    pub outlier_rounds: usize,
}

/// Where an arm's time goes beyond the serial time divided by the workers. In each round the three
/// add up to the difference; these are their medians over the rounds, in seconds, and medians need
/// not add up. A part may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// On the busiest worker, outside of tasks: submitting, queueing, waking up, fetching.
    pub dispatch_s: f64,
    /// The busiest worker's time in tasks beyond the mean of all workers.
    pub imbalance_s: f64,
    /// Tasks taking longer than in the serial loop, per worker: memory bandwidth, SMT, clock,
    /// neighbours.
    pub inflation_s: f64,
}

impl Measurement {
    /// The figures of the arm at `index` by itself, or `None` when no round is complete.
    #[must_use]
    pub fn figures(&self, index: usize) -> Option<ArmFigures> {
        let wall_s = |round: &Round| round.times[index].wall_s;
        let times: Vec<f64> = self.counted().into_iter().map(wall_s).collect();
        let spread = Spread::of(&times)?;

        Some(ArmFigures {
            median_s: spread.median,
            min_s: spread.min,
            max_s: spread.max,
            throughput_per_s: (self.work.amount as f64 * self.arms[index].scale.max(1) as f64)
                / at_least_a_tick(spread.median),
            cold_s: self.rounds.iter().find(|round| round.cold).map(wall_s),
        })
    }
}

impl Pair<'_> {
    /// The derived figures, or `None` when no round is complete.
    #[must_use]
    pub fn summary(self) -> Option<Summary> {
        let measurement = self.measurement;
        let arm = measurement.figures(self.index)?;
        let reference = measurement.figures(measurement.reference)?;

        let steady: Vec<PairedRound<'_>> = self.steady().collect();
        let counted = self.counted();

        let ratios: Vec<f64> = steady.iter().map(|round| round.speedup()).collect();
        let interval = median_interval(&ratios, SPEEDUP_CONFIDENCE);
        let speedups: Vec<f64> = counted.iter().map(|round| round.speedup()).collect();
        let speedup = Spread::of(&speedups)?;

        let workers = self.workers().max(1) as f64;
        // That a short look found fewer cores than the arm then made use of says nothing of the
        // arm. A speed-up shows cores unless its tasks mostly wait.
        let uses_cores = self
            .cores_used()
            .is_none_or(|used| used > 0.5 * speedup.median);
        let floor = if uses_cores {
            speedup.median.min(workers)
        } else {
            0.0
        };
        let granted_cores = self.granted_cores(&counted).map(|cores| cores.max(floor));
        let other_programs = other_programs(&counted);

        Some(Summary {
            arm,
            reference,
            steady_rounds: steady.len(),
            steady: !steady.is_empty(),
            speedup: speedup.median,
            speedup_min: speedup.min,
            speedup_max: speedup.max,
            speedup_low: interval.map(|interval| interval.low),
            speedup_high: interval.map(|interval| interval.high),
            verdict: Verdict::of(interval, measurement.worth),
            worth: measurement.worth,
            efficiency: speedup.median / workers,
            granted_cores,
            efficiency_of_ceiling: granted_cores
                .filter(|&cores| cores > 0.0)
                .map(|cores| speedup.median / cores),
            cpu_ratio: median_of(&counted, PairedRound::cpu_ratio),
            // Its tasks have threads of their own, or are those of another program.
            loss: Loss::of(&counted, workers).filter(|_| !self.arm().is_variant()),
            calibration_median_s: median_of(&counted, |round| {
                Some(round.round.calibration.arithmetic_s)
            })?,
            dispatch_median_s: median_of(&counted, PairedRound::dispatch_s),
            disturbed_rounds: steady
                .iter()
                .filter(|round| round.round.disturbed())
                .count(),
            stopped_rounds: steady
                .iter()
                .filter(|round| round.round.machine.stopped)
                .count(),
            other_programs,
            busy_machine: other_programs
                .is_some_and(|others| others.are_in_the_way_of(self.workers())),
            outlier_rounds: outliers(&ratios)
                .into_iter()
                .filter(|outlier| *outlier)
                .count(),
        })
    }

    /// The cores that this machine granted to the arm's workers, which says nothing about the cores
    /// of other machines.
    fn granted_cores(self, rounds: &[PairedRound<'_>]) -> Option<f64> {
        if self.placement().elsewhere {
            return None;
        }

        // Of many numbers of workers, each round looks at a few.
        let workers = self.workers();
        let known = rounds
            .iter()
            .filter_map(|round| round.round.calibration.granted_to(workers));
        median(&known.collect::<Vec<f64>>())
    }
}

/// The median of a value that every round has; `None` where one of them lacks it.
pub(super) fn median_of<'a>(
    rounds: &[PairedRound<'a>],
    value: impl Fn(PairedRound<'a>) -> Option<f64>,
) -> Option<f64> {
    let values: Vec<f64> = rounds
        .iter()
        .map(|round| value(*round))
        .collect::<Option<_>>()?;

    median(&values)
}

/// What other programs used in the median of those rounds that know of it.
fn other_programs(rounds: &[PairedRound<'_>]) -> Option<OtherPrograms> {
    let known = rounds
        .iter()
        .filter_map(|round| round.round.machine.other_programs);
    let known: Vec<OtherPrograms> = known.collect();
    let cores: Vec<f64> = known.iter().map(|others| others.cores).collect();

    Some(OtherPrograms {
        cores: median(&cores)?,
        cpus: known.first()?.cpus,
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Verdict {
    /// What the speed-up's interval says, where `worth` is the speed-up worth having.
    fn of(interval: Option<Interval>, worth: f64) -> Self {
        match interval {
            Some(Interval { low, high, .. }) if low > 1.0 && high < worth => Self::HardlyPays,
            Some(interval) if interval.low > 1.0 => Self::Pays,
            Some(interval) if interval.high <= 1.0 => Self::DoesNotPay,
            _ => Self::NotResolved,
        }
    }
}

impl Loss {
    fn of(rounds: &[PairedRound<'_>], workers: f64) -> Option<Self> {
        let dispatch_s = |round: PairedRound<'_>| Some(round.arm_s() - round.busy()?.busiest_s);
        let imbalance_s = |round: PairedRound<'_>| {
            let busy = round.busy()?;
            Some(busy.busiest_s - busy.total_s / workers)
        };
        let inflation_s =
            |round: PairedRound<'_>| Some((round.busy()?.total_s - round.reference_s()) / workers);

        Some(Self {
            dispatch_s: median_of(rounds, dispatch_s)?,
            imbalance_s: median_of(rounds, imbalance_s)?,
            inflation_s: median_of(rounds, inflation_s)?,
        })
    }
}

#[cfg(test)]
mod tests;
