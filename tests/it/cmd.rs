//! `cmd`: any command over inputs, on threads that wait for it and on worker processes.
#![cfg(unix)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::harness::{Finished, Scene};

/// A folder with some files, and the programs of the machine.
fn scene() -> Scene {
    let scene = Scene::new().env("PATH", &std::env::var("PATH").unwrap());
    scene.write("a b.txt", "first\n");
    scene.write("-c.txt", "second one\n");
    scene
}

/// Runs `cmd` with the words of `flags`, then the words of `rest` as they are.
fn cmd(scene: &Scene, flags: &str, rest: &[&str]) -> Finished {
    let mut command = scene.command(&format!("cmd {flags}"));
    Finished::from(command.args(rest).output().unwrap())
}

fn exported(scene: &Scene, flags: &str, rest: &[&str]) -> Value {
    let finished = cmd(scene, &format!("{flags} --export json:-"), rest);
    assert_eq!(finished.code, Some(0), "{rest:?}: {}", finished.stderr);
    serde_json::from_str(&finished.stdout).unwrap()
}

fn stored(scene: &Scene, name: &str) -> Value {
    serde_json::from_str(&scene.read(name)).unwrap()
}

/// Every arm of `measurement`: its engine and its workers.
fn names(measurement: &Value) -> Vec<String> {
    let arms = measurement["arms"].as_array().unwrap().iter();

    arms.map(|arm| format!("{} {}", arm["engine"].as_str().unwrap(), arm["workers"]))
        .collect()
}

