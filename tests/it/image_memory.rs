//! The peak memory of the image workload, beside what it may use: for every kind of picture.

use std::process::Command;

use super::harness::{Scene, repository};
use super::venv;

/// Pixels of a side: large enough for every buffer to count, small enough for the allocator to keep
/// what is given back.
const SIDE: &str = "2200";
/// What a run may hold beyond the memory for its tasks.
const ALLOWANCE: f64 = 100e6;

/// What `picture_kinds.py` prints.
fn kinds(arguments: &[&str]) -> String {
    let script = repository().join("tests/it/picture_kinds.py");
    let output = Command::new(venv::python("functions"))
        .arg(script)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");

    String::from_utf8(output.stdout).unwrap()
}

/// The memory that a task of the pictures in `folder` needs, as the refusal of less names it.
fn needed(scene: &Scene, folder: &str) -> f64 {
    let refused = scene.run(&format!(
        "image --input {folder} -j 1 -r 2 --memory 1MB --no-config"
    ));
    let text = refused.error();
    let size = text
        .split("needs ")
        .nth(1)
        .and_then(|rest| rest.split(" of memory").next())
        .unwrap_or_else(|| panic!("{text}"));

    let (number, unit) = size.split_once(' ').unwrap();
    let number: f64 = number.parse().unwrap();
    let unit = match unit {
        "kB" => 1e3,
        "MB" => 1e6,
        _ => panic!("{size}"),
    };
    // Sizes are rounded to three digits.
    (number * 1.01 * unit).ceil()
}

#[test]
fn no_kind_of_picture_takes_much_more_than_a_run_may_use() {
    let scene = Scene::new();
    let pictures = scene.path("kinds");
    kinds(&[pictures.to_str().unwrap(), SIDE]);
    let mut seen = 0;

    for kind in std::fs::read_dir(&pictures).unwrap() {
        let folder = kind.unwrap().path().display().to_string();
        let task = needed(&scene, &folder);

        for workers in [1, 2] {
            let budget = f64::from(workers) * task;
            let (count, memory) = (workers.to_string(), budget.to_string());
            let line = [
                "--peak",
                env!("CARGO_BIN_EXE_parbench"),
                "image",
                "--input",
                &folder,
                "-j",
                &count,
                "--memory",
                &memory,
                "-w",
                "0",
                "-r",
                "2",
                "-q",
                "--no-config",
            ];
            let printed = kinds(&line);
            let (code, peak) = printed.trim().split_once(' ').unwrap();
            let peak: f64 = peak.parse().unwrap();

            assert_eq!(code, "0", "{folder}");
            assert!(
                peak <= budget + ALLOWANCE,
                "{folder}: {peak} bytes with {workers} workers, which may use {budget}"
            );
            seen += 1;
        }
    }

    assert_eq!(seen, 24);
}
