//! One program as a process that runs rounds on demand, and everything that can go wrong with it:
//! it is something else than a parbench, it crashes, it hangs.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Broken;
use super::protocol::{Ask, Greeting, PROTOCOL, Preparation, Reply, SUBCOMMAND};
use crate::engine::{Address, Cluster};
use crate::failure::Failure;
use crate::own_executable;
use crate::peer::{self, Ended, Peer, Wait};
use crate::printable;
use crate::results::{Measurement, Problem, Round};
use crate::stop::Stop;
use crate::threads::Refused;
use parbench_kernels::isa::Isa;

/// How long a program may take to end once its input has: one on a cluster has to shut that down.
const GRACE: Duration = Duration::from_secs(12);
/// More of a broken program's words than fit a line help nobody.
const MOST_WORDS: usize = 200;

/// What both programs work under.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Where the engines beyond this machine are.
    pub(super) cluster: &'a Cluster,
    /// The most time that a program may take for one step.
    pub(super) timeout: Duration,
    /// Raised when the user wants to leave.
    pub(super) stop: &'a Stop,
}

/// The process. Dropping it ends the process and whatever that has started.
pub(super) struct Partner<'a> {
    /// What messages call it.
    name: String,
    peer: Peer,
    timeout: Duration,
    stop: &'a Stop,
    /// What it is to run; empty before it is asked to prepare.
    workload: String,
    /// Whether it has greeted as a parbench does.
    greeted: bool,
    /// Whether it is known to be one: it has greeted, or is the running program.
    is_parbench: bool,
    /// `release` or `debug`.
    pub(super) build_profile: String,
    /// The program's version.
    pub(super) version: String,
}

impl<'a> Partner<'a> {
    /// Starts the program at `path` and waits for its greeting.
    pub(super) fn start(path: &Path, terms: Terms<'a>) -> Result<Self, Broken> {
        let name = printable::path(path);

        Self::greet(Command::new(path), name, false, terms)
    }

    /// Starts the running program once more, also where its file has been replaced since.
    pub(super) fn start_same(terms: Terms<'a>) -> Result<Self, Broken> {
        let command = own_executable::command()
            .map_err(|error| no_start(format!("cannot find this program's own file: {error}")))?;

        Self::greet(command, "this program".to_owned(), true, terms)
    }

    fn greet(
        mut command: Command,
        name: String,
        is_parbench: bool,
        terms: Terms<'a>,
    ) -> Result<Self, Broken> {
        let Terms {
            cluster,
            timeout,
            stop,
        } = terms;
        if let Some(limit) = cluster.start_timeout {
            command.env("PARBENCH_START_TIMEOUT", format!("{}ms", limit.as_millis()));
        }
        if let Some(limit) = cluster.task_timeout {
            command.env("PARBENCH_TASK_TIMEOUT", format!("{}ms", limit.as_millis()));
        }
        command.arg(SUBCOMMAND);
        match &cluster.address {
            // Ray itself looks at the variable then, which may name the address.
            Address::Auto => command.args(["--ray-address", "auto"]),
            address => command.env("RAY_ADDRESS", address.to_string()),
        };
        command
            .env("PARBENCH_PYTHON", &cluster.python)
            // Both on the same kernels, also when they were chosen by flag.
            .env("PARBENCH_ISA", Isa::selected().name());

        let peer = Peer::start(&mut command, GRACE).map_err(|error| {
            no_start(match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::OutOfMemory => {
                    Refused::new(name.as_str(), 1, 1, error).to_string()
                }
                ErrorKind::NotFound if is_word(command.get_program()) => format!(
                    "there is no program {name} in the folders of PATH; a file in this folder is ./{name}"
                ),
                _ => format!("cannot run {name}: {error}"),
            })
        })?;
        let mut partner = Self {
            name,
            peer,
            timeout,
            stop,
            workload: String::new(),
            greeted: false,
            is_parbench,
            build_profile: String::new(),
            version: String::new(),
        };

        let greeting: Greeting = partner.listen("greet")?;
        if greeting.parbench_turns != PROTOCOL {
            return Err(partner.trouble(&format!(
                "is parbench {} and speaks version {} of the protocol for taking turns, this one version {PROTOCOL}; \
                 compare stored runs instead",
                greeting.version, greeting.parbench_turns
            )));
        }

