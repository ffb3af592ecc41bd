//! Measurements of several numbers of workers for the tests, made of a law and of seeded noise.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;

use crate::results::{
    Arm, ArmTime, Calibration, Granted, MachineUse, Measurement, Placement, Round, SERIAL, WORTH,
    Work,
};
use crate::units::Bytes;

/// What single times differ by where it does not matter how much: a tenth of a percent.
const LITTLE: f64 = 0.001;

/// The plain loop, which takes 1 s, and `pool` on each of `counts` for `rounds` steady rounds,
/// where `time` says what a number of workers takes.
pub(crate) fn measurement(
    counts: &[usize],
    rounds: usize,
    time: impl Fn(f64) -> f64,
    seed: u64,
) -> Measurement {
    noisy(counts, rounds, time, LITTLE, seed)
}

/// The same with times whose logarithms have the deviation `noise`, on a machine whose speed drifts
/// from round to round by ten times as much.
pub(crate) fn noisy(
    counts: &[usize],
    rounds: usize,
    time: impl Fn(f64) -> f64,
    noise: f64,
    seed: u64,
) -> Measurement {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let arm = |engine: &str, workers: usize| Arm {
        engine: engine.to_owned(),
        workers,
        scale: 1,
        startup_s: 0.001,
        placement: Placement::default(),
        detail: None,
    };
    let mut round = || {
        let drift = (10.0 * noise * normal(&mut random)).exp();
        let mut seconds = |typical: f64| ArmTime {
            wall_s: typical * drift * (noise * normal(&mut random)).exp(),
            ..ArmTime::default()
        };
        let serial = seconds(1.0);
        let times = counts.iter().map(|&count| seconds(time(count as f64)));
        Round {
            cold: false,
            order: (0..=counts.len()).collect(),
            times: std::iter::once(serial).chain(times).collect(),
            calibration: calibration(counts),
            machine: MachineUse::default(),
        }
    };

    Measurement {
        workload: "fib".to_owned(),
        params: json!({}),
        tasks: 64,
        task_bytes: Bytes(0),
        memory_bytes: Bytes(1 << 30),
        work: Work::new(64, "terms"),
        answer: json!(1),
        worth: WORTH,
        answer_may_vary: false,
        functions: Vec::new(),
        rounds: std::iter::repeat_with(&mut round).take(rounds).collect(),
        arms: std::iter::once(arm(SERIAL, 1))
            .chain(counts.iter().map(|&count| arm("pool", count)))
            .collect(),
        reference: 0,
    }
}

/// A machine that has a core for each worker.
fn calibration(counts: &[usize]) -> Calibration {
    let granted = counts.iter().map(|&workers| Granted {
        workers,
        cores: workers as f64,
    });

    Calibration {
        arithmetic_s: 0.001,
        memory_s: 0.001,
        handoff_s: Some(1e-5),
        granted: granted.collect(),
        streams: Vec::new(),
    }
}

/// Changes every round of `measurement`.
pub(crate) fn rounds(measurement: &mut Measurement, change: impl FnMut(&mut Round)) {
    measurement.rounds.iter_mut().for_each(change);
}

/// A normal value of mean 0 and deviation 1, by Box and Muller.
fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    let mut uniform = || ((random.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    let (radius, angle) = (uniform(), uniform());

    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
