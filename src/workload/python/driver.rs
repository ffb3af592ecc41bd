//! The Python that calls the function, as a child process: it is started, asked, and ended.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

use super::params::{KEEP, Params};
use super::protocol::{Command, Message};
use crate::environment::THREAD_VARIABLES;
use crate::failure::{Change, Failure, Setting};
use crate::peer::{self, Peer, Wait};
use crate::printable;
use crate::python_program;
use crate::stop::Stop;
use crate::threads::Refused;
use crate::units::Seconds;
use crate::workload::Error;

/// How long its first line may take: a cold disk, a busy machine.
const HELLO_LIMIT: Duration = Duration::from_mins(1);
/// How long it may take to end, once its input has ended: it may have a Ray to shut down.
const END_LIMIT: Duration = Duration::from_secs(3);
/// Characters of a line that the protocol does not have, for the error.
const QUOTED: usize = 60;
/// What makes Ray report nothing to its makers, and sets of strings have the same order in every
/// process, so that equal results have equal digests.
const SETTINGS: [(&str, &str); 2] = [("RAY_USAGE_STATS_ENABLED", "0"), ("PYTHONHASHSEED", "0")];

/// The files of the driver, each with those above it that it imports.
const FILES: [(&str, &str); 11] = [
    ("line", include_str!("../../../assets/parbench_ray/line.py")),
    (
        "trouble",
        include_str!("../../../assets/parbench_python/trouble.py"),
    ),
    (
        "work",
        include_str!("../../../assets/parbench_python/work.py"),
    ),
    (
        "survey",
        include_str!("../../../assets/parbench_python/survey.py"),
    ),
    (
        "compare",
        include_str!("../../../assets/parbench_python/compare.py"),
    ),
    (
        "cpu",
        include_str!("../../../assets/parbench_python/cpu.py"),
    ),
    (
        "serial",
        include_str!("../../../assets/parbench_python/serial.py"),
    ),
    (
        "executors",
        include_str!("../../../assets/parbench_python/executors.py"),
    ),
    (
        "libraries",
        include_str!("../../../assets/parbench_python/libraries.py"),
    ),
    (
        "ray_tasks",
        include_str!("../../../assets/parbench_python/ray_tasks.py"),
    ),
    (
        "driver",
        include_str!("../../../assets/parbench_python/driver.py"),
    ),
];

/// The running Python. Dropping it ends it, with everything that it has started.
pub(super) struct Driver {
    peer: Peer,
    /// Its name in messages.
    name: String,
    /// `CPython 3.11.7`.
    pub(super) interpreter: String,
    /// Whether it has failed to answer, so that what it says next is no answer to what it is asked.
    is_broken: bool,
}

impl Driver {
    /// Starts `python` for the function of `params`.
    pub(super) fn start(python: &Path, params: &Params, stop: &Stop) -> Result<Self, Error> {
        let text = python_program::text("parbench_python", &FILES, "driver")
            .map_err(|error| Error::failed(error.to_string()))?;
        let name = printable::path(python);

        let mut command = process::Command::new(python);
        command.args(["-u", "-c", &text]);
        command.arg(params.function.as_path());
        if let Some(file) = &params.items_file {
            command.arg(file.as_path());
        }
        command.envs(SETTINGS);
        if params.threads_per_task != KEEP {
            let threads = &params.threads_per_task;
            command.envs(THREAD_VARIABLES.map(|variable| (variable, threads)));
        }

        let peer = Peer::start(&mut command, END_LIMIT).map_err(|error| no_start(&name, error))?;
        let mut driver = Self {
            peer,
            interpreter: String::new(),
            name,
            is_broken: false,
        };
        match driver.receive(HELLO_LIMIT, "its first line", stop)? {
            Message::Hello {
                python,
                implementation,
            } => driver.interpreter = format!("{implementation} {python}"),
            other => return Err(driver.unexpected(&format!("{other:?}"))),
        }
        Ok(driver)
    }

    /// Has it do `command`, called `what` in messages, which may take `limit` without any progress.
    pub(super) fn ask(
        &mut self,
        command: &Command<'_>,
        what: &str,
        limit: Duration,
        stop: &Stop,
    ) -> Result<Message, Error> {
        if self.is_broken {
            return Err(Error::failed(format!("{} has failed before", self.name)));
        }
        self.peer
            .send(command, Wait::at_most(limit, Some(stop)))
            .map_err(|failure| self.broken(failure, what, limit))?;

        let mut what = what.to_owned();
        loop {
            match self.receive(limit, &what, stop)? {
                Message::Item(item) => what = printable::line(&item),
                Message::Trouble(message) => return Err(Error::failed(message)),
                answer => return Ok(answer),
            }
        }
    }

    /// Its next line that is not just a sign of life.
    fn receive(&mut self, limit: Duration, what: &str, stop: &Stop) -> Result<Message, Error> {
        let wait = Wait {
            deadline: Instant::now().checked_add(limit),
            stop: Some(stop),
        };

        loop {
            let line = self
                .peer
                .line(wait)
                .map_err(|failure| self.broken(failure, what, limit))?;
            match serde_json::from_str(&line) {
                Ok(Message::Alive(_)) => {}
                Ok(message) => return Ok(message),
                Err(_) => return Err(self.unexpected(&line)),
            }
        }
    }

    /// It cannot be talked to any more.
    fn broken(&mut self, failure: peer::Failure, what: &str, limit: Duration) -> Error {
        self.is_broken = true;

        let name = &self.name;
        match failure {
            peer::Failure::Interrupted(interrupted) => {
                self.peer.kill();
                interrupted.into()
            }
            peer::Failure::TimedOut => {
                self.peer.kill();
                let limit = Seconds(limit.as_secs_f64());
                let message = format!("{name} gave no answer to {what} within {limit}");
                Failure::new(message)
                    .or(Setting::TaskTimeout, Change::Larger)
                    .into()
            }
            peer::Failure::Ended(ended) => {
                let words = ended.last_words.map_or_else(String::new, |words| {
                    format!(": {}", printable::line(&words))
                });
                Error::failed(format!(
                    "{name} ended in {what} with {}{words}",
                    ended.status
                ))
            }
            other => Error::failed(format!("{name} does not answer: {other}")),
        }
    }

    /// It sent what is no line of the protocol.
    pub(super) fn unexpected(&mut self, line: &str) -> Error {
        self.is_broken = true;
        let start: String = printable::line(line).chars().take(QUOTED).collect();

        Error::failed(format!(
            "{} sent a line that is not part of its protocol: {start}",
            self.name
        ))
    }
}

/// Why the Python cannot be started.
fn no_start(name: &str, error: io::Error) -> Error {
    let message = match error.kind() {
        ErrorKind::NotFound => format!("there is no {name}: install Python 3"),
        ErrorKind::PermissionDenied => format!("cannot run {name}: {error}"),
        _ => return Error::failed(Refused::new(name, 1, 1, error).to_string()),
    };

    Failure::new(message)
        .or(Setting::Python, Change::Another)
        .into()
}
