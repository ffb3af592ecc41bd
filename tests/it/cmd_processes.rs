//! `cmd`: what becomes of the processes that commands are, and of those that they have started.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::harness::{Finished, Scene, ended, reached};
use super::processes::{pipe, runs, signal, until};

/// Leaves a process behind that has left its group and forgotten its variables, and goes on once
/// that is so: `$left` is its number.
const LEAVE: &str = r#"left=$(env -i PATH="$PATH" setsid sh -c 'echo $$; exec tail -f /dev/null > /dev/null 2>&1' &)"#;

fn scene() -> Scene {
    Scene::new().env("PATH", &std::env::var("PATH").unwrap())
}

fn cmd(scene: &Scene, flags: &str, rest: &[&str]) -> Finished {
    let mut command = scene.command(&format!("cmd {flags}"));

    Finished::from(command.args(rest).output().unwrap())
}

/// The number that a process writes into the pipe `name`: reading waits until it has come as far.
fn number(scene: &Scene, name: &str) -> u32 {
    scene.read(name).trim().parse().unwrap()
}

fn started(scene: &Scene, flags: &str, rest: &[&str]) -> Child {
    let mut command = scene.command(&format!("cmd {flags}"));
    command
        .args(rest)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());

    command.spawn().unwrap()
}

#[test]
fn a_program_that_asks_at_the_terminal_fails_at_once() {
    let scene = scene();
    let terminal =
        "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    // As sudo, ssh and gpg ask for a password, whatever their standard input is.
    for ask in ["read answer < /dev/tty", "stty -echo < /dev/tty"] {
        let flags = "-q -r 1 --repeat 1 --task-timeout 60s";
        let measured = scene.command(&format!("cmd {flags}"));
        let mut command = Command::new("python3");
        command
            .args(["-c", terminal])
            .arg(measured.get_program())
            .args(measured.get_args())
            .args(["--", "sh", "-c", ask])
            .current_dir(scene.path(""))
            .stdin(Stdio::null());

        let done = Finished::from(command.output().unwrap());
        let said = done.flowing();
        assert_eq!(done.code, Some(2), "{ask}: {said}{}", done.stderr);
        assert!(
            said.contains("(run 1) asks at the terminal"),
            "{ask}: {said}"
        );
    }
}

#[test]
fn what_tasks_leave_behind_is_ended_after_each_arm_and_said() {
    let scene = scene();
    let script = format!("{LEAVE}; echo $left >> left");
    // It would fail beside what an earlier arm has left.
    let hook = "touch left; for pid in $(cat left); do ! kill -0 $pid || exit 9; done";
    let line = ["--prepare", hook, "--shell", "--", &script];
    let done = cmd(&scene, "-e pool,process -j 2 -r 2 --repeat 2", &line);

    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = done.flowing();
    // Two tasks of three arms in three rounds.
    assert!(said.contains("were ended (18 in all)"), "{said}");
}

#[test]
fn what_tasks_leave_behind_is_asked_before_it_is_killed() {
    let scene = scene();
    pipe(&scene, "up");
    let daemon = "trap 'echo asked > log; exit' TERM; echo up > up; tail -f /dev/null & while :; do wait; done";
    let script = format!("setsid sh -c \"{daemon}\" > /dev/null 2>&1 & read word < up");
    let done = cmd(&scene, "-w 0 -r 1 --repeat 1 --shell", &["--", &script]);

    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(scene.read("log"), "asked\n");
}

#[test]
fn what_hooks_leave_outside_of_their_groups_ends_with_the_last_one() {
    let scene = scene();
    let hook = format!("{LEAVE}; echo $left >> left");
    for script in ["true", "exit 3"] {
        scene.write("left", "");
        let line = [
            "--setup",
            &hook,
            "--prepare",
            &hook,
            "--shell",
            "--",
            script,
        ];
        let done = cmd(&scene, "-q -w 0 -r 1 -j 2 --repeat 2", &line);

        let is_well = script == "true";
        assert_eq!(
            done.code,
            Some(if is_well { 0 } else { 2 }),
            "{}",
            done.stderr
        );
        let left = scene.read("left");
        let left: Vec<u32> = left.lines().map(|line| line.parse().unwrap()).collect();
        assert!(left.len() >= 2, "{left:?}");
        assert!(!left.iter().any(|&pid| runs(pid)), "{left:?} run");
    }
}

#[test]
fn what_has_ended_by_itself_was_not_left_behind() {
    let scene = scene();
    // Children that nobody has waited for: one of the group, and one that has left it.
    let script = "import os, subprocess\n\
                  for leaves in (False, True):\n\
                  \x20   child = subprocess.Popen(['true'], start_new_session=leaves)\n\
                  \x20   os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)\n\
                  os._exit(0)";
    let done = cmd(
        &scene,
        "-w 0 -r 2 -j 1 --repeat 2",
        &["--", "python3", "-c", script],
    );

    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = done.flowing();
    assert!(!said.contains("were ended"), "{said}");
}

