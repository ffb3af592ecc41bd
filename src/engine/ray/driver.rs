//! A Python program that uses Ray, as a process: its lines and its end. What they mean is decided elsewhere.

use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::program::{self, Program};
use super::protocol::Said;
use super::tree;
use super::trouble::lost;
use crate::engine::{Error, Python};
use crate::stop::Stop;

/// No line of the protocol is longer.
const LONGEST_LINE: u64 = 1 << 26;
/// How often waiting looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);
/// How long the driver may take to answer that it ends, once its input has ended.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// How long it may take then. It limits itself to less.
const END_LIMIT: Duration = Duration::from_secs(3);
/// The longest silence of a driver that lives: it gives a sign every second, and a machine may be loaded.
const SILENCE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(45)];
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

/// How a program is started.
pub(super) struct Launch<'a> {
    pub(super) program: Program,
    /// The Python that runs it.
    pub(super) python: &'a Python,
    /// Whether it talks to nothing beyond this machine's loopback.
    pub(super) on_loopback: bool,
    /// What opens the cluster, where that is not the user's to say.
    pub(super) token: Option<&'a str>,
    /// How long an answer may take.
    pub(super) task_timeout: Duration,
}

/// The running program. Dropping it ends it.
pub(super) struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// The longest that it may be silent while it has something to do.
    silence: Duration,
    /// What it had started when it was last looked at.
    started: HashSet<tree::Seen>,
    complaints: Arc<Mutex<VecDeque<String>>>,
}

impl Driver {
    /// Starts a program.
    pub(super) fn start(launch: &Launch<'_>) -> Result<Self, Error> {
        let python = launch.python;
        let mut command = Command::new(python);
        command
            .args(["-u", "-c", &program::text(launch.program)?])
            .envs(SETTINGS);
        if launch.on_loopback {
            command.env(LOOPBACK.0, LOOPBACK.1);
        }
        if let Some(token) = launch.token {
            command
                .env("RAY_AUTH_MODE", "token")
                .env("RAY_AUTH_TOKEN", token);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
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
        let [least, most] = SILENCE;
        let silence = launch.task_timeout.clamp(least, most);
        let started = HashSet::new();
        Ok(Self {
            child,
            stdin,
            lines,
            silence,
            started,
            complaints,
        })
    }

    /// Sends a line.
    pub(super) fn tell(&mut self, what: &impl Serialize) -> Result<(), Error> {
        let mut line =
            serde_json::to_vec(what).map_err(|error| Error::Failed(error.to_string()))?;
        line.push(b'\n');
        let sent = self.stdin.as_mut().map(|stdin| stdin.write_all(&line));
        if matches!(sent, Some(Ok(()))) {
            Ok(())
        } else {
            Err(self.gone())
        }
    }

    /// Waits for its next line while it does something. A driver that gives no sign of life is lost.
    pub(super) fn hear_busy(&mut self, stop: &Stop) -> Result<Said, Error> {
        loop {
            match self.hear(Instant::now() + self.silence, stop)? {
                Some(Said::Alive(_)) => (),
                Some(said) => return Ok(said),
                None => {
                    let (pid, limit) = (self.child.id(), self.silence.as_secs());
                    self.kill();
                    return Err(Error::Lost(format!(
                        "the Python that drives Ray (process {pid}) gave no sign of life for {limit} s \
                         (--task-timeout, at most {} s): was it stopped?",
                        SILENCE[1].as_secs()
                    )));
                }
            }
        }
    }

    /// Waits for its next line; `None` when that takes longer than until `deadline`.
    pub(super) fn hear(&self, deadline: Instant, stop: &Stop) -> Result<Option<Said>, Error> {
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    let said = serde_json::from_str(&line);
                    return said.map(Some).map_err(|_| {
                        let start: String = line.chars().take(60).collect();
                        Error::Failed(format!(
                            "the driver of Ray said what it should not: {start}"
                        ))
                    });
                }
                Err(RecvTimeoutError::Timeout) => stop.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
        }
    }

    /// Whether it still runs.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it and what it started. One that does not react is not waited for.
    pub(super) fn end(&mut self) {
        // While it lives: afterwards nobody knows what it has started.
        self.started = tree::below(self.child.id());
        drop(self.stdin.take());
        let mut deadline = Instant::now() + ANSWER_LIMIT;
        while Instant::now() < deadline {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) if matches!(serde_json::from_str(&line), Ok(Said::Closing(_))) => {
                    deadline = Instant::now() + END_LIMIT;
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Ok(_) | Err(RecvTimeoutError::Timeout) => (),
            }
        }
        self.kill();
    }

    /// Ends it at once, with everything that it has started on this machine.
    pub(super) fn kill(&mut self) {
        let leader = self.child.id();
        // Ray's own processes follow the one that started them, but a stopped one follows nobody.
        let mut started = tree::below(leader);
        started.extend(self.started.drain());
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().ok();
        }
        tree::kill_group(leader);
        started.into_iter().for_each(tree::Seen::kill);
        self.child.wait().ok();
    }

    /// It has ended without being told to.
    fn gone(&self) -> Error {
        let complaints = self
            .complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
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
            let read = reader
                .by_ref()
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line);
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
