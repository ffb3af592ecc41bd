//! How `--engine ray` starts: what it leaves on nodes and in the user's folders, and whom it can
//! join.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use super::cluster::{Cluster, alone, python, scene};
use super::harness::{Scene, repository};
use super::process::check_spans;

/// Notes in `starts` of the scene's folder every start of the program that holds a local Ray.
const NOTE_STARTS: &str = "
import os, sys
if sys.orig_argv[-1].rstrip().endswith(', \"local\")'):
    with open(os.environ['STARTS'], 'a') as file:
        file.write('started\\n')
";

/// Runs tests in Python that need no Ray.
#[track_caller]
fn passes(script: &str) {
    let script = repository().join("tests/it").join(script);
    let output = Command::new("python3").arg(script).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_node_deletes_and_runs_only_programs_of_its_own() {
    passes("ray_folder.py");
}

#[test]
fn the_memory_of_each_machine_counts() {
    passes("ray_memory.py");
}

#[test]
fn one_ray_serves_a_whole_run_and_leaves_the_home_and_the_temporary_folder_as_they_were() {
    let _turn = alone();
    // Ray's sockets are below it, and their paths must be short.
    let temporary = tempfile::tempdir_in("/tmp").unwrap();
    let uid = fs::metadata(temporary.path()).unwrap().uid();
    let scene = Scene::new();
    scene.write("modules/sitecustomize.py", NOTE_STARTS);
    fs::create_dir(scene.path("home")).unwrap();
    let (modules, starts) = (scene.path("modules"), scene.path("starts"));

    // As a user has it: no settings of Ray, and no token.
    let scene = scene
        .env("PATH", &std::env::var("PATH").unwrap())
        .env("PARBENCH_PYTHON", python().to_str().unwrap())
        .env("PYTHONPATH", modules.to_str().unwrap())
        .env("STARTS", starts.to_str().unwrap())
        .env("TMPDIR", temporary.path().to_str().unwrap());
    let small = "--fib-size 100 --fib-tasks 2 --pi-samples 1000 --pi-tasks 2 --image-count 2 --image-side 300";
    let run = scene.exported(&format!(
        "all {small} --engine ray -j 1,2 -w 0 -r 2 -q --store-spans"
    ));

    let measurements = run["measurements"].as_array().unwrap();
    assert_eq!(measurements.len(), 3);
    for measurement in measurements {
        let arms = measurement["arms"].as_array().unwrap();
        let workers: Vec<_> = arms.iter().map(|arm| arm["workers"].clone()).collect();
        assert_eq!(
            workers,
            [1, 1, 2],
            "the plain loop, and two arms of one Ray"
        );
        check_spans(measurement);
        check_nodes(measurement);
    }
    assert_eq!(scene.read("starts"), "started\n");
    assert_eq!(fs::read_dir(scene.path("home")).unwrap().count(), 0);
    let left = fs::read_dir(temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert_eq!(
        left.collect::<Vec<_>>(),
        [format!("parbench-{uid}").as_str()]
    );
}

#[test]
fn auto_joins_the_cluster_that_ray_names() {
    let cluster = Cluster::start(1);
    let line = "pi --samples 1000 --tasks 1 --engine ray --ray-address auto -j 1 -w 0 -r 2 -q";
    // As Ray sets it for a submitted job.
    let run = scene().env("RAY_ADDRESS", &cluster.address).exported(line);
    assert_eq!(
        run["measurements"][0]["arms"][1]["placement"]["nodes"][0]["slots"],
        1
    );
}

#[test]
fn a_cluster_with_a_token_names_what_to_set() {
    let cluster = Cluster::start(1);
    let line = format!(
        "pi --samples 1000 --engine ray --ray-address {} -j 1 -r 2",
        cluster.address
    );
    let finished = scene().env("RAY_AUTH_MODE", "disabled").run(&line);
    for word in [
        &cluster.address,
        "RAY_AUTH_MODE=token",
        "RAY_AUTH_TOKEN",
        "~/.ray/auth_token",
    ] {
        assert!(finished.error().contains(word), "{}", finished.stderr);
    }
}

#[test]
fn workers_and_tasks_that_nobody_chose_are_those_of_the_cluster() {
    let cluster = Cluster::start(3);
    let here = std::thread::available_parallelism().unwrap().get();
    let line = format!(
        "pi --samples 1000 --engine ray --ray-address {} -w 0 -r 2 -q",
        cluster.address
    );
    let scene = scene();
    let run = scene.exported(&line);
    let measurement = &run["measurements"][0];
    assert_eq!(
        (&measurement["arms"][1]["workers"], &measurement["tasks"]),
        (&3.into(), &3.into()),
        "{here} CPUs here"
    );
    assert_eq!(
        measurement["arms"][1]["placement"]["cluster"],
        serde_json::json!({ "kind": "joined", "nodes": 4, "cpus": 3 })
    );
    assert!(measurement["arms"][1]["placement"]["nodes"][0]["model"].is_string());

    // Checked without its cluster, it is refused before anything is measured.
    scene.write("cluster.json", run.to_string());
    let refused = scene.run("check --baseline cluster.json");
    for word in [
        "cluster.json",
        "a cluster of 4 nodes with 3 CPUs",
        "--ray-address",
    ] {
        assert!(refused.error().contains(word), "{}", refused.stderr);
    }

    // With another engine beside it, this machine's CPUs count.
    let both = scene.exported(&line.replace("--engine ray", "--engine pool,ray -j 1"));
    assert_eq!(both["measurements"][0]["tasks"], here);
}

/// Every task ran on a node that the arm has.
fn check_nodes(measurement: &serde_json::Value) {
    let array = |value: &serde_json::Value| value.as_array().unwrap().clone();
    let arms = array(&measurement["arms"]);

    for round in array(&measurement["rounds"]) {
        for (arm, time) in arms.iter().zip(array(&round["times"])).skip(1) {
            let nodes = array(&arm["placement"]["nodes"]);
            for span in array(&time["spans"]) {
                assert!(
                    nodes
                        .iter()
                        .any(|node| node["number"] == span["node"] && span["node"].is_u64()),
                    "{span} of {nodes:?}"
                );
            }
        }
    }
}
