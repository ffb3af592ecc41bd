//! The engine `ray` with another program in place of the Python that drives Ray: what it does when
//! that program stands still, or has fewer slots than it should. No Ray is needed for that.
#![cfg(target_os = "linux")]

use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use super::harness::{Scene, repository};
use super::peers::script;
use super::processes::{runs, until};
use super::ray::slots_of_rounds;

/// Something that listens like the head of a cluster, and its address.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();

    (listener, address)
}

/// The flags for a stand-in with these arguments, at `address`.
fn stand_in(scene: &Scene, address: &str, arguments: &str) -> String {
    let program = repository().join("tests/it/ray_stand_in.py");
    let line = format!("exec python3 {} {arguments}", program.display());
    let python = script(scene, "stand-in.sh", &line);

    format!("--engine ray --ray-address {address} --python {python} -w 0")
}

fn scene() -> Scene {
    Scene::new().env("PATH", &std::env::var("PATH").unwrap())
}

#[test]
fn a_python_that_never_answers_is_given_up_with_what_it_has_started() {
    let scene = scene();
    let wrapper = script(
        &scene,
        "wrapper.sh",
        "sleep 100000 & echo $! >> pids\nsetsid sleep 100000 & echo $! >> pids\nwait",
    );
    let (_listener, address) = listener();

    // A Ray of the run, a cluster that is joined, and one that is asked for its CPUs first.
    for cluster in ["local -j 1", &format!("{address} -j 1"), &address] {
        let finished = scene.run(&format!(
            "pi --samples 1000 -r 2 --engine ray --ray-address {cluster} --python {wrapper} --start-timeout 1s"
        ));

        let error = finished.error();
        for words in [
            "did not import Ray within 1 s",
            "--python",
            "--start-timeout",
        ] {
            assert!(error.contains(words), "{cluster}: {error}");
        }

        for pid in scene.read("pids").lines() {
            let pid = pid.parse().unwrap();
            until(|| (!runs(pid)).then_some(()));
        }
        fs::remove_file(scene.path("pids")).unwrap();
    }
}

#[test]
fn a_python_that_stops_while_it_starts_is_given_up() {
    let (_listener, address) = listener();

    // Joining has a limit of its own, also where the cluster is only asked for its CPUs. After
    // that, signs of life are due, however much time starting may take.
    let late = ["cannot join", "within 2 s", "--start-timeout"];
    let silent = ["no sign of life", "for 5 s", "--task-timeout"];
    for (last, limits, words) in [
        ("hello", "-j 2 --start-timeout 2s", late),
        ("hello", "--start-timeout 2s", late),
        (
            "joined",
            "-j 2 --start-timeout 10m --task-timeout 5s",
            silent,
        ),
    ] {
        let scene = scene();
        let flags = stand_in(&scene, &address, &format!("{last} 2 4"));
        let finished = scene.run(&format!(
            "pi --samples 1000 --tasks 4 -r 2 {flags} {limits}"
        ));

        let error = finished.error();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
}

/// The stored run, and how many batches the stand-in did for it.
fn measured(slots: &str, line: &str) -> (Option<i32>, String, Value, usize) {
    let (_listener, address) = listener();
    let scene = scene();
    let flags = stand_in(&scene, &address, &format!("end {slots} 4"));

    let finished = scene.run(&format!(
        "{line} --tasks 4 -j 2 {flags} -q --export run.json"
    ));
    let run = serde_json::from_str(&scene.read("run.json")).unwrap();
    let batches = scene.read("batches").lines().count();

    (finished.code, finished.stderr, run, batches)
}

#[test]
fn a_round_with_fewer_slots_is_run_again_in_whichever_of_its_batches_one_was_missing() {
    // The tasks of a round are one batch, or each of them is, after one that wakes the workers.
    for (line, batches_of_a_round) in [
        ("pi --samples 1000 -r 3", 1),
        ("busy --shape awake -r 3", 5),
    ] {
        let full = "2,".repeat(batches_of_a_round);
        let (code, errors, run, batches) = measured(&format!("{full}1,2"), line);

        assert_eq!((code, errors.as_str()), (Some(0), ""), "{line}");
        assert_eq!(slots_of_rounds(&run), [2, 2, 2], "{line}");
        assert_eq!(batches, 4 * batches_of_a_round, "{line}");
    }
}

#[test]
fn when_slots_stay_away_the_run_ends_with_its_complete_rounds() {
    let (code, errors, run, batches) = measured("2,2,1", "pi --samples 1000 -r 10");

    assert_eq!(code, Some(2), "{errors}");
    assert!(
        errors.contains("round 3 was run 4 times") && errors.contains("1 of 2 stayed"),
        "{errors}"
    );
    assert_eq!(slots_of_rounds(&run), [2, 2]);
    assert_eq!(batches, 2 + 4);
}