#[test]
fn a_server_of_a_hook_serves_all_rounds() {
    let scene = scene();
    let setup = format!("{LEAVE}; echo $left > server");
    let line = [
        "--setup",
        &setup,
        "--cleanup",
        "kill $(cat server)",
        "--shell",
        "--",
    ];
    let script = "kill -0 $(cat server)";
    let done = cmd(
        &scene,
        "-q -j 1 -r 2 --repeat 1",
        &[&line[..], &[script]].concat(),
    );

    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let server: u32 = scene.read("server").trim().parse().unwrap();
    until(|| (!runs(server)).then_some(()));
}

#[test]
fn the_cpu_time_of_what_was_left_behind_counts() {
    let scene = scene();
    // Nobody waits for it, and it ends by itself.
    let burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo > done";
    pipe(&scene, "done");
    let script = format!("setsid sh -c '{burn}' > /dev/null 2>&1 & cat done");
    let line = ["--shell", "--", &script];
    let done = cmd(&scene, "-q -j 1 -r 1 --repeat 1 --export run.json", &line);

    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    for round in run["measurements"][0]["rounds"].as_array().unwrap() {
        for time in round["times"].as_array().unwrap() {
            let user_s = time["cpu"]["user_s"].as_f64().unwrap();
            assert!(user_s > 0.03, "a loop of 300,000 steps: {time}");
        }
    }
}

#[test]
fn other_tasks_are_asked_to_end_before_they_are_killed() {
    for engine in ["pool", "process"] {
        let scene = scene();
        pipe(&scene, "go");
        // The first task fails once the second one can be asked.
        let script = r#"
            [ "$PARBENCH_ARM" = serial ] && exit 0
            if [ $PARBENCH_TASK = 1 ]; then read word < go; exit 3; fi
            trap 'echo asked >> log; exit 0' TERM
            tail -f /dev/null & echo up > go; wait"#;
        let flags = format!("-e {engine} -j 2 -q -r 1 --repeat 2 --shell");
        let done = cmd(&scene, &flags, &["--", script]);

        let error = done.error();
        assert!(error.ends_with("(run 1) ended with exit code 3"), "{error}");
        assert_eq!(scene.read("log"), "asked\n", "{engine}");
    }
}

#[test]
fn ctrl_c_asks_tasks_to_end_and_leaves_nothing() {
    for engine in ["pool", "process"] {
        let scene = scene();
        pipe(&scene, "up");
        let script = format!(
            "[ \"$PARBENCH_ARM\" = serial ] && exit 0; trap 'echo asked >> log; exit 0' TERM
            {LEAVE}; tail -f /dev/null & echo $left > up; wait"
        );
        let flags = format!("-e {engine} -j 1 -q -r 1 --repeat 1 --shell");
        let child = started(&scene, &flags, &["--", &script]);
        let left = number(&scene, "up");
        signal(child.id(), "INT");

        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{engine}");
        assert_eq!(scene.read("log"), "asked\n", "{engine}");
        until(|| (!runs(left)).then_some(()));
    }
}

#[test]
fn a_second_ctrl_c_leaves_no_process() {
    let scene = scene();
    pipe(&scene, "up");
    pipe(&scene, "concluding");
    let conclude = "echo $$ > concluding; exec tail -f /dev/null";
    let task = "echo $$ > up; exec tail -f /dev/null";
    let line = ["--conclude", conclude, "--", "sh", "-c", task];
    let mut child = started(&scene, "-q -e process -j 1 --repeat 1", &line);

    let task = number(&scene, "up");
    signal(child.id(), "INT");
    // A hook has a minute for what it does after that.
    let hook = number(&scene, "concluding");
    signal(child.id(), "INT");

    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    for pid in [task, hook] {
        until(|| (!runs(pid)).then_some(()));
    }
}

