//! `program`: a worker in another language brings its own workload, on every engine that runs processes,
//! and every way in which it fails is one line.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use super::harness::{Finished, Scene};

/// A worker in Python. It sums the cubes below `n`; `fault` says what it does wrong, and where.
pub(crate) const CUBES: &str = r#"#!/usr/bin/env python3
import json, os, sys, time

def send(value):
    print(json.dumps(value), flush=True)

def fault(name):
    # Nodes have another environment than the loop, and a copy of this file by another name.
    is_copy = os.path.basename(__file__) != "cubes.py"
    return os.environ.get("FAULT") == name or (is_copy and sys.argv[1:] == [name])

def serve(request):
    params, task = request["params"], request.get("task", 0)
    tasks, action, answer = params.get("n", 6), request.get("do", "task"), {"id": request["id"]}
    if request.get("parbench_worker", 2) != 2:
        return {**answer, "error": "this worker speaks version 2 of the worker protocol"}
    if request["workload"] != "cubes":
        return {**answer, "error": f"it knows no workload {request['workload']}"}
    if fault("explicit") and "do" not in request:
        return {**answer, "error": "there is nothing to do"}
    if action == "describe":
        return {**answer, "tasks": tasks, "work": {"amount": tasks + 0.0 if fault("float") else tasks, "unit": "cubes"}, "task_bytes": 0}
    if action == "combine":
        return {**answer, "answer": {"sum": sum(request["partials"])}}
    if action == "inputs":
        return {**answer, "inputs": None}
    if action == "cool-down" and fault("cold"):
        sys.exit("too cold")
    if action in ("prepare", "cool-down"):
        return {**answer, "seconds": 0}
    if action not in ("task", "audit"):
        return {**answer, "error": f"there is nothing called {action} to do"}
    if not 0 <= task < tasks and not fault("careless"):
        return {**answer, "error": f"there is no task {task}: cubes has {tasks}"}

    if task == tasks - 1 and fault("dies"):
        sys.exit("out of luck")
    if task == tasks - 1 and fault("raises"):
        return {**answer, "error": "this cube is too large"}
    if task == tasks - 1 and fault("hangs"):
        time.sleep(1000)
    if fault("nonsense"):
        return ["nonsense"]
    if fault("bare"):
        return answer
    began = time.perf_counter()
    cube = task ** 3 + (os.getpid() if fault("differs") else 0)
    cube += request.get("slowdown", 1) > 1 and fault("slowly")
    answer["seconds"] = time.perf_counter() - began
    return answer if action == "audit" else {**answer, "partial": cube}

if fault("mute"):
    time.sleep(1000)
if fault("listed"):
    send([2])
send({"parbench_worker": 1 if fault("old") else 2, "keeps_params": fault("forgetful")})
for line in sys.stdin:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError(line.strip())
    except ValueError as error:
        if fault("fragile"):
            sys.exit(f"line 1: {error}")
        send({"id": None, "error": f"this is not a request: {error}"})
        continue
    send(serve(request))
if fault("chatty"):
    print("bye")
if fault("endless"):
    while True:
        send({"id": None, "error": "this is not a request"})
if fault("deaf"):
    time.sleep(1000)
"#;

/// A scene with the worker `cubes.py`, which does this wrong.
fn cubes(fault: &str) -> Scene {
    let scene = Scene::new()
        .env("PATH", &std::env::var("PATH").unwrap())
        .env("FAULT", fault);
    let file = scene.write("cubes.py", CUBES);
    executable(&file);
    scene
}

