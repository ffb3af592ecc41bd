//! The engine of worker processes: the same answers, and what happens when a process is killed.
#![cfg(target_os = "linux")]

use std::io::Read;
use std::thread;

use serde_json::{Value, json};

use super::harness::{Scene, without_neighbours};
use super::processes::{children, computes, ended, runs, signal, started, until};

/// Tasks that last while they are looked for.
const LONG: &str =
    "pi --samples 300000000 --tasks 4 --engine process -j 2 -w 0 -r 2 -v --export run.json";

#[test]
fn every_workload_has_the_answer_that_the_pool_has() {
    let scene = Scene::new();
    for workload in [
        "fib --size 500 --tasks 3",
        "pi --samples 5000 --tasks 5",
        "image --count 3 --side 300 --data-dir set",
    ] {
        let run = scene.exported(&format!(
            "{workload} --engine pool,process -j 2 -w 0 -r 2 -q"
        ));

        let measurements = run["measurements"].as_array().unwrap();
        let engines: Vec<_> = measurements
            .iter()
            .map(|measurement| measurement["engine"].as_str().unwrap())
            .collect();
        assert_eq!(engines, ["pool", "process"]);
        assert_eq!(
            measurements[0]["answer"], measurements[1]["answer"],
            "{workload}"
        );
        assert_eq!(
            measurements[1]["placement"],
            Value::Null,
            "nothing was done again"
        );
    }
}

#[test]
fn a_stored_run_is_checked_on_the_engine_it_was_measured_on() {
    let scene = Scene::new();
    let line = "pi --samples 20000 --tasks 2 --engine process -j 2 -r 8 -q --export base.json";
    assert_eq!(scene.run(line).code, Some(0));
    let checked =
        scene.run("check --baseline base.json --no-confirm --tolerance 1000% -q --export json:-");
    let run: Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!(run["measurements"][0]["engine"], "process");
    // Its workers' CPU time is not this process's.
    assert_eq!(
        run["measurements"][0]["rounds"][0]["distributed_cpu"],
        Value::Null
    );
}

#[test]
fn another_binary_is_compared_on_worker_processes() {
    let scene = Scene::new();
    let program = env!("CARGO_BIN_EXE_parbench");
    let sizes = "--pi-samples 20000 --pi-tasks 2 --only pi -j 2 -r 8 --memory 1GiB";
    let line = format!(
        "check --against {program} --engine process {sizes} --no-confirm --tolerance 1000%"
    );
    let run: Value =
        serde_json::from_str(&scene.run(&format!("{line} -q --export json:-")).stdout).unwrap();
    assert_eq!(run["measurements"][0]["engine"], "process");
    assert_eq!(run["comparison"]["machine"], "interleaved");
}

#[test]
fn a_killed_worker_costs_its_task_and_is_reported() {
    let scene = Scene::new();
    let (child, stdout, text) = started(&scene, LONG, "pi :: engine process");
    // One that computes has a task.
    let first = until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));
    signal(first, "KILL");

    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let reruns = run["measurements"][0]["placement"]["reruns"]
        .as_array()
        .unwrap();
    assert_eq!(
        (reruns.len(), &reruns[0]["tasks"]),
        (1, &json!(1)),
        "{reruns:?}"
    );
    assert!(
        reruns[0]["why"].as_str().unwrap().contains("signal: 9"),
        "{reruns:?}"
    );
    assert!(text.contains("1 task was done again"), "{text}");
}

#[test]
fn a_task_that_is_lost_again_and_again_is_an_error() {
    let scene = Scene::new();
    let (mut child, mut stdout, mut text) = started(&scene, LONG, "pi :: engine process");
    // Every worker that is there, until no more are started.
    while child.try_wait().unwrap().is_none() {
        for worker in children(child.id()) {
            signal(worker, "KILL");
        }
    }
    stdout.read_to_string(&mut text).unwrap();
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));

    let errors = without_neighbours(&errors);
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(
        (lines.len(), lines[0]),
        (2, "warning: nothing was written to run.json"),
        "{errors}"
    );
    assert!(
        lines[1].starts_with("error: pi: ") && lines[1].contains("lost 4 times"),
        "{errors}"
    );
}

#[test]
fn no_worker_outlives_its_parent() {
    for (name, code) in [("INT", Some(130)), ("KILL", None)] {
        let scene = Scene::new();
        let (child, stdout, text) = started(&scene, LONG, "pi :: engine process");
        let workers = until(|| Some(children(child.id())).filter(|workers| workers.len() == 2));
        signal(child.id(), name);
        assert_eq!(ended(child, stdout, text).0, code);
        while workers.iter().any(|&worker| runs(worker)) {
            thread::yield_now();
        }
    }
}
