//! Histories with changes by construction: what is found, what counts, what does not.

mod levels;
mod machine;

use super::*;
use crate::history::episode::{Amount, Episode, Shape};
use crate::history::fixture;
use crate::history::found::{part_since, runs_needed};
use crate::history::series::series;
use crate::history::set_up_differences;
use crate::history::standing::Why;
use crate::results::{Metric, Outcome};

/// The factors of a history of `runs` runs.
fn factors(runs: usize, factor: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..runs).map(factor).collect()
}

fn judged_of(records: &[Record], accepted: Option<usize>) -> Vec<Judged> {
    let question = Question {
        tolerance: 0.05,
        deciding: &Metric::DECIDING,
        accepted,
    };

    judge(records, series(records).1, &question)
}

/// The arm's time in a history whose arm takes `factors` times as long.
fn arm(factors: &[f64]) -> Judged {
    let judged = judged_of(&fixture::of(factors).records, None);

    judged
        .into_iter()
        .find(|judged| judged.series.metric == Metric::DistributedTime)
        .unwrap()
}

fn close(amount: Amount, change: f64) -> bool {
    (amount.change / change - 1.0).abs() < 0.01 && amount.low < change && change < amount.high
}

#[test]
fn a_step_for_the_worse_regresses_and_names_its_run() {
    let judged = judged_of(
        &fixture::of(&factors(40, |run| if run < 33 { 1.0 } else { 1.12 })).records,
        None,
    );
    let outcomes: Vec<Outcome> = judged
        .iter()
        .map(|judged| judged.standing.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [Outcome::Ok, Outcome::Regressed, Outcome::Regressed]
    );

    for judged in &judged[1..] {
        let Why::Worse(episode) = judged.standing.why else {
            panic!("{:?}", judged.standing)
        };
        assert_eq!(
            (episode.shape, episode.from, episode.to),
            (Shape::Step, 33, 40)
        );
        assert!(close(episode.amount, 1.12), "{episode:?}");
    }
    // The levels are in the unit of the points: a speed-up of 2 that fell by the factor 1.12.
    assert!((judged[2].levels[39] - 2.0 / 1.12).abs() < 0.02);
}

#[test]
fn five_runs_are_enough_and_two_are_open() {
    let after = |runs: usize| {
        let factors = factors(60, |run| if run < 60 - runs { 1.0 } else { 1.1 });
        arm(&factors).standing
    };

    assert_eq!(after(5).outcome, Outcome::Regressed);
    assert_eq!(after(0).why, Why::Unchanged);
    for runs in [1, 2] {
        let standing = after(runs);
        assert_eq!(standing.outcome, Outcome::Inconclusive);
        assert!(
            matches!(standing.why, Why::Open { runs: open, .. } if open == runs),
            "{standing:?}"
        );
    }
}

#[test]
fn a_spike_is_no_change() {
    let judged = arm(&factors(40, |run| if run == 20 { 1.5 } else { 1.0 }));

    assert_eq!(judged.standing.why, Why::Unchanged);
    assert_eq!(judged.strays.len(), 1);
    assert_eq!((judged.strays[0].at, judged.strays[0].is_last), (20, false));
    assert!((judged.strays[0].factor - 1.5).abs() < 0.02);
}

#[test]
fn a_drift_is_told_from_a_step() {
    let judged = arm(&factors(60, |run| 1.0 + 0.002 * run as f64));
    let Why::Worse(episode) = judged.standing.why else {
        panic!("{:?}", judged.standing)
    };

    assert!(matches!(episode.shape, Shape::Drift { .. }), "{episode:?}");
    assert!((episode.amount.change - 1.118).abs() < 0.01, "{episode:?}");
}

#[test]
fn steps_that_are_tolerated_alone_add_up() {
    let judged = arm(&factors(80, |run| 1.0 + 0.03 * (run / 20) as f64));
    let Why::Worse(episode) = judged.standing.why else {
        panic!("{:?}", judged.standing)
    };

    assert_eq!(
        episode.shape,
        Shape::Stairs { steps: 3, last: 60 },
        "{judged:?}"
    );
    assert!((episode.amount.change - 1.09).abs() < 0.01, "{episode:?}");
}

#[test]
fn changes_add_up_whatever_their_directions() {
    for levels in [[1.0, 1.04, 1.08, 1.07], [1.0, 1.04, 1.10, 1.08]] {
        let judged = arm(&factors(80, |run| levels[run / 20]));
        let Why::Worse(episode) = judged.standing.why else {
            panic!("{levels:?}: {:?}", judged.standing)
        };
        assert_eq!(episode.from, 20, "{episode:?}");
        assert!(
            (episode.amount.change - levels[3]).abs() < 0.01,
            "{episode:?}"
        );
    }

    let within = arm(&factors(80, |run| [1.0, 1.04, 1.02, 1.03][run / 20]));
    assert_eq!(within.standing.outcome, Outcome::Ok, "{within:?}");
}

#[test]
fn what_is_not_measured_any_more_decides_nothing() {
    let factors = factors(40, |run| if run < 20 { 1.0 } else { 1.2 });
    let mut records = fixture::of(&factors).records;
    assert_eq!(
        judged_of(&records, None)[1].standing.outcome,
        Outcome::Regressed
    );

    let last = records.last_mut().unwrap();
    for kept in &mut last.measurements {
        kept.metrics.truncate(1);
    }
    let judged = judged_of(&records, None);
    assert!(
        !judged[0].informational && judged[1].informational,
        "{judged:?}"
    );
}

