//! A system that refuses, and other processes that misbehave: too few threads, a program file that
//! was replaced, workers that do not answer, other programs that talk too much or hang.
#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::harness::{Finished, Scene, ended, started};
use super::processes::{children, computes, runs, signal, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parbench");
/// Tasks that last while they are looked for.
const LONG: &str =
    "pi --samples 300000000 --tasks 4 --engine process -j 2 -w 0 -r 2 -v --export run.json";

/// An executable script in the scene's folder.
pub(crate) fn script(scene: &Scene, name: &str, text: &str) -> String {
    let path = scene.write(name, format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Runs `line` as a user who may have `threads` threads. Root is bound by no such limit: it becomes
/// another user.
fn with_few_threads(scene: &Scene, threads: usize, line: &str) -> Finished {
    let folder = scene.path("");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    // Another user may not look into the folder of the build.
    let program = scene.path("parbench");
    fs::copy(PROGRAM, &program).unwrap();

    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "300"]);
    if user() == 0 {
        // A user of this test alone: the limit counts all threads of a user.
        let number = 100_000 + std::process::id() * 16 + u32::try_from(threads).unwrap();
        command
            .arg("setpriv")
            .args([format!("--reuid={number}"), format!("--regid={number}")]);
        command.args(["--clear-groups", "prlimit", &format!("--nproc={threads}")]);
    } else {
        command.args(["prlimit", &format!("--nproc={threads}")]);
    }
    command
        .arg(program)
        .args(line.split_whitespace())
        .current_dir(&folder)
        .stdin(Stdio::null());
    command
        .env("XDG_CACHE_HOME", scene.path("cache"))
        .env("HOME", scene.path("home"));
    Finished::from(command.output().unwrap())
}

/// The number of the user who runs the tests.
fn user() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn threads_and_processes_that_the_system_refuses_are_one_error_with_count_and_limit() {
    for (threads, line) in [
        (4, "pi --samples 1000 --tasks 4 -j 8 -r 2"),
        (6, "pi --samples 1000 --tasks 4 -j 8 -r 2 --engine process"),
        (4, "image --count 20 --side 300 --data-dir set -j 8 -r 2"),
        (4, "overhead -j 8"),
        (12, "cmd -j 8 -r 1 --repeat 8 -- sleep 0.2"),
    ] {
        let scene = Scene::new();
        let finished = with_few_threads(&scene, threads, line);
        let error = finished.error();
        assert!(error.contains("cannot start "), "{line}: {error}");
        assert!(
            error.contains(&format!("this user may run {threads} threads (ulimit -u)")),
            "{line}: {error}"
        );
        assert!(error.contains("ask for fewer workers"), "{line}: {error}");
    }
}

#[test]
fn workers_are_started_from_the_running_program_after_its_file_was_replaced() {
    let scene = Scene::new();
    let program = scene.path("parbench");
    fs::copy(PROGRAM, &program).unwrap();
    let mut command = Command::new(&program);
    command
        .args(LONG.split_whitespace())
        .current_dir(scene.path(""));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let worker = until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));

    // As cargo and package managers do it. The new file is no parbench at all.
    script(&scene, "new", "exit 9");
    fs::rename(scene.path("new"), &program).unwrap();
    signal(worker, "KILL");

    let (code, text, errors) = ended(child, stdout, String::new());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(
        run["measurements"][0]["arms"][1]["placement"]["reruns"][0]["tasks"],
        json!(1),
        "{text}"
    );
}

#[test]
fn a_frozen_worker_is_given_up_and_its_task_done_again() {
    let scene = Scene::new();
    // Tasks of some milliseconds: only the frozen worker can exceed the limit, on a busy machine,
    // too.
    let sizes = "--samples 20000000 --tasks 4 -j 2 -w 0 -r 40";
    let line = format!("pi {sizes} --engine process --task-timeout 10s -v --export run.json");
    let (child, stdout, text) = started(&scene, &line, "pi :: serial, process 2");
    let frozen = until(|| children(child.id()).into_iter().find(|&pid| computes(pid)));
    signal(frozen, "STOP");

    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let reruns = &run["measurements"][0]["arms"][1]["placement"]["reruns"];
    assert!(
        reruns[0]["why"]
            .as_str()
            .unwrap()
            .contains("no answer within 10 s"),
        "{reruns}"
    );
    assert!(!runs(frozen), "it was killed");
}

