//! Known summaries of made-up rounds.

use serde_json::{Value, json};

use crate::analysis::{Loss, Summary, Verdict};
use crate::machine::OtherPrograms;
use crate::results::{
    Arm, ArmTime, Busy, Calibration, Granted, MachineUse, Measurement, Placement, Round, WORTH,
    Work,
};
use crate::units::Bytes;

/// The times of one round: the serial loop's, the pool's, whether it is cold.
type Times = (f64, f64, bool);

/// A measurement of `pi`, serial and on two workers of the pool.
fn measurement(times: &[Times]) -> Measurement {
    let arm = |engine: &str, workers| Arm {
        engine: engine.to_owned(),
        workers,
        scale: 1,
        startup_s: 0.001,
        placement: Placement::default(),
        detail: None,
    };
    let wall = |wall_s| ArmTime {
        wall_s,
        ..ArmTime::default()
    };
    let rounds = times.iter().map(|&(serial_s, pool_s, cold)| Round {
        cold,
        order: vec![0, 1],
        times: vec![
            wall(serial_s),
            ArmTime {
                dispatch_s: Some(1e-6),
                ..wall(pool_s)
            },
        ],
        calibration: Calibration {
            arithmetic_s: 0.001,
            memory_s: 0.001,
            handoff_s: None,
            granted: vec![Granted {
                workers: 2,
                cores: 1.6,
            }],
            streams: Vec::new(),
        },
        machine: MachineUse::default(),
    });

    Measurement {
        workload: "pi".to_owned(),
        params: json!({}),
        tasks: 2,
        task_bytes: Bytes(0),
        memory_bytes: Bytes(0),
        work: Work {
            amount: 60,
            unit: "samples".to_owned(),
        },
        answer: json!({}),
        arms: vec![arm("serial", 1), arm("pool", 2)],
        reference: 0,
        worth: WORTH,
        rounds: rounds.collect(),
        answer_may_vary: false,
        functions: Vec::new(),
    }
}

fn summary(measurement: &Measurement) -> Option<Summary> {
    measurement.pairs().next().unwrap().summary()
}

#[test]
fn the_cold_round_is_never_mixed_in() {
    let summary = summary(&measurement(&[
        (9.0, 9.0, true),
        (2.0, 1.0, false),
        (4.0, 1.0, false),
        (3.0, 2.0, false),
        (3.0, 1.0, false),
    ]))
    .unwrap();

    assert_eq!(summary.steady_rounds, 4);
    assert_eq!(
        (summary.reference.median_s, summary.arm.median_s),
        (3.0, 1.0)
    );
    // The ratios are 2, 4, 1.5 and 3: their median is no quotient of the medians.
    assert_eq!(
        (summary.speedup, summary.speedup_min, summary.speedup_max),
        (2.5, 1.5, 4.0)
    );
    assert_eq!(summary.efficiency, 1.25);
    assert_eq!(summary.arm.throughput_per_s, 60.0);
    assert_eq!(summary.reference.cold_s, Some(9.0));
    assert_eq!(summary.dispatch_median_s, Some(1e-6));
}

