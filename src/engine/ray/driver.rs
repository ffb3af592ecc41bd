//! A Python program that uses Ray, as a process: its lines and its end. What they mean is decided elsewhere.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::program::{self, Program};
use super::trouble::lost;
use crate::engine::Error;
use crate::stop::Stop;
use crate::worker::Answer;

/// No line of the protocol is longer.
const LONGEST_LINE: u64 = 1 << 26;
/// How often waiting looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);
/// How long the driver may take to end Ray, once it is told to.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines of its complaints that are kept.
const COMPLAINTS: usize = 20;
/// What makes Ray give up on a wrong address within seconds instead of minutes, and report nothing to its makers.
const SETTINGS: [(&str, &str); 6] = [
    ("RAY_py_gcs_connect_timeout_s", "2"),
    ("RAY_NUM_REDIS_GET_RETRIES", "1"),
    ("RAY_gcs_rpc_server_connect_timeout_s", "1"),
    ("RAY_gcs_server_request_timeout_seconds", "5"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("PYTHONUNBUFFERED", "1"),
];

/// Without it Ray puts a routable address in place of the loopback's, and listens on all of them.
const LOOPBACK: (&str, &str) = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0");

/// What it says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// Its first line.
    Hello { python: String, executable: String, ray: Option<String>, why: Option<String> },
    /// The Ray of this run can be joined.
    Running { address: String, token: String },
    /// It is a part of the cluster.
    Joined(serde::de::IgnoredAny),
    /// Every slot has its worker process.
    Ready { nodes: Vec<Node>, seconds: Seconds },
    /// It cannot go on.
    Trouble { kind: String, message: String },
    /// A task's answer.
    Done { task: usize, slot: usize, node: usize, answer: Answer },
    /// A task was lost, and is done again.
    Rerun { why: String },
    /// The batch under way is lost.
    Failed { kind: String, message: String },
    /// The batch under way is over.
    Finished(serde::de::IgnoredAny),
}

/// A node as the driver names it.
#[derive(Debug, Deserialize)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) slots: usize,
}

/// What its start took.
#[derive(Debug, Deserialize)]
pub(super) struct Seconds {
    pub(super) cluster: f64,
    pub(super) slots: f64,
}

/// How a program is started.
pub(super) struct Launch<'a> {
    pub(super) program: Program,
    /// The Python that runs it.
    pub(super) python: &'a str,
    /// Whether it talks to nothing beyond this machine's loopback.
    pub(super) on_loopback: bool,
    /// What opens the cluster, where that is not the user's to say.
    pub(super) token: Option<&'a str>,
}

/// The running program. Dropping it ends it.
pub(super) struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Arc<Mutex<VecDeque<String>>>,
}

impl Driver {
    /// Starts a program.
    pub(super) fn start(launch: &Launch<'_>) -> Result<Self, Error> {
        let python = launch.python;
        let mut command = Command::new(python);
        command.args(["-u", "-c", &program::text(launch.program)?]).envs(SETTINGS);
        if launch.on_loopback {
            command.env(LOOPBACK.0, LOOPBACK.1);
        }
        if let Some(token) = launch.token {
            command.env("RAY_AUTH_MODE", "token").env("RAY_AUTH_TOKEN", token);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for this process to deal with: it ends Ray itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| {
            Error::Failed(match error.kind() {
                ErrorKind::NotFound => {
                    format!("there is no {python}: install Python 3, or name one that has Ray with --python")
                }
                _ => format!("cannot run {python}: {error}; name a Python that has Ray with --python"),
            })
        })?;
        let stdin = child.stdin.take();
        let lines = child.stdout.take().map_or_else(|| channel().1, lines_of);
        let complaints = Arc::default();
        if let Some(stderr) = child.stderr.take() {
            keep_last(stderr, &complaints);
        }
        Ok(Self { child, stdin, lines, complaints })
    }

    /// Sends a line.
    pub(super) fn tell(&mut self, what: &impl Serialize) -> Result<(), Error> {
        let mut line = serde_json::to_vec(what).map_err(|error| Error::Failed(error.to_string()))?;
        line.push(b'\n');
        let sent = self.stdin.as_mut().map(|stdin| stdin.write_all(&line));
        if matches!(sent, Some(Ok(()))) { Ok(()) } else { Err(self.gone()) }
    }

    /// Waits for its next line; `None` when that takes longer than until `deadline`.
    pub(super) fn hear(&self, deadline: Option<Instant>, stop: &Stop) -> Result<Option<Said>, Error> {
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    let said = serde_json::from_str(&line);
                    return said.map(Some).map_err(|_| {
                        let start: String = line.chars().take(60).collect();
                        Error::Failed(format!("the driver of Ray said what it should not: {start}"))
                    });
                }
                Err(RecvTimeoutError::Timeout) => stop.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Ok(None);
            }
        }
    }

    /// Whether it still runs.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it and what it started.
    pub(super) fn end(&mut self) {
        drop(self.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(LOOK / 4);
        }
        self.kill();
    }

    /// Ends it at once: nothing that matters runs yet, or any more.
    pub(super) fn kill(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Ray's own processes end with the one that started them.
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }

    /// It has ended without being told to.
    fn gone(&self) -> Error {
        let complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = complaints.iter().map(String::as_str).collect();
        Error::Lost(lost(&lines))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        loop {
            let mut line = Vec::new();
            let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
            let said = String::from_utf8_lossy(&line).into_owned();
            if !matches!(read, Ok(1..)) || send.send(said).is_err() {
                break;
            }
        }
    });
    lines
}

fn keep_last(stderr: ChildStderr, complaints: &Arc<Mutex<VecDeque<String>>>) {
    let complaints = Arc::clone(complaints);
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut kept = complaints.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == COMPLAINTS {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    });
}

/// A batch: `tasks` of them wherever there is room, or with `each` one on every slot.
#[derive(Serialize)]
pub(super) struct Batch {
    pub(super) request: Value,
    pub(super) tasks: usize,
    pub(super) each: bool,
    /// No more at a time than the memory holds.
    pub(super) at_once: Option<usize>,
}
