//! Comparisons of runs built by hand: what regresses, what does not, what is refused.

mod reasons;

use serde_json::json;

use super::*;
use crate::results::{
    Calibration, ClusterKind, Environment, MachineMatch, MachineUse, Node, Order, Outcome, Reason,
    Round, Rounds, Run, SCHEMA_VERSION, Sampling, Work,
};
use crate::units::Bytes;

/// Times in seconds of both arms, in the order of the rounds.
pub(super) fn measurement(times: &[(f64, f64)]) -> Measurement {
    let round = |&(serial_s, distributed_s): &(f64, f64)| Round {
        serial_s,
        distributed_s,
        order: Order::SerialFirst,
        cold: false,
        calibration: Calibration {
            arithmetic_s: 0.001,
            memory_s: 0.001,
            handoff_s: None,
            granted_cores: 2.0,
        },
        task_overhead_s: 1e-6 * serial_s,
        serial_cpu: None,
        distributed_cpu: None,
        busy: None,
        cluster: None,
        machine: MachineUse::default(),
    };
    Measurement {
        workload: "pi".to_owned(),
        params: json!({"samples": 10, "tasks": 2}),
        tasks: 2,
        engine: "pool".to_owned(),
        workers: 2,
        task_bytes: Bytes(0),
        memory_bytes: Bytes(0),
        work: Work {
            amount: 10,
            unit: "samples".to_owned(),
        },
        answer: json!({"inside": [3, 4]}),
        startup_s: 0.001,
        placement: crate::results::Placement::default(),
        rounds: times.iter().map(round).collect(),
    }
}

pub(super) fn run(measurements: Vec<Measurement>) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: "0.1.0".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        interrupted: false,
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

#[test]
fn noise_is_a_reason_not_to_accuse_and_none_to_acquit() {
    let old = steady(1.0, 0.5);
    // Half of the rounds are half as long again: the halves of the sample differ by 50 %.
    let mut drifting = steady(1.3, 0.65);
    for round in drifting.measurements[0].rounds.iter_mut().skip(6) {
        round.serial_s *= 1.5;
    }
    let comparison = compared(&old, &drifting, Pairing::Apart).unwrap();
    let serial = &comparison.judgements[0];
    assert!(
        serial.noise > 0.4 && serial.threshold == serial.noise,
        "{serial:?}"
    );
    assert_eq!(serial.outcome, Outcome::Inconclusive);
    // The machine itself became slower: its calibration says so.
    let mut slower = steady(1.3, 0.65);
    for round in &mut slower.measurements[0].rounds {
        round.calibration.arithmetic_s *= 1.3;
    }
    assert_eq!(
        outcomes(&old, &slower, Pairing::Apart)[0],
        Outcome::Inconclusive
    );
    // It grants half a core less: no engine can be as fast as before.
    let mut narrower = steady(1.0, 0.66);
    for round in &mut narrower.measurements[0].rounds {
        round.calibration.granted_cores = 1.5;
    }
    let [serial, distributed, speedup, _] = outcomes(&old, &narrower, Pairing::Apart)[..] else {
        panic!()
    };
    assert_eq!(
        (serial, distributed, speedup),
        (Outcome::Ok, Outcome::Inconclusive, Outcome::Inconclusive)
    );
}

#[test]
fn drift_that_both_share_cancels_when_they_take_turns() {
    let grown = |run: &mut Run| {
        for (number, round) in run.measurements[0].rounds.iter_mut().enumerate() {
            let off = 1.0 + number as f64 * 0.1;
            round.serial_s *= off;
            round.distributed_s *= off;
        }
    };
    let (mut old, mut new) = (steady(1.0, 0.5), steady(1.2, 0.6));
    grown(&mut old);
    grown(&mut new);
    let judgement = &compared(&old, &new, Pairing::Interleaved)
        .unwrap()
        .judgements[0];
    assert!(
        (judgement.change - 1.2).abs() < 1e-9 && judgement.noise < 1e-9,
        "{judgement:?}"
    );
    assert!(compared(&old, &new, Pairing::Apart).unwrap().judgements[0].noise > 0.4);
}

