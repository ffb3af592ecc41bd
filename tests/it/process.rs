//! The engine of worker processes: the same answers, and what happens when a process is killed.
#![cfg(target_os = "linux")]

use std::io::Read;

use serde_json::{Value, json};

use super::harness::{Scene, ended, started, without_neighbours};
use super::processes::{children, computes, runs, signal, until};

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
        let measured = |engine: &str| {
            let run = scene.exported(&format!("{workload} --engine {engine} -j 2 -w 0 -r 2 -q"));
            run["measurements"][0].clone()
        };
        let (pool, process) = (measured("pool"), measured("process"));

        assert_eq!(process["arms"][1]["engine"], "process");
        assert_eq!(process["answer"], pool["answer"], "{workload}");
        assert_eq!(
            process["arms"][1]["placement"],
            Value::Null,
            "nothing was done again"
        );
    }
}

#[test]
fn an_arm_uses_its_number_of_the_workers_that_were_started_and_every_task_has_a_span() {
    let scene = Scene::new();
    let line = "pi --samples 5000 --tasks 6 --engine process -j 1,2 -w 0 -r 2 -q --store-spans";
    let run = scene.exported(line);

    check_spans(&run["measurements"][0]);
}

/// Every arm but the plain loop has a span for each task in each round, within the arm's time and on
/// one of the workers that the arm may use.
pub(crate) fn check_spans(measurement: &Value) {
    let array = |value: &Value| value.as_array().unwrap().clone();
    let arms = array(&measurement["arms"]);
    let all: Vec<_> = (0..measurement["tasks"].as_u64().unwrap()).collect();

    for round in array(&measurement["rounds"]) {
        let times = array(&round["times"]);
        for (arm, time) in arms.iter().zip(times).skip(1) {
            let spans = array(&time["spans"]);
            let mut tasks: Vec<_> = spans
                .iter()
                .map(|span| span["task"].as_u64().unwrap())
                .collect();
            tasks.sort_unstable();
            assert_eq!(tasks, all);

            for span in spans {
                assert!(span["worker"].as_u64() < arm["workers"].as_u64(), "{span}");
                let [start, end] = ["start_s", "end_s"].map(|name| span[name].as_f64().unwrap());
                let wall = time["wall_s"].as_f64().unwrap();
                assert!(
                    0.0 <= start && start <= end && end <= wall,
                    "{span} of {wall} s"
                );
            }
        }
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
    let measurement = &run["measurements"][0];
    assert_eq!(measurement["arms"][1]["engine"], "process");
    // Its workers' CPU time counts, which is at most what they were busy for and some more.
    for round in measurement["rounds"].as_array().unwrap() {
        let cpu = &round["times"][1]["cpu"];
        let used = cpu["user_s"].as_f64().unwrap() + cpu["system_s"].as_f64().unwrap();
        assert!(used > 0.0 && cpu["preemptions"].is_null(), "{cpu}");
    }
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
    assert_eq!(run["measurements"][0]["arms"][1]["engine"], "process");
    assert_eq!(run["comparison"]["machine"], "interleaved");
}

#[test]
fn a_killed_worker_costs_its_task_and_is_reported() {
    let scene = Scene::new();
    let line = format!("{LONG} --trace t.json --trace-rounds all");
    let (child, stdout, text) = started(&scene, &line, "pi :: serial, process 2");
    // One that computes has a task.
    let first = until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));
    signal(first, "KILL");

    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!(code, Some(0), "{text}");
    let mut notes = errors.lines();
    assert!(notes.all(|note| note.starts_with("trace: ")), "{errors}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let reruns = run["measurements"][0]["arms"][1]["placement"]["reruns"]
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
    assert!(text.contains("1 task of process was done again"), "{text}");

    let rounds = run["measurements"][0]["rounds"].as_array().unwrap();
    let lost = rounds
        .iter()
        .filter_map(|round| round["times"][1]["lost_workers"].as_array());
    let stored: Vec<&Value> = lost.flatten().map(|lost| &lost["why"]).collect();
    assert_eq!(stored, [&reruns[0]["why"]]);
    let trace: Value = serde_json::from_str(&scene.read("t.json")).unwrap();
    let events = trace["traceEvents"].as_array().unwrap().iter();
    let shown: Vec<&Value> = events.filter(|event| event["ph"] == "i").collect();
    assert_eq!((shown.len(), &shown[0]["name"]), (1, &json!("worker lost")));
}

#[test]
fn a_worker_that_alone_is_asked_to_end_is_lost_like_a_killed_one() {
    let scene = Scene::new();
    let (child, stdout, text) = started(&scene, LONG, "pi :: serial, process 2");
    let first = until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));
    signal(first, "TERM");

    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("1 task of process was done again"), "{text}");
}

#[test]
fn a_task_that_is_lost_again_and_again_is_an_error() {
    let scene = Scene::new();
    let (mut child, mut stdout, mut text) = started(&scene, LONG, "pi :: serial, process 2");
    until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));
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
        let (child, stdout, text) = started(&scene, LONG, "pi :: serial, process 2");
        let workers = until(|| Some(children(child.id())).filter(|workers| workers.len() == 2));
        signal(child.id(), name);
        assert_eq!(ended(child, stdout, text).0, code);
        until(|| (!workers.iter().any(|&worker| runs(worker))).then_some(()));
    }
}