/// The SHA-256 of `text`, by another program.
fn sha256(text: &str) -> String {
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();

    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn every_engine_runs_one_process_for_each_input_and_their_output_is_compared() {
    let scene = scene();
    let run = exported(
        &scene,
        "-e pool,process -j 2 -r 2",
        &["--", "cat", "--", "{}", ":::", "a b.txt", "-c.txt"],
    );

    let measurement = &run["measurements"][0];
    assert_eq!(
        measurement["answer"]["a b.txt"]["output"],
        sha256("first\n")
    );
    assert_eq!(
        measurement["answer"]["-c.txt"]["output"],
        sha256("second one\n")
    );
    assert_eq!(
        measurement["work"],
        serde_json::json!({"amount": 2, "unit": "inputs"})
    );
    for round in measurement["rounds"].as_array().unwrap() {
        for time in round["times"].as_array().unwrap() {
            assert!(time["cpu"]["user_s"].is_f64(), "{time}");
            assert!(time["peak"]["bytes"].as_u64() > Some(100_000), "{time}");
            assert!(time["dispatch_s"].is_f64(), "what a start costs: {time}");
        }
    }
}

#[test]
fn inputs_come_from_a_list_and_may_hold_anything_but_a_null_byte() {
    let scene = scene();
    scene.write("list", b"a\nb\0caf\xe9\0");
    let run = exported(&scene, "-0 -i list -r 1 -q", &["--", "printf", "%s"]);
    let answer = &run["measurements"][0]["answer"];
    assert_eq!(answer["a\\nb"]["output"], sha256("a\nb"));
    assert!(answer["caf\\xe9"]["output"].is_string(), "{answer}");

    let mut command = scene.command("cmd -i - -r 1 -q --export json:-");
    let mut child = command
        .args(["--", "echo"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"one\ntwo\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        run["measurements"][0]["answer"]["two"]["output"],
        sha256("two\n")
    );
}

#[test]
fn output_goes_into_files_and_input_comes_from_one() {
    let scene = scene();
    let out = scene.path("{/.}.out");
    let flags = format!("-r 1 -q --stdin ./-c.txt --output {}", out.display());
    let done = cmd(&scene, &flags, &["--", "cat", ":::", "-"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(scene.read("-.out"), "second one\n");
}

#[test]
fn a_failed_process_is_named_with_its_input_and_its_last_words() {
    let scene = scene();
    let script = "echo \"$1 is no picture\" >&2; exit 4";
    let done = cmd(&scene, "-j 2", &["--shell", "--", script, ":::", "a.jpg"]);
    let error = done.error();
    assert!(
        error.ends_with("sh (a.jpg) ended with exit code 4: a.jpg is no picture"),
        "{error}"
    );

    let done = cmd(&scene, "-q", &["--", "sh", "-c", "kill -SEGV $$"]);
    assert!(
        done.error().ends_with("(run 1) ended with SIGSEGV"),
        "{}",
        done.stderr
    );

    let ignored = cmd(
        &scene,
        "-r 1 -q --ignore-failure=4",
        &["--shell", "--", script, ":::", "a"],
    );
    assert_eq!((ignored.code, ignored.stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_cannot_be_run_is_one_line_before_anything_is_measured() {
    let scene = scene();
    for (rest, message) in [
        (
            &["--", "no-such-program"][..],
            "there is no program no-such-program in the folders of PATH",
        ),
        (&["--", "./a b.txt"], "./a b.txt is not executable"),
        (&["--", ""], "error: the program after -- has no name: \"\""),
        (
            &["--", " "],
            "error: the program after -- has no name: \" \"",
        ),
        (
            &["--", "A=1", "", "x"],
            "error: the program after -- has no name: \"\"",
        ),
        (
            &["--shell", "--", " "],
            "error: --shell has no command: \" \"",
        ),
        (
            &["--", "echo", "{}"],
            "there are no inputs: give them after ::: or with --inputs",
        ),
        (
            &["--", "echo", ":::"],
            "there are no inputs: the list is empty",
        ),
        (
            &["-i", "nowhere", "--", "echo"],
            "cannot read inputs from nowhere",
        ),
    ] {
        let done = cmd(&scene, "", rest);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{rest:?}");
        assert!(done.stderr.contains(message), "{rest:?}: {}", done.stderr);
    }
}

#[test]
fn what_would_lose_data_or_wait_for_ever_is_refused() {
    let scene = scene();
    let made = Command::new("mkfifo").arg(scene.path("fifo")).status();
    assert!(made.unwrap().success());

    for (line, message) in [
        (
            &["--stdin", "fifo", "--", "cat"][..],
            "cannot read fifo: it is a pipe",
        ),
        (&["--output", "fifo", "--", "echo"], "it is a pipe"),
        (
            &["--output", "{}", "--", "cat", "--", "{}", ":::", "a b.txt"],
            "--output would empty a b.txt, which the command reads",
        ),
        (
            &[
                "--repeat", "1", "--stdin", "a b.txt", "--output", "a b.txt", "--", "cat",
            ],
            "--output would empty a b.txt, which the command reads",
        ),
        (
            &[
                "--repeat", "1", "--output", "a b.txt", "--", "cat", "a b.txt",
            ],
            "--output would empty a b.txt, which the command reads",
        ),
        (
            &["--output", "same", "--", "echo", ":::", "1", "2"],
            "several tasks would write to same",
        ),
        (&["--", "./"], "is a directory, not a program"),
        (&["--", "wc -l"], "remove the quotes, or give --shell"),
        (
            &["--shell", "--", "wc -c {} | cut -c1-5", ":::", "a b.txt"],
            "the shell's command has {} where a shell reads its input: write \"$1\"",
        ),
        (
            &["--scale", "weak", "--", "sleep", "0.{workers}"],
            "engine own cannot run cmd: with {workers} there is one size of work",
        ),
        (
            &[
                "--scale", "weak", "--output", "{#}", "--", "echo", ":::", "1",
            ],
            "all of them would write to the same file: leave --output out",
        ),
        (
            &["--", "./stale"],
            "there is no /no/such/sh, which its first line names",
        ),
    ] {
        scene.write("stale", "#!/no/such/sh\n");
        let script = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scene.path("stale"), script).unwrap();

        let done = cmd(&scene, "-r 1", line);
        assert_eq!(done.code, Some(2), "{line:?}: {}", done.stdout);
        assert!(done.stderr.contains(message), "{line:?}: {}", done.stderr);
        assert_eq!(scene.read("a b.txt"), "first\n");
    }
}

#[test]
fn streams_that_tasks_cannot_share_are_refused() {
    let scene = scene();
    for (line, message) in [
        (
            &["--output", "out-{%}", "--", "echo", ":::", "1", "2"][..],
            "a slot runs several tasks, one after another, and each would empty the file out-1: write {#}",
        ),
        (
            &["--stdin", "-", "--", "cat"],
            "--stdin cannot be -: the standard input has its content once, and every process needs it",
        ),
        (
            &["--output", "-", "--", "echo"],
            "--output cannot be -: give pipe, null, inherit or a file, such as ./- for one of that name",
        ),
    ] {
        let done = cmd(&scene, "-r 1", line);
        assert!(done.error().contains(message), "{line:?}: {}", done.stderr);
        assert_eq!(scene.names(), ["-c.txt", "a b.txt"]);
    }
}

#[test]
fn a_document_on_stdout_is_no_place_for_inherited_output() {
    let scene = scene();
    let done = cmd(
        &scene,
        "-r 1 -q --repeat 1 --export json:-",
        &["--output", "inherit", "--", "echo", "hello"],
    );
    let run: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(run["measurements"][0]["workload"], "cmd");
    assert!(done.stderr.contains("hello"), "{}", done.stderr);
}

#[test]
fn failures_that_are_allowed_are_said() {
    let scene = scene();
    let line = [
        "--ignore-failure=7",
        "--",
        "sh",
        "-c",
        "exit 7",
        ":::",
        "a",
        "b",
    ];
    let done = cmd(&scene, "-j 2 -r 2", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = "2 of 2 tasks failed, which --ignore-failure allows: exit code 7 (a first)";
    assert!(done.flowing().contains(said), "{}", done.stdout);
}

#[test]
fn hyperfine_is_given_the_exit_codes_that_were_seen() {
    let scene = scene();
    let codes = |flags: &str, rest: &[&str]| {
        let done = cmd(
            &scene,
            &format!("-q -j 2 -r 2 --export hyperfine:- {flags}"),
            rest,
        );
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let document: Value = serde_json::from_str(&done.stdout).unwrap();
        let results = document["results"].as_array().unwrap().iter();
        let codes = results.map(|result| result["exit_codes"][0].clone());
        codes.collect::<Vec<_>>()
    };

    let both = codes("--ignore-failure", &["--shell", "--", "exit 3"]);
    assert_eq!(both, [3, 3]);
    let script = ["--shell", "--", "exit $1", ":::", "0", "4"];
    let different = codes("--ignore-failure", &script);
    assert_eq!(different, [Value::Null, Value::Null]);
    let line = ["--vs", "sh -c 'exit 5'", "--", "true"];
    let other = codes("--ignore-failure --repeat 2", &line);
    assert_eq!(other, [0, 0, 5, 5]);
}

#[test]
fn rounds_are_kept_where_only_cleaning_up_fails() {
    let scene = scene();
    let done = cmd(
        &scene,
        "-r 2 --cleanup false --export run.json",
        &["--", "true"],
    );
    assert_eq!(done.code, Some(2), "{}", done.stdout);
    assert!(done.stderr.contains("--cleanup"), "{}", done.stderr);
    let run = stored(&scene, "run.json");
    assert_eq!(
        run["measurements"][0]["rounds"].as_array().unwrap().len(),
        3
    );
    assert!(
        run["problems"][0]["message"]
            .as_str()
            .unwrap()
            .contains("--cleanup"),
        "{run}"
    );
}

#[test]
fn a_worker_process_names_the_program_that_took_too_long_and_runs_it_once() {
    let scene = scene();
    let script = "test \"$PARBENCH_ARM\" = serial || { echo x >> log; exec tail -f /dev/null; }";
    let done = cmd(
        &scene,
        "-e process -j 1 -r 1 --repeat 1 --task-timeout 300ms",
        &["--", "sh", "-c", script],
    );
    let error = done.error();
    assert!(
        error.contains("sh (run 1) was still running after 300 ms"),
        "{error}"
    );
    assert_eq!(scene.read("log"), "x\n");
}

#[test]
fn the_longest_input_bounds_what_workers_bring() {
    let scene = scene();
    let line = ["--", "sleep", ":::", "0.3", "0.05", "0.05", "0.05", "0.05"];
    let done = cmd(&scene, "-j 2 -r 6", &line);
    let text = done.flowing();
    // Beside other programs no cause is named.
    let is_named = text.contains("the longest task takes 3");
    assert!(
        is_named != text.contains("other programs used"),
        "{}",
        done.stdout
    );
}

#[test]
fn output_that_varies_is_said_and_not_compared() {
    let scene = scene();
    let done = cmd(
        &scene,
        "-j 2 -r 2",
        &["--shell", "--", "echo $$; echo $1", ":::", "x"],
    );
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = "two serial passes gave different output for 1 task (x), so it is not compared";
    assert!(done.flowing().contains(said), "{}", done.stdout);
}

#[test]
fn output_that_is_another_one_beside_other_tasks_is_an_error() {
    let scene = scene();
    // Alone, a task is always in the first slot.
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $PARBENCH_SLOT";
    let done = cmd(&scene, "-j 2", &["--shell", "--", script, ":::", "x", "y"]);
    let error = done.error();
    assert!(
        error.contains("cmd: the pool 2 answer of round "),
        "{error}"
    );
    assert!(
        error.contains(&sha256("1\n")) && error.contains(&sha256("2\n")),
        "{error}"
    );
    assert!(
        error.contains("differs from the first one: the output of ")
            && error.contains(" (SHA-256)"),
        "{error}"
    );
}

#[test]
fn an_answer_that_differs_is_named_by_the_inputs_of_its_task() {
    let scene = scene();
    for (script, what) in [
        (
            "[ $PARBENCH_ARM = serial ] && exit 3 || exit 4",
            "c and 1 more ended with exit code 3 and with exit code 4",
        ),
        (
            "echo $PARBENCH_ARM",
            "the output of c and 1 more (SHA-256) is ",
        ),
    ] {
        // Two tasks of two inputs each, of which the first one is always the same.
        let script = format!("[ $1 = a ] && exit 0; {script}");
        let line = [
            "--batch", "2", "--shell", "--", &script, ":::", "a", "b", "c", "d",
        ];
        let done = cmd(&scene, "-j 2 -r 2 --ignore-failure", &line);
        let error = done.error();
        let expected = format!("the pool 2 answer of round 1 differs from the first one: {what}");
        assert!(error.contains(&expected), "{error}");
    }
}

#[test]
fn one_thread_has_to_give_the_output_of_the_loop() {
    let scene = scene();
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $PARBENCH_SLOT {workers}";
    let line = ["--threads", "1", "--shell", "--", script, ":::", "x", "y"];
    let done = cmd(&scene, "-j 2", &line);
    let error = done.error();
    assert!(
        error.contains("cmd: the 1-thread-pool 2 answer of round "),
        "{error}"
    );
}

#[test]
fn an_input_in_a_variable_is_no_further_word() {
    let scene = scene();
    let script = "test \"$X\" = a && test $# = 0";
    let words = ["--", "X={}", "sh", "-c", script];
    let done = cmd(&scene, "-q -r 2", &[&words[..], &[":::", "a"]].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let without = cmd(&scene, "-q -r 2", &words);
    assert!(
        without.error().contains("there are no inputs"),
        "{}",
        without.stderr
    );
}

#[test]
fn what_was_prepared_is_concluded_where_an_arm_fails() {
    let scene = scene();
    let mut command = scene.command("cmd -q -r 2 --conclude");
    command.args(["echo over >> log", "--", "false"]);
    let done = Finished::from(command.output().unwrap());

    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert_eq!(scene.read("log"), "over\n");
}

#[test]
fn what_was_prepared_in_part_is_concluded_and_what_was_set_up_in_part_is_cleaned_up() {
    for (failing, log) in [
        ("--prepare", "conclude\ncleanup\n"),
        ("--setup", "cleanup\n"),
    ] {
        let scene = scene();
        let hooks = [
            failing,
            "exit 9",
            "--conclude",
            "echo conclude >> log; exit 8",
            "--cleanup",
            "echo cleanup >> log",
        ];
        let done = cmd(
            &scene,
            "-q -r 2 -j 2",
            &[&hooks[..], &["--", "true"]].concat(),
        );

        let expected = format!("cmd: {failing} `exit 9` ended with exit code 9");
        assert_eq!(done.error(), expected);
        assert_eq!(scene.read("log"), log);
    }
}

#[test]
fn a_stored_command_is_run_again_only_where_that_is_wanted() {
    let scene = scene();
    let made = cmd(
        &scene,
        "-q -r 12 --export base.json",
        &["--", "touch", "made", ":::", "it"],
    );
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    std::fs::remove_file(scene.path("made")).unwrap();

    let refused = scene.run("check --baseline base.json");
    assert!(
        refused.error().starts_with(
            "base.json holds the command `touch made ::: it`, which is run as written there"
        ),
        "{}",
        refused.stderr
    );
    assert!(!scene.path("made").exists());

    let limited = scene.run("check --baseline base.json --allow-commands --max-time 1s");
    assert_eq!(
        limited.error(),
        "base.json has exactly 12 rounds, which --max-time does not limit: use --rounds"
    );
    let line = "check --baseline base.json --allow-commands --tolerance 1000%";
    let allowed = scene.run(line);
    assert_eq!(
        allowed.code,
        Some(0),
        "{}{}",
        allowed.stdout,
        allowed.stderr
    );
    assert!(scene.path("made").exists());
}

#[test]
fn tasks_that_wait_pay_with_more_workers_than_cpus() {
    let scene = scene();
    let run = exported(&scene, "-j 8 -r 6 --repeat 8 -q", &["--", "sleep", "0.1"]);
    let summary = &run["measurements"][0]["summary"]["arms"][1];
    assert_eq!(summary["verdict"], "pays", "{summary}");
}

#[test]
fn a_program_with_workers_of_its_own_is_measured_beside_itself_with_one() {
    let scene = scene();
    // Two waits, one after the other or side by side.
    let script =
        "if [ {workers} = 1 ]; then sleep 0.1; sleep 0.1; else sleep 0.1 & sleep 0.1; wait; fi";
    let run = exported(&scene, "-j 1,2 -r 6 -q", &["--", "sh", "-c", script]);

    let measurement = &run["measurements"][0];
    let arms: Vec<_> = measurement["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| {
            (
                arm["engine"].as_str().unwrap(),
                arm["workers"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(arms, [("own", 1), ("own", 2)]);
    let summary = &measurement["summary"];
    assert_eq!(summary["arms"][1]["verdict"], "pays", "{summary}");
    let points = summary["series"][0]["points"].as_array().unwrap();
    assert_eq!(
        points.len(),
        2,
        "one worker is a point of the curve: {points:?}"
    );
}

#[test]
fn a_program_that_takes_longer_with_more_workers_does_not_pay() {
    let scene = scene();
    // 0.1 s with one worker, 0.2 s with two. Two equal times would differ by chance in one run of 64.
    let run = exported(&scene, "-j 2 -r 6 -q", &["--", "sleep", "0.{workers}"]);
    let summary = &run["measurements"][0]["summary"]["arms"][1];
    assert_eq!(summary["verdict"], "does-not-pay", "{summary}");
}

#[test]
fn another_output_with_another_number_of_workers_is_said_and_is_no_error() {
    let scene = scene();
    let done = cmd(
        &scene,
        "-j 2 -r 2",
        &["--", "N={workers}", "sh", "-c", "echo $N"],
    );
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = "the output of own 2 differs from that of own 1";
    assert!(done.flowing().contains(said), "{}", done.stdout);
}

#[test]
fn a_serial_program_is_the_reference_beside_one_worker() {
    let scene = scene();
    let line = ["--serial", "sleep 0.05", "--", "sleep", "0.{workers}"];
    let done = cmd(&scene, "-j 1,2 -r 6 --export run.json", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for said in ["beside the serial sleep 0.05", "of serial", "of 1 worker"] {
        assert!(done.flowing().contains(said), "{said}: {}", done.stdout);
    }

    let run = stored(&scene, "run.json");
    let measurement = &run["measurements"][0];
    assert_eq!(names(measurement), ["serial 1", "own 1", "own 2"]);
    let speedup = measurement["summary"]["arms"][2]["speedup"]
        .as_f64()
        .unwrap();
    assert!(
        (0.15..0.5).contains(&speedup),
        "0.05 s beside 0.2 s: {speedup}"
    );
}

#[test]
fn another_command_is_measured_in_the_same_rounds_and_compared() {
    let scene = scene();
    let line = ["--vs", "sleep 0.1", "--", "sleep", "0.02"];
    let done = cmd(&scene, "-j 2 -r 6 --repeat 2 --export run.json", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = done.flowing();
    assert!(said.contains("compared with sleep 0.1"), "{said}");
    assert!(
        said.contains("sleep 0.1 is 0.") && said.contains("in the plain loop: slower"),
        "{said}"
    );
    assert!(
        said.contains("on pool 2: slower") && said.contains("as fast as in its own plain loop"),
        "{said}"
    );

    let run = stored(&scene, "run.json");
    let arms = names(&run["measurements"][0]);
    assert_eq!(arms, ["serial 1", "pool 2", "vs-serial 1", "vs-pool 2"]);

    // The arms are found again by their names.
    let again = scene.run("check --baseline run.json --allow-commands -q");
    assert!(
        again.code == Some(0) || again.code == Some(1),
        "{}",
        again.stderr
    );
}

#[test]
fn cores_are_cut_into_tasks_and_threads_in_every_way_that_fits() {
    let scene = scene();
    let script = ["sh", "-c", "sleep 0.{workers}", "sh"];
    let line = [&["--threads", "1,2", "--"], &script[..], &[":::", "a", "b"]].concat();
    let done = cmd(&scene, "-r 6 --export run.json", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = done.flowing();
    assert!(said.contains("at once with 1 thread each, "), "{said}");

    let cpus = std::thread::available_parallelism().unwrap().get();
    let splits =
        [1, 2].map(|threads| format!("{threads}-thread-pool {}", cpus / threads * threads));
    let run = stored(&scene, "run.json");
    assert_eq!(names(&run["measurements"][0])[1..], splits[..cpus.min(2)]);

    let too_many = cmd(&scene, "-j 1000", &line).error().to_owned();
    assert!(too_many.contains("fits into"), "{too_many}");
}

#[test]
fn splits_that_take_more_than_the_cpus_are_named_once_before_anything_is_measured() {
    let scene = scene();
    let line = ["--threads", "1,500", "--", "true", "{workers}", ":::", "a"];
    let done = cmd(&scene, "-r 2 -j 1,700,900 --export run.json", &line);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let cpus = std::thread::available_parallelism().unwrap().get();
    let note = format!(
        "note: cmd: left out, for they take more than the {cpus} CPUs here: 700 or 900 processes with 1 thread each, \
         1, 700 or 900 processes with 500 threads each\n"
    );
    assert_eq!(done.stderr.matches(&note).count(), 1, "{}", done.stderr);
    assert_eq!(
        names(&stored(&scene, "run.json")["measurements"][0]),
        ["serial 1", "1-thread-pool 1"]
    );

    let quiet = cmd(&scene, "-q -r 2 -j 1,700", &line);
    assert_eq!(quiet.stderr, "");
    let by_itself = cmd(&scene, "-r 2", &line);
    let note = "CPUs here: a process with 500 threads\n";
    assert!(by_itself.stderr.contains(note), "{}", by_itself.stderr);
}

#[test]
fn what_stands_beside_a_command_has_to_fit_it() {
    let scene = scene();
    for (line, message) in [
        (
            &["--serial", "true", "--", "true"][..],
            "--serial is for commands with {workers}",
        ),
        (
            &["--threads", "2", "--", "true"],
            "--threads is for commands with {workers}",
        ),
        (
            &["--vs", "true", "--", "true", "{workers}"],
            "the command of --vs has no {workers}: a serial program is given by --serial",
        ),
        (
            &["--vs", "true {workers}", "--", "true"],
            "the command of --vs has {workers}, and the other one has not",
        ),
        (
            &["--vs", "no-such-program", "--", "true"],
            "there is no program no-such-program",
        ),
        (&["--vs", "a 'b", "--", "true"], "unclosed quote in --vs"),
    ] {
        let done = cmd(&scene, "-r 1", line);
        assert_eq!(done.code, Some(2), "{line:?}: {}", done.stdout);
        assert!(done.stderr.contains(message), "{line:?}: {}", done.stderr);
    }
}

#[test]
fn a_flag_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt;

    let scene = scene();
    for flag in ["--vs", "--serial", "--prepare", "-I"] {
        let mut command = scene.command("cmd");
        let bytes = std::ffi::OsStr::from_bytes(b"caf\xe9");
        command.arg(flag).arg(bytes).args(["--", "true"]);
        let done = Finished::from(command.output().unwrap());
        let named = match flag {
            "-I" => "--placeholder",
            long => long,
        };
        assert_eq!(done.code, Some(2), "{flag}");
        assert!(done.stderr.contains(named), "{flag}: {}", done.stderr);
        assert!(
            done.stderr.contains("must be UTF-8"),
            "{flag}: {}",
            done.stderr
        );
    }
}

#[test]
fn a_number_of_workers_that_fails_is_a_problem_and_the_others_are_measured() {
    let scene = scene();
    let script = "if [ {workers} = 4 ]; then echo no memory >&2; exit 9; fi";
    let done = cmd(
        &scene,
        "-j 1,2,4 -r 2 -q --export run.json",
        &["--", "sh", "-c", script],
    );
    let error = done.stderr.lines().next().unwrap();
    assert!(
        error.starts_with("error: cmd: own 4: ")
            && error.ends_with("ended with exit code 9: no memory"),
        "{error}"
    );
    assert_eq!(done.code, Some(2));

    let run: Value = serde_json::from_str(&scene.read("run.json")).unwrap();
    let arms = run["measurements"][0]["arms"].as_array().unwrap();
    let workers: Vec<_> = arms.iter().map(|arm| arm["workers"].as_u64()).collect();
    assert_eq!(workers, [Some(1), Some(2)]);

    // Also where it fails later, and on engines.
    let script = "test $PARBENCH_ROUND -lt 3 || test \"$PARBENCH_ARM\" != 'pool 3'";
    let flags = "-j 2,3 -r 4 -q --repeat 3 --export run.json --shell";
    let done = cmd(&scene, flags, &["--", script]);
    assert!(
        done.stderr.starts_with("error: cmd: pool 3: "),
        "{}",
        done.stderr
    );
    let run = stored(&scene, "run.json");
    assert_eq!(names(&run["measurements"][0]), ["serial 1", "pool 2"]);
    assert_eq!(
        run["measurements"][0]["rounds"].as_array().unwrap().len(),
        5
    );

    // Nothing is left to compare the only other number with.
    let script = "if [ {workers} = 4 ]; then echo no memory >&2; exit 9; fi";
    let done = cmd(&scene, "-j 4 -q", &["--", "sh", "-c", script]);
    assert!(
        done.error().contains("exit code 9: no memory"),
        "{}",
        done.stderr
    );
}

#[test]
fn own_workers_need_no_engine() {
    let scene = scene();
    let done = cmd(&scene, "-e process", &["--", "echo", "{workers}"]);
    assert_eq!(
        done.error(),
        "engine process cannot run cmd: it starts its own workers, so it runs on no engine"
    );
}

#[test]
fn hooks_run_around_every_arm_and_one_that_fails_is_named() {
    let scene = scene();
    let hooks = [
        "--setup",
        "echo setup {workers} >> log",
        "--prepare",
        "test ! -e made",
        "--check",
        "test -e made",
        "--conclude",
        "rm made",
        "--cleanup",
        "echo cleanup {workers} >> log",
    ];
    let line = ["-j", "2", "-r", "2", "-q", "--repeat", "1"];
    let words = line.iter().chain(&hooks).chain(&["--", "touch", "made"]);
    let done = cmd(&scene, "", &words.copied().collect::<Vec<_>>());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let log = scene.read("log");
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["cleanup 1", "cleanup 2", "setup 1", "setup 2"]);

    let wrong = ["--repeat", "1", "--check", "test -e other", "--", "true"];
    let done = cmd(&scene, "-q", &wrong);
    assert_eq!(
        done.error(),
        "cmd: --check `test -e other` ended with exit code 1"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_hook_that_hangs_is_ended_after_the_time_of_a_task() {
    let scene = scene();
    for hook in ["--setup", "--prepare", "--check", "--conclude"] {
        let script = "echo $$ > pid; exec tail -f /dev/null";
        let line = ["--repeat", "1", hook, script, "--", "true"];
        let done = cmd(&scene, "-q --task-timeout 300ms", &line);
        assert_eq!(
            done.error(),
            format!(
                "cmd: {hook} `{script}` was still running after 300 ms; use a longer --task-timeout"
            )
        );

        let stat = format!("/proc/{}/stat", scene.read("pid").trim());
        let left = std::fs::read_to_string(stat).unwrap_or_default();
        assert!(!left.contains("(tail) S"), "{left}");
    }
}

#[test]
fn a_task_sees_its_round_its_arm_and_an_environment_of_another_length_in_every_round() {
    let scene = scene();
    let script = "echo $PARBENCH_ROUND,$PARBENCH_ARM,${#PARBENCH_PADDING} >> log";
    let done = cmd(&scene, "-j 2 -r 2 -q --repeat 1 --shell", &["--", script]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let log = scene.read("log");
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "1,pool 2,1021",
            "1,serial,1021",
            "2,pool 2,2042",
            "2,serial,2042",
            "3,pool 2,3063",
            "3,serial,3063"
        ]
    );
}

#[test]
fn a_task_that_hangs_is_ended_and_named() {
    let scene = scene();
    let script = "trap '' TERM; while :; do :; done";
    for engine in ["pool", "process"] {
        let flags = format!("-e {engine} -j 2 -q --task-timeout 300ms --repeat 2 --shell");
        let done = cmd(&scene, &flags, &["--", script]);
        let error = done.error();
        assert!(
            error.ends_with(
                "sh (run 1) was still running after 300 ms; use a longer --task-timeout"
            ),
            "{error}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_leaves_its_process_group_is_ended_with_the_run() {
    let scene = scene();
    // The shell has the number only once it has left the group.
    let script = "left=$(setsid sh -c 'echo $$; exec tail -f /dev/null > /dev/null 2>&1' &); echo $left > left";
    let done = cmd(&scene, "-j 1 -r 1 -q --repeat 1 --shell", &["--", script]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);

    let stat = format!("/proc/{}/stat", scene.read("left").trim());
    let gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z"));
    assert!((0..1_000_000).any(|_| gone()), "it still runs");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_no_process() {
    let scene = scene();
    let made = Command::new("mkfifo").arg(scene.path("up")).status();
    assert!(made.unwrap().success());
    let script = "trap '' TERM; echo $$ > up; exec tail -f /dev/null";
    let child = scene
        .command("cmd --repeat 1 -- sh -c")
        .arg(script)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.unwrap();

    // The pipe opens when the program has come as far.
    let pid: u32 = scene.read("up").trim().parse().unwrap();
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));

    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z"), "{stat}");
}
