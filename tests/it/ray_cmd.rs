//! `cmd` on the engine `ray`: the answers of the plain loop, failures that name the program, the
//! input and the node, and nothing that is left running.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::Value;

use super::cluster::{Cluster, alone, scene};
use super::harness::{Finished, Scene, ended, started};
use super::processes::{pipe, signal, until};

/// Runs `cmd` with the words of `flags`, then the words of `rest` as they are.
fn cmd(scene: &Scene, flags: &str, rest: &[&str]) -> Finished {
    let mut command = scene.command(&format!("cmd -w 0 {flags}"));

    Finished::from(command.args(rest).output().unwrap())
}

/// The flags for two slots on `cluster`, which has two nodes.
fn on(cluster: &Cluster) -> String {
    format!("-e ray --ray-address {} -j 2", cluster.address)
}

/// The processes that were started with the words of `line`.
fn processes_of(line: &str) -> Vec<u32> {
    let words = line.replace(' ', "\0") + "\0";
    let all = fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());

    pids.filter(|pid| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == words.as_bytes())
    })
    .collect()
}

/// Waits until no process of `line` is left.
fn until_none(line: &str) {
    until(|| processes_of(line).is_empty().then_some(()));
}

/// A command that waits forever, but not in the plain loop, and which no other test runs.
fn endless(scene: &Scene, how: &str) -> (String, String) {
    let file = scene.write("nothing", "").display().to_string();
    let line = format!("tail -f {file}");
    let script = format!("test \"$PARBENCH_ARM\" = serial || {how} {line}");

    (line, script)
}

