//! `python` on the engine `ray`: tasks and actors of a function that lives in the user's file alone, on
//! a local Ray and on a cluster of several nodes.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::cluster::{Cluster, alone, python, scene};
use super::harness::Scene;

const FUNCTIONS: &str = "
import math, os, sys, time, types

ghost = sys.modules['ghost'] = types.ModuleType('ghost')
ghost.double = lambda x: 2 * x

def square(x): return x * x
def shout(word): return word.upper()
def haunted(x): return ghost.double(x)
def logarithms(x): return math.log2(x + 1) + math.log10(x + 1)
def nap(x):
    time.sleep(1e-5)
    return 2 * x
def threads(x): return os.environ.get('OMP_NUM_THREADS')
def picky(x):
    if any('default_worker' in word for word in sys.orig_argv): raise ValueError('not here')
    return x
";

fn with_functions(scene: Scene) -> Scene {
    scene.write("f.py", FUNCTIONS);
    scene
}

/// As a user has it: no settings of Ray.
fn functions() -> Scene {
    let path = std::env::var("PATH").unwrap();
    let scene = Scene::new().env("PATH", &path);

    with_functions(scene.env("PARBENCH_PYTHON", python().to_str().unwrap()))
}

/// The digests that runs of `shout` on the engines of `flags` found, which must be one.
#[cfg(test)]
fn arms(scene: &Scene, flags: &str) -> Vec<String> {
    // Words: calls that do nothing must not be calls of the function with something else.
    let line = format!("python f.py:shout --items ['a','b']*20 -r 2 {flags}");
    let run: Value = scene.exported(&line);
    let arms = run["measurements"][0]["arms"].as_array().unwrap();
    let name = |arm: &Value| format!("{} {}", arm["engine"].as_str().unwrap(), arm["workers"]);
    arms.iter().map(name).collect()
}

#[test]
fn tasks_and_actors_call_the_function_on_a_local_ray() {
    let _turn = alone();
    let scene = functions();

    for flags in [
        "-e ray -j 1,2",
        "-e ray -j 2 --ray-actors",
        "-e ray -j 2 --chunk 7",
    ] {
        let found = arms(&scene, flags);
        assert_eq!(
            found.first().map(String::as_str),
            Some("serial 1"),
            "{flags}"
        );
        assert_eq!(found.last().map(String::as_str), Some("ray 2"), "{flags}");
    }
    // What Ray sets in its workers is what every arm has.
    let run =
        scene.exported("python f.py:threads --items [1] -r 1 -e ray -j 1 --threads-per-task 2");
    assert!(run["measurements"][0]["functions"][0]["digest"].is_string());
}

#[test]
fn workers_of_ray_import_what_lies_beside_the_file() {
    let _turn = alone();
    let scene = functions();
    scene.write("below/helper.py", "OFFSET = 7");
    scene.write(
        "below/g.py",
        "import helper\ndef f(x): return x + helper.OFFSET",
    );

    let run = scene.exported("python below/g.py:f --items [1,2] -r 1 -e ray -j 1");
    let ray = &run["measurements"][0]["arms"][1];
    assert_eq!(ray["engine"], "ray");
    // A local Ray takes more than a second to start, and joining one less: both are its start-up.
    assert!(ray["startup_s"].as_f64().unwrap() > 1.0, "{ray}");
}

#[test]
fn a_cluster_gets_the_function_and_has_as_many_workers_as_cpus() {
    let cluster = Cluster::start(2);
    let scene = with_functions(scene());
    let on = format!("-e ray -j 2 --ray-address {}", cluster.address);

    assert_eq!(arms(&scene, &on), ["serial 1", "ray 2"]);
    let many = scene.run(&format!(
        "python f.py:square --items range(4) -e ray -j 3 -r 1 --ray-address {}",
        cluster.address
    ));
    assert_eq!(
        many.error(),
        "python: 3 workers are more than the 2 CPUs of the Ray cluster: use a smaller -j"
    );
}

#[test]
fn what_only_fails_on_ray_is_reported_in_a_line() {
    let _turn = alone();
    let scene = functions();
    for (function, why) in [
        ("picky", "ValueError: not here"),
        ("haunted", "ModuleNotFoundError: No module named 'ghost'"),
    ] {
        let line = format!("python f.py:{function} --items range(4) -e ray -j 1 -r 1");
        let done = scene.run(&line);
        let error = done.error();
        assert!(
            error.starts_with("python: ray 1: item 1 (0) raises ") && error.contains(why),
            "{error}"
        );
    }
}

/// What the run of `function` with `flags` on two workers has of each arm beside the plain loop, and
/// what it said.
#[cfg(test)]
fn concluded(scene: &Scene, function: &str, flags: &str) -> (Vec<Value>, String) {
    let line = format!("python f.py:{function} -j 2 -r 6 --export run.json {flags}");
    let done = scene.run(&line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();

    // A local Ray has a measurement of its own.
    let measurements = run["measurements"].as_array().unwrap().iter();
    let arms = measurements.flat_map(|one| &one["summary"]["arms"].as_array().unwrap()[1..]);
    (arms.cloned().collect(), done.flowing())
}

/// `github.com/ray-project/ray/issues/21343`: two logarithms of a thousand numbers take 0.035 s on a pool of
/// processes and 0.81 s on Ray's. The plain loop takes less than either.
#[test]
fn logarithms_pay_neither_on_processes_nor_on_ray() {
    let _turn = alone();
    let scene = functions();
    let (arms, said) = concluded(&scene, "logarithms", "--items range(1000) -e processes,ray");

    assert_eq!(arms.len(), 2);
    for arm in arms {
        assert_eq!(arm["verdict"], "does-not-pay", "{arm}");
    }
    assert!(
        said.contains("use 1 worker") && !said.contains("use 2"),
        "{said}"
    );
    assert!(said.contains("handing one out"), "{said}");
}

/// The Ray documentation's tasks that are too small: 10,000 naps take 0.165 s in a loop, 1.606 s as a
/// task each, and 0.030 s in tasks of 1,000.
#[test]
fn naps_pay_on_ray_in_batches_only() {
    let _turn = alone();
    let scene = functions();
    let speedup = |flags: &str| {
        let flags = format!("--items range(600) -e ray {flags}");
        let (arms, said) = concluded(&scene, "nap", &flags);
        let is_disturbed = arms[0]["busy_machine"] == true;
        (arms[0]["speedup"].as_f64().unwrap(), is_disturbed, said)
    };

    let (one_by_one, is_disturbed, said) = speedup("--chunk 1");
    assert!(one_by_one < 0.9 || is_disturbed, "{one_by_one}: {said}");
    let (in_batches, is_disturbed, said) = speedup("--chunk 150");
    assert!(in_batches > 1.1 || is_disturbed, "{in_batches}: {said}");
}
