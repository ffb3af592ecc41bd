//! A parbench program in a process of its own that runs rounds on demand, and everything that can go wrong
//! with one: it is something else, it crashes, it hangs.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::turns::{Ask, Greeting, PROTOCOL, Reply, SUBCOMMAND};
use crate::engine::Cluster;
use crate::kernel::isa::Isa;
use crate::printable;
use crate::results::{Measurement, Order, Round};
use crate::stop::Stop;

/// How often a wait looks at the stop flag.
const LOOK: Duration = Duration::from_millis(50);
/// How long a program that has closed its stdout may take to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// More of a broken program's words than fit a line help nobody.
const MOST_WORDS: usize = 200;

/// Why a partner cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("{0}")]
    Trouble(String),
    #[error("{0}")]
    TimedOut(String),
    #[error("interrupted")]
    Interrupted,
}

/// The process. Dropping it ends the process.
pub(super) struct Partner<'a> {
    path: PathBuf,
    child: Child,
    asks: Option<ChildStdin>,
    lines: Receiver<String>,
    timeout: Duration,
    stop: &'a Stop,
    /// `release` or `debug`.
    pub(super) build_profile: String,
    /// The program's version.
    pub(super) version: String,
}

impl<'a> Partner<'a> {
    /// Starts `path` and waits for its greeting.
    pub(super) fn start(
        path: &Path,
        cluster: &Cluster,
        timeout: Duration,
        stop: &'a Stop,
    ) -> Result<Self, Broken> {
        let mut command = Command::new(path);
        if let Some(limit) = cluster.start_timeout {
            command.env("PARBENCH_START_TIMEOUT", format!("{}ms", limit.as_millis()));
        }
        let mut child = command
            .arg(SUBCOMMAND)
            .env("RAY_ADDRESS", cluster.address.to_string())
            .env("PARBENCH_PYTHON", &cluster.python)
            .env("PARBENCH_TASK_TIMEOUT", format!("{}ms", cluster.task_timeout.as_millis()))
            // Both on the same kernels, also when they were chosen by flag.
            .env("PARBENCH_ISA", Isa::selected().name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Broken::Trouble(format!("cannot run {}: {error}", printable::path(path))))?;
        let (send, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                // Something endless without a line end must not eat the memory.
                let mut reader = BufReader::new(stdout);
                loop {
                    let mut line = Vec::new();
                    let read = reader.by_ref().take(1 << 26).read_until(b'\n', &mut line);
                    let told = String::from_utf8_lossy(&line).into_owned();
                    if !matches!(read, Ok(1..)) || send.send(told).is_err() {
                        break;
                    }
                }
            });
        }
        let asks = child.stdin.take();
        let (build_profile, version) = (String::new(), String::new());
        let mut partner =
            Self { path: path.to_owned(), child, asks, lines, timeout, stop, build_profile, version };
        let greeting: Greeting = partner.listen("greet")?;
        if greeting.parbench_turns != PROTOCOL {
            return Err(partner.trouble(&format!(
                "is parbench {} and takes turns by protocol {}, this one by {PROTOCOL}; compare stored runs instead",
                greeting.version, greeting.parbench_turns
            )));
        }
        partner.build_profile = greeting.build_profile;
        partner.version = greeting.version;
        Ok(partner)
    }

    /// Has it get ready.
    pub(super) fn prepare(&mut self, ask: &Ask) -> Result<(), Broken> {
        match self.ask(ask, "prepare")? {
            Reply::Ready => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Has it run a round.
    pub(super) fn round(&mut self, number: u32, order: Order) -> Result<Round, Broken> {
        match self.ask(&Ask::Round { number, order }, "run a round")? {
            Reply::Round(round) => Ok(*round),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Has it say what it measured.
    pub(super) fn measurement(&mut self) -> Result<Measurement, Broken> {
        match self.ask(&Ask::Measurement, "say what it measured")? {
            Reply::Measurement(measurement) => Ok(*measurement),
            other => Err(self.unexpected(&other)),
        }
    }

    fn ask(&mut self, ask: &Ask, what: &str) -> Result<Reply, Broken> {
        let line = serde_json::to_string(ask).map_err(|error| self.trouble(&error.to_string()))?;
        let said = self.asks.as_mut().map(|asks| writeln!(asks, "{line}").and_then(|()| asks.flush()));
        if !matches!(said, Some(Ok(()))) {
            return Err(self.ended(what));
        }
        match self.listen(what)? {
            Reply::Failed(message) => Err(self.trouble(&format!("cannot {what}: {message}"))),
            reply => Ok(reply),
        }
    }

    fn listen<T: DeserializeOwned>(&mut self, what: &str) -> Result<T, Broken> {
        let asked = Instant::now();
        loop {
            if self.stop.signal().is_some() {
                return Err(Broken::Interrupted);
            }
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    return serde_json::from_str(&line).map_err(|_| {
                        let said: String = line.trim().chars().take(MOST_WORDS).collect();
                        self.trouble(&format!("is no parbench that can take turns: it said {said:?}"))
                    });
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended(what)),
                Err(RecvTimeoutError::Timeout) if asked.elapsed() >= self.timeout => {
                    let (path, limit) =
                        (printable::path(&self.path), humantime::format_duration(self.timeout));
                    return Err(Broken::TimedOut(format!(
                        "{path} took more than {limit} to {what}; allow more with --timeout"
                    )));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// It is gone: says how, with its own last words.
    fn ended(&mut self, what: &str) -> Broken {
        if self.stop.signal().is_some() {
            return Broken::Interrupted;
        }
        self.asks = None;
        // Its stdout is closed, so it has ended or is about to; whatever it is, it must not stay.
        let asked = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < PATIENCE {
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let mut words = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            let _ = stderr.take(1 << 16).read_to_string(&mut words);
        }
        let last: String = words
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty())
            .unwrap_or("")
            .chars()
            .take(MOST_WORDS)
            .collect();
        let said = if last.is_empty() { String::new() } else { format!(", saying {last:?}") };
        self.trouble(&format!("ended when it was to {what} ({status}){said}"))
    }

    fn trouble(&self, what: &str) -> Broken {
        Broken::Trouble(format!("{} {what}", printable::path(&self.path)))
    }

    fn unexpected(&self, reply: &Reply) -> Broken {
        self.trouble(&format!("answered something else than it was asked: {reply:?}"))
    }
}

impl Drop for Partner<'_> {
    fn drop(&mut self) {
        // Without asks it ends by itself; one that hangs is ended.
        self.asks = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
