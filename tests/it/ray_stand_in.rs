//! The engine `ray` with another program in place of the Python that drives Ray: what it does when
//! that program has fewer slots than it should. No Ray is needed for that.
#![cfg(target_os = "linux")]

use std::net::TcpListener;

use serde_json::Value;

use super::harness::{Scene, repository};
use super::peers::script;

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

/// The slots that each stored round had.
fn slots_of_rounds(run: &Value) -> Vec<u64> {
    let rounds = run["measurements"][0]["rounds"].as_array().unwrap();

    rounds
        .iter()
        .map(|round| round["times"][1]["cluster"]["slots"].as_u64().unwrap())
        .collect()
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
