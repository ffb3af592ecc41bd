//! Why outcomes are what they are, what decides, and what is left out.

use super::*;

/// The reason of one metric's outcome.
fn reason(old: &Run, new: &Run, metric: Metric) -> Reason {
    let comparison = compared(old, new, Pairing::Apart).unwrap();
    comparison
        .judgements
        .iter()
        .find(|judgement| judgement.metric == metric)
        .unwrap()
        .reason
}

#[test]
fn each_outcome_has_its_one_reason() {
    let old = steady(1.0, 0.5);
    assert_eq!(
        reason(&old, &steady(1.05, 0.5), Metric::SerialTime),
        Reason::WithinTolerance
    );
    assert_eq!(
        reason(&old, &steady(1.2, 0.5), Metric::SerialTime),
        Reason::Worse
    );

    let mut drifting = steady(1.3, 0.65);
    for round in drifting.measurements[0].rounds.iter_mut().skip(6) {
        round.times[0].wall_s *= 1.5;
    }
    assert_eq!(
        reason(&old, &drifting, Metric::SerialTime),
        Reason::WithinNoise
    );

    let mut slower = steady(1.3, 0.65);
    for round in &mut slower.measurements[0].rounds {
        round.calibration.arithmetic_s *= 1.3;
    }
    assert_eq!(
        reason(&old, &slower, Metric::SerialTime),
        Reason::SlowerMachine
    );

    // What became slower is kept with it.
    let comparison = compared(&old, &slower, Pairing::Apart).unwrap();
    let serial = &comparison.judgements[0];
    assert_eq!(serial.metric, Metric::SerialTime);
    let [slow_down] = serial.slow_downs[..] else {
        panic!("{:?}", serial.slow_downs);
    };
    assert_eq!(slow_down.condition, Condition::Arithmetic);
    assert!((slow_down.factor - 1.3).abs() < 1e-9, "{slow_down:?}");

    // Right at the tolerance: no number of rounds would tell; a little off it, some would.
    let open = |change: f64| reason(&old, &steady(change, 0.5), Metric::SerialTime);
    assert_eq!(open(1.1), Reason::TooFewRounds { needed: None });
    assert!(matches!(
        open(1.0975),
        Reason::TooFewRounds { needed: Some(13..) } | Reason::ShortBaseline { .. }
    ));
}

#[test]
fn a_speed_up_that_fell_with_a_faster_serial_loop_is_no_regression() {
    use Outcome::{Inconclusive, Ok, Regressed};
    let old = steady(1.0, 0.5);
    assert_eq!(
        outcomes(&old, &steady(0.7, 0.5), Pairing::Apart)[..3],
        [Ok, Ok, Ok]
    );
    assert_eq!(
        reason(&old, &steady(0.7, 0.5), Metric::Speedup),
        Reason::FasterSerial
    );
    // The tasks became slower, too: that is one.
    assert_eq!(
        outcomes(&old, &steady(0.7, 0.6), Pairing::Apart)[..3],
        [Ok, Regressed, Regressed]
    );

    // Whether they did cannot be told: half of them took a third longer.
    let mut unsteady = steady(0.7, 0.5);
    for round in unsteady.measurements[0].rounds.iter_mut().step_by(2) {
        round.times[1].wall_s *= 1.3;
    }
    assert_eq!(
        outcomes(&old, &unsteady, Pairing::Apart)[..3],
        [Ok, Inconclusive, Inconclusive]
    );
    assert_eq!(
        reason(&old, &unsteady, Metric::Speedup),
        Reason::PerhapsFasterSerial
    );

    // A speed-up that rose with a slower serial loop is not better.
    let comparison = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
    let speedup = &comparison.judgements[2];
    assert_eq!(
        (speedup.outcome, speedup.reason, speedup.improved()),
        (Ok, Reason::SlowerSerial, false)
    );
    assert!(
        compared(&old, &steady(1.0, 0.4), Pairing::Apart)
            .unwrap()
            .judgements[2]
            .improved()
    );
}

#[test]
fn what_is_only_shown_decides_nothing() {
    let old = steady(1.0, 0.5);
    let mut new = steady(1.0, 0.5);
    for round in &mut new.measurements[0].rounds {
        round.times[1].dispatch_s = round.times[1].dispatch_s.map(|time| 2.0 * time);
    }
    let compared_by = |deciding: &[Metric]| {
        let (pairing, tolerance) = (Pairing::Apart, 0.1);
        compare(&Question {
            baseline: &old,
            name: "OLD",
            current: &new,
            pairing,
            tolerance,
            deciding,
        })
        .unwrap()
    };

    let comparison = compared_by(&Metric::DECIDING);
    assert_eq!(
        (comparison.outcome(), comparison.deciding().count()),
        (Outcome::Ok, 3)
    );
    assert!(comparison.judgements[3].informational && comparison.judgements.len() == 4);
    assert_eq!(comparison.with(Outcome::Regressed).count(), 0);
    // One question is not four: its p-value is corrected by nothing.
    let alone = compared_by(&[Metric::TaskOverhead]);
    assert_eq!(alone.outcome(), Outcome::Regressed);
    let all = compared_by(&Metric::ALL);
    assert!((all.judgements[3].p_value / alone.judgements[3].p_value - 4.0).abs() < 1e-9);
}

#[test]
fn a_measurement_with_too_few_rounds_is_left_out_and_named() {
    let many = |run: &Run| {
        let named = |name: &str| Measurement {
            workload: name.to_owned(),
            ..run.measurements[0].clone()
        };
        ["fib", "pi", "image"].map(named).to_vec()
    };
    let mut old = steady(1.0, 0.5);
    old.measurements = many(&old);
    let mut new = old.clone();
    for run in [&mut old, &mut new] {
        run.measurements[2].rounds.truncate(6);
    }
    let comparison = compared(&old, &new, Pairing::Apart).unwrap();
    // 24 / C(13, 6) is above 1 %, 24 / C(14, 6) below; without the short one, 16 / C(24, 12) is far
    // below.
    let expected = "left out: image has 6 steady rounds in this run; a statement about 12 metrics needs at least 8";
    assert!(
        comparison.left_out[0].starts_with(expected),
        "{:?}",
        comparison.left_out
    );
    assert!(
        comparison
            .judgements
            .iter()
            .all(|judgement| judgement.workload != "image")
    );
    assert_eq!(comparison.judgements.len(), 8);
}