        (partner.greeted, partner.is_parbench) = (true, true);
        partner.build_profile = greeting.build_profile;
        partner.version = greeting.version;
        Ok(partner)
    }

    /// Has it get ready.
    pub(super) fn prepare(&mut self, preparation: Preparation) -> Result<(), Broken> {
        self.workload.clone_from(&preparation.workload);

        match self.ask(&Ask::Prepare(preparation), "prepare")? {
            Reply::Ready => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Has it run a round.
    pub(super) fn round(&mut self, number: u32, order: &[usize]) -> Result<Round, Broken> {
        let ask = Ask::Round {
            number,
            order: order.to_vec(),
        };

        match self.ask(&ask, "run a round")? {
            Reply::Round(round) if round.times.len() == order.len() => Ok(*round),
            Reply::Round(_) => Err(self.trouble("ran other arms than it was asked to run")),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Has it say what it measured.
    pub(super) fn measurement(&mut self) -> Result<Measurement, Broken> {
        match self.ask(&Ask::Measurement, "report what it measured")? {
            Reply::Measurement(measurement) => Ok(*measurement),
            other => Err(self.unexpected(&other)),
        }
    }

    fn ask(&mut self, ask: &Ask, step: &'static str) -> Result<Reply, Broken> {
        let wait = Wait::at_most(self.timeout, Some(self.stop));
        self.peer
            .send(ask, wait)
            .map_err(|failure| self.broken(failure, step))?;

        match self.listen(step)? {
            Reply::Failed(failure) => {
                let message = format!("{} cannot {step}: {}", self.name, failure.message);
                Err(self.problem(Failure { message, ..failure }))
            }
            reply => Ok(reply),
        }
    }

    fn listen<T: DeserializeOwned>(&mut self, step: &'static str) -> Result<T, Broken> {
        let wait = Wait::at_most(self.timeout, Some(self.stop));
        let line = self
            .peer
            .line(wait)
            .map_err(|failure| self.broken(failure, step))?;

        serde_json::from_str(&line).map_err(|_| {
            let words: String = line.trim().chars().take(MOST_WORDS).collect();
            self.stranger(&format!("it said {words:?}"))
        })
    }

    /// Why it does not answer while it is supposed to do `step`.
    fn broken(&self, failure: peer::Failure, step: &'static str) -> Broken {
        if self.stop.signal().is_some() {
            return Broken::Interrupted;
        }

        match failure {
            peer::Failure::Interrupted(_) => Broken::Interrupted,
            peer::Failure::TimedOut => {
                // It would not notice that its input ends either.
                self.peer.killer().kill();
                Broken::TimedOut {
                    name: self.name.clone(),
                    step,
                    limit: self.timeout,
                }
            }
            peer::Failure::Ended(Ended { status, last_words }) if self.is_parbench => {
                let words = last_words
                    .map(|words| format!(", saying {words:?}"))
                    .unwrap_or_default();
                self.trouble(&format!(
                    "ended while it was supposed to {step} ({status}){words}"
                ))
            }
            other => self.stranger(&other.to_string()),
        }
    }

    /// It does not behave as a parbench does, as `sign` shows.
    fn stranger(&self, sign: &str) -> Broken {
        if self.is_parbench {
            self.trouble(&format!("does not take turns as it should: {sign}"))
        } else {
            self.trouble(&format!(
                "is not a parbench binary (or is older than 0.1): {sign}"
            ))
        }
    }

    fn trouble(&self, what: &str) -> Broken {
        self.problem(Failure::new(format!("{} {what}", self.name)))
    }

    fn problem(&self, failure: Failure) -> Broken {
        Broken::Trouble(Problem {
            workload: self.workload.clone(),
            failure,
        })
    }

    fn unexpected(&self, reply: &Reply) -> Broken {
        self.trouble(&format!("gave an unexpected answer: {reply:?}"))
    }
}

/// A program cannot be started.
fn no_start(message: String) -> Broken {
    Broken::Trouble(Problem {
        workload: String::new(),
        failure: Failure::new(message),
    })
}

impl Drop for Partner<'_> {
    fn drop(&mut self) {
        // A parbench ends with its input, and on a cluster needs a moment for that; any other
        // program has nothing to clean up.
        if !self.greeted {
            self.peer.kill();
        }
    }
}

/// Whether a program is looked for in the folders of PATH.
fn is_word(program: &OsStr) -> bool {
    Path::new(program).components().count() == 1
}
