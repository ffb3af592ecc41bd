//! The figures derived from a measurement's rounds, and the stored form that carries them along for
//! readers with `jq`. Loading ignores them: they are always derived anew.

use serde::Serialize;
use serde_json::Value;

use super::round::at_least_a_tick;
use super::{Measurement, Round, Work};
use crate::machine::OtherPrograms;
use crate::stats::{Interval, Spread, karp_flatt, median, median_interval, outliers};
use crate::units::Bytes;

/// The confidence of the speed-up's interval.
pub const SPEEDUP_CONFIDENCE: f64 = 0.95;

/// Whether distributing the work pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the speed-up is above 1.
    Pays,
    /// The whole interval is at 1 or below.
    DoesNotPay,
    /// The interval has 1 inside, or there are too few steady rounds for one.
    NotResolved,
}

/// Derived figures of one measurement, over its steady rounds.
///
/// The speed-up is the median of the rounds' own ratios, not the ratio of two medians: both arms of one
/// round ran right after one another. A neighbour that keeps one CPU busy still costs the distributed arm
/// more than the serial one, which finds a free CPU.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Rounds that the other figures are taken over.
    pub steady_rounds: usize,
    /// Whether those are steady: `false` when the cold round was the only one.
    pub steady: bool,
    /// Median seconds of the serial arm.
    pub serial_median_s: f64,
    /// Its least.
    pub serial_min_s: f64,
    /// Its greatest.
    pub serial_max_s: f64,
    /// Median seconds of the distributed arm.
    pub distributed_median_s: f64,
    /// Its least.
    pub distributed_min_s: f64,
    /// Its greatest.
    pub distributed_max_s: f64,
    /// Median over the rounds of serial time by distributed time.
    pub speedup: f64,
    /// The least such ratio.
    pub speedup_min: f64,
    /// The greatest.
    pub speedup_max: f64,
    /// Lower end of the speed-up's 95 % interval, by the exact sign test over the rounds' ratios; none
    /// below 6 steady rounds.
    pub speedup_low: Option<f64>,
    /// Its upper end.
    pub speedup_high: Option<f64>,
    /// What the interval says.
    pub verdict: Verdict,
    /// The speed-up by the number of workers.
    pub efficiency: f64,
    /// Median core-equivalents that the machine granted to this many workers; none where tasks ran on other machines.
    pub granted_cores: Option<f64>,
    /// The speed-up divided by the core-equivalents that the machine granted: what the engine made of what there was.
    pub efficiency_of_ceiling: Option<f64>,
    /// The serial fraction that Karp and Flatt's metric finds in the speed-up; none with one worker.
    pub serial_fraction: Option<f64>,
    /// What a worker's time went into beyond its share of the serial time, where the engine tells.
    pub loss: Option<Loss>,
    /// Units of work a second in the serial arm.
    pub serial_throughput_per_s: f64,
    /// Units of work a second in the distributed arm.
    pub distributed_throughput_per_s: f64,
    /// Median seconds of the calibration's arithmetic.
    pub calibration_median_s: f64,
    /// Median seconds of a task that does nothing.
    pub task_overhead_median_s: f64,
    /// Steady rounds that the machine disturbed: more steal or throttling than `Round`'s bounds.
    pub disturbed_rounds: usize,
    /// Steady rounds during which the program was stopped and continued; they count all the same.
    #[serde(skip_serializing_if = "is_zero")]
    pub stopped_rounds: usize,
    /// What other programs used of the CPUs, in the median round, where the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_programs: Option<OtherPrograms>,
    /// Whether they were in the way of the workers: then the figures say what one gets beside them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub busy_machine: bool,
    /// Steady rounds whose speed-up is an outlier among them; they count all the same.
    pub outlier_rounds: usize,
    /// Seconds of the serial arm in the cold round, if there was one.
    pub cold_serial_s: Option<f64>,
    /// Seconds of the distributed arm in the cold round, if there was one.
    pub cold_distributed_s: Option<f64>,
}

/// Where the distributed arm's time goes beyond the serial time divided by the workers. In each round the three add up
/// to the difference; these are their medians over the rounds, in seconds, and medians need not add up. A part may be
/// negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// On the busiest worker, outside of tasks: submitting, queueing, waking up, fetching.
    pub dispatch_s: f64,
    /// The busiest worker's time in tasks beyond the mean of all workers.
    pub imbalance_s: f64,
    /// Tasks taking longer than in the serial loop, per worker: memory bandwidth, SMT, clock, neighbours.
    pub inflation_s: f64,
}

