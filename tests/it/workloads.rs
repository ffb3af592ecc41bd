//! The workloads through the real program: known values, and the same answer whatever runs the tasks.

use parbench::workload::built_in;
use serde_json::Value;

use super::harness::{Scene, repository};

/// A line for each workload that takes a moment.
fn quick(workload: &str) -> &'static str {
    match workload {
        "fib" => "fib --size 3000 --tasks 5",
        "pi" => "pi --samples 10007 --tasks 5",
        "image" => "image --count 3 --side 64 --crop 40",
        other => panic!("say here how to run {other} quickly"),
    }
}

fn answer(run: &Value) -> &Value {
    &run["measurements"][0]["answer"]
}

#[test]
fn every_answer_is_the_same_for_every_number_of_workers() {
    for workload in built_in().in_all() {
        let scene = Scene::new();
        let line = quick(workload.name());
        let run = |workers: &str| scene.exported(&format!("{line} -r 1 -j {workers}"));
        let one = run("1");
        for workers in ["2", "3", "16"] {
            assert_eq!(
                answer(&run(workers)),
                answer(&one),
                "{} with {workers} workers",
                workload.name()
            );
        }
        let several = run("1,4");
        let arms = several["measurements"][0]["arms"].as_array().unwrap();
        assert_eq!(arms.len(), 3, "the loop and both numbers of workers");
    }
}

#[test]
fn the_default_fib_has_its_known_last_term() {
    // From the reference figures: F(199999), computed there with GMP.
    let run = Scene::new().exported("fib --keep last --tasks 1 -r 1 -w 0");
    let answer = answer(&run);
    assert_eq!(answer["terms"], 200_000);
    assert_eq!(answer["digits"], 41_797);
    assert_eq!(answer["leading"], "93234651823626096072");
    assert_eq!(answer["trailing"], "93976226877967737501");
    // The Python program of METHODOLOGY.md prints this.
    let checksum = "0347b5f7280b8a919317dd96d9c07e84d8fab2bdb6f652b6ffbb0aceb28b1630";
    assert_eq!(answer["checksum"], checksum);
}

#[test]
fn both_ways_of_keeping_terms_give_one_answer() {
    let scene = Scene::new();
    for size in [0, 1, 2, 3, 1000, 12_345] {
        let of = |keep: &str| {
            scene.exported(&format!(
                "fib --size {size} --tasks 2 --keep {keep} -r 1 -w 0"
            ))
        };
        assert_eq!(answer(&of("all")), answer(&of("last")), "size {size}");
    }
    // SHA-256 of nothing, from FIPS 180-4's algorithm in any library.
    let none = scene.exported("fib --size 1 --tasks 1 -r 1 -w 0");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(
        (&answer(&none)["checksum"], &answer(&none)["digits"]),
        (&empty.into(), &1.into())
    );
}

#[test]
fn more_tasks_than_fit_in_memory_run_one_after_another() {
    // Each task holds 5.8 MB: at most two of the 64 workers' tasks fit at once.
    let scene = Scene::new();
    let finished =
        scene.run("fib --size 11000 --tasks 64 -j 64 --memory 12MB -r 1 --export run.json");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let note = "note: fib: memory lets 2 tasks of 5.78 MB run at once";
    assert!(finished.stdout.contains(note), "{}", finished.stdout);
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(
        (
            &run["measurements"][0]["arms"][1]["workers"],
            &run["measurements"][0]["memory_bytes"]
        ),
        (&64.into(), &12_000_000.into())
    );
}

#[test]
fn pi_has_its_known_estimate() {
    let run = Scene::new().exported("pi --samples 1000000 --tasks 4 -r 1");
    let answer = answer(&run);
    let number = |key: &str| answer[key].as_f64().unwrap();
    assert_eq!(answer["samples"], 4_000_000);
    assert!((number("estimate") - std::f64::consts::PI).abs() < 4.0 * number("standard_error"));
    assert_eq!(number("estimate"), 4.0 * number("total_inside") / 4e6);
}

#[test]
fn the_published_answers_are_found_again() {
    let text = std::fs::read_to_string(repository().join("results/reference.json")).unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    for measurement in published["measurements"].as_array().unwrap() {
        let params = &measurement["params"];
        let line = match measurement["workload"].as_str().unwrap() {
            "fib" => format!("fib --size {} --tasks 1 --keep last", params["size"]),
            "pi" => format!(
                "pi --samples {} --tasks {} --seed {}",
                params["samples"], params["tasks"], params["seed"]
            ),
            // Its data set takes a minute to make in a debug build.
            _ => continue,
        };
        let run = Scene::new().exported(&format!("{line} -r 1 -w 0"));
        assert_eq!(answer(&run), &measurement["answer"], "{line}");
    }
}

#[test]
fn all_runs_each_workload_and_one_that_fails_stops_no_other() {
    let scene = Scene::new();
    let quick =
        "--fib-size 500 --pi-samples 1000 --image-count 2 --image-side 64 --image-crop 32 -r 1";
    let run = scene.exported(&format!("all {quick}"));
    let names = |run: &Value| {
        let measurements = run["measurements"].as_array().unwrap();
        measurements
            .iter()
            .map(|found| found["workload"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&run), ["fib", "pi", "image"]);
    let finished = scene.run(&format!(
        "all {quick} --image-crop 99 --memory 1000B --export run.json"
    ));
    assert_eq!(finished.code, Some(2));
    let stored: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(names(&stored), ["pi"]);
    let problems = stored["problems"].as_array().unwrap();
    assert_eq!(
        problems
            .iter()
            .map(|problem| &problem["workload"])
            .collect::<Vec<_>>(),
        ["fib", "image"]
    );
    assert_eq!(
        finished
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        2,
        "{}",
        finished.stderr
    );
}