#[test]
fn a_round_without_its_partner_is_left_out() {
    let steady = |rounds: usize| {
        let mut times = vec![(9.0, 9.0, true)];
        times.extend((0..rounds).map(|index| (index as f64 + 1.0, 1.0, false)));
        let measured = measurement(&times);

        let greatest = summary(&measured).unwrap().speedup_max;
        (
            measured.steady().count(),
            measured.leaves_a_round_out(),
            greatest,
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
    let others = summary(&measured).unwrap().other_programs;
    assert_eq!(others, None, "unknown is neither quiet nor busy");

    for (round, cores) in measured.rounds.iter_mut().zip([0.0, 0.9, 0.7, 1.5]) {
        round.machine.other_programs = Some(OtherPrograms { cores, cpus: 2 });
    }
    let busy = summary(&measured).unwrap();
    assert_eq!(
        busy.other_programs,
        Some(OtherPrograms {
            cores: 0.8,
            cpus: 2
        })
    );
    assert!(busy.busy_machine);

    measured.arms[1].workers = 1;
    assert!(
        !summary(&measured).unwrap().busy_machine,
        "one CPU is left for one worker"
    );
}

#[test]
fn the_verdict_follows_the_interval() {
    let verdict = |pool: &[f64]| {
        let times: Vec<Times> = pool.iter().map(|&time| (1.0, time, false)).collect();
        let summary = summary(&measurement(&times)).unwrap();
        (summary.verdict, summary.speedup_low)
    };
    assert_eq!(verdict(&[0.5; 6]), (Verdict::Pays, Some(2.0)));
    assert_eq!(verdict(&[0.5; 5]), (Verdict::NotResolved, None));
    assert_eq!(verdict(&[2.0; 6]), (Verdict::DoesNotPay, Some(0.5)));
    assert_eq!(
        verdict(&[0.5, 0.5, 0.5, 0.5, 0.5, 2.0]),
        (Verdict::NotResolved, Some(0.5))
    );
}

#[test]
fn a_cold_round_alone_is_reported_as_such() {
    let alone = summary(&measurement(&[(2.0, 1.0, true)])).unwrap();
    assert!(!alone.steady && alone.speedup == 2.0);
    assert_eq!(summary(&measurement(&[])), None);
}

#[test]
fn the_loss_adds_up_to_what_a_perfect_split_would_save() {
    let mut measured = measurement(&[(4.0, 3.0, false)]);
    measured.rounds[0].times[1].busy = Some(Busy {
        total_s: 5.0,
        busiest_s: 2.75,
        longest_s: 0.0,
    });
    let figures = summary(&measured).unwrap();
    let loss = figures.loss.unwrap();
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

    assert!((figures.efficiency_of_ceiling.unwrap() - 4.0 / 3.0 / 1.6).abs() < 1e-12);

    let mut unreported = measured.rounds[0].clone();
    unreported.times[1].busy = None;
    measured.rounds.push(unreported);
    let loss = summary(&measured).unwrap().loss;
    assert_eq!(loss, None, "a part of the rounds says nothing of all");
}

#[test]
fn work_on_other_machines_is_not_compared_with_the_cores_of_this_one() {
    let mut measured = measurement(&[(4.0, 1.0, false)]);
    measured.arms[1].placement.elsewhere = true;
    let figures = summary(&measured).unwrap();
    assert_eq!(
        (figures.granted_cores, figures.efficiency_of_ceiling),
        (None, None)
    );
    assert_eq!(figures.speedup, 4.0);
}

#[test]
fn a_time_of_zero_divides_nothing() {
    assert!(
        summary(&measurement(&[(1.0, 0.0, false)]))
            .unwrap()
            .speedup
            .is_finite()
    );
}

#[test]
fn every_arm_has_its_ratio_to_the_one_reference() {
    let mut measured = measurement(&[(4.0, 2.0, false), (4.0, 2.0, false)]);
    let mut third = measured.arms[1].clone();
    third.workers = 1;
    measured.arms.push(third);
    for round in &mut measured.rounds {
        round.times.push(ArmTime {
            wall_s: 5.0,
            ..ArmTime::default()
        });
        round.order = vec![2, 0, 1];
    }
    let speedups = |measured: &Measurement| -> Vec<f64> {
        measured
            .pairs()
            .map(|pair| pair.summary().unwrap().speedup)
            .collect()
    };
    assert_eq!(speedups(&measured), [2.0, 0.8]);

    measured.reference = 1;
    assert_eq!(
        speedups(&measured),
        [0.5, 0.4],
        "another reference, other ratios"
    );
}

#[test]
fn loading_ignores_the_stored_summary() {
    let stored = measurement(&[(2.0, 1.0, false)]);
    let mut value: Value = serde_json::to_value(&stored).unwrap();
    let arms = &value["summary"]["arms"];
    assert_eq!(
        (&arms[0]["engine"], &arms[0]["median_s"]),
        (&json!("serial"), &json!(2.0))
    );
    assert_eq!(
        (&arms[1]["workers"], &arms[1]["speedup"]),
        (&json!(2), &json!(2.0))
    );

    value["summary"] = json!("nonsense");
    assert_eq!(
        serde_json::from_value::<Measurement>(value).unwrap(),
        stored
    );
}