#[test]
fn what_was_taken_back_does_not_count_and_what_got_better_is_named() {
    let bump = arm(&factors(60, |run| {
        if (20..40).contains(&run) { 1.2 } else { 1.0 }
    }));
    assert_eq!(bump.standing.outcome, Outcome::Ok);
    assert_eq!(bump.episodes.len(), 2);

    let half = arm(&factors(60, |run| [1.0, 1.3, 1.2][run / 20]));
    assert!(
        matches!(half.standing.why, Why::Worse(worse) if worse.from == 20),
        "{half:?}"
    );

    let better = arm(&factors(40, |run| if run < 20 { 1.0 } else { 0.8 }));
    assert!(matches!(better.standing.why, Why::Better(_)), "{better:?}");
}

#[test]
fn what_was_accepted_does_not_count() {
    let factors = factors(60, |run| [1.0, 1.2, 1.2][run / 20]);
    let records = fixture::of(&factors).records;
    let outcome = |accepted| judged_of(&records, accepted)[1].standing.outcome;

    assert_eq!(outcome(None), Outcome::Regressed);
    assert_eq!(outcome(Some(19)), Outcome::Regressed);
    assert_eq!(outcome(Some(20)), Outcome::Ok);
}

#[test]
fn of_a_drift_that_goes_on_only_the_rest_counts() {
    let drift = Episode {
        shape: Shape::Drift { p_value: 0.0 },
        from: 10,
        to: 50,
        amount: Amount {
            change: 1.21,
            low: 1.0,
            high: 1.44,
        },
    };
    let rest = part_since(&drift, 30).unwrap();

    assert_eq!((rest.from, rest.to), (30, 50));
    assert!((rest.amount.change - 1.1).abs() < 1e-12 && (rest.amount.high - 1.2).abs() < 1e-12);
    assert_eq!(part_since(&drift, 50), None);
}

#[test]
fn few_runs_say_how_many_it_takes() {
    for runs in [1, 2, 6, 9] {
        let standing = arm(&factors(runs, |_| 1.0)).standing;
        assert_eq!(standing.outcome, Outcome::Inconclusive, "{runs}");
        assert!(matches!(standing.why, Why::TooFewRuns { needed } if needed >= 10));
    }
    // 2 / C(10, 5) = 2 / 252 < 1 %, and with three metrics 6 / C(12, 6) = 6 / 924.
    assert_eq!(
        (runs_needed(1), runs_needed(3), runs_needed(9)),
        (10, 12, 14)
    );
    assert_eq!(arm(&factors(12, |_| 1.0)).standing.outcome, Outcome::Ok);
}

#[test]
fn a_change_with_another_set_up_has_to_be_twice_as_large() {
    let judged = |factor: f64| {
        let mut records =
            fixture::of(&factors(40, |run| if run < 20 { 1.0 } else { factor })).records;
        for record in &mut records[20..] {
            record.machine.set_up.kernel = "7.0".to_owned();
        }
        judged_of(&records, None).swap_remove(1)
    };

    assert_eq!(judged(1.08).standing.outcome, Outcome::Ok);
    let worse = judged(1.14);
    assert_eq!(worse.standing.outcome, Outcome::Regressed);

    let records = fixture::of(&[1.0; 2]).records;
    assert_eq!(
        set_up_differences(&records, &worse.series, &worse.episodes[0]).len(),
        0,
        "of other records"
    );
}

#[test]
fn a_speed_up_that_fell_with_the_loop_is_no_regression() {
    // The loop takes 1 s in the fixture: the arm's factor alone cannot make it faster.
    let mut records = fixture::of(&factors(40, |_| 1.0)).records;
    for record in &mut records[20..] {
        let metrics = &mut record.measurements[0].metrics;
        metrics[0].rounds.iter_mut().for_each(|round| *round *= 0.7);
        metrics[2].rounds.iter_mut().for_each(|round| *round *= 0.7);
        metrics[2].median *= 0.7;
    }
    let judged = judged_of(&records, None);

    assert!(matches!(judged[0].standing.why, Why::Better(_)));
    assert_eq!(judged[1].standing.why, Why::Unchanged);
    assert!(
        matches!(judged[2].standing.why, Why::FasterSerial(_)),
        "{:?}",
        judged[2].standing
    );
}

#[test]
fn what_is_only_shown_is_not_in_the_family() {
    let records = fixture::of(&factors(11, |_| 1.0)).records;
    let question = Question {
        tolerance: 0.05,
        deciding: &[Metric::Speedup],
        accepted: None,
    };
    let judged = judge(&records, series(&records).1, &question);

    let needed: Vec<bool> = judged
        .iter()
        .map(|judged| matches!(judged.standing.why, Why::TooFewRuns { .. }))
        .collect();
    assert_eq!(needed, [false; 3], "11 runs are enough for one metric");
    assert_eq!(
        judged
            .iter()
            .map(|judged| judged.informational)
            .collect::<Vec<_>>(),
        [true, true, false]
    );
}