#[test]
fn the_machine_decides_what_is_compared() {
    let (old, new) = (steady(1.0, 0.5), steady(1.3, 0.65));
    let mut kernel = old.clone();
    kernel.environment.kernel = "0.1".to_owned();
    let comparison = compared(&kernel, &new, Pairing::Apart).unwrap();
    assert_eq!(comparison.machine, MachineMatch::SameModel);
    assert_eq!(
        comparison.judgements[0].threshold, 0.2,
        "twice the tolerance"
    );
    assert_eq!(
        comparison.judgements[0].outcome,
        Outcome::Regressed,
        "30 % is more than that"
    );
    // In units of the calibration kernel, a slower machine is no slower program.
    let mut slower = new.clone();
    for round in &mut slower.measurements[0].rounds {
        round.calibration.arithmetic_s *= 1.3;
    }
    assert_eq!(outcomes(&kernel, &slower, Pairing::Apart)[0], Outcome::Ok);
    let mut kernels = old.clone();
    kernels.environment.cpu.isa = "another".to_owned();
    let comparison = compared(&kernels, &new, Pairing::Apart).unwrap();
    assert_eq!(
        comparison.machine,
        MachineMatch::OtherInstructions,
        "it is the same processor"
    );
    assert_eq!(comparison.judgements.len(), 1);

    let mut model = old.clone();
    model.environment.cpu_model = "Another".to_owned();
    let comparison = compared(&model, &new, Pairing::Apart).unwrap();
    assert_eq!(comparison.machine, MachineMatch::Different);
    assert_eq!(comparison.judgements.len(), 1);
    assert_eq!(comparison.judgements[0].metric, Metric::Speedup);
    assert!(comparison.machine_differences[0].starts_with("CPU model: Another, now "));
}

#[test]
fn what_is_in_one_run_only_is_named() {
    let fib = |run: &Run| Measurement {
        workload: "fib".to_owned(),
        ..run.measurements[0].clone()
    };
    let (old, mut new) = (steady(1.0, 0.5), steady(1.0, 0.5));
    new.measurements.push(fib(&new));
    let comparison = compared(&old, &new, Pairing::Apart).unwrap();
    assert_eq!(
        comparison.left_out,
        ["fib on pool with 2 workers is not in OLD"]
    );
    assert_eq!(comparison.judgements.len(), 4);
    new.measurements.remove(0);
    assert!(matches!(
        compared(&old, &new, Pairing::Apart),
        Err(Refusal::NothingInCommon(..))
    ));
}

#[test]
fn two_different_things_are_refused() {
    let old = steady(1.0, 0.5);
    let mut params = old.clone();
    params.measurements[0].params["samples"] = json!(11);
    let refusal = compared(&old, &params, Pairing::Apart)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.starts_with("pi has other parameters in OLD: parameters.samples is 10 and 11;"),
        "{refusal}"
    );
    let mut answer = old.clone();
    answer.measurements[0].answer["inside"][1] = json!(5);
    let refusal = compared(&old, &answer, Pairing::Apart)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.starts_with("pi has another answer in OLD: answer.inside[1] is 4 and 5;"),
        "{refusal}"
    );
    let mut build = old.clone();
    build.environment.build_profile = "other".to_owned();
    assert!(matches!(
        compared(&old, &build, Pairing::Apart),
        Err(Refusal::Builds { .. })
    ));
    let mut few = old.clone();
    few.measurements[0].rounds.truncate(4);
    let refusal = compared(&few, &old, Pairing::Apart)
        .unwrap_err()
        .to_string();
    let expected = "pi has 4 steady rounds in OLD; a statement about 4 metrics needs at least 6";
    assert!(refusal.starts_with(expected), "{refusal}");
    let refusal = compared(&old, &few, Pairing::Apart)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.starts_with("pi has 4 steady rounds in this run; "),
        "{refusal}"
    );
}

