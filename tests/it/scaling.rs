//! Sweeps over numbers of workers: what is measured, and what published curves say when they are
//! read as stored runs.

use serde_json::{Value, json};

use super::harness::Scene;

/// Programs that were measured by others: numbers of processors, and throughputs.
const SPEC_SDM91: &[(u64, f64)] = &[
    (1, 64.9),
    (18, 995.9),
    (36, 1652.4),
    (72, 1853.2),
    (108, 1828.9),
    (144, 1775.0),
    (216, 1702.2),
];
const RAY_TRACER: &[(u64, f64)] = &[
    (1, 20.0),
    (4, 78.0),
    (8, 130.0),
    (12, 170.0),
    (16, 190.0),
    (20, 200.0),
    (24, 210.0),
    (28, 230.0),
    (32, 260.0),
    (48, 280.0),
    (64, 310.0),
];

#[test]
fn a_sweep_measures_every_count_in_every_round_and_recommends_one() {
    let scene = Scene::new();
    let run = scene.exported("pi --samples 20000 --tasks 4 -j 1,2,3 --engine pool,process -r 8 -q");
    let measurement = &run["measurements"][0];

    let arms: Vec<(&str, u64)> = measurement["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| {
            (
                arm["engine"].as_str().unwrap(),
                arm["workers"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(arms.len(), 7, "{arms:?}");
    for round in measurement["rounds"].as_array().unwrap() {
        assert_eq!(round["times"].as_array().unwrap().len(), 7);
    }

    for series in measurement["summary"]["series"].as_array().unwrap() {
        let workers: Vec<u64> = series["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["workers"].as_u64().unwrap())
            .collect();
        assert_eq!(workers, [1, 2, 3]);
        assert!(series["recommendation"]["arm"].is_u64(), "{series}");
    }
}

#[test]
fn scaled_work_grows_with_the_workers_and_has_the_same_answer() {
    let scene = Scene::new();
    let line = "--samples 5000 --tasks 3 -j 1,2,4 --engine pool,process -w 0 -r 2 -q --store-spans";
    let weak = scene.exported(&format!("pi {line} --scale weak"));
    let strong = scene.exported(&format!("pi {line}"));
    let (weak, strong) = (&weak["measurements"][0], &strong["measurements"][0]);

    assert_eq!(weak["answer"], strong["answer"]);
    for (index, arm) in weak["arms"].as_array().unwrap().iter().enumerate().skip(1) {
        let workers = arm["workers"].as_u64().unwrap();
        assert_eq!(arm["scale"].as_u64().unwrap_or(1), workers);

        for round in weak["rounds"].as_array().unwrap() {
            let spans = round["times"][index]["spans"].as_array().unwrap();
            assert_eq!(spans.len() as u64, 3 * workers, "{arm}");
        }
    }
    assert!(
        strong["arms"]
            .as_array()
            .unwrap()
            .iter()
            .all(|arm| arm["scale"].is_null())
    );
}

#[test]
fn a_published_curve_has_the_peak_that_was_published_within_its_range() {
    let series = series_of(SPEC_SDM91, u64::MAX);

    let law = &series["law"];
    assert_eq!(law["model"], "universal");
    check(&law["sigma"], 0.01336);
    check(&law["kappa"], 1.152e-4);
    check(&law["peak"], 92.5);
    assert_eq!(series["recommendation"]["fastest"], 4, "72 processors");
}

#[test]
fn six_points_of_a_curve_that_goes_on_rising_have_no_peak() {
    let first = series_of(&RAY_TRACER[..6], u64::MAX);
    check(&first["law"]["kappa"], 1.899e-3);
    assert!(first["law"]["peak"].is_null(), "{}", first["law"]);

    let whole = series_of(RAY_TRACER, u64::MAX);
    check(&whole["law"]["sigma"], 0.05686);
    assert!(whole["law"]["peak"].is_null(), "{}", whole["law"]);
    assert_eq!(whole["recommendation"]["fastest"], 11, "64 processors");
}

#[test]
fn counts_whose_law_has_its_peak_below_them_have_no_peak() {
    let last = series_of(&SPEC_SDM91[3..], u64::MAX);

    assert_eq!(last["law"]["model"], "universal");
    assert!(last["law"]["peak"].is_null(), "{}", last["law"]);
}

#[test]
fn counts_above_the_granted_cores_are_not_fitted() {
    let series = series_of(RAY_TRACER, 16);

    assert_eq!(series["law"]["workers"], json!([1, 4, 8, 12, 16]));
    let points = series["points"].as_array().unwrap();
    assert_eq!(points.len(), RAY_TRACER.len());
    for point in points {
        let is_within = point["workers"].as_u64().unwrap() <= 16;
        assert_eq!(point["is_within_cores"], is_within, "{point}");
    }
}

/// That a coefficient is `expected`, to a few percent, and lies in its interval, which has a width.
fn check(coefficient: &Value, expected: f64) {
    let number = |name: &str| coefficient[name].as_f64().unwrap();
    let value = number("value");

    assert!(
        (value / expected - 1.0).abs() < 0.03,
        "{value} is not {expected}"
    );
    assert!(
        number("low") <= value && value <= number("high"),
        "{coefficient}"
    );
    assert!(
        number("low") <= expected && expected <= number("high"),
        "{coefficient} does not cover {expected}"
    );
    assert!(number("low") < number("high"), "{coefficient}");
}

/// What a stored run of one workload with these throughputs says of its series, where the loop has
/// that of the first, on a machine with that many cores.
fn series_of(throughputs: &[(u64, f64)], cores: u64) -> Value {
    let scene = Scene::new();
    let mut run = scene.exported("pi --samples 1000 --tasks 2 -j 1 -w 0 -r 1 -q");
    let measurement = &mut run["measurements"][0];

    let mut arms = vec![measurement["arms"][0].clone()];
    for (workers, _) in throughputs {
        let mut arm = measurement["arms"][1].clone();
        arm["workers"] = json!(workers);
        arms.push(arm);
    }
    let granted = throughputs.iter().map(|(workers, _)| {
        let cores = (*workers).min(cores);
        json!({"workers": workers, "cores": cores as f64})
    });

    let mut template = measurement["rounds"][0].clone();
    template["cold"] = json!(false);
    template["order"] = json!((0..arms.len()).collect::<Vec<_>>());
    template["calibration"]["granted"] = granted.collect();
    let round = |number: usize| {
        let mut round = template.clone();
        round["times"] = times(throughputs, number);
        round
    };
    let rounds: Vec<Value> = (0..ROUNDS).map(round).collect();
    measurement["arms"] = json!(arms);
    measurement["rounds"] = json!(rounds);

    scene.write("curve.json", run.to_string());
    let derived = scene.exported("report curve.json");
    derived["measurements"][0]["summary"]["series"][0].clone()
}

/// Twice as many as there are deviations.
const ROUNDS: usize = 18;

/// The times of a round: each arm's deviates by up to 0.8 %, in every round otherwise, so that its
/// median over the rounds is what was published.
fn times(throughputs: &[(u64, f64)], round: usize) -> Value {
    const DEVIATIONS: usize = ROUNDS / 2;
    let deviating = |arm: usize, seconds: f64| {
        let place = (4 * round + 3 * arm + arm / 3) % DEVIATIONS;
        json!({"wall_s": seconds * (1.0 + 0.002 * (place as f64 - 4.0))})
    };

    let serial_s = 1.0 / throughputs[0].1;
    let all = throughputs.iter().map(|(_, throughput)| 1.0 / throughput);
    std::iter::once(serial_s)
        .chain(all)
        .enumerate()
        .map(|(arm, seconds)| deviating(arm, seconds))
        .collect()
}