#[test]
fn tasks_longer_than_the_limit_end_with_an_error_that_names_the_flag() {
    let scene = Scene::new();
    let line = "pi --samples 50000000 --tasks 2 --engine process -j 2 -r 2 --task-timeout 1ms";
    let error = scene.run(line).error().to_owned();
    assert!(
        error.contains("no answer within 0.001 s; use a longer --task-timeout"),
        "{error}"
    );
}

#[test]
fn another_program_may_complain_at_length() {
    let scene = Scene::new();
    // More than a pipe holds, before its greeting and after it.
    let talk = "head -c 300000 /dev/zero | tr '\\0' '\\n' >&2";
    let wordy = script(
        &scene,
        "wordy.sh",
        &format!("{talk}\nexec {PROGRAM} \"$@\""),
    );
    let sizes = "--pi-samples 20000 --pi-tasks 2 --only pi -j 2 -r 8 --memory 1GiB";
    let checked = scene.run(&format!(
        "check --against {wordy} {sizes} --no-confirm --tolerance 1000% -q --export json:-"
    ));
    let run: Value =
        serde_json::from_str(&checked.stdout).unwrap_or_else(|_| panic!("{}", checked.stderr));
    assert_eq!(run["comparison"]["machine"], "interleaved");

    let broken = script(
        &scene,
        "broken.sh",
        &format!("{talk}\necho 'out of luck' >&2\nexit 3"),
    );
    let finished = scene.run(&format!("check --against {broken} {sizes}"));
    let sign = "is not a parbench binary (or is older than 0.1): it ended with exit status: 3, saying \"out of luck\"";
    assert!(finished.error().ends_with(sign), "{}", finished.stderr);
}

#[test]
fn another_program_that_hangs_is_ended_with_what_it_started() {
    let scene = Scene::new();
    let hanging = script(&scene, "hanging.sh", "sleep 100000 &\necho $! > pid\nwait");
    let finished = scene.run(&format!(
        "check --only pi --pi-samples 1000 --against {hanging} --timeout 5s"
    ));
    assert_eq!(finished.code, Some(124), "{}", finished.stderr);
    let sleeper = scene.read("pid").trim().parse().unwrap();
    // It is killed by now, and the system takes a moment for that.
    until(|| (!runs(sleeper)).then_some(()));
    assert!(!Path::new(&format!("/proc/{sleeper}/fd/0")).exists());
}

#[test]
fn ctrl_c_while_another_program_starts_ends_it_with_what_it_started() {
    let scene = Scene::new();
    let hanging = script(&scene, "hanging.sh", "sleep 100000 &\necho $! > pid\nwait");

    for line in [
        format!("pi --samples 1000 --tasks 1 --engine ray --python {hanging} -j 1 -w 0 -r 2"),
        format!("check --only pi --pi-samples 1000 --against {hanging}"),
    ] {
        let mut child = scene.spawn(&line);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let sleeper: u32 = until(|| {
            let text = fs::read_to_string(scene.path("pid")).unwrap_or_default();
            text.strip_suffix('\n')?.parse().ok()
        });

        signal(child.id(), "INT");
        let (code, _, errors) = ended(child, stdout, String::new());
        assert_eq!(code, Some(130), "{line}: {errors}");
        until(|| (!runs(sleeper)).then_some(()));
        fs::remove_file(scene.path("pid")).unwrap();
    }
}

#[test]
fn a_worker_that_cannot_read_does_not_greet() {
    let scene = Scene::new();
    let finished = with_few_threads(&scene, 1, "worker");
    assert!(finished.stdout.is_empty(), "{}", finished.stdout);
    assert!(
        finished.error().starts_with("cannot start thread: "),
        "{}",
        finished.stderr
    );
}