pub(crate) fn executable(file: &Path) {
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Measures the worker with these flags.
fn program(scene: &Scene, flags: &str) -> Finished {
    scene.run(&format!("program -w 0 -r 2 {flags} -- ./cubes.py"))
}

fn exported(finished: &Finished) -> Value {
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    serde_json::from_str(&finished.stdout).unwrap()
}

#[test]
fn a_program_brings_its_workload_and_process_is_its_usual_engine() {
    let run = exported(&program(&cubes(""), "-j 1,2 --export json:-"));
    let measurement = &run["measurements"][0];

    assert_eq!(measurement["workload"], "program");
    assert_eq!(measurement["tasks"], 6);
    assert_eq!(measurement["work"]["unit"], "cubes");
    assert_eq!(measurement["answer"]["sum"], 225);
    let arms = measurement["arms"].as_array().unwrap();
    let labels: Vec<_> = arms
        .iter()
        .map(|arm| {
            (
                arm["engine"].as_str().unwrap(),
                arm["workers"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(labels, [("serial", 1), ("process", 1), ("process", 2)]);
    for round in measurement["rounds"].as_array().unwrap() {
        for time in round["times"].as_array().unwrap() {
            assert!(time["dispatch_s"].as_f64().unwrap() > 0.0, "{time}");
        }
    }
}

#[test]
fn the_plain_loop_asks_its_worker_in_the_same_way_as_several_are_asked() {
    let scene = Scene::new().env("PATH", &std::env::var("PATH").unwrap());
    let worker = scene.write("worker.py", KEEPING);
    executable(&worker);
    let run = exported(&scene.run("program -j 1 -w 0 -r 1 --export json:- -- ./worker.py"));
    let arms = run["measurements"][0]["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 2, "serial and one process: {arms:?}");

    // Which tasks had parameters, for each process that did any.
    let log = scene.read("log");
    let mut processes = std::collections::BTreeMap::<&str, Vec<bool>>::new();
    for line in log.lines() {
        let (process, had_params) = line.split_once(' ').unwrap();
        let tasks = processes.entry(process).or_default();
        tasks.push(had_params == "True");
    }
    assert_eq!(processes.len(), 2, "{log}");
    for tasks in processes.values() {
        assert!(tasks[0], "the first one of a pass has them: {log}");
        assert!(tasks[1..12].iter().all(|had_params| !had_params), "{log}");
    }
}

/// A worker that keeps parameters and notes of each task whether they came with it.
const KEEPING: &str = r#"#!/usr/bin/env python3
import json, os, sys

def send(value):
    print(json.dumps(value), flush=True)

send({"parbench_worker": 2, "keeps_params": True})
for line in sys.stdin:
    request = json.loads(line)
    action, answer = request.get("do", "task"), {"id": request["id"]}
    if action == "describe":
        answer.update(tasks=12, work={"amount": 12, "unit": "tasks"}, task_bytes=0)
    elif action == "combine":
        answer["answer"] = sum(request["partials"])
    elif action == "inputs":
        answer["inputs"] = None
    elif action == "task":
        with open("log", "a") as log:
            log.write(f"{os.getpid()} {'params' in request}\n")
        answer.update(partial=1, seconds=0)
    else:
        answer["seconds"] = 0
    send(answer)
"#;

#[test]
fn help_names_the_usual_engine() {
    for (workload, engine) in [("program", "process"), ("cmd", "pool")] {
        let help = Scene::new().run(&format!("{workload} --help")).flowing();
        assert!(
            help.contains(&format!("see `parbench list` [default: {engine}]")),
            "{help}"
        );
    }
}

#[test]
fn parameters_and_the_name_of_the_workload_reach_the_program() {
    let scene = cubes("");
    let run = exported(&program(&scene, "--params {\"n\":11} --export json:-"));
    assert_eq!(run["measurements"][0]["answer"]["sum"], 3025);
    assert_eq!(run["measurements"][0]["params"]["params"]["n"], 11);

    let refused = program(&scene, "--workload squares");
    assert_eq!(
        refused.error(),
        "program: ./cubes.py: it knows no workload squares"
    );
    let refused = program(&scene, "--params {n:1}");
    assert!(
        refused.error().contains("must be JSON"),
        "{}",
        refused.stderr
    );
}

#[test]
fn this_program_as_a_worker_gives_the_same_answer_as_the_workload_itself() {
    let scene = Scene::new();
    let params = "{\"samples\":1000,\"tasks\":4,\"seed\":42}";
    let parbench = env!("CARGO_BIN_EXE_parbench");
    let line = format!(
        "program --workload pi --params {params} -w 0 -r 2 --export json:- -- {parbench} worker"
    );
    let theirs = exported(&scene.run(&line));

    let ours = scene.exported("pi --samples 1000 --tasks 4 --seed 42 -w 0 -r 2");
    assert_eq!(
        theirs["measurements"][0]["answer"],
        ours["measurements"][0]["answer"]
    );
}

#[test]
fn what_is_no_worker_is_one_line() {
    let scene = cubes("");
    scene.write("plain.txt", "text");
    let script = scene.write("no-such-shell", "#!/no/such/shell\n");
    executable(&script);

    for (words, error) in [
        ("./nothing", "there is no program ./nothing"),
        (
            "no-such-program",
            "there is no program no-such-program in the folders of PATH",
        ),
        ("./plain.txt", "./plain.txt is not executable"),
        (
            "./no-such-shell",
            "cannot start ./no-such-shell: there is no /no/such/shell, which its first line names",
        ),
        ("true", "true: it ended with exit status: 0"),
        (
            "echo hello",
            "echo hello: it does not speak the worker protocol",
        ),
        ("sh -c exit", "sh -c exit: it ended with exit status: 0"),
    ] {
        let finished = scene.run(&format!("program -r 2 -- {words}"));
        assert_eq!(finished.error(), format!("program: {error}"));
    }
    let refused = program(&scene, "-e pool");
    assert_eq!(
        refused.error(),
        "engine pool cannot run program: its tasks are done by processes of another program: use process or ray"
    );
}

#[test]
fn what_a_worker_does_wrong_is_one_line() {
    for (fault, words) in [
        (
            "old",
            "it speaks version 1 of the worker protocol, and this program speaks version 2",
        ),
        (
            "dies",
            "it ended with exit status: 1, saying \"out of luck\"",
        ),
        ("raises", "this cube is too large"),
        ("nonsense", "its answer is not one of the worker protocol"),
        (
            "bare",
            "the worker's answer has no partial result with its seconds",
        ),
        ("differs", "answer.sum is "),
        ("hangs", "no answer within 1 s"),
        (
            "float",
            "its answer to describe is not one of the worker protocol, which wants tasks (an integer), work with amount (an integer)",
        ),
        ("cold", "saying \"too cold\""),
    ] {
        let scene = cubes(fault);
        let finished = program(&scene, "-j 2 --task-timeout 1s");
        let error = finished.error();
        assert!(error.contains(words), "{fault}: {error}");
    }
}

#[test]
fn a_stored_run_of_a_program_is_repeated_only_on_purpose() {
    let scene = cubes("");
    exported(&program(
        &scene,
        "-j 2 -r 8 --export run.json --export json:-",
    ));

    let refused = scene.run("check --baseline run.json");
    assert_eq!(
        refused.error(),
        "run.json holds the command `./cubes.py`, which is run as written there: use --allow-commands if you want that"
    );
    let allowed = scene.run("check --baseline run.json --allow-commands --tolerance 1000%");
    assert_ne!(allowed.code, Some(2), "{}", allowed.stderr);
}

/// What the test of the protocol says of the worker, and its exit code.
fn checked(scene: &Scene, line: &str) -> Finished {
    scene.run(&format!("program --check-protocol {line}"))
}

/// The rules that failed.
fn broken(finished: &Finished) -> Vec<&str> {
    let lines = finished.stdout.lines();

    lines
        .filter_map(|line| line.strip_prefix("FAILED    "))
        .collect()
}

#[test]
fn good_workers_follow_every_rule_of_the_protocol() {
    let scene = cubes("");
    let params = "{\"samples\":1000,\"tasks\":4,\"seed\":42}";
    let parbench = env!("CARGO_BIN_EXE_parbench");

    for line in [
        "-- ./cubes.py".to_owned(),
        format!("--workload pi --params {params} -- {parbench} worker"),
    ] {
        let finished = checked(&scene, &line);
        assert_eq!(finished.code, Some(0), "{}", finished.stdout);
        let rules = finished.stdout.matches("ok        ").count();
        assert!(
            finished
                .stdout
                .ends_with(&format!("\n{rules} ok, 0 failed, 0 untested\n")),
            "{}",
            finished.stdout
        );
        assert!(rules > 15, "{}", finished.stdout);
    }
}

#[test]
fn each_fault_breaks_its_rule_and_nothing_hangs() {
    for (fault, rule, why) in [
        ("old", "its first line is a hello", "expected version 2"),
        (
            "listed",
            "its first line is a hello",
            "[2] came; expected a line like",
        ),
        (
            "mute",
            "its first line is a hello",
            "nothing came within 3 s",
        ),
        (
            "bare",
            "a task is answered by",
            "{\"id\":3} came; expected partial",
        ),
        (
            "nonsense",
            "a task is answered by",
            "[\"nonsense\"] came; expected a JSON object",
        ),
        (
            "differs",
            "another process and another order",
            "as task 5 had before",
        ),
        (
            "dies",
            "another process and another order",
            "saying \"out of luck\"",
        ),
        (
            "hangs",
            "another process and another order",
            "nothing came within 3 s",
        ),
        (
            "fragile",
            "a line that is no JSON",
            "it ended with exit status: 1",
        ),
        (
            "chatty",
            "the end of its input",
            "expected answers to the 4 requests",
        ),
        ("deaf", "the end of its input", "nothing came within 3 s"),
        ("careless", "a task that does not exist", "expected error"),
    ] {
        breaks(fault, rule, why);
    }
}

#[test]
fn requests_of_every_form_are_taken_as_the_rules_say() {
    for (fault, rule, why) in [
        (
            "explicit",
            "a request without do and task",
            "there is nothing to do",
        ),
        ("slowly", "with a slowdown", "1 came; expected 0"),
        (
            "forgetful",
            "a worker that keeps parameters",
            "it ended with exit status: 1",
        ),
        ("float", "describe is answered by", "amount (an integer)"),
    ] {
        breaks(fault, rule, why);
    }
}

/// Tests the worker with this fault, which must break the rule, and say why.
#[cfg(test)]
fn breaks(fault: &str, rule: &str, why: &str) {
    // What hangs takes all of its time; what does not may take longer to start beside other programs.
    let limit = match fault {
        "mute" | "hangs" | "deaf" => "3s",
        _ => "1m",
    };
    let line = format!("--task-timeout {limit} -- ./cubes.py");
    let finished = checked(&cubes(fault), &line);
    assert_eq!(finished.code, Some(2), "{fault}: {}", finished.stdout);
    let broken = broken(&finished);
    assert!(
        broken
            .iter()
            .any(|line| line.starts_with(rule) && line.contains(why)),
        "{fault}: {}",
        finished.stdout
    );
}

#[test]
fn a_worker_that_takes_the_end_of_its_input_for_requests_is_not_heard_forever() {
    let finished = checked(&cubes("endless"), "--task-timeout 1m -- ./cubes.py");

    assert_eq!(finished.code, Some(2), "{}", finished.stdout);
    let broken = broken(&finished);
    assert!(broken[0].starts_with("the end of its input"), "{broken:?}");
}

#[test]
fn a_program_that_cannot_be_tested_is_one_line_or_leaves_the_other_rules_open() {
    let scene = cubes("");

    let missing = checked(&scene, "-- ./nothing");
    assert_eq!(missing.error(), "there is no program ./nothing");
    let none = checked(&scene, "-- true");
    assert_eq!(
        (none.code, broken(&none).len()),
        (Some(2), 1),
        "{}",
        none.stdout
    );
    assert!(none.stdout.contains("0 ok, 1 failed, "), "{}", none.stdout);
    let many = checked(&scene, "--params {\"n\":2000} -- ./cubes.py");
    assert_eq!(many.code, Some(0), "{}", many.stdout);
    assert!(many.stdout.contains("untested  combine"), "{}", many.stdout);
}
