//! `python`: functions of the user's own on the pools of the standard library, their failures by name,
//! and public cases whose verdict and cause are known.
#![cfg(target_os = "linux")]

use std::process::Command;

use serde_json::Value;

use super::harness::{Finished, Scene, ended, repository, started};
use super::processes::{descendants, signal, until};
use super::venv;

/// Functions of every kind.
const FUNCTIONS: &str = r#"
import math, multiprocessing, os, random, sys, threading, time

def square(x): return x * x
def root(x): return math.sqrt(x ** 2)
def power(x): return (x ** x).bit_length()
def fibonacci(n): return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
def row(numbers): return [x + 1 for x in numbers]
def nap(x): time.sleep(0.001); return 2 * x
def add(x, y=0, z=0): return x + y + z
def answer(): return 42
def varying(x): return random.random()
def nearly(x): return x / 3 * (1 if threading.current_thread() is threading.main_thread() else 1 + 1e-12)
def process_of(x): return os.getpid()
def noisy(x): print("working on", x); return x
def picky(x):
    if x == 7: raise ValueError("seven\nis bad")
    return x
def quitting(x):
    if x == 3: sys.exit(4)
    return x
def interrupted(x): raise KeyboardInterrupt
def dying(x):
    if x == 3: os._exit(9)
    return x
def made(x): return lambda: x
def hanging(x):
    if multiprocessing.parent_process(): time.sleep(1000)
    return x
small = lambda x: x + 1
class Group:
    @staticmethod
    def double(x): return 2 * x
constant = 3
"#;

fn scene() -> Scene {
    let path = std::env::var("PATH").unwrap();
    let scene = Scene::new().env("PATH", &path);
    scene.write("f.py", FUNCTIONS);
    scene
}

/// Runs `python` with the words of `flags`, and then `items` as they are.
fn python(scene: &Scene, flags: &str, items: &str) -> Finished {
    let mut command = scene.command(&format!("python {flags}"));
    Finished::from(command.args(["--items", items]).output().unwrap())
}

