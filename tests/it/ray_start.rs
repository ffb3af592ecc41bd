//! How `--engine ray` starts: what it leaves on nodes and in the user's folders, and whom it can join.
#![cfg(unix)]

use std::process::Command;

use super::harness::repository;

#[test]
fn a_node_deletes_and_runs_only_programs_of_its_own() {
    let script = repository().join("tests/it/ray_folder.py");
    let output = Command::new("python3").arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
