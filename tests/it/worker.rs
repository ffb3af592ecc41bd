//! `parbench worker`: every action of its protocol, as another program would ask for it, and when
//! it ends.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::harness::{Scene, repository};
use super::processes::{computes, runs, signal, until};

/// A worker with a pipe at each end.
struct Worker {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    fn start(scene: &Scene) -> Self {
        let mut command = scene.command("worker");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();

        Self {
            stdin: process.stdin.take().unwrap(),
            stdout: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    fn answer(&mut self, request: &Value) -> Value {
        writeln!(self.stdin, "{request}").unwrap();
        self.line()
    }

    /// Ends its input, after which it has nothing to say.
    fn end(mut self) {
        drop(self.stdin);
        let mut rest = String::new();
        self.stdout.read_line(&mut rest).unwrap();
        assert_eq!(rest, "", "it says nothing that it was not asked");
        assert!(self.process.wait().unwrap().success());
    }
}

fn pi(id: u64, more: &Value) -> Value {
    let mut request = json!({
        "id": id,
        "workload": "pi",
        "params": {"samples": 1000, "tasks": 2, "seed": 42},
    });
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

/// A request whose task takes hours.
fn endless() -> Value {
    let params = json!({"tasks": 1, "steps": 1_000_000_000_000_u64});
    json!({"id": 1, "workload": "busy", "params": params, "task": 0})
}

#[test]
fn every_action_is_answered() {
    let scene = Scene::new();
    let mut worker = Worker::start(&scene);
    assert_eq!(worker.line()["parbench_worker"], 2);

    let description = worker.answer(&pi(1, &json!({"do": "describe"})));
    let work = json!({"amount": 2000, "unit": "samples"});
    assert_eq!(
        description,
        json!({"id": 1, "tasks": 2, "work": work, "task_bytes": 0})
    );

    for (id, action) in [(2, "prepare"), (3, "audit"), (4, "cool-down")] {
        let answer = worker.answer(&pi(id, &json!({"do": action})));
        assert_eq!(answer["id"], id, "{answer}");
        assert!(answer["seconds"].is_number(), "{answer}");
    }
    let inputs = worker.answer(&pi(5, &json!({"do": "inputs"})));
    assert_eq!(inputs, json!({"id": 5, "inputs": null}));

    let partials: Vec<_> = (0..2)
        .map(|task| {
            let answer = worker.answer(&pi(6 + task, &json!({"task": task})));
            assert!(answer["seconds"].is_number(), "{answer}");
            answer["partial"].clone()
        })
        .collect();
    let combined = worker.answer(&pi(8, &json!({"do": "combine", "partials": partials})));
    let run = scene.exported("pi --samples 1000 --tasks 2 --seed 42 -j 2 -w 0 -r 2 -q");
    assert_eq!(
        combined,
        json!({"id": 8, "answer": run["measurements"][0]["answer"]})
    );

    worker.end();
}

#[test]
fn files_that_tasks_read_have_a_digest_and_tasks_their_memory() {
    let scene = Scene::new();
    fs::create_dir(scene.path("pictures")).unwrap();
    image::RgbImage::new(300, 300)
        .save(scene.path("pictures/black.png"))
        .unwrap();
    let run = scene.exported("image --input pictures -w 0 -r 2 -q");
    let measurement = &run["measurements"][0];
    let request = |id: u64, action: &str| json!({"id": id, "workload": "image", "params": measurement["params"], "do": action});

    let mut worker = Worker::start(&scene);
    worker.line();
    let inputs = worker.answer(&request(1, "inputs"));
    assert_eq!(inputs["inputs"].as_str().unwrap().len(), 64, "{inputs}");
    let description = worker.answer(&request(2, "describe"));
    for name in ["tasks", "work", "task_bytes"] {
        assert_eq!(description[name], measurement[name]);
    }

    worker.end();
}

#[test]
fn what_is_wrong_is_answered_and_the_next_request_is_served() {
    let scene = Scene::new();
    let mut worker = Worker::start(&scene);
    worker.line();

    worker.stdin.write_all(b"\xff\n").unwrap();
    let answer = worker.line();
    assert_eq!(answer["id"], Value::Null);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .starts_with("this is not a request"),
        "{answer}"
    );

    let refused =
        "the request is of version 1 of the worker protocol, and this worker speaks version 2";
    for (request, error) in [
        (pi(1, &json!({"task": 2})), "there is no task 2: pi has 2"),
        (
            pi(2, &json!({"do": "combine"})),
            "there are 0 partial results to combine: pi has 2 tasks",
        ),
        (pi(3, &json!({"parbench_worker": 1})), refused),
    ] {
        let answer = worker.answer(&request);
        assert_eq!(answer, json!({"id": request["id"], "error": error}));
    }
    let answer = worker.answer(&pi(4, &json!({"parbench_worker": 2, "task": 1})));
    assert!(answer["partial"].is_number(), "{answer}");

    worker.end();
}

#[test]
fn the_documented_conversation_is_the_real_one() {
    let text = fs::read_to_string(repository().join("docs/worker-protocol.md")).unwrap();
    let lines = text.lines().filter_map(|line| {
        let (kind, value) = line.split_once(' ')?;
        let value = serde_json::from_str::<Value>(value.trim()).ok()?;
        Some((kind.to_owned(), value))
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 7, "{lines:?}");

    let scene = Scene::new();
    let mut worker = Worker::start(&scene);
    for (kind, value) in lines {
        if kind == "request" {
            writeln!(worker.stdin, "{value}").unwrap();
            continue;
        }

        let mut answer = worker.line();
        for (name, documented) in value.as_object().unwrap() {
            if !["seconds", "version", "arch"].contains(&name.as_str()) {
                assert_eq!(answer[name].take(), *documented, "{name} of {value}");
            }
        }
    }

    worker.end();
}

#[test]
fn every_request_of_a_file_is_answered() {
    let scene = Scene::new();
    let requests = [
        pi(1, &json!({"task": 0})),
        pi(2, &json!({"task": 1})),
        pi(3, &json!({"do": "describe"})),
    ];
    // Tasks that last longer than it takes to see the end of the file.
    let long = |id: u64| {
        let params = json!({"tasks": 1, "steps": 50_000_000});
        json!({"id": id, "workload": "busy", "params": params, "task": 0})
    };
    let lines: Vec<_> = [long(10), long(11)]
        .iter()
        .chain(&requests)
        .map(ToString::to_string)
        .collect();
    scene.write("requests.jsonl", lines.join("\n"));

    let output = scene
        .command("worker")
        .stdin(File::open(scene.path("requests.jsonl")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success());

    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<_> = answers.iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(ids, [10, 11, 1, 2, 3]);
    assert!(
        answers.iter().all(|answer| answer.get("error").is_none()),
        "{text}"
    );
}

#[test]
fn a_worker_ends_within_a_task_when_nobody_reads_its_answers_any_more() {
    let scene = Scene::new();
    let mut worker = Worker::start(&scene);
    worker.line();
    writeln!(worker.stdin, "{}", endless()).unwrap();
    until(|| computes(worker.process.id()).then_some(()));

    drop((worker.stdin, worker.stdout));
    assert!(worker.process.wait().unwrap().success());
}

#[test]
fn a_worker_ends_within_a_task_when_its_parent_has_died() {
    let scene = Scene::new();
    scene.write("requests.jsonl", format!("{}\n", endless()));
    let program = scene.command("").get_program().to_owned();
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            "\"$0\" worker < requests.jsonl > answers.jsonl & echo $!; wait",
        ])
        .arg(program)
        .current_dir(scene.path(""))
        .stdout(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let worker = line.trim().parse().unwrap();
    until(|| computes(worker).then_some(()));

    signal(shell.id(), "KILL");
    shell.wait().unwrap();
    until(|| (!runs(worker)).then_some(()));
}
