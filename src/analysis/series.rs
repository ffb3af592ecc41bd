//! The arms of one engine, by rising number of workers: the curve that answers with how many
//! workers work is done best. A view: nothing is stored in this form.

use serde::Serialize;

use super::{Estimate, Summary};
use crate::results::{Measurement, OWN, Pair};
use crate::stats::{gustafson, karp_flatt};

/// The arms of one engine beside their reference, by rising number of workers; at least one.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// The measurement that holds them.
    pub measurement: &'a Measurement,
    /// The arms.
    pub pairs: Vec<Pair<'a>>,
}

/// What one number of workers brings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScalePoint {
    /// The number of workers.
    pub workers: usize,
    /// How many times as fast as the reference.
    pub speedup: Estimate,
    /// The speed-up divided by the workers.
    pub efficiency: Estimate,
    /// The share of the work that looks as if only one worker did it: Karp and Flatt's metric, or
    /// Gustafson's fraction where the work grows with the workers. Absent for one worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_fraction: Option<Estimate>,
    /// Whether there were as many cores as workers, so that the point says how the work scales and
    /// not what the machine has.
    pub is_within_cores: bool,
}

impl Measurement {
    /// The series of every engine beside the reference, in the order of the arms. The reference is
    /// in one itself where it is no plain loop.
    #[must_use]
    pub fn series(&self) -> Vec<Series<'_>> {
        let mut all: Vec<Series<'_>> = Vec::new();
        // One worker of a program's own is a point of its curve.
        let reference = Pair {
            measurement: self,
            index: self.reference,
        };
        let of_its_own = (!self.reference_arm().is_serial()).then_some(reference);

        // With how many workers another command is best is no question of this one.
        let own_pairs = self
            .pairs()
            .filter(|pair| !pair.arm().is_of_other_command() && !pair.arm().is_serial());
        for pair in of_its_own.into_iter().chain(own_pairs) {
            match all
                .iter_mut()
                .find(|series| series.engine() == pair.engine())
            {
                Some(series) => series.pairs.push(pair),
                None => all.push(Series {
                    measurement: self,
                    pairs: vec![pair],
                }),
            }
        }
        all.retain(|series| series.pairs.iter().any(|pair| pair.index != self.reference));
        for series in &mut all {
            series.pairs.sort_by_key(|pair| pair.workers());
        }
        all
    }

    /// Whether the work grows with the workers.
    #[must_use]
    pub fn is_weak_scaling(&self) -> bool {
        self.arms.iter().any(|arm| arm.scale > 1)
    }
}

