//! A parbench program in a process of its own that runs rounds on demand, and everything that can go wrong
//! with one: it is something else, it crashes, it hangs.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::turns::{Ask, Greeting, PROTOCOL, Reply, SUBCOMMAND};
use crate::engine::Cluster;
use crate::kernel::isa::Isa;
use crate::peer::{Ended, Failure, Peer, Wait};
use crate::printable;
use crate::program;
use crate::results::{Measurement, Order, Round};
use crate::stop::Stop;
use crate::threads::Refused;

/// How long a program may take to end once its input has: one on a cluster has to shut that down.
const GRACE: Duration = Duration::from_secs(12);
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

/// The process. Dropping it ends the process and whatever that has started.
pub(super) struct Partner<'a> {
    /// What messages call it.
    name: String,
    peer: Peer,
    timeout: Duration,
    stop: &'a Stop,
    /// Whether it has said that it is a parbench.
    greeted: bool,
    /// `release` or `debug`.
    pub(super) build_profile: String,
    /// The program's version.
    pub(super) version: String,
}

impl<'a> Partner<'a> {
    /// Starts the program at `path` and waits for its greeting.
    pub(super) fn start(
        path: &Path,
        cluster: &Cluster,
        timeout: Duration,
        stop: &'a Stop,
    ) -> Result<Self, Broken> {
        Self::greet(
            Command::new(path),
            printable::path(path),
            cluster,
            timeout,
            stop,
        )
    }

    /// Starts the running program once more, also where its file has been replaced since.
    pub(super) fn start_same(
        cluster: &Cluster,
        timeout: Duration,
        stop: &'a Stop,
    ) -> Result<Self, Broken> {
        let command = program::command().map_err(|error| {
            Broken::Trouble(format!("cannot find this program's own file: {error}"))
        })?;
        Self::greet(command, "this program".to_owned(), cluster, timeout, stop)
    }

    fn greet(
        mut command: Command,
        name: String,
        cluster: &Cluster,
        timeout: Duration,
        stop: &'a Stop,
    ) -> Result<Self, Broken> {
        if let Some(limit) = cluster.start_timeout {
            command.env("PARBENCH_START_TIMEOUT", format!("{}ms", limit.as_millis()));
        }
        command
            .arg(SUBCOMMAND)
            .env("RAY_ADDRESS", cluster.address.to_string())
            .env("PARBENCH_PYTHON", &cluster.python)
            .env(
                "PARBENCH_TASK_TIMEOUT",
                format!("{}ms", cluster.task_timeout.as_millis()),
            )
            // Both on the same kernels, also when they were chosen by flag.
            .env("PARBENCH_ISA", Isa::selected().name());
        let peer = Peer::start(&mut command, GRACE).map_err(|error| {
            Broken::Trouble(match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::OutOfMemory => {
                    Refused::new(name.as_str(), 1, 1, error).to_string()
                }
                _ => format!("cannot run {name}: {error}"),
            })
        })?;

        let (build_profile, version) = (String::new(), String::new());
        let mut partner = Self {
            name,
            peer,
            timeout,
            stop,
            greeted: false,
            build_profile,
            version,
        };
        let greeting: Greeting = partner.listen("greet")?;
        if greeting.parbench_turns != PROTOCOL {
            return Err(partner.trouble(&format!(
                "is parbench {} and takes turns by protocol {}, this one by {PROTOCOL}; compare stored runs instead",
                greeting.version, greeting.parbench_turns
            )));
        }

        partner.greeted = true;
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
        let wait = Wait::at_most(self.timeout, Some(self.stop));
        self.peer
            .send(ask, wait)
            .map_err(|failure| self.broken(failure, what))?;

        match self.listen(what)? {
            Reply::Failed(message) => Err(self.trouble(&format!("cannot {what}: {message}"))),
            reply => Ok(reply),
        }
    }

    fn listen<T: DeserializeOwned>(&mut self, what: &str) -> Result<T, Broken> {
        let wait = Wait::at_most(self.timeout, Some(self.stop));
        let line = self
            .peer
            .line(wait)
            .map_err(|failure| self.broken(failure, what))?;

        serde_json::from_str(&line).map_err(|_| {
            let said: String = line.trim().chars().take(MOST_WORDS).collect();
            self.stranger(&format!("it said {said:?}"))
        })
    }

    /// Why it does not answer when it was to do `what`.
    fn broken(&self, failure: Failure, what: &str) -> Broken {
        if self.stop.signal().is_some() {
            return Broken::Interrupted;
        }

        match failure {
            Failure::Interrupted(_) => Broken::Interrupted,
            Failure::TimedOut => {
                let limit = humantime::format_duration(self.timeout);
                let name = &self.name;
                Broken::TimedOut(format!(
                    "{name} took more than {limit} to {what}; allow more with --timeout"
                ))
            }
            Failure::Ended(Ended { status, last_words }) if self.greeted => {
                let said = last_words
                    .map(|words| format!(", saying {words:?}"))
                    .unwrap_or_default();
                self.trouble(&format!("ended when it was to {what} ({status}){said}"))
            }
            other => self.stranger(&other.to_string()),
        }
    }

    /// It does not behave as a parbench does, as `sign` shows.
    fn stranger(&self, sign: &str) -> Broken {
        if self.greeted {
            self.trouble(&format!("does not take turns as it should: {sign}"))
        } else {
            self.trouble(&format!(
                "is not a parbench binary (or is older than 0.1): {sign}"
            ))
        }
    }

    fn trouble(&self, what: &str) -> Broken {
        Broken::Trouble(format!("{} {what}", self.name))
    }

    fn unexpected(&self, reply: &Reply) -> Broken {
        self.trouble(&format!(
            "answered something else than it was asked: {reply:?}"
        ))
    }
}

impl Drop for Partner<'_> {
    fn drop(&mut self) {
        // A parbench ends with its input, and on a cluster needs a moment for that; any other program has nothing
        // to clean up.
        if !self.greeted {
            self.peer.kill();
        }
    }
}
