//! `examples/own-workload`: a program of another crate, with a workload of its own and the whole
//! command line around it. Built once and run as a user does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::harness::{Finished, Scene, repository};

/// A plan whose rounds take about a millisecond.
const PLAN: &str = "primes --below 20000 --tasks 4 -j 2 -r 12";

/// The example's binary.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();

    BINARY.get_or_init(|| {
        // Beside this program's, so that what both need is compiled once.
        let folder = Path::new(env!("CARGO_BIN_EXE_parbench")).parent().unwrap();
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--offline", "--package", "own-workload"])
            .arg("--target-dir")
            .arg(folder.parent().unwrap())
            .current_dir(repository());
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{build:?}");

        folder.join("own-workload")
    })
}

/// Runs the example with the words of `line`.
fn run(scene: &Scene, line: &str) -> Finished {
    Finished::from(scene.command_of(binary(), line).output().unwrap())
}

fn exported(scene: &Scene, line: &str) -> serde_json::Value {
    let finished = run(scene, &format!("{line} --export json:-"));
    assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
    serde_json::from_str(&finished.stdout).unwrap()
}

#[test]
fn an_own_workload_is_measured_on_threads_and_on_its_own_worker_processes() {
    let scene = Scene::new();
    let run = exported(&scene, &format!("{PLAN} -e pool,process -r 2"));

    let measurement = &run["measurements"][0];
    assert_eq!(measurement["workload"], "primes");
    assert_eq!(measurement["answer"], 2262, "the primes below 20000");
    let engines: Vec<_> = measurement["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| arm["engine"].as_str().unwrap())
        .collect();
    assert_eq!(engines, ["serial", "pool", "process"]);
}

#[test]
#[cfg(target_os = "linux")]
fn an_own_workload_runs_on_a_ray_of_its_own_with_its_binary_as_the_worker() {
    let _turn = super::cluster::alone();
    let python = super::cluster::python().to_str().unwrap();
    let scene = Scene::new()
        .env("PATH", &std::env::var("PATH").unwrap())
        .env("PARBENCH_PYTHON", python);
    let run = exported(
        &scene,
        "primes --below 20000 --tasks 4 -e ray -j 2 -w 0 -r 2 -q",
    );

    let measurement = &run["measurements"][0];
    assert_eq!(measurement["answer"], 2262);
    assert_eq!(measurement["arms"][1]["engine"], "ray");
}

#[test]
fn an_own_workload_is_checked_against_a_baseline_and_against_another_binary() {
    let scene = Scene::new();
    let made = run(&scene, &format!("{PLAN} -q --export base.json"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);

    let same = run(&scene, "check --baseline base.json --tolerance 1000%");
    assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
    let slow = run(&scene, "check --baseline base.json --inject-slowdown 40");
    assert_eq!(slow.code, Some(1), "{}{}", slow.stdout, slow.stderr);

    let against = format!(
        "check --against {} --primes-below 20000 --primes-tasks 2 -j 2 -r 8 --tolerance 1000%",
        binary().display()
    );
    let turns = run(&scene, &against);
    assert_eq!(turns.code, Some(0), "{}{}", turns.stdout, turns.stderr);
}

#[test]
fn whole_flags_work_in_the_own_subcommand_and_behind_a_prefix() {
    let scene = Scene::new();
    let twins = |line: &str| exported(&scene, line)["measurements"][0]["answer"].clone();
    assert_eq!(twins("primes --below 100 --tasks 2 --twins -r 1"), 8);
    assert_eq!(
        twins("all --primes-below 100 --primes-tasks 2 --primes-twins -r 1"),
        8
    );
    assert_eq!(twins("all --primes-below 100 --primes-tasks 2 -r 1"), 25);

    let wrong = run(&scene, "all --primes-below -5");
    assert!(
        wrong
            .error()
            .starts_with("invalid value '-5' for '--primes-below <N>'"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn the_command_line_knows_only_its_own_workloads() {
    let scene = Scene::new();
    let help = run(&scene, "--help").stdout;
    assert!(
        help.contains("primes") && help.contains("Usage: own-workload <COMMAND>"),
        "{help}"
    );
    assert!(!help.contains("fib"), "{help}");

    let listed = run(&scene, "list").stdout;
    for word in ["primes", "--below N", "--twins", "process", "hyperfine"] {
        assert!(listed.contains(word), "{word}\n{listed}");
    }
    let only = run(&scene, "noise --only fib");
    assert!(
        only.error()
            .starts_with("invalid value 'fib' for '--only <NAMES>'"),
        "{}",
        only.stderr
    );
}

/// The guide, `docs/own-workload.md`.
fn guide() -> String {
    std::fs::read_to_string(repository().join("docs/own-workload.md")).unwrap()
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let main = repository().join("examples/own-workload/src/main.rs");
    let main = std::fs::read_to_string(main).unwrap();
    assert!(
        guide().contains(&format!("```rust\n{main}```")),
        "the code of docs/own-workload.md is not that of the example"
    );

    let workload = main.split("impl Workload").nth(1).unwrap();
    let lines = workload.split("\n}\n").next().unwrap().lines().count() + 1;
    assert!(lines <= 40, "`impl Workload` has {lines} lines");
}

/// The lines of the guide that are typed, without their remarks: indented ones outside of code.
#[cfg(target_os = "linux")]
fn typed(guide: &str) -> Vec<String> {
    let mut is_code = false;
    let commands = guide.lines().filter_map(|line| {
        is_code ^= line.starts_with("```");
        let command = line.strip_prefix("    ").filter(|_| !is_code)?;
        Some(command.split("  #").next().unwrap().trim().to_owned())
    });
    commands.collect()
}

#[test]
#[cfg(target_os = "linux")]
fn every_command_of_the_guide_works() {
    let _turn = super::cluster::alone();
    let scene = Scene::new()
        .env("PATH", &std::env::var("PATH").unwrap())
        .env(
            "PARBENCH_PYTHON",
            super::cluster::python().to_str().unwrap(),
        );
    let commands = typed(&guide());
    assert_eq!(commands.len(), 11, "{commands:#?}");

    for command in commands {
        let finished = if command == "parbench new primes" {
            scene.run("new primes")
        } else if let Some(folder) = command.strip_prefix("cd ") {
            assert!(scene.path(folder).join("Cargo.toml").is_file());
            continue;
        } else if let Some(line) = command.strip_prefix("cargo run --release -- ") {
            run(&scene, &briefly(line))
        } else {
            panic!("this test does not know how to run `{command}`");
        };
        assert_eq!(finished.code, Some(0), "{command}: {}", finished.stderr);
    }
    assert_eq!(
        scene.names(),
        ["base.json", "curve.svg", "primes", "run.json"]
    );
}

/// `line` in little time, and whatever the machine is busy with meanwhile.
#[cfg(target_os = "linux")]
fn briefly(line: &str) -> String {
    let more = if line.starts_with("check --against") {
        "--primes-below 20000 --max-time 500ms --tolerance 1000%"
    } else if line.starts_with("check") {
        "--tolerance 1000%"
    } else if line.contains("--save-baseline") {
        "--below 20000 --tasks 4 --tolerance 1000% --force"
    } else if line.ends_with("-e ray -r 20") {
        "--below 20000 --tasks 4 -j 2 -w 0 -r 2"
    } else if line == "primes" {
        "--below 20000 --max-time 500ms"
    } else {
        ""
    };
    format!("{line} {more}")
}