#[test]
fn a_second_pass_must_agree() {
    let old = steady(1.0, 0.5);
    let mut first = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
    assert_eq!(first.outcome(), Outcome::Regressed);
    let mut denied = first.clone();
    denied.confirm(&compared(&old, &steady(1.0, 0.5), Pairing::Apart).unwrap());
    assert_eq!(denied.outcome(), Outcome::Inconclusive);
    assert_eq!(denied.judgements[0].confirmed(), Some(false));
    assert_eq!(denied.judgements[0].reason, Some(Reason::NotConfirmed));
    assert_eq!(denied.judgements[0].regresses_below(), 0.0);
    first.confirm(&compared(&old, &steady(1.2, 0.5), Pairing::Apart).unwrap());
    assert_eq!(
        (first.outcome(), first.judgements[0].confirmed()),
        (Outcome::Regressed, Some(true))
    );
    let below = first.judgements[0].regresses_below();
    assert!(
        (below - 0.2).abs() < 1e-9,
        "what the further pass found, since that is less: {below}"
    );
}

#[test]
fn a_further_pass_need_not_prove_it_alone_but_must_be_worse_for_certain() {
    let old = steady(1.0, 0.5);
    let confirmed = |change: f64, low: f64, noise: f64| {
        let mut first = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
        let mut again = first.clone();
        let one = &mut again.judgements[0];
        (one.change, one.low, one.noise, one.outcome) = (change, low, noise, Outcome::Inconclusive);
        first.confirm(&again);
        first.judgements[0].confirmed()
    };
    assert_eq!(confirmed(1.2, 1.05, 0.02), Some(true));
    assert_eq!(
        confirmed(1.2, 0.99, 0.02),
        Some(false),
        "not worse for certain"
    );
    assert_eq!(
        confirmed(1.08, 1.05, 0.02),
        Some(false),
        "less than is tolerated"
    );
    assert_eq!(
        confirmed(1.2, 1.05, 0.25),
        Some(false),
        "less than the noise"
    );
}

#[test]
fn another_cluster_is_another_machine_and_a_ray_of_its_own_is_refused() {
    let on = |cluster: Option<ClusterKind>, model: &str| {
        let mut run = steady(1.0, 0.5);
        let measurement = &mut run.measurements[0];
        measurement.engine = "ray".to_owned();
        measurement.placement.cluster = cluster;
        measurement.placement.nodes = vec![Node {
            name: "alpha".to_owned(),
            slots: 2,
            tasks: 9,
            model: Some(model.to_owned()),
        }];
        run
    };
    let joined = |nodes: usize| {
        Some(ClusterKind::Joined {
            nodes,
            cpus: 4 * nodes,
        })
    };
    let judged = |old: &Run, new: &Run| compared(old, new, Pairing::Apart).unwrap();

    assert_eq!(
        judged(&on(joined(3), "A"), &on(joined(3), "A")).machine,
        MachineMatch::Same
    );
    // Runs of releases that stored no cluster can still be compared.
    assert_eq!(
        judged(&on(None, "A"), &on(joined(3), "A")).machine,
        MachineMatch::Same
    );
    let grown = judged(&on(joined(3), "A"), &on(joined(4), "A"));
    assert_eq!(grown.machine, MachineMatch::Different);
    assert_eq!(
        grown.machine_differences,
        [
            "cluster of ray: a cluster of 3 nodes with 12 CPUs, now a cluster of 4 nodes with 16 CPUs"
        ]
    );
    let models = judged(&on(joined(3), "A"), &on(joined(3), "B"));
    assert_eq!(models.machine_differences, ["CPU models of ray: A, now B"]);

    let refused = compared(
        &on(joined(3), "A"),
        &on(Some(ClusterKind::Local), "A"),
        Pairing::Apart,
    );
    let text = refused.unwrap_err().to_string();
    for word in [
        "OLD",
        "3 nodes with 12 CPUs",
        "a local Ray",
        "--ray-address",
    ] {
        assert!(text.contains(word), "{text}");
    }
}