impl Measurement {
    /// The derived figures, or `None` when no round is complete.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        let cold = self.rounds.iter().find(|round| round.cold);
        let steady: Vec<&Round> = self.steady().collect();
        let over: Vec<&Round> = if steady.is_empty() {
            self.rounds.iter().collect()
        } else {
            steady.clone()
        };
        let values = |of: fn(&Round) -> f64| over.iter().map(|round| of(round)).collect::<Vec<_>>();
        let serial = Spread::of(&values(|round| round.serial_s))?;
        let distributed = Spread::of(&values(|round| round.distributed_s))?;
        let speedup = Spread::of(&values(Round::speedup))?;
        let ratios: Vec<f64> = steady.iter().map(|round| round.speedup()).collect();
        let interval = median_interval(&ratios, SPEEDUP_CONFIDENCE);
        let amount = self.work.amount as f64;
        let workers = self.workers.max(1) as f64;
        // What this machine grants says nothing about the cores of others.
        let granted_cores = if self.placement.elsewhere {
            None
        } else {
            median(&values(|round| round.calibration.granted_cores))
        };
        let other_programs = other_programs(&over);
        Some(Summary {
            steady_rounds: steady.len(),
            steady: !steady.is_empty(),
            serial_median_s: serial.median,
            serial_min_s: serial.min,
            serial_max_s: serial.max,
            distributed_median_s: distributed.median,
            distributed_min_s: distributed.min,
            distributed_max_s: distributed.max,
            speedup: speedup.median,
            speedup_min: speedup.min,
            speedup_max: speedup.max,
            speedup_low: interval.map(|interval| interval.low),
            speedup_high: interval.map(|interval| interval.high),
            verdict: Verdict::of(interval),
            efficiency: speedup.median / workers,
            granted_cores,
            efficiency_of_ceiling: granted_cores
                .filter(|&cores| cores > 0.0)
                .map(|cores| speedup.median / cores),
            serial_fraction: karp_flatt(speedup.median, workers),
            loss: Loss::of(&over, workers),
            serial_throughput_per_s: amount / at_least_a_tick(serial.median),
            distributed_throughput_per_s: amount / at_least_a_tick(distributed.median),
            calibration_median_s: median(&values(|round| round.calibration.arithmetic_s))?,
            task_overhead_median_s: median(&values(|round| round.task_overhead_s))?,
            outlier_rounds: outliers(&ratios)
                .into_iter()
                .filter(|outlier| *outlier)
                .count(),
            disturbed_rounds: steady.iter().filter(|round| round.disturbed()).count(),
            stopped_rounds: steady.iter().filter(|round| round.machine.stopped).count(),
            other_programs,
            busy_machine: other_programs
                .is_some_and(|others| others.are_in_the_way_of(self.workers)),
            cold_serial_s: cold.map(|round| round.serial_s),
            cold_distributed_s: cold.map(|round| round.distributed_s),
        })
    }

    /// The rounds that figures are taken over: all but the cold one, and an even number of them. Rounds stand in
    /// blocks of two in which each arm goes first once, so that what going first costs or gains cancels; the last
    /// round of an odd number, or of an interrupted run, lacks its partner and is left out. A single one is all that
    /// there is.
    pub fn steady(&self) -> impl Iterator<Item = &Round> {
        let rounds = self.steady_or_alone().count();
        let paired = if rounds == 1 { 1 } else { rounds - rounds % 2 };
        self.steady_or_alone().take(paired)
    }

    /// Whether there is a last round without its partner, which figures leave out.
    #[must_use]
    pub fn leaves_a_round_out(&self) -> bool {
        self.steady_or_alone().count() > self.steady().count()
    }

    fn steady_or_alone(&self) -> impl Iterator<Item = &Round> {
        self.rounds.iter().filter(|round| !round.cold)
    }
}

