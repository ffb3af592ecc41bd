//! Tasks of commands: what a process gets, what is kept of it, and how it fails.

use std::num::NonZeroUsize;

use clap::{Args, FromArgMatches};
use serde_json::json;

use super::*;
use crate::digest::Digest;
use crate::event::Silent;
use crate::units::Bytes;

/// The workload that a command line makes.
fn workload(line: &[&str]) -> Result<Cmd, String> {
    let command = Params::augment_args(clap::Command::new("cmd"));
    let words = std::iter::once("cmd").chain(line.iter().copied());
    let matches = command.try_get_matches_from(words).unwrap();
    let params = Params::from_arg_matches(&matches).unwrap();

    let context = Context {
        task_timeout: std::time::Duration::MAX,
        stop: &Stop::new(),
        observer: &Silent,
        workers: NonZeroUsize::MIN,
        memory: Bytes(1 << 30),
    };
    Cmd::prepare(params, &context).map_err(|error| error.to_string())
}

/// The output of task `index` of a command line, as its digest.
fn digest(line: &[&str], index: usize) -> Digest {
    let done = workload(line).unwrap().task(index, &Stop::new()).unwrap();
    done.output.unwrap().digest
}

#[test]
fn a_task_is_one_process_with_its_input() {
    let line = ["--", "printf", "%s.", "{}", "{#}", ":::", "a b", "$x"];
    assert_eq!(digest(&line, 0), Digest::of("a b.1."));
    assert_eq!(digest(&line, 1), Digest::of("$x.2."));

    let appended = ["--", "printf", "%s", ":::", "last"];
    assert_eq!(digest(&appended, 0), Digest::of("last"));
    // As GNU parallel has it: the number of a task is enough.
    let numbered = ["--", "printf", "%s.", "{#}", ":::", "a", "b"];
    assert_eq!(digest(&numbered, 1), Digest::of("2."));
}

#[test]
fn a_batch_is_several_inputs_of_one_process() {
    let line = [
        "--batch", "2", "--", "printf", "%s.", "{}", ":::", "a", "b", "c",
    ];
    let cmd = workload(&line).unwrap();
    assert_eq!((cmd.tasks(), cmd.work()), (2, Work::new(3, "inputs")));
    assert_eq!(digest(&line, 0), Digest::of("a.b."));
    assert_eq!(digest(&line, 1), Digest::of("c."));
    assert_eq!(
        (cmd.inputs.name_of(0), cmd.inputs.name_of(1)),
        ("a and 1 more".to_owned(), "c".to_owned())
    );
}

#[test]
fn equal_runs_have_numbers_for_names() {
    let cmd = workload(&["--repeat", "3", "--", "true"]).unwrap();
    assert_eq!((cmd.tasks(), cmd.work()), (3, Work::new(3, "runs")));

    let done = (0..3).map(|index| cmd.task(index, &Stop::new()).unwrap());
    let answer = cmd.combine(done.collect()).unwrap();
    let of_run = json!({"end": "exit code 0", "output": Digest::of("")});
    assert_eq!(
        answer,
        json!({"run 1": of_run, "run 2": of_run, "run 3": of_run})
    );
}

#[test]
fn variables_threads_and_the_place_of_a_task_are_in_its_environment() {
    let line = [
        "--shell=sh",
        "--threads-per-task",
        "3",
        "--",
        "A='x {#}'; printf %s \"$A,$OMP_NUM_THREADS,$PARBENCH_TASK,$PARBENCH_SLOT,$MAKEFLAGS\"",
    ];
    assert_eq!(digest(&line, 4), Digest::of("x 5,3,5,1,"));
}

#[test]
fn a_shell_gets_the_input_as_an_argument() {
    let line = [
        "--shell",
        "--",
        "printf %s \"$1\"",
        ":::",
        "$(echo no); \"quoted\"",
    ];
    assert_eq!(digest(&line, 0), Digest::of("$(echo no); \"quoted\""));
}

