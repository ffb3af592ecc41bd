//! What is said of other programs before anything is measured beside them.

use std::process::{Child, Command, Stdio};
use std::thread::available_parallelism;

use super::harness::Scene;

/// A program that keeps a CPU busy as long as it is held.
struct Neighbour(Child);

impl Neighbour {
    fn new() -> Self {
        let child = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdin(Stdio::null())
            .spawn();

        Self(child.unwrap())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_busy_machine_is_said_before_anything_is_measured() {
    let scene = Scene::new();
    let cpus = available_parallelism().unwrap().get();
    let neighbours: Vec<Neighbour> = (0..cpus).map(|_| Neighbour::new()).collect();

    // The export has stdout for itself: everything else stands on stderr, in its order.
    let line = format!("pi --samples 1000 --tasks 2 -j {cpus} -w 0 -r 1 -v --export json:-");
    let output = scene.command(&line).output().unwrap();
    drop(neighbours);
    let stderr = String::from_utf8(output.stderr).unwrap();

    let place = |text: &str| stderr.find(text).ok_or(&stderr).unwrap();
    let warning = place("warning: other programs use ");
    assert!(warning < place("measuring pi ("), "{stderr}");
}
