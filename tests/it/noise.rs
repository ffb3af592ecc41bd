//! `noise`: what was found is kept, however it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use super::harness::Scene;

/// Checks until something ends them.
const ENDLESS: &str = "noise --only image --image-data-dir set --image-count 2 --image-side 16 \
                       --image-crop 8 --checks 100000 --slowdowns none -r 8 -j 2 --export n.json";

#[test]
fn checks_before_an_error_are_kept() {
    let scene = Scene::new();
    let mut child = scene
        .command(ENDLESS)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut errors = String::new();
    while !errors.contains("the first turn is done") {
        assert_ne!(stderr.read_line(&mut errors).unwrap(), 0, "{errors}");
    }

    // The next measurement finds its pictures gone, and no way to make them again.
    std::fs::rename(scene.path("set"), scene.path("gone")).unwrap();
    scene.write("set", "a file");
    stderr.read_to_string(&mut errors).unwrap();
    let output = child.wait_with_output().unwrap();

    let last = errors.lines().last().unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        last.starts_with("error: ended after ")
            && last.contains(" of 100000 checks, which are kept: image: "),
        "{last}"
    );
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("false alarms"), "{shown}");
    let noise: Value = serde_json::from_str(&scene.read("n.json")).unwrap();
    assert!(!noise["checks"].as_array().unwrap().is_empty());
}