#[test]
fn commands_on_a_local_ray_have_the_answers_of_the_plain_loop() {
    let _turn = alone();
    let scene = scene();
    scene.write("a b.txt", "first\n");
    scene.write("-c.txt", "second one\n");

    let line = ["--", "cat", "--", "{}", ":::", "a b.txt", "-c.txt"];
    let done = cmd(&scene, "-e ray -j 2 -r 2 --export json:-", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let run: Value = serde_json::from_str(&done.stdout).unwrap();
    let measurement = &run["measurements"][0];
    // printf 'first\n' | sha256sum
    assert_eq!(
        measurement["answer"]["a b.txt"]["output"],
        "b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41"
    );
    assert_eq!(measurement["arms"][1]["engine"], "ray");
    for round in measurement["rounds"].as_array().unwrap() {
        let time = &round["times"][1];
        assert!(time["cpu"]["user_s"].is_f64(), "{time}");
        assert!(time["dispatch_s"].is_f64(), "{time}");
    }
}

#[test]
fn two_commands_and_all_splits_take_turns_on_a_local_ray() {
    let _turn = alone();
    let scene = scene();

    let flags = "-e ray -j 1,2 -r 2 --export json:- --vs";
    let done = cmd(
        &scene,
        flags,
        &["echo other", "--repeat", "2", "--", "echo", "this"],
    );
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let arms = arms_on_all_slots(&done.stdout);
    assert_eq!(
        arms,
        [
            "serial 1",
            "ray 1",
            "ray 2",
            "vs-serial 1",
            "vs-ray 1",
            "vs-ray 2"
        ]
    );

    let flags = "-e ray -j 1,2 --threads 1,2 -r 2 --repeat 2 --export json:-";
    let done = cmd(&scene, flags, &["--", "echo", "{workers}"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let arms = arms_on_all_slots(&done.stdout);
    assert!(arms.contains(&"2-thread-ray 2".to_owned()), "{arms:?}");
}

/// The arms of the run in `text`, all of whose rounds ran on all of their slots.
fn arms_on_all_slots(text: &str) -> Vec<String> {
    let run: Value = serde_json::from_str(text).unwrap();
    let measurement = &run["measurements"][0];
    let arms = measurement["arms"].as_array().unwrap();

    for round in measurement["rounds"].as_array().unwrap() {
        for (arm, time) in arms.iter().zip(round["times"].as_array().unwrap()) {
            if arm["engine"].as_str().unwrap().ends_with("ray") {
                assert_eq!(time["cluster"]["slots"], arm["workers"], "{arm}: {time}");
            }
        }
    }
    let label = |arm: &Value| format!("{} {}", arm["engine"].as_str().unwrap(), arm["workers"]);
    arms.iter().map(label).collect()
}

#[test]
fn a_command_that_fails_on_one_node_is_named_with_its_input_and_the_node() {
    let mut cluster = Cluster::start(1);
    cluster.command("broken 1");
    let scene = scene();
    // Two tasks: one for each node.
    let script = "test -z \"$BROKEN\" && exit; echo \"no $0\" >&2; exit 3";
    let done = cmd(
        &scene,
        &on(&cluster),
        &["--", "sh", "-c", script, ":::", "a.jpg", "b.jpg"],
    );
    let error = done.error();
    for words in [
        "cmd: ray 2: task ",
        ": node ",
        "sh (",
        ".jpg) ended with exit code 3: no ",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }

    // A folder that only the first node sees.
    scene.write("seen/a.txt", "first\n");
    let script = "test -z \"$BROKEN\" || cd /; cat \"$0\"";
    let line = [
        "--",
        "sh",
        "-c",
        script,
        ":::",
        "seen/a.txt",
        "./seen/a.txt",
    ];
    let done = cmd(&scene, &on(&cluster), &line);
    let error = done.error();
    for words in [
        ": node ",
        "seen/a.txt) ended with exit code 1: cat:",
        "No such file",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_program_that_the_nodes_lack_is_one_line_or_is_copied_there() {
    let cluster = Cluster::start(2);
    let scene = scene();
    let script = "#!/bin/sh\ncat \"$1\"; test -z \"$FAILS\" || test \"$PARBENCH_ARM\" = serial\n";
    let program = scene.write("bin/only-here", script);
    executable(&program);
    let usual = std::env::var("PATH").unwrap();
    let path = format!("{}:{usual}", scene.path("bin").display());
    let scene = scene.env("PATH", &path);
    scene.write("a", "first\n");
    scene.write("b", "second one\n");

    let line = ["--", "only-here", ":::", "a", "b"];
    let refused = cmd(&scene, &on(&cluster), &line);
    let error = refused.error();
    assert!(
        error.starts_with("cmd: node ")
            && error.ends_with(": there is no program only-here in the folders of PATH"),
        "{error}"
    );

    let ships = format!("{} --ship -r 1", on(&cluster));
    let done = cmd(&scene, &format!("{ships} --export json:-"), &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let run: Value = serde_json::from_str(&done.stdout).unwrap();
    let nodes = &run["measurements"][0]["arms"][1]["placement"]["nodes"];
    assert_eq!(nodes.as_array().unwrap().len(), 2, "{nodes}");

    // A copy goes by the name of the program.
    let line = ["--", "FAILS=1", "only-here", ":::", "a", "b"];
    let failed = cmd(&scene, &ships, &line);
    let named = format!("{} (", program.display());
    let error = failed.error();
    assert!(
        error.contains(&named) && error.contains(") ended with exit code 1"),
        "{error}"
    );
}

#[test]
fn a_program_is_not_copied_where_it_is_already() {
    let scene = Scene::new().env("PATH", &std::env::var("PATH").unwrap());
    let done = cmd(&scene, "-e pool,process -j 2 -r 1 --ship", &["--", "true"]);

    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_command_that_hangs_on_ray_is_named_and_ends() {
    let _turn = alone();
    let scene = scene();
    for how in ["exec", "setsid -w"] {
        let (line, script) = endless(&scene, how);
        let flags = "-e ray -j 1 -r 1 --repeat 1 --task-timeout 2s";
        let done = cmd(&scene, flags, &["--", "sh", "-c", &script]);

        let error = done.error();
        for words in ["task 1: ", "sh (run 1) was still running after 2.00 s"] {
            assert!(error.contains(words), "{words}: {error}");
        }
        until_none(&line);
    }
}

#[test]
fn a_failure_ends_the_other_commands_on_ray() {
    let _turn = alone();
    let scene = scene();
    let (line, script) = endless(&scene, "test $0 = a && exit 3 || exec");
    let done = cmd(
        &scene,
        "-e ray -j 2 -r 1",
        &["--", "sh", "-c", &script, ":::", "a", "b"],
    );

    assert!(
        done.error().contains("sh (a) ended with exit code 3"),
        "{}",
        done.stderr
    );
    until_none(&line);
}

#[test]
fn a_failure_asks_the_other_commands_on_ray_to_end() {
    let _turn = alone();
    let scene = scene();
    pipe(&scene, "up");
    let (log, up) = (scene.path("log"), scene.path("up"));
    // The first task fails once the second one can be asked. `tail` ends by itself where nobody
    // reads its output any more.
    let script = format!(
        "[ \"$PARBENCH_ARM\" = serial ] && exit 0
        if [ $PARBENCH_TASK = 1 ]; then read word < {up}; exit 3; fi
        trap 'echo asked > {log}; exit 0' TERM
        tail -f /dev/null > /dev/null & echo up > {up}; wait",
        up = up.display(),
        log = log.display()
    );
    let done = cmd(
        &scene,
        "-e ray -j 2 -r 1 --repeat 2 --shell",
        &["--", &script],
    );

    assert!(
        done.error().contains("(run 1) ended with exit code 3"),
        "{}",
        done.stderr
    );
    until(|| log.exists().then_some(()));
}

#[test]
fn ctrl_c_ends_commands_on_the_nodes_of_a_cluster() {
    let cluster = Cluster::start(2);
    let scene = scene();
    let (line, script) = endless(&scene, "exec");
    scene.write("hang", format!("#!/bin/sh\n{script}\n"));
    executable(&scene.path("hang"));
    let words = format!("cmd {} -w 0 -r 1 --repeat 2 -v -- ./hang", on(&cluster));
    let (child, stdout, text) = started(&scene, &words, "cmd :: serial, ray");
    until(|| (processes_of(&line).len() == 2).then_some(()));

    signal(child.id(), "INT");
    let (code, text, errors) = ended(child, stdout, text);
    assert_eq!((code, errors.as_str()), (Some(130), ""), "{text}");
    until_none(&line);
}

fn executable(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