impl<'a> Series<'a> {
    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &'a str {
        self.pairs[0].engine()
    }

    /// Whether several numbers of workers were measured.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.pairs.len() > 1
    }

    /// The arm at `index` of the measurement, if it is one of the series.
    #[must_use]
    pub fn pair_at(&self, index: usize) -> Option<Pair<'a>> {
        self.pairs.iter().copied().find(|pair| pair.index == index)
    }

    /// The points of the curve, by rising number of workers; without those that no complete round
    /// has.
    #[must_use]
    pub fn points(&self) -> Vec<ScalePoint> {
        let cores = self.cores();
        let summaries = self.pairs.iter().map(|pair| (pair, pair.summary()));

        summaries
            .filter_map(|(pair, summary)| Some(self.point(*pair, &summary?, cores)))
            .collect()
    }

    fn point(&self, pair: Pair<'_>, summary: &Summary, cores: Option<f64>) -> ScalePoint {
        let workers = pair.workers();
        let speedup = Estimate {
            median: summary.speedup,
            low: summary.speedup_low,
            high: summary.speedup_high,
        };
        let fraction = if self.measurement.is_weak_scaling() {
            gustafson
        } else {
            karp_flatt
        };
        // A program's own workers beside a serial program: its one worker may cost more than that,
        // which is no serial work.
        let over_one = if pair.engine() == OWN && self.measurement.reference_arm().is_serial() {
            self.measurement.gain_over_one_worker(pair.index)
        } else {
            Some(speedup)
        };

        ScalePoint {
            workers,
            speedup,
            efficiency: speedup.divided(workers.max(1) as f64),
            serial_fraction: over_one
                .and_then(|over_one| falling(over_one, |ratio| fraction(ratio, workers as f64))),
            is_within_cores: cores.is_none_or(|cores| is_within(workers, cores)),
        }
    }

    /// The cores that there were: the most that the machine granted to any of the numbers of
    /// workers, or all of its CPUs where no round looked. `None` where neither is known, as where
    /// tasks ran on other machines.
    #[must_use]
    pub fn cores(&self) -> Option<f64> {
        if self.pairs.iter().any(|pair| pair.placement().elsewhere) {
            return None;
        }
        let granted = self
            .pairs
            .iter()
            .filter_map(|pair| pair.summary()?.granted_cores)
            .max_by(f64::total_cmp);
        let cpus = || {
            let counted = self.measurement.counted();
            let others = counted
                .iter()
                .find_map(|round| round.machine.other_programs);
            others.map(|others| others.cpus as f64)
        };

        granted.or_else(cpus)
    }

    /// Whether there was a core for each of `workers`; where that is unknown, it is taken for
    /// granted.
    #[must_use]
    pub fn has_cores_for(&self, workers: usize) -> bool {
        self.cores().is_none_or(|cores| is_within(workers, cores))
    }

    /// Those numbers of workers for which there were as many cores.
    pub(super) fn pairs_within_cores(&self) -> Vec<Pair<'a>> {
        let cores = self.cores();
        let is_fitting =
            |pair: &&Pair<'_>| cores.is_none_or(|cores| is_within(pair.workers(), cores));

        self.pairs.iter().filter(is_fitting).copied().collect()
    }
}

/// What granted cores may lack because single threads of many were interrupted.
const LACKING: f64 = 0.05;

/// Whether `cores` granted cores are as many as `workers`, to the nearest whole number, or but for
/// a twentieth of many: one worker always has one.
fn is_within(workers: usize, cores: f64) -> bool {
    workers <= 1 || workers as f64 <= cores.round().max(cores * (1.0 + LACKING))
}

