//! `overhead`: the real program's tables, chart and stored run, which is reported, compared and checked
//! like any other, and what it says of wrong flags.

use serde_json::Value;

use super::harness::Scene;

#[test]
fn the_table_the_chart_and_the_stored_run_say_the_same() {
    let scene = Scene::new();
    let finished = scene.run(
        "overhead -j 1,2 -r 6 --chart curve.svg --chart curve.png --export costs.json \
         --export costs.md",
    );
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    let text = &finished.stdout;
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );

    let svg = scene.read("curve.svg");
    roxmltree::Document::parse(&svg).unwrap();
    let png = std::fs::read(scene.path("curve.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    let markdown = scene.read("costs.md");
    for name in ["pool 1", "pool 2"] {
        assert!(text.contains(&format!("\n{name}: ")), "{text}");
        assert!(svg.contains(name) && markdown.contains(name), "{name}");
    }
    assert!(markdown.contains("## What a task costs"), "{markdown}");

    assert_eq!(scene.run("report costs.json").stdout, *text);
    assert_eq!(
        scene.names(),
        ["costs.json", "costs.md", "curve.png", "curve.svg"]
    );
}

#[test]
fn the_stored_run_has_a_measurement_for_each_batch() {
    let run = Scene::new().exported("overhead -j 1,2 -r 6");
    let measurements = run["measurements"].as_array().unwrap();

    for measurement in measurements {
        assert_eq!(measurement["workload"], "busy");
        assert_eq!(
            measurement["rounds"].as_array().unwrap().len(),
            7,
            "and the cold one"
        );
        let arms = measurement["arms"].as_array().unwrap();
        let arms: Vec<_> = arms
            .iter()
            .map(|arm| (&arm["engine"], &arm["workers"]))
            .collect();
        let [serial, pool] = ["serial", "pool"].map(Value::from);
        let [single, double] = [1, 2].map(Value::from);
        assert_eq!(
            arms,
            [(&serial, &single), (&pool, &single), (&pool, &double)]
        );
    }

    let params: Vec<&Value> = measurements
        .iter()
        .map(|measurement| &measurement["params"])
        .collect();
    let shapes: Vec<&Value> = params[..3].iter().map(|params| &params["shape"]).collect();
    assert_eq!(shapes, ["batch", "awake", "asleep"]);
    let steps: Vec<u64> = params
        .iter()
        .map(|params| params["steps"].as_u64().unwrap())
        .collect();
    assert_eq!(steps[..3], [0, 0, 0]);
    assert!(
        steps[3..].is_sorted_by(|fewer, more| fewer < more),
        "{steps:?}"
    );
}

#[test]
fn a_baseline_of_overhead_is_compared_and_checked_like_any_other() {
    let scene = Scene::new();
    let saved =
        scene.run("overhead -j 1 -r 6 --save-baseline costs.json --tolerance 1000% --force");
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    assert!(
        saved
            .stderr
            .starts_with("saved costs.json: two passes agree"),
        "{}",
        saved.stderr
    );

    let compared = scene.run("compare costs.json costs.json");
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    let checked = scene.run("check --baseline costs.json --only busy --tolerance 1000%");
    assert_eq!(
        checked.code,
        Some(0),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    assert!(checked.stdout.contains("busy"), "{}", checked.stdout);
}

#[test]
fn a_single_measurement_of_busy_is_a_run_like_any_other() {
    let run = Scene::new().exported("busy --tasks 8 --steps 64 --shape awake -j 2 -r 6");
    let [measurement] = &run["measurements"].as_array().unwrap()[..] else {
        panic!("{run}")
    };

    assert_eq!(measurement["params"]["shape"], "awake");
    assert_eq!(measurement["work"]["unit"], "tasks");
    assert_eq!(measurement["summary"]["arms"][1]["workers"], 2);
}

#[test]
fn an_export_to_stdout_has_it_for_itself() {
    let finished = Scene::new().run("overhead -j 1 -r 1 --export json:-");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let stored: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(stored["measurements"][0]["workload"], "busy");

    let text = finished.stderr.replace('\n', " ");
    assert!(
        text.contains("pool 1: no advice: intervals need 6 rounds"),
        "{text}"
    );
}

#[test]
fn wrong_flags_are_named_before_anything_is_measured() {
    let scene = Scene::new();
    for (line, named) in [
        ("overhead --engine steam", "'steam'"),
        ("overhead -r 0", "'0'"),
        ("overhead -j many", "'many'"),
        ("overhead --export costs.yaml", "'costs.yaml'"),
        ("overhead --chart curve.json", "'curve.json'"),
        ("overhead --chart missing/curve.svg", "missing"),
    ] {
        let finished = scene.run(line);
        assert!(
            finished.error().contains(named),
            "{line}: {}",
            finished.stderr
        );
        assert_eq!(finished.stdout, "");
    }
    assert_eq!(scene.names(), Vec::<String>::new());
}