#[test]
fn the_first_failure_is_that_of_all() {
    let cmd = workload(&[
        "--",
        "sh",
        "-c",
        "echo \"no $0\" >&2; exit 3",
        ":::",
        "a",
        "b",
    ])
    .unwrap();
    let failed = |index| match cmd.task(index, &Stop::new()) {
        Err(Error::Failed(failure)) => failure.message,
        other => panic!("{other:?}"),
    };

    let first = failed(1);
    assert!(
        first.ends_with("/sh (b) ended with exit code 3: no b"),
        "{first}"
    );
    assert_eq!(failed(0), first, "it was ended because of the first");
}

#[test]
fn a_failure_that_is_ignored_is_a_part_of_the_answer() {
    let line = [
        "--ignore-failure=3",
        "--output",
        "null",
        "--",
        "sh",
        "-c",
        "exit 3",
        ":::",
        "a",
    ];
    let cmd = workload(&line).unwrap();
    let done = cmd.task(0, &Stop::new()).unwrap();
    assert_eq!(
        cmd.combine(vec![done]).unwrap(),
        json!({"a": {"end": "exit code 3"}})
    );
}

#[test]
fn cpu_time_is_that_of_the_processes() {
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
    let cmd = workload(&["--", "sh", "-c", script]).unwrap();
    let done = cmd.task(0, &Stop::new()).unwrap();
    let used = cmd.process_use(&done).unwrap();
    assert!(
        used.cpu.user_s > 0.0 && used.cpu.preemptions.is_none(),
        "{used:?}"
    );
    assert!(used.peak.bytes > Bytes(100_000), "{used:?}");
    assert!(
        cmd.describe(0, &done)
            .starts_with("run 1: exit code 0, 0 bytes of output, ")
    );
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_is_measured() {
    for (line, message) in [
        (
            &["--", "no-such-program"][..],
            "there is no program no-such-program in the folders of PATH",
        ),
        (
            &["--", "{}", ":::", "ls"],
            "the program cannot be a placeholder",
        ),
        (
            &["--", "echo", "{}"],
            "the command has the placeholder {} and there are no inputs",
        ),
        (
            &["-I", "@@", "--", "echo", "{/}"],
            "the command has the placeholder {/} and there are no inputs: give them after ::: or with --inputs",
        ),
        (
            &["--output", "o/{}", "--", "echo", "hi"],
            "--output has the placeholder {} and there are no inputs: write {#}",
        ),
        (
            &["--output", "o/{/}", "--batch", "2", "--", "cat", ":::", "a"],
            "--output has the placeholder {/} and a process has several inputs with --batch",
        ),
        (
            &["--output", "Cargo.toml", "--", "dd", "if=Cargo.toml"],
            "--output would empty Cargo.toml, which the command reads",
        ),
        (
            &["--stdin", "no/file", "--", "cat"],
            "cannot read no/file: ",
        ),
    ] {
        let error = workload(line).err().unwrap();
        assert!(error.contains(message), "{line:?}: {error}");
    }
}

#[test]
fn a_command_is_shown_with_all_that_decides_what_it_does() {
    let text_of = |line: &[&str]| {
        let command = Params::augment_args(clap::Command::new("cmd"));
        let words = std::iter::once("cmd").chain(line.iter().copied());
        let matches = command.try_get_matches_from(words).unwrap();
        Cmd::command(&Params::from_arg_matches(&matches).unwrap()).unwrap()
    };

    assert_eq!(
        text_of(&["--conclude", "rm x", "--", "A=1", "wc", "-l", ":::", "a"]),
        "A=1 wc -l ::: a; --conclude rm x"
    );
    assert_eq!(
        text_of(&["--", "sh", "-c", "{}", ":::", "rm -rf x", "b"]),
        "sh -c '{}' ::: 'rm -rf x' b"
    );
    let files = [
        "--stdin", "in", "--output", "out-{#}", "-I", "X", "--batch", "2", "--", "cat", "X", ":::",
        "a",
    ];
    assert_eq!(
        text_of(&files),
        "cat X ::: a; -I X; --batch 2; --stdin in; --output 'out-{#}'"
    );

    let inputs: Vec<String> = (0..102).map(|number| number.to_string()).collect();
    let inputs = inputs.iter().map(String::as_str);
    let many: Vec<&str> = ["--", "echo", ":::"].into_iter().chain(inputs).collect();
    assert!(text_of(&many).ends_with(" 98 99 and 2 more inputs in that file"));
}