/// What other programs used in the median of those rounds that know of it.
fn other_programs(rounds: &[&Round]) -> Option<OtherPrograms> {
    let known: Vec<OtherPrograms> = rounds
        .iter()
        .filter_map(|round| round.machine.other_programs)
        .collect();
    let cores: Vec<f64> = known.iter().map(|others| others.cores).collect();

    Some(OtherPrograms {
        cores: median(&cores)?,
        cpus: known.first()?.cpus,
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Verdict {
    /// What the speed-up's interval says.
    fn of(interval: Option<Interval>) -> Self {
        match interval {
            Some(interval) if interval.low > 1.0 => Self::Pays,
            Some(interval) if interval.high <= 1.0 => Self::DoesNotPay,
            _ => Self::NotResolved,
        }
    }
}

impl Loss {
    fn of(rounds: &[&Round], workers: f64) -> Option<Self> {
        let part = |of: &dyn Fn(&Round) -> Option<f64>| {
            median(
                &rounds
                    .iter()
                    .map(|round| of(round))
                    .collect::<Option<Vec<_>>>()?,
            )
        };
        Some(Self {
            dispatch_s: part(&|round| Some(round.distributed_s - round.busy?.busiest_s))?,
            imbalance_s: part(&|round| {
                Some(round.busy?.busiest_s - round.busy?.total_s / workers)
            })?,
            inflation_s: part(&|round| Some((round.busy?.total_s - round.serial_s) / workers))?,
        })
    }
}

/// A measurement as it is written: its own fields, then the derived figures.
#[derive(Serialize)]
pub(super) struct WithSummary {
    workload: String,
    params: Value,
    tasks: usize,
    engine: String,
    workers: usize,
    task_bytes: Bytes,
    memory_bytes: Bytes,
    work: Work,
    answer: Value,
    startup_s: f64,
    #[serde(skip_serializing_if = "super::Placement::is_nothing")]
    placement: super::Placement,
    rounds: Vec<Round>,
    summary: Option<Summary>,
}

impl From<Measurement> for WithSummary {
    fn from(measurement: Measurement) -> Self {
        let summary = measurement.summary();
        let Measurement {
            workload,
            params,
            tasks,
            engine,
            workers,
            task_bytes,
            memory_bytes,
            work,
            answer,
            startup_s,
            placement,
            rounds,
        } = measurement;
        Self {
            workload,
            params,
            tasks,
            engine,
            workers,
            task_bytes,
            memory_bytes,
            work,
            answer,
            startup_s,
            placement,
            rounds,
            summary,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::results::{Busy, Calibration, MachineUse, Order};

    fn measurement(times: &[(f64, f64, bool)]) -> Measurement {
        let rounds = times
            .iter()
            .map(|&(serial_s, distributed_s, cold)| Round {
                serial_s,
                distributed_s,
                order: Order::SerialFirst,
                cold,
                calibration: Calibration {
                    arithmetic_s: 0.001,
                    memory_s: 0.001,
                    handoff_s: None,
                    granted_cores: 1.6,
                },
                task_overhead_s: 1e-6,
                serial_cpu: None,
                distributed_cpu: None,
                busy: None,
                machine: MachineUse::default(),
                cluster: None,
            })
            .collect();
        Measurement {
            workload: "pi".to_owned(),
            params: json!({}),
            tasks: 2,
            engine: "pool".to_owned(),
            workers: 2,
            task_bytes: Bytes(0),
            memory_bytes: Bytes(0),
            work: Work {
                amount: 60,
                unit: "samples".to_owned(),
            },
            answer: json!({}),
            startup_s: 0.001,
            placement: crate::results::Placement::default(),
            rounds,
        }
    }

    #[test]
    fn the_cold_round_is_never_mixed_in() {
        let summary = measurement(&[
            (9.0, 9.0, true),
            (2.0, 1.0, false),
            (4.0, 1.0, false),
            (3.0, 2.0, false),
            (3.0, 1.0, false),
        ])
        .summary()
        .unwrap();
        assert_eq!(summary.steady_rounds, 4);
        assert_eq!(
            (summary.serial_median_s, summary.distributed_median_s),
            (3.0, 1.0)
        );
        // The ratios are 2, 4, 1.5 and 3: their median is no quotient of the medians.
        assert_eq!(
            (summary.speedup, summary.speedup_min, summary.speedup_max),
            (2.5, 1.5, 4.0)
        );
        assert_eq!(summary.efficiency, 1.25);
        assert_eq!(summary.distributed_throughput_per_s, 60.0);
        assert_eq!(summary.cold_serial_s, Some(9.0));
    }

    #[test]
    fn a_round_without_its_partner_is_left_out() {
        let steady = |rounds: usize| {
            let mut measured = measurement(&[(9.0, 9.0, true)]);
            let times = (0..rounds).map(|index| (index as f64 + 1.0, 1.0, false));
            measured
                .rounds
                .extend(measurement(&times.collect::<Vec<_>>()).rounds);
            (
                measured.steady().count(),
                measured.leaves_a_round_out(),
                measured.summary().unwrap().speedup_max,
            )
        };
        assert_eq!(steady(5), (4, true, 4.0));
        assert_eq!(steady(4), (4, false, 4.0));
        assert_eq!(steady(1), (1, false, 1.0), "it is all that there is");
        assert_eq!((steady(0).0, steady(0).1), (0, false));
    }

    #[test]
    fn other_programs_are_those_of_the_median_round() {
        let mut measured = measurement(&[(2.0, 1.0, false); 4]);
        assert_eq!(
            measured.summary().unwrap().other_programs,
            None,
            "unknown is not quiet, nor busy"
        );
        for (round, cores) in measured.rounds.iter_mut().zip([0.0, 0.9, 0.7, 1.5]) {
            round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
        }
        let summary = measured.summary().unwrap();
        assert_eq!(
            summary.other_programs,
            Some(OtherPrograms {
                cores: 0.8,
                cpus: 2
            })
        );
        assert!(summary.busy_machine);
        measured.workers = 1;
        assert!(
            !measured.summary().unwrap().busy_machine,
            "one CPU is left for one worker"
        );
    }

    #[test]
    fn the_verdict_follows_the_interval() {
        let of = |distributed: &[f64]| {
            let times: Vec<_> = distributed.iter().map(|&time| (1.0, time, false)).collect();
            let summary = measurement(&times).summary().unwrap();
            (summary.verdict, summary.speedup_low)
        };
        assert_eq!(of(&[0.5; 6]), (Verdict::Pays, Some(2.0)));
        assert_eq!(of(&[0.5; 5]), (Verdict::NotResolved, None));
        assert_eq!(of(&[2.0; 6]), (Verdict::DoesNotPay, Some(0.5)));
        assert_eq!(
            of(&[0.5, 0.5, 0.5, 0.5, 0.5, 2.0]),
            (Verdict::NotResolved, Some(0.5))
        );
    }

    #[test]
    fn a_cold_round_alone_is_reported_as_such() {
        let summary = measurement(&[(2.0, 1.0, true)]).summary().unwrap();
        assert!(!summary.steady && summary.speedup == 2.0);
        assert_eq!(measurement(&[]).summary(), None);
    }

    #[test]
    fn the_loss_adds_up_to_what_a_perfect_split_would_save() {
        let mut measured = measurement(&[(4.0, 3.0, false)]);
        measured.rounds[0].busy = Some(Busy {
            total_s: 5.0,
            busiest_s: 2.75,
        });
        let summary = measured.summary().unwrap();
        let loss = summary.loss.unwrap();
        assert_eq!(
            loss,
            Loss {
                dispatch_s: 0.25,
                imbalance_s: 0.25,
                inflation_s: 0.5
            }
        );
        assert_eq!(
            loss.dispatch_s + loss.imbalance_s + loss.inflation_s,
            3.0 - 4.0 / 2.0
        );
        // Karp and Flatt: (1 / speed-up - 1 / p) / (1 - 1 / p) with speed-up 4/3 on 2.
        assert!((summary.serial_fraction.unwrap() - 0.5).abs() < 1e-12);
        assert!((summary.efficiency_of_ceiling.unwrap() - 4.0 / 3.0 / 1.6).abs() < 1e-12);
        measured.rounds.push(Round {
            busy: None,
            ..measured.rounds[0]
        });
        assert_eq!(
            measured.summary().unwrap().loss,
            None,
            "a part of the rounds says nothing of all"
        );
    }

    #[test]
    fn work_on_other_machines_is_not_compared_with_the_cores_of_this_one() {
        let mut measured = measurement(&[(4.0, 1.0, false)]);
        measured.placement.elsewhere = true;
        let summary = measured.summary().unwrap();
        assert_eq!(
            (summary.granted_cores, summary.efficiency_of_ceiling),
            (None, None)
        );
        assert_eq!(summary.speedup, 4.0);
    }

    #[test]
    fn a_time_of_zero_divides_nothing() {
        assert!(
            measurement(&[(1.0, 0.0, false)])
                .summary()
                .unwrap()
                .speedup
                .is_finite()
        );
    }

    #[test]
    fn loading_ignores_the_stored_summary() {
        let stored = measurement(&[(2.0, 1.0, false)]);
        let mut value = serde_json::to_value(&stored).unwrap();
        assert_eq!(value["summary"]["speedup"], 2.0);
        value["summary"] = json!("nonsense");
        assert_eq!(
            serde_json::from_value::<Measurement>(value).unwrap(),
            stored
        );
    }
}
