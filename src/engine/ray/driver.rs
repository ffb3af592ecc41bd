//! A Python program that uses Ray, as a child process: how it is started, its lines, and its end.

use std::io::{self, ErrorKind};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::program::{self, Program};
use super::protocol::Message;
use super::trouble::{lost, with_remedies};
use crate::engine::{Error, Python};
use crate::failure::{self, Change, Setting};
use crate::peer::{Failure, Peer, Wait};
use crate::stop::Stop;
use crate::threads::Refused;

/// How long the driver may take to answer that it ends, once its input has ended.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// How long it may take then. It limits itself to less.
const END_LIMIT: Duration = Duration::from_secs(3);
/// The shortest and the longest silence of a driver that lives: it gives a sign every second, and a
/// machine may be loaded.
const SHORTEST_SILENCE: Duration = Duration::from_secs(5);
const LONGEST_SILENCE: Duration = Duration::from_secs(45);
/// Lines of its complaints that are looked at: earlier ones have nothing to do with its end.
const COMPLAINTS: usize = 20;
/// Characters of a line that the protocol does not have, for the error.
const QUOTED: usize = 60;
/// What makes Ray give up on a wrong address within seconds instead of minutes, and report nothing
/// to its makers.
const SETTINGS: [(&str, &str); 4] = [
    ("RAY_NUM_REDIS_GET_RETRIES", "1"),
    ("RAY_gcs_server_request_timeout_seconds", "5"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("PYTHONUNBUFFERED", "1"),
];
/// For how many seconds Ray tries to reach a cluster's control service.
const CONNECT: [&str; 2] = [
    "RAY_py_gcs_connect_timeout_s",
    "RAY_gcs_rpc_server_connect_timeout_s",
];
/// The most of them: Ray has no room for many times more.
const LONGEST_CONNECT: u64 = 24 * 60 * 60;
/// Without it Ray puts a routable address in place of the loopback's, and listens on all of them.
const LOOPBACK: (&str, &str) = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0");

/// How a program is started.
pub(super) struct Launch<'a> {
    pub(super) program: Program,
    /// The Python that runs it.
    pub(super) python: &'a Python,
    /// Whether it talks to nothing beyond this machine's loopback.
    pub(super) on_loopback: bool,
    /// What opens the cluster, where this program has made it.
    pub(super) token: Option<&'a str>,
    /// How long joining may take, or starting a Ray.
    pub(super) join: Duration,
    /// How long an answer may take.
    pub(super) task_timeout: Duration,
}

/// The running program. Dropping it ends it, with everything that it has started on this machine.
pub(super) struct Driver {
    peer: Peer,
    /// The longest that it may be silent while it has something to do.
    silence: Duration,
}

impl Driver {
    /// Starts a program.
    pub(super) fn start(launch: &Launch<'_>) -> Result<Self, Error> {
        let python = launch.python;
        let connect = launch.join.as_secs().clamp(1, LONGEST_CONNECT);

        let mut command = Command::new(python);
        command
            .args(["-u", "-c", &program::text(launch.program)?])
            .envs(SETTINGS)
            .envs(CONNECT.map(|name| (name, connect.to_string())));
        if launch.on_loopback {
            command.env(LOOPBACK.0, LOOPBACK.1);
        }
        if let Some(token) = launch.token {
            command
                .env("RAY_AUTH_MODE", "token")
                .env("RAY_AUTH_TOKEN", token);
        }

        let peer = Peer::start(&mut command, END_LIMIT).map_err(|error| no_start(python, error))?;
        Ok(Self {
            peer,
            silence: launch.task_timeout.clamp(SHORTEST_SILENCE, LONGEST_SILENCE),
        })
    }

    /// Sends a line.
    pub(super) fn send(&mut self, message: &impl Serialize, stop: &Stop) -> Result<(), Error> {
        let wait = Wait::at_most(self.silence, Some(stop));

        match self.peer.send(message, wait) {
            Ok(_) => Ok(()),
            Err(Failure::TimedOut) => Err(self.silent()),
            Err(failure) => Err(self.broken(failure)),
        }
    }

    /// Waits for its next line while it does something. A driver that gives no sign of life is
    /// lost.
    pub(super) fn receive_while_busy(&mut self, stop: &Stop) -> Result<Message, Error> {
        loop {
            match self.receive(self.silence, stop)? {
                Some(Message::Alive(_)) => {}
                Some(message) => return Ok(message),
                None => return Err(self.silent()),
            }
        }
    }

    /// Waits for its next line; `None` when that takes longer than `limit`.
    pub(super) fn receive(
        &mut self,
        limit: Duration,
        stop: &Stop,
    ) -> Result<Option<Message>, Error> {
        let line = match self.peer.line(Wait::at_most(limit, Some(stop))) {
            Ok(line) => line,
            Err(Failure::TimedOut) => return Ok(None),
            Err(failure) => return Err(self.broken(failure)),
        };

        serde_json::from_str(&line).map(Some).map_err(|_| {
            let start: String = line.chars().take(QUOTED).collect();
            Error::failed(format!(
                "the driver of Ray sent a line that is not part of its protocol: {start}"
            ))
        })
    }

    /// Whether it still runs.
    pub(super) fn runs(&self) -> bool {
        self.peer.runs()
    }

    /// Ends it and what it has started. It is killed if it does not react.
    pub(super) fn end(&mut self) {
        self.peer.close();

        let mut deadline = Instant::now() + ANSWER_LIMIT;
        loop {
            let wait = Wait {
                deadline: Some(deadline),
                stop: None,
            };
            let Ok(line) = self.peer.line(wait) else {
                break;
            };
            if matches!(serde_json::from_str(&line), Ok(Message::Closing(_))) {
                deadline = Instant::now() + END_LIMIT;
            }
        }

        self.kill();
    }

    /// Kills it and what it has started.
    pub(super) fn kill(&mut self) {
        self.peer.kill();
    }

    /// It gave no sign of life for as long as it may be silent.
    fn silent(&mut self) -> Error {
        let (pid, limit) = (self.peer.id(), self.silence.as_secs());
        // A stopped process does not see the end of its input.
        self.kill();

        // A longer limit for tasks would not lengthen the longest silence.
        let kind = if self.silence < LONGEST_SILENCE {
            "late"
        } else {
            "silent"
        };
        let message = format!(
            "the Python that drives Ray (process {pid}) gave no sign of life for {limit} s: was it stopped?"
        );
        Error::Lost(with_remedies(kind, message))
    }

    /// It cannot be talked to any more.
    fn broken(&self, failure: Failure) -> Error {
        match failure {
            Failure::Interrupted(interrupted) => Error::Interrupted(interrupted),
            Failure::Ended(_) => {
                let complaints = self.peer.complaints();
                let last = complaints.len().saturating_sub(COMPLAINTS);
                Error::lost(lost(&complaints[last..]))
            }
            other => Error::failed(format!("the driver of Ray does not answer: {other}")),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

/// Why the Python cannot be started.
fn no_start(python: &Python, error: io::Error) -> Error {
    let another = |message: String| {
        Error::failed(failure::Failure::new(message).or(Setting::Python, Change::Another))
    };

    match error.kind() {
        ErrorKind::NotFound => another(format!("there is no {python}: install Python 3")),
        ErrorKind::WouldBlock | ErrorKind::OutOfMemory => {
            Error::failed(Refused::new(python.to_string(), 1, 1, error).to_string())
        }
        _ => another(format!("cannot run {python}: {error}")),
    }
}