/// The estimate of a quantity that falls as `estimate` rises.
fn falling(estimate: Estimate, quantity: impl Fn(f64) -> Option<f64>) -> Option<Estimate> {
    Some(Estimate {
        median: quantity(estimate.median)?,
        low: estimate.high.and_then(&quantity),
        high: estimate.low.and_then(&quantity),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::{measurement, rounds};
    use crate::machine::OtherPrograms;

    #[test]
    fn each_engine_has_a_series_by_rising_workers() {
        let mut measurement = measurement(&[1, 2, 4], 8, |workers| 1.0 / workers, 1);
        measurement.arms[1].workers = 4;
        measurement.arms[3].workers = 1;
        measurement.arms[2].engine = "process".to_owned();

        let series = measurement.series();
        let engines: Vec<&str> = series.iter().map(Series::engine).collect();
        assert_eq!(engines, ["pool", "process"]);
        let workers: Vec<usize> = series[0].pairs.iter().map(|pair| pair.workers()).collect();
        assert_eq!(workers, [1, 4]);
        assert!(series[0].is_sweep() && !series[1].is_sweep());
    }

    #[test]
    fn the_serial_fraction_turns_the_interval_around() {
        let measurement = measurement(&[2], 8, |_| 0.6, 9);
        let series = measurement.series();
        let [point] = series[0].points()[..] else {
            panic!("one point")
        };

        let fraction = point.serial_fraction.unwrap();
        let fraction_of = |speedup: f64| 2.0 / speedup - 1.0;
        assert!((fraction.median - fraction_of(point.speedup.median)).abs() < 1e-12);
        assert!((fraction.low.unwrap() - fraction_of(point.speedup.high.unwrap())).abs() < 1e-12);
        assert!(fraction.low.unwrap() < fraction.high.unwrap());
        assert_eq!(point.efficiency.median, point.speedup.median / 2.0);
    }

    #[test]
    fn the_cost_of_the_one_worker_version_is_no_serial_work() {
        // One worker takes 1.5 times as long as the serial program, and two exactly half of that.
        let mut measurement = measurement(&[1, 2], 8, |workers| 1.5 / workers, 9);
        for arm in &mut measurement.arms[1..] {
            arm.engine = OWN.to_owned();
        }

        let fraction_of_two = |measurement: &Measurement| {
            let points = measurement.series()[0].points();
            points.last().unwrap().serial_fraction
        };
        let fraction = fraction_of_two(&measurement).unwrap();
        assert!(fraction.median.abs() < 0.03, "{fraction:?}");

        // Without its one worker there is nothing to compare with.
        measurement.arms[1].workers = 3;
        assert_eq!(fraction_of_two(&measurement), None);
    }

    #[test]
    fn scaled_work_has_gustafsons_fraction() {
        let mut measurement = measurement(&[4], 8, |_| 1.25, 3);
        measurement.arms[1].scale = 4;
        let series = measurement.series();
        let [point] = series[0].points()[..] else {
            panic!("one point")
        };

        // Four times the work in 1.25 times the time: 3.2 times as fast, (4 - 3.2) / 3.
        let fraction = point.serial_fraction.unwrap().median;
        assert!((fraction - 0.8 / 3.0).abs() < 0.02, "{fraction}");
    }

    #[test]
    fn a_few_interrupted_threads_of_many_leave_a_count_within() {
        assert!(is_within(64, 62.7) && is_within(2, 1.6));
        assert!(!is_within(64, 50.0) && !is_within(2, 1.4) && !is_within(8, 5.2));
        assert!(is_within(1, 0.3));
    }

    #[test]
    fn workers_beyond_the_granted_cores_are_not_within() {
        let mut measurement = measurement(&[1, 2, 4], 8, |workers| 1.0 / workers.min(2.0), 1);
        rounds(&mut measurement, |round| {
            for granted in &mut round.calibration.granted {
                granted.cores = (granted.workers as f64).min(1.9);
            }
        });

        let series = measurement.series();
        let within: Vec<bool> = series[0]
            .points()
            .iter()
            .map(|point| point.is_within_cores)
            .collect();
        assert_eq!(within, [true, true, false]);
    }

    fn within(measurement: &Measurement) -> Vec<bool> {
        let points = measurement.series()[0].points();

        points.iter().map(|point| point.is_within_cores).collect()
    }

    #[test]
    fn a_speed_up_shows_more_cores_than_a_short_look_before_it() {
        let mut measurement = measurement(&[2, 4], 8, |_| 0.52, 1);
        rounds(&mut measurement, |round| {
            for granted in &mut round.calibration.granted {
                granted.cores = 1.13;
            }
        });
        assert_eq!(within(&measurement), [true, false]);

        let series = measurement.series();
        let summary = series[0].pairs[0].summary().unwrap();
        assert!(summary.efficiency_of_ceiling.unwrap() <= 1.0, "{summary:?}");
    }

    #[test]
    fn without_a_look_the_cores_are_the_machines() {
        let mut measurement = measurement(&[1, 2, 4], 8, |workers| 1.0 / workers.min(2.0), 1);
        rounds(&mut measurement, |round| {
            round.calibration.granted.clear();
        });
        assert_eq!(within(&measurement), [true, true, true], "nothing is known");

        rounds(&mut measurement, |round| {
            round.machine.other_programs = Some(OtherPrograms {
                cores: 0.0,
                cpus: 2,
            });
        });
        assert_eq!(within(&measurement), [true, true, false]);
    }
}