/// The run that `python` exports.
#[cfg(test)]
fn exported(scene: &Scene, flags: &str, items: &str) -> Value {
    let done = python(scene, &format!("{flags} --export json:-"), items);
    assert_eq!(done.code, Some(0), "{flags}: {}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn a_function_runs_in_the_plain_loop_and_on_pools_of_threads_and_processes() {
    let scene = scene();
    let run = exported(
        &scene,
        "f.py:square -e threads,processes -j 1,2 -r 2",
        "range(20)",
    );

    let measurement = &run["measurements"][0];
    let arms: Vec<String> = measurement["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| format!("{} {}", arm["engine"].as_str().unwrap(), arm["workers"]))
        .collect();
    assert_eq!(
        arms,
        [
            "serial 1",
            "threads 1",
            "threads 2",
            "processes 1",
            "processes 2"
        ]
    );
    assert_eq!(measurement["tasks"], 20);
    assert_eq!(measurement["work"]["unit"], "calls");
    assert!(measurement["arms"][3]["startup_s"].as_f64().unwrap() > 0.0);
    let detail = measurement["arms"][3]["detail"].as_str().unwrap();
    assert!(detail.starts_with("start method "), "{detail}");

    // What Python itself says of the same values.
    let script = "import pickle, hashlib; print(hashlib.sha256(b''.join(hashlib.sha256(pickle.dumps(x * x, 4)).digest() for x in range(20))).hexdigest())";
    let said = std::process::Command::new("python3")
        .args(["-c", script])
        .output()
        .unwrap();
    let digest = String::from_utf8(said.stdout).unwrap();
    assert_eq!(measurement["functions"][0]["digest"], digest.trim());
    assert!(measurement["functions"][0]["sent_bytes"].as_u64().unwrap() >= 20);
}

#[test]
fn what_is_no_pure_task_is_refused_by_its_item() {
    let scene = scene();
    for (function, message) in [
        ("picky", "item 8 (7) raises ValueError: seven is bad"),
        ("quitting", "item 4 (3) raises SystemExit: 4"),
        ("interrupted", "item 1 (0) raises KeyboardInterrupt"),
        ("dying", "python3 ended in item 4 with exit status: 9"),
        (
            "noisy",
            "item 1 (0) prints 'working on 0': lines of several workers would mix; return it, or give --may-print",
        ),
        (
            "small",
            "processes needs a function that other processes can import by its name, and this is a lambda; write it with def at the top level of its file",
        ),
        (
            "made",
            "processes cannot return the result of item 1 (0): it cannot be pickled",
        ),
        (
            "missing",
            "there is no missing in f.py: it has square, root, power, fibonacci, row, nap, add, answer",
        ),
        (
            "constant",
            "constant in f.py is int, which cannot be called: name a function",
        ),
        ("process_of", "processes 2: item 1 (0) is"),
        (
            "add --args [1,2,3]",
            "add takes 2 arguments beside the item, and --args gives 3",
        ),
    ] {
        let done = python(&scene, &format!("f.py:{function} -j 2 -r 2"), "range(10)");
        let error = done.error();
        assert!(
            error.starts_with(&format!("python: {message}")),
            "{function}: {error}"
        );
    }
    assert_eq!(
        scene.names(),
        ["__pycache__", "f.py"],
        "as any import leaves it"
    );
}

#[test]
fn items_and_arguments_that_cannot_be_are_refused() {
    let scene = scene();
    scene.write("list.json", "{\"a\": 1}");
    scene.write("json.py", "def f(x): return x");
    for (line, message) in [
        (
            "f.py:square --items 1/0",
            "cannot make the items of 1/0: ZeroDivisionError: division by zero",
        ),
        ("f.py:square --items []", "there are no items: [] is empty"),
        (
            "f.py:square --items-file none.json",
            "cannot read the items of none.json: ",
        ),
        (
            "f.py:square --items-file list.json",
            "list.json holds no list: write the items as [1, 2, 3]",
        ),
        (
            "square --items [1]",
            "square names no function: write it as FILE.py:FUNCTION",
        ),
        (
            "json.py:f --items [1]",
            "json.py has the name of a module of Python or of parbench's driver: rename it",
        ),
        (
            "f.py:square --items [1] --python ./no-python",
            "there is no ./no-python: install Python 3",
        ),
        (
            "f.py:square --items [1] --python false",
            "false ended in its first line with exit status: 1",
        ),
        (
            "f.py:square --items [1] -e interpreters",
            "interpreters needs Python 3.14",
        ),
        (
            "f.py:square --items [1] -e joblib",
            "this Python has no joblib: install it (pip install joblib)",
        ),
        (
            "f.py:square --items [1] --scale weak",
            "engine processes cannot run python: ",
        ),
    ] {
        let done = scene.run(&format!("python {line} -j 2 -r 1"));
        let error = done.error();
        assert!(error.contains(message), "{line}: {error}");
    }
}

#[test]
fn a_file_that_cannot_be_imported_is_named_with_its_line() {
    let scene = scene();
    scene.write("broken.py", "def f(x)\n");
    scene.write("lacking.py", "import os\nimport no_such\n");
    scene.write("deeper.py", "\n\nimport lacking\n");

    for (file, message) in [
        ("none.py", "FileNotFoundError"),
        ("broken.py", "line 1: SyntaxError"),
        (
            "lacking.py",
            "line 2: ModuleNotFoundError: No module named 'no_such'",
        ),
        ("deeper.py", "line 3: ModuleNotFoundError"),
    ] {
        let refused = python(&scene, &format!("{file}:f -r 1"), "[1]");
        let error = refused.error();
        let expected = format!("cannot import {file}: {message}");
        assert!(error.contains(&expected), "{error}");
    }
}

#[test]
fn flags_that_cannot_be_are_refused() {
    let scene = scene();
    for (line, message) in [
        ("f.py:square", "--items"),
        ("f.py:square --items [1] --args 5", "must be a JSON list"),
        ("f.py:square --items [1] --chunk 0", "or auto"),
        ("f.py:square --items [1] --compare close", "approx"),
        ("f.py:square --items [1] -e pool", "threads"),
    ] {
        let done = scene.run(&format!("python {line}"));
        assert_eq!(done.code, Some(2), "{line}");
        assert!(done.stderr.contains(message), "{line}: {}", done.stderr);
    }
    let several = scene.run("pi --python a,b -e ray -r 1");
    assert!(
        several
            .error()
            .contains("only the workload `python` compares them")
    );
}

#[test]
fn calls_take_the_arguments_that_are_given() {
    let scene = scene();
    let digest = |line: &str| {
        let run = scene.exported(&format!("python {line} -e threads,processes -j 2 -r 1"));
        run["measurements"][0]["functions"][0]["digest"].clone()
    };

    scene.write("items.json", "\u{feff}[10, 11]");
    let listed = digest("f.py:add --items [15,16]");
    assert_eq!(
        digest("f.py:add --items-file items.json --args [2,3]"),
        listed
    );
    assert_eq!(digest("f.py:add --items [10,11] --args {\"z\":5}"), listed);
    assert_eq!(
        digest("f.py:answer --repeat 3"),
        digest("f.py:add --items [42]*3")
    );
    assert_eq!(
        digest("f.py:add --repeat 2 --args [7,8]"),
        digest("f.py:add --items [15]*2")
    );
    assert_eq!(
        digest("f.py:Group.double --items [4]"),
        digest("f.py:add --items [8] --chunk auto")
    );
}

#[test]
fn results_that_vary_are_said_once_and_near_ones_can_be_enough() {
    let scene = scene();
    let done = python(&scene, "f.py:varying -e threads -j 2 -r 2", "range(4)");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = "results vary from pass to pass, so they are not compared: item 1 (0) is ";
    assert_eq!(done.flowing().matches(said).count(), 1, "{}", done.stdout);

    let exact = python(&scene, "f.py:nearly -e threads -j 2 -r 2", "[1]");
    assert!(
        exact
            .error()
            .starts_with("python: threads 2: item 1 (1) is 0.333")
    );
    for compare in ["approx:1e-9", "none"] {
        let flags = format!("f.py:nearly -e threads -j 2 -r 2 --compare {compare}");
        assert_eq!(python(&scene, &flags, "[1]").code, Some(0), "{compare}");
    }
}

#[test]
fn a_stored_run_calls_the_function_again_only_where_the_user_agrees() {
    let scene = scene();
    let stored = python(
        &scene,
        "f.py:square -e threads -j 2 -r 14 --export base.json",
        "range(50)",
    );
    assert_eq!(stored.code, Some(0), "{}", stored.stderr);

    let refused = scene.run("check --baseline base.json");
    assert!(
        refused.error().contains("python3 f.py:square"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.error().contains("--allow-commands"),
        "{}",
        refused.stderr
    );

    let agreed = scene.run("check --baseline base.json --allow-commands");
    assert!(matches!(agreed.code, Some(0 | 1)), "{}", agreed.stderr);
    let shown = scene.run("report base.json");
    assert!(
        shown
            .flowing()
            .contains("50 calls of f.py:square on CPython 3."),
        "{}",
        shown.stdout
    );
}

#[test]
fn a_call_that_hangs_is_given_up_and_leaves_no_process() {
    let scene = scene();
    let done = python(
        &scene,
        "f.py:hanging -j 2 -r 1 --task-timeout 1s",
        "range(2)",
    );
    let error = done.error();
    // A second, and a moment for each call.
    let beginning = "python: python3 gave no answer to a pass on processes within 1.0";
    assert!(
        error.starts_with(beginning) && error.ends_with(" s; use a longer --task-timeout"),
        "{error}"
    );
}

#[test]
fn an_interrupt_ends_the_python_and_its_workers() {
    let scene = scene();
    let line = "python f.py:nap --items range(300) -e processes,threads -j 2 -r 1000 -v";
    let (child, stdout, text) = started(&scene, line, "round 2:");
    let all = descendants(child.id());
    assert!(all.len() >= 3, "a Python and two workers: {all:?}");
    signal(child.id(), "INT");

    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!(code, Some(130), "{errors}");
    assert!(text.contains("interrupted"), "{text}");
    until(|| {
        all.iter()
            .all(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists())
            .then_some(())
    });
}

#[test]
fn several_pythons_are_compared_with_the_fastest_plain_loop() {
    let scene = scene();
    let python = std::process::Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    let python = String::from_utf8(python.stdout).unwrap();
    let line = format!(
        "f.py:square -e threads -j 2 -r 8 --python python3,{}",
        python.trim()
    );
    let run = exported(&scene, &line, "range(10)");

    let measurement = &run["measurements"][0];
    let engines: Vec<&str> = measurement["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| arm["engine"].as_str().unwrap())
        .collect();
    let other = format!("@{}", python.trim());
    assert_eq!(
        engines,
        [
            "serial@python3",
            &format!("serial{other}"),
            "threads@python3",
            &format!("threads{other}")
        ],
        "one version, so the paths tell them apart"
    );
    assert!(measurement["reference"].as_u64().unwrap() < 2);
    assert_eq!(measurement["functions"].as_array().unwrap().len(), 2);

    // A check keeps the reference, whichever loop is the fastest then.
    for reference in [0, 1] {
        let mut stored = run.clone();
        stored["measurements"][0]["reference"] = reference.into();
        scene.write("base.json", stored.to_string());
        let line = "check --baseline base.json --allow-commands --no-confirm --tolerance 1000%";
        let checked = scene.exported(&format!("{line} -q"));
        assert_eq!(checked["measurements"][0]["reference"], reference);
    }
}

/// A Python with the libraries that functions and engines use.
#[cfg(test)]
fn scene_with_libraries() -> Scene {
    let python = venv::python("functions");

    scene().env("PARBENCH_PYTHON", python.to_str().unwrap())
}

#[test]
fn joblib_and_dask_call_the_function_as_their_users_do() {
    let scene = scene_with_libraries();
    for flags in ["", "--chunk 6", "--chunk auto"] {
        let line = format!("f.py:square -e joblib,dask -j 2 -r 2 {flags}");
        let run = exported(&scene, &line, "range(20)");
        let arms = run["measurements"][0]["arms"].as_array().unwrap();
        let details: Vec<&str> = arms[1..]
            .iter()
            .map(|arm| arm["detail"].as_str().unwrap())
            .collect();
        assert!(
            details[0].starts_with("joblib ") && details[1].starts_with("dask "),
            "{details:?}"
        );
    }
}

#[test]
fn dask_hands_out_no_more_at_once_than_it_is_told() {
    let scene = scene_with_libraries();
    // Each call waits for the other one, in another process.
    scene.write(
        "meeting.py",
        "import multiprocessing, os, pathlib
def meet(item):
    here, there = (pathlib.Path(__file__).with_name(f'here{number}') for number in (item, 1 - item))
    if multiprocessing.parent_process():
        here.touch()
        while not there.exists():
            os.sched_yield()
    return item
",
    );

    let line = "meeting.py:meet -e dask -j 2 -w 0 -r 1 --chunk 1 --task-timeout 2m";
    let run = exported(&scene, line, "[0, 1]");
    assert_eq!(run["measurements"][0]["arms"][1]["engine"], "dask");
}

#[test]
fn arrays_are_compared_and_their_bytes_are_what_travels() {
    let scene = scene_with_libraries();
    scene.write(
        "arrays.py",
        "import numpy\ndef halves(n): return numpy.arange(n) / 2\ndef pairs(n): return {n: numpy.ones(n)}\n",
    );
    for function in ["halves", "pairs"] {
        let flags = format!("arrays.py:{function} -e threads,processes -j 2 -r 1");
        let run = exported(&scene, &flags, "[1000, 2000]");
        let bytes = &run["measurements"][0]["functions"][0]["returned_bytes"];
        assert!(
            (24_000..25_000).contains(&bytes.as_u64().unwrap()),
            "{bytes}"
        );
        let near = format!("{flags} --compare approx:1e-12");
        assert_eq!(python(&scene, &near, "[10]").code, Some(0), "{function}");
    }
}

#[test]
fn rows_of_lists_do_not_pay_since_they_travel() {
    // 500,000 rows of 20 numbers, on 4 processes slower than the loop.
    let scene = scene();
    let flags = "f.py:row -e processes -j 2 -r 8 --chunk auto";
    let said = conclusions(&scene, flags, "[list(range(20))] * 20000");
    let travels = said.contains("travel between processes (pickling)");
    let is_cause = travels || said.contains("no batch pays: moving the data of a call takes");
    let does_not_pay = said.contains("does not pay");
    assert!((does_not_pay && is_cause) || is_disturbed(&said), "{said}");
}

#[test]
fn recursive_functions_in_threads_take_turns_under_the_lock() {
    // winpython#1339: fib(30) in a pool of threads gains nothing with the lock.
    let scene = scene();
    let said = conclusions(&scene, "f.py:fibonacci -e threads -j 2 -r 8", "[20] * 16");
    assert!(!said.contains("use 2 workers"), "{said}");
    let is_cause = said.contains("take turns under Python's global lock (GIL)");
    assert!(is_cause || is_disturbed(&said), "{said}");
}

/// Whether other programs were in the way, so that no cause is named.
fn is_disturbed(said: &str) -> bool {
    [" pay now", "pays now", "not resolved now"]
        .iter()
        .any(|verdict| said.contains(verdict))
}

/// The sentences that conclude from public cases. A neighbour would be blamed for what is slow, so
/// that causes are asked of the stored run's function, which knows them in spite of it.
#[cfg(test)]
fn conclusions(scene: &Scene, flags: &str, items: &str) -> String {
    let done = python(scene, flags, items);
    assert_eq!(done.code, Some(0), "{flags}: {}", done.stderr);
    done.flowing()
}

#[test]
fn square_roots_do_not_pay_since_handing_them_out_takes_longer() {
    // joblib#1105: 0.465 s in the loop, 39.7 s in parallel.
    let scene = scene();
    let said = conclusions(
        &scene,
        "f.py:root -e processes,threads -j 2 -r 8",
        "range(2000)",
    );
    assert!(said.contains("does not pay"), "{said}");
    assert!(said.contains("use 1 worker"), "{said}");
    assert!(said.contains("handing one out"), "{said}");
}

#[test]
fn long_powers_pay_on_processes() {
    // joblib#533: 25.5 s in the loop, 6.9 s on 4 processes.
    let scene = scene();
    let run = exported(
        &scene,
        "f.py:power -e processes -j 2 -r 12",
        "range(4000, 4900)",
    );
    let arm = &run["measurements"][0]["summary"]["arms"][1];
    // Two processes have a core each, unless other programs have it.
    let is_disturbed = arm["busy_machine"] == true;
    assert!(
        arm["speedup"].as_f64().unwrap() > 1.2 || is_disturbed,
        "{arm}"
    );
}

#[test]
fn threads_do_not_pay_beside_those_of_a_library() {
    // numpy#13136: in a pool of threads that share the cores with BLAS's, the same takes longer.
    let scene = scene_with_libraries();
    let product = "import numpy\nSIDE = 500\nFACTOR = numpy.ones((SIDE, SIDE))\n\
                   def product(n): return float((FACTOR @ FACTOR)[n, n])\n";
    scene.write("blas.py", product);
    let flags = "blas.py:product -e threads -j 2 -r 8 --threads-per-task 2";
    let said = conclusions(&scene, flags, "range(20)");

    assert!(!said.contains("use 2 workers"), "{said}");
    let is_cause = said.contains("the plain loop keeps") && said.contains("--threads-per-task 1");
    assert!(is_cause || is_disturbed(&said), "{said}");
}

#[test]
fn naps_pay_on_threads_and_more_so_in_larger_numbers() {
    // The Ray documentation's too fine-grained tasks wait, and do not compute.
    let scene = scene();
    let run = exported(&scene, "f.py:nap -e threads -j 2,8 -r 8", "range(64)");
    let arms = run["measurements"][0]["summary"]["arms"]
        .as_array()
        .unwrap();
    let speedups: Vec<f64> = arms[1..]
        .iter()
        .map(|arm| arm["speedup"].as_f64().unwrap())
        .collect();
    assert!(speedups[0] > 1.2 && speedups[1] > 2.4, "{speedups:?}");
}

#[test]
fn the_comparison_with_hand_written_pools_runs_both_sides() {
    let bench = repository().join("benches/python/arms.py");
    let output = Command::new("python3")
        .arg(bench)
        .args(["--tasks", "4", "--task-ms", "0.1"])
        .args(["--rounds", "1", "--workers", "2"])
        .output()
        .unwrap();
    let done = Finished::from(output);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let arms = done.stdout.lines().skip(2);
    let arms: Vec<_> = arms
        .map(|line| line.split(" ms |").next().unwrap())
        .collect();
    let [threads, resting, spinning] = &arms[..] else {
        panic!("{}", done.stdout)
    };
    assert!(threads.starts_with("| threads 2 | rest | "), "{threads}");
    assert!(resting.starts_with("| processes 2 | rest | "), "{resting}");
    assert!(
        spinning.starts_with("| processes 2 | spin | "),
        "{spinning}"
    );
}
