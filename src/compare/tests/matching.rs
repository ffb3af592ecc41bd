//! Which arms are compared with which, and what is refused.

use super::*;

#[test]
fn the_reference_is_judged_once_and_every_arm_against_it() {
    let with_a_third_arm = |mut run: Run, slower: f64| {
        let measurement = &mut run.measurements[0];
        measurement.arms.push(Arm {
            workers: 4,
            ..measurement.arms[1].clone()
        });
        for round in &mut measurement.rounds {
            let wall_s = slower * round.times[1].wall_s;
            round.times.push(ArmTime {
                wall_s,
                ..round.times[1].clone()
            });
            round.order.push(2);
        }

        run
    };

    let old = with_a_third_arm(steady(1.0, 0.5), 1.0);
    let new = with_a_third_arm(steady(1.0, 0.5), 1.3);

    let comparison = compared(&old, &new, Pairing::Apart).unwrap();
    let judged = comparison.judgements.iter().map(|judgement| {
        let Judgement {
            engine,
            workers,
            metric,
            outcome,
            ..
        } = judgement;
        (engine.as_str(), *workers, *metric, *outcome)
    });
    let regressed: Vec<_> = judged
        .clone()
        .filter(|(.., outcome)| *outcome == Outcome::Regressed)
        .collect();
    let of_serial = judged
        .clone()
        .filter(|(.., metric, _)| *metric == Metric::SerialTime);

    assert_eq!(
        judged.count(),
        7,
        "one for the plain loop, three for each arm"
    );

    assert_eq!(
        of_serial.collect::<Vec<_>>(),
        [("serial", 1, Metric::SerialTime, Outcome::Ok)]
    );

    assert_eq!(
        regressed,
        [
            ("pool", 4, Metric::DistributedTime, Outcome::Regressed),
            ("pool", 4, Metric::Speedup, Outcome::Regressed),
        ]
    );
}

#[test]
fn ratios_to_another_reference_are_refused() {
    let old = steady(1.0, 0.5);
    let mut new = steady(1.0, 0.5);
    new.measurements[0].arms[0].engine = "pool".to_owned();

    let refusal = compared(&old, &new, Pairing::Apart)
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("refer to serial in OLD and to pool 1 in this run"),
        "{refusal}"
    );
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
fn a_function_with_other_results_is_refused_where_they_are_compared_exactly() {
    let with_digest = |digest: Option<&str>, compare: &str| {
        let mut run = steady(1.0, 0.5);
        let measurement = &mut run.measurements[0];
        measurement.params = serde_json::json!({"function": "f.py:f", "compare": compare});
        measurement.functions = vec![crate::results::FunctionFacts {
            label: "python3".to_owned(),
            digest: digest.map(str::to_owned),
            ..Default::default()
        }];

        run
    };

    let is_refused = |old, new, compare: &str| {
        let (old, new) = (with_digest(old, compare), with_digest(new, compare));
        matches!(
            compared(&old, &new, Pairing::Apart),
            Err(Refusal::Answers { .. })
        )
    };

    assert!(is_refused(Some("90fa"), Some("6c25"), "exact"));
    assert!(!is_refused(Some("90fa"), Some("90fa"), "exact"));
    assert!(!is_refused(Some("90fa"), None, "exact"), "they vary now");
    assert!(!is_refused(Some("90fa"), Some("6c25"), "approx:1e-9"));
}
