//! Signals: what is complete is kept, nothing half-made stays, the exit code tells.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use serde_json::Value;

use super::harness::{Finished, Scene, ended, reached, started};
use super::processes::{pipe, runs, sleeps, until};

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status();
    assert!(status.unwrap().success());
}

/// Runs `line`, sends the signal as soon as stdout shows `mark`, and returns the code and both streams.
fn interrupted(scene: &Scene, line: &str, mark: &str, name: &str) -> (Option<i32>, String, String) {
    let (child, stdout, text) = started(scene, line, mark);
    signal(&child, name);

    ended(child, stdout, text)
}

#[test]
fn ctrl_c_keeps_the_complete_rounds() {
    let scene = Scene::new();
    let line = "pi --samples 10000 -r 1000000 -v --export run.json --chart run.svg";
    let (code, text, errors) = interrupted(&scene, line, "serial :: round 4:", "INT");
    assert_eq!((code, errors.as_str()), (Some(130), ""));
    assert!(text.contains("interrupted: "), "the table says so: {text}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["interrupted"], true);
    assert!(run["measurements"][0]["rounds"].as_array().unwrap().len() >= 4);
    assert_eq!(scene.names(), ["run.json", "run.svg"]);
}

#[test]
#[cfg(target_os = "linux")]
fn one_signal_ends_what_waits_at_a_pipe() {
    let scene = Scene::new();
    pipe(&scene, "pipe");
    for line in [
        "pi --export json:pipe",
        "pi --save-baseline pipe",
        "noise --export json:pipe",
        "check --baseline pipe",
    ] {
        let child = scene.spawn(line);
        // Its handler is there, and it waits.
        until(|| {
            assert!(runs(child.id()), "{line}");
            (catches_terminate(child.id()) && sleeps(child.id())).then_some(())
        });
        signal(&child, "TERM");

        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(143), "{line}");
    }
    assert_eq!(scene.names(), ["pipe"]);
}

#[cfg(target_os = "linux")]
fn catches_terminate(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(mask.unwrap().trim(), 16).unwrap();

    // Signal 1 is the lowest bit.
    caught & 1 << (15 - 1) != 0
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_keeps_the_complete_rounds_too() {
    let scene = Scene::new();
    let program = scene.command("").get_program().to_owned();
    let piped = std::process::Stdio::piped;
    // The tests themselves may run under nohup.
    let child = Command::new("env")
        .arg("--default-signal=HUP")
        .arg(program)
        .args("pi --samples 10000 -r 1000000 -v --export run.json".split(' '))
        .current_dir(scene.path(""))
        .stdout(piped())
        .stderr(piped())
        .spawn();
    let (child, stdout, text) = reached(child.unwrap(), "serial :: round 4:");
    signal(&child, "HUP");
    let (code, _, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(129), ""));
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["interrupted"], true);
    assert!(run["measurements"][0]["rounds"].as_array().unwrap().len() >= 4);
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_is_to_outlive_its_terminal_does() {
    let scene = Scene::new();
    let program = scene.command("").get_program().to_owned();
    // As nohup does: the signal is ignored, and the program finds it so. Sent between rounds, it changes nothing.
    let line = "trap '' HUP; exec \"$0\" pi --samples 10000 -r 1000000 -v --export run.json";
    let mut shell = Command::new("sh");
    let piped = std::process::Stdio::piped;
    shell
        .arg("-c")
        .arg(line)
        .arg(program)
        .current_dir(scene.path(""))
        .stdout(piped())
        .stderr(piped());
    let mut child = shell.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    let mut until = |mark: &str| {
        while !text.contains(mark) {
            assert_ne!(
                stdout.read_line(&mut text).unwrap(),
                0,
                "it ended before `{mark}`: {text}"
            );
        }
    };
    until("serial :: round 2:");
    signal(&child, "HUP");
    until("serial :: round 9:");
    signal(&child, "TERM");
    stdout.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
#[cfg(target_os = "linux")]
fn a_limit_of_file_sizes_leaves_nothing_half_written() {
    let scene = Scene::new();
    scene.write("run.json", "an earlier run");
    let program = scene.command("").get_program().to_owned();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("ulimit -f 1; exec \"$0\" pi --samples 100 --tasks 2 -r 20 -q --export run.json")
        .arg(program);
    let finished = Finished::from(shell.current_dir(scene.path("")).output().unwrap());
    assert!(
        finished.error().starts_with("cannot write run.json: "),
        "{}",
        finished.stderr
    );
    assert_eq!(
        (scene.read("run.json").as_str(), scene.names()),
        ("an earlier run", vec!["run.json".to_owned()])
    );

    // What a killed process left goes with the next run.
    scene.write(".parbench-abc.part", "half");
    assert_eq!(
        scene.run("pi --samples 100 -r 1 -q --export run.json").code,
        Some(0)
    );
    assert_eq!(scene.names(), ["run.json"]);
}

#[test]
fn a_long_task_listens_too() {
    // Its second round would take hours, and so would its first.
    let scene = Scene::new();
    scene.write("run.json", "an earlier run");
    let line = "pi --samples 1000000000000 --tasks 2 -v --export run.json";
    let (code, text, errors) = interrupted(&scene, line, "pi :: serial", "TERM");
    assert_eq!(
        (code, errors.as_str()),
        (Some(143), "warning: nothing was written to run.json\n")
    );
    assert!(
        text.contains("interrupted before a round was complete"),
        "{text}"
    );
    assert_eq!(
        scene.read("run.json"),
        "an earlier run",
        "nothing complete replaces nothing"
    );
    assert_eq!(scene.names(), ["run.json"]);
}

#[test]
fn a_later_workload_is_not_begun() {
    let scene = Scene::new();
    let line = "all --fib-size 100 -r 1000000 -v --export run.json";
    let (code, text, _) = interrupted(&scene, line, "serial :: round 2:", "INT");
    assert_eq!(code, Some(130));
    assert!(!text.contains("pi ::"), "{text}");
}

#[test]
fn an_interrupted_check_is_no_verdict() {
    let scene = Scene::new();
    assert_eq!(
        scene
            .run("pi --samples 1000 --tasks 2 -r 8 -q --export base.json")
            .code,
        Some(0)
    );
    let endless = scene
        .read("base.json")
        .replace("\"exactly\": 8", "\"exactly\": 1000000");
    scene.write("base.json", endless);
    let line = "check --baseline base.json -v --export now.json";
    let (code, text, errors) = interrupted(&scene, line, "serial :: round 3:", "INT");
    let says =
        "warning: nothing was written to now.json\nerror: interrupted; nothing was compared\n";
    assert_eq!((code, errors.as_str()), (Some(130), says));
    assert!(!text.contains("Compared"), "{text}");
    assert_eq!(scene.names(), ["base.json"]);
}
