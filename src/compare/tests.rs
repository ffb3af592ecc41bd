//! Comparisons of runs built by hand: what regresses, what does not, what is refused.

mod confirming;
mod machines;
mod matching;
mod reasons;

use serde_json::json;

use super::*;
use crate::machine::OtherPrograms;
use crate::results::{
    Arm, ArmTime, Calibration, ClusterKind, Condition, Environment, Granted, Judgement,
    MachineMatch, MachineUse, Measurement, Node, Outcome, Placement, Reason, Round, Rounds, Run,
    SCHEMA_VERSION, Sampling, Stream, WORTH, Work,
};
use crate::units::Bytes;

/// A measurement of the plain loop and of two workers of the pool: their times in seconds, in the
/// order of the rounds.
pub(super) fn measurement(times: &[(f64, f64)]) -> Measurement {
    let wall = |wall_s| ArmTime {
        wall_s,
        ..ArmTime::default()
    };

    let round = |&(serial_s, pool_s): &(f64, f64)| Round {
        cold: false,
        order: vec![0, 1],
        times: vec![
            wall(serial_s),
            ArmTime {
                dispatch_s: Some(1e-6 * serial_s),
                ..wall(pool_s)
            },
        ],
        calibration: Calibration {
            arithmetic_s: 0.001,
            memory_s: 0.001,
            handoff_s: None,
            granted: vec![Granted {
                workers: 2,
                cores: 2.0,
            }],
            streams: Vec::new(),
        },
        machine: MachineUse::default(),
    };

    let arm = |engine: &str, workers| Arm {
        engine: engine.to_owned(),
        workers,
        scale: 1,
        startup_s: 0.001,
        placement: Placement::default(),
        detail: None,
    };

    Measurement {
        workload: "pi".to_owned(),
        params: json!({"samples": 10, "tasks": 2}),
        tasks: 2,
        task_bytes: Bytes(0),
        memory_bytes: Bytes(0),
        work: Work {
            amount: 10,
            unit: "samples".to_owned(),
        },
        answer: json!({"inside": [3, 4]}),
        arms: vec![arm("serial", 1), arm("pool", 2)],
        reference: 0,
        worth: WORTH,
        rounds: times.iter().map(round).collect(),
        answer_may_vary: false,
        functions: Vec::new(),
    }
}

pub(super) fn run(measurements: Vec<Measurement>) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: "0.1.0".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        command: Vec::new(),
        interrupted: false,
        quick: None,
        environment: Environment::probe(),
        sampling: Sampling {
            warmup: 1,
            rounds: Rounds::Exactly(12),
            order_seed: 1,
        },
        measurements,
        comparison: None,
        problems: Vec::new(),
    }
}

/// Twelve rounds around `serial` and `distributed` seconds, a per cent apart, without a drift.
fn steady(serial: f64, distributed: f64) -> Run {
    let times = [0, 5, 2, 3, 1, 4, 4, 1, 3, 2, 5, 0].map(|step| {
        let off = 1.0 + f64::from(step) * 0.002;
        (serial * off, distributed * off)
    });

    run(vec![measurement(&times)])
}

fn compared(old: &Run, new: &Run, pairing: Pairing) -> Result<Comparison, Refusal> {
    compare(&Question {
        baseline: old,
        name: "OLD",
        current: new,
        pairing,
        tolerance: 0.1,
        deciding: &Metric::ALL,
    })
}

/// The outcomes of serial time, distributed time, speed-up and task overhead.
fn outcomes(old: &Run, new: &Run, pairing: Pairing) -> Vec<Outcome> {
    compared(old, new, pairing)
        .unwrap()
        .judgements
        .iter()
        .map(|judgement| judgement.outcome)
        .collect()
}

#[test]
fn a_change_above_the_tolerance_regresses_and_one_below_does_not() {
    use Outcome::{Ok, Regressed};

    let old = steady(1.0, 0.5);

    for pairing in [Pairing::Apart, Pairing::Interleaved] {
        assert_eq!(outcomes(&old, &steady(1.0, 0.5), pairing), [Ok; 4]);
        assert_eq!(outcomes(&old, &steady(1.08, 0.54), pairing), [Ok; 4]);

        // Only the distributed time: the speed-up falls with it.
        assert_eq!(
            outcomes(&old, &steady(1.0, 0.6), pairing),
            [Ok, Regressed, Regressed, Ok]
        );

        // Both: the speed-up stays; the overhead is a fixed share of the serial time here.
        assert_eq!(
            outcomes(&old, &steady(1.2, 0.6), pairing),
            [Regressed, Regressed, Ok, Regressed]
        );

        assert_eq!(outcomes(&old, &steady(0.5, 0.25), pairing), [Ok; 4]);
    }

    let comparison = compared(&old, &steady(1.2, 0.6), Pairing::Apart).unwrap();
    let judgement = &comparison.judgements[0];
    assert!((judgement.change - 1.2).abs() < 1e-12 && judgement.low < 1.2 && judgement.high > 1.2);

    // Complete separation of 12 and 12: 2 / C(24, 12), and Holm's factor of 4 at most.
    assert!(
        judgement.p_value <= 4.0 * 2.0 / 2_704_156.0 * 1.000_001,
        "{judgement:?}"
    );

    assert!(
        compared(&old, &steady(0.5, 0.25), Pairing::Apart)
            .unwrap()
            .judgements[0]
            .improved()
    );
}