/// A shell may have started something before it became this program.
#[test]
fn a_second_ctrl_c_spares_what_was_there_before() {
    let scene = scene();
    pipe(&scene, "before");
    pipe(&scene, "up");
    pipe(&scene, "concluding");
    let shell = r#"tail -f /dev/null & echo $! > before
        exec "$0" cmd -q -j 1 --repeat 1 --conclude "$1" -- sh -c "$2""#;
    let mut child = scene
        .command_of(Path::new("/bin/sh"), "-c")
        .args([shell, env!("CARGO_BIN_EXE_parbench")])
        .args(["echo $$ > concluding; exec tail -f /dev/null"])
        .args(["echo $$ > up; exec tail -f /dev/null"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    let before = number(&scene, "before");
    number(&scene, "up");
    signal(child.id(), "INT");
    number(&scene, "concluding");
    signal(child.id(), "INT");

    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(runs(before));
    signal(before, "KILL");
}

#[test]
fn ctrl_c_while_cleaning_up_leaves_no_round_out() {
    let scene = scene();
    pipe(&scene, "cleaning");
    pipe(&scene, "goon");
    let cleanup = "echo $$ > cleaning; cat goon; echo over >> log";
    let line = ["--cleanup", cleanup, "--export", "run.json", "--", "true"];
    let child = started(&scene, "-j 1 -r 2 --repeat 1", &line);
    number(&scene, "cleaning");
    signal(child.id(), "INT");
    scene.write("goon", "");

    let done = Finished::from(child.wait_with_output().unwrap());
    assert_eq!(done.code, Some(130), "{}", done.stderr);
    assert!(
        done.stderr
            .ends_with("note: interrupted while cleaning up: every round is complete\n"),
        "{}",
        done.stderr
    );
    assert!(!done.stdout.contains("interrupted"), "{}", done.stdout);
    assert_eq!(scene.read("log"), "over\n");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["interrupted"], Value::Null);
    assert_eq!(run["problems"], Value::Null);
    assert_eq!(
        run["measurements"][0]["rounds"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn a_second_ctrl_c_while_cleaning_up_ends_that_and_keeps_the_rounds() {
    let cleanup = "echo $$ > cleaning; exec tail -f /dev/null";
    let scene = scene();
    pipe(&scene, "cleaning");
    let line = ["--cleanup", cleanup, "--export", "run.json", "--", "true"];
    let child = started(&scene, "-j 1 -r 2 --repeat 1", &line);
    let hook = number(&scene, "cleaning");
    signal(child.id(), "INT");
    signal(child.id(), "TERM");

    let done = Finished::from(child.wait_with_output().unwrap());
    let problem = format!("error: cmd: --cleanup `{cleanup}` was ended by a second signal\n");
    assert!(done.stderr.contains(&problem), "{}", done.stderr);
    assert!(!done.stdout.contains("interrupted"), "{}", done.stdout);
    until(|| (!runs(hook)).then_some(()));
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["interrupted"], Value::Null);
    assert_eq!(
        run["measurements"][0]["rounds"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn ctrl_c_keeps_the_rounds_of_commands() {
    let scene = scene();
    let line = ["--export", "run.json", "--", "true"];
    let child = started(&scene, "-v -j 1 -r 1000000 --repeat 1", &line);
    let (child, stdout, text) = reached(child, "serial :: round 4:");
    signal(child.id(), "INT");

    let (code, said, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(130), ""), "{said}");
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    assert_eq!(run["interrupted"], true);
    assert!(run["measurements"][0]["rounds"].as_array().unwrap().len() >= 4);
}

#[test]
fn the_jobs_of_a_make_around_it_are_kept_from_tasks_and_hooks() {
    let variables = ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"];
    let scene = variables
        .iter()
        .fold(scene(), |scene, variable| scene.env(variable, "-j7"));
    let script = "test -z \"$MAKEFLAGS$MFLAGS$MAKELEVEL$CARGO_MAKEFLAGS\"";
    let line = [
        "--prepare",
        script,
        "--conclude",
        script,
        "--shell",
        "--",
        script,
    ];
    let done = cmd(&scene, "-q -e pool,process -j 1 -r 1 --repeat 1", &line);

    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn worker_processes_have_the_round_and_the_padding_of_the_loop() {
    let scene = scene();
    let script = "echo $PARBENCH_ROUND,$PARBENCH_ARM,${#PARBENCH_PADDING} >> log";
    let flags = "-e process -j 1 -r 2 -q --repeat 1 --shell";
    let done = cmd(&scene, flags, &["--", script]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let log = scene.read("log");
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    let expected = [
        "1,process 1,1021",
        "1,serial,1021",
        "2,process 1,2042",
        "2,serial,2042",
        "3,process 1,3063",
        "3,serial,3063",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_small_program_has_a_bound_of_its_memory_and_the_shape_is_the_first_line() {
    let scene = scene();
    let line = ["--export", "run.json", "--", "echo", "hello"];
    let done = cmd(&scene, "--quick -j 1 --repeat 2", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let first = done.stdout.lines().find(|line| !line.is_empty()).unwrap();
    assert_eq!(first, "cmd: 2 equal runs of echo hello", "{}", done.stdout);
    assert!(
        done.flowing()
            .contains(" of CPU time, 6 B of output, at most ")
    );
    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let time = &run["measurements"][0]["rounds"][1]["times"][0];
    assert_eq!(time["peak"]["at_most"], true, "{time}");
    assert_eq!(time["output_bytes"], 12, "{time}");
}

#[test]
fn a_script_without_an_interpreter_is_refused_before_anything_is_run() {
    use std::os::unix::fs::PermissionsExt;

    let scene = scene();
    let script = scene.write("script", "echo hello\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let line = ["--setup", "touch set-up", "--", "./script"];
    let done = cmd(&scene, "-q", &line);

    let error = done.error();
    assert!(
        error.contains("./script is a script without an interpreter"),
        "{error}"
    );
    assert!(error.ends_with("or run it as sh ./script"), "{error}");
    assert_eq!(scene.names(), ["script"]);
}
