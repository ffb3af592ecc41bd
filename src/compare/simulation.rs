//! Checks of programs that take turns on a machine whose speed drifts, simulated from a fixed seed:
//! how many slow-downs are found, and how many are claimed where there is none.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::tests::{measurement, run};
use super::*;
use crate::results::{Measurement, Outcome};

/// Four workloads of three metrics that decide: twelve questions at once.
const WORKLOADS: [&str; 4] = ["a", "b", "c", "d"];
const ROUNDS: usize = 12;
/// What each time differs by on its own, as the deviation of its logarithm.
const OWN_NOISE: f64 = 0.01;

/// A normal value of mean 0 and deviation 1, by Box and Muller.
fn standard_normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    let mut uniform = || ((random.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    let (radius, angle) = (uniform(), uniform());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// One check of two programs that take turns.
struct Simulated {
    /// The deviation of what the machine does to a whole pair of rounds, as a logarithm.
    drift: f64,
    /// How many times as long the new program's tasks take, in the first workload.
    slowdown: f64,
    tolerance: f64,
}

impl Simulated {
    fn comparison(&self, template: &Run, random: &mut Xoshiro256PlusPlus) -> Comparison {
        let (mut old, mut new) = (template.clone(), template.clone());
        for name in WORKLOADS {
            let (mut old_times, mut new_times) = (Vec::new(), Vec::new());
            let slowdown = if name == WORKLOADS[0] {
                self.slowdown
            } else {
                1.0
            };
            for _ in 0..ROUNDS {
                let machine = (self.drift * standard_normal(random)).exp();
                let mut time =
                    |typical: f64| typical * machine * (OWN_NOISE * standard_normal(random)).exp();
                old_times.push((time(1.0), time(0.5)));
                new_times.push((time(slowdown), time(0.5 * slowdown)));
            }
            let named = |times: &[(f64, f64)]| Measurement {
                workload: name.to_owned(),
                ..measurement(times)
            };
            old.measurements.push(named(&old_times));
            new.measurements.push(named(&new_times));
        }

        let question = Question {
            baseline: &old,
            name: "OLD",
            current: &new,
            pairing: Pairing::Interleaved,
            tolerance: self.tolerance,
            deciding: &Metric::DECIDING,
        };
        compare(&question).unwrap()
    }
}

#[test]
fn a_slow_down_is_found_whatever_the_machine_does_to_both() {
    let template = run(Vec::new());
    for drift in [0.1, 0.2] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1945);
        let simulated = Simulated {
            drift,
            slowdown: 1.2,
            tolerance: 0.1,
        };
        let checks = 200;
        let detections = (0..checks).filter(|_| {
            let comparison = simulated.comparison(&template, &mut random);
            let regressed: Vec<Metric> = comparison
                .with(Outcome::Regressed)
                .filter(|judgement| judgement.workload == WORKLOADS[0])
                .map(|judgement| judgement.metric)
                .collect();
            [Metric::SerialTime, Metric::DistributedTime]
                .iter()
                .all(|metric| regressed.contains(metric))
        });
        let detections = detections.count();
        assert!(
            detections * 100 >= checks * 95,
            "drift of {drift}: {detections} of {checks} were found"
        );
    }
}

#[test]
fn equals_are_accused_no_more_often_than_allowed() {
    let template = run(Vec::new());
    for (drift, tolerance) in [(0.1, 0.0), (0.2, 0.0), (0.2, 0.1)] {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1979);
        let simulated = Simulated {
            drift,
            slowdown: 1.0,
            tolerance,
        };
        let checks = 500;
        let accused = (0..checks)
            .filter(|_| {
                simulated.comparison(&template, &mut random).outcome() == Outcome::Regressed
            })
            .count();
        // 1 % is allowed over all metrics together: 5 of 500, and three standard deviations of that
        // count are 7.
        let most = if tolerance > 0.0 { 0 } else { 12 };
        assert!(
            accused <= most,
            "drift of {drift}, tolerance of {tolerance}: {accused} of {checks}"
        );
    }
}
