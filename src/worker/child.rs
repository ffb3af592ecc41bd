//! The asking end: one worker process, and requests to it. What to do when it is lost is the
//! caller's decision.

use std::io;
use std::process::Command;
use std::time::Duration;

use super::{Answer, Hello, PROTOCOL, Request, SUBCOMMAND};
use crate::failure::{self, Change, Setting};
use crate::own_executable;
use crate::peer::{Failure, Killer, Peer, Wait};
use crate::stop::Stop;
use crate::threads::Refused;
use crate::workload::{WORKER_NUMBER, WorkerProgram};
use parbench_kernels::isa::Isa;

/// How long a worker whose input has ended may take to end.
const GRACE: Duration = Duration::from_millis(500);
/// How long a worker may take to start. It does nothing then, but many may start at once.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A worker process cannot be started, or cannot be used any more: a line that says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub failure::Failure);

impl Lost {
    /// Why, as a line.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(failure::Failure::new(why))
    }
}

/// A worker process. Dropping it ends the process, and waits until it is gone.
#[derive(Debug)]
pub struct Child {
    peer: Peer,
    keeps_params: bool,
}

impl Child {
    /// Starts `program`, or else the running program, as worker number `number` (from 1) of
    /// `count`, with these `variables`. It may still be starting: [`hello`](Self::hello) waits for
    /// it.
    pub fn start(
        program: Option<&WorkerProgram>,
        number: usize,
        count: usize,
        variables: &[(&str, &str)],
    ) -> Result<Self, Lost> {
        let what = program.map_or_else(|| "worker process".to_owned(), WorkerProgram::shown);
        let refused = |error| match program.and_then(WorkerProgram::flaw) {
            Some(flaw) => Lost::new(format!("cannot start {what}: {flaw}")),
            None => Lost::new(Refused::new(what.as_str(), number, count, error).to_string()),
        };
        let mut command = match program {
            Some(program) => program
                .command()
                .map_err(|error| Lost::new(error.to_string()))?,
            None => own_command().map_err(refused)?,
        };
        // On the same kernels, also when they were chosen by flag.
        command
            .env("PARBENCH_ISA", Isa::selected().name())
            .env(WORKER_NUMBER, number.to_string())
            .envs(variables.iter().copied());

        let peer = Peer::start(&mut command, GRACE).map_err(refused)?;
        Ok(Self {
            peer,
            keeps_params: false,
        })
    }

    /// Waits until the worker says hello, or `stop` is raised. One that speaks another version of
    /// the protocol is lost.
    pub fn hello(&mut self, stop: Option<&Stop>) -> Result<Hello, Lost> {
        let wait = Wait::at_most(START_LIMIT, stop);
        let line = self.peer.line(wait).map_err(|failure| match failure {
            Failure::TimedOut => Lost::new(format!(
                "it said nothing within {} s, not even its first line",
                START_LIMIT.as_secs()
            )),
            other => Lost::new(other.to_string()),
        })?;

        let hello = Hello::parse(&line)
            .ok_or_else(|| Lost::new("it does not speak the worker protocol"))?;
        let version = hello.parbench_worker;
        if version == PROTOCOL {
            self.keeps_params = hello.keeps_params;
            Ok(hello)
        } else {
            Err(Lost::new(format!(
                "it speaks version {version} of the worker protocol, and this program speaks version {PROTOCOL}"
            )))
        }
    }

    /// Sends a request and waits for its answer for `timeout`. A worker that does not answer in
    /// time is killed.
    pub fn call(&mut self, request: &Request, timeout: Duration) -> Result<Answer, Lost> {
        self.call_unless_stopped(request, timeout, None)
    }

    /// The same, or until `stop` is raised.
    pub fn call_unless_stopped(
        &mut self,
        request: &Request,
        timeout: Duration,
        stop: Option<&Stop>,
    ) -> Result<Answer, Lost> {
        self.send(request, timeout, stop)?;

        self.answer(request.id, timeout, stop)
    }

    /// Sends a request and does not wait for its answer: a worker answers in the order of requests.
    /// Returns the request's length in bytes.
    pub fn send(
        &mut self,
        request: &Request,
        timeout: Duration,
        stop: Option<&Stop>,
    ) -> Result<usize, Lost> {
        let sent = self.peer.send(request, Wait::at_most(timeout, stop));

        sent.map_err(|failure| self.lost(failure, timeout))
    }

    /// Waits for `timeout` for the answer to request `id`, the oldest without one.
    pub fn answer(
        &mut self,
        id: u64,
        timeout: Duration,
        stop: Option<&Stop>,
    ) -> Result<Answer, Lost> {
        let line = self.peer.line(Wait::at_most(timeout, stop));
        let line = line.map_err(|failure| self.lost(failure, timeout))?;

        let answer: Answer = serde_json::from_str(&line)
            .map_err(|_| Lost::new("its answer is not one of the worker protocol"))?;
        match answer.id() {
            Some(other) if other != id => Err(Lost::new(format!(
                "it answered request {other} where request {id} is next"
            ))),
            _ => Ok(answer),
        }
    }

    fn lost(&mut self, failure: Failure, timeout: Duration) -> Lost {
        match failure {
            Failure::TimedOut => {
                // A stopped process does not see the end of its input: waiting for it to end is
                // useless.
                self.peer.kill();
                let limit = timeout.as_secs_f64();
                let failure = failure::Failure::new(format!("no answer within {limit} s"));
                Lost(failure.or(Setting::TaskTimeout, Change::Larger))
            }
            other => Lost::new(other.to_string()),
        }
    }

    /// Whether it accepts requests without parameters: only known once it has said hello.
    #[must_use]
    pub fn keeps_params(&self) -> bool {
        self.keeps_params
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.peer.id()
    }

    /// What kills it from another thread.
    #[must_use]
    pub fn killer(&self) -> Killer {
        self.peer.killer()
    }

    /// Asks it to end and does not wait for that.
    pub fn close(&mut self) {
        self.peer.close();
    }
}

/// What starts the running program as a worker.
fn own_command() -> io::Result<Command> {
    let mut command = own_executable::command()?;

    command.arg(SUBCOMMAND);
    Ok(command)
}

/// A worker that is a shell script, as another language would have it.
#[cfg(unix)]
#[cfg(test)]
pub(crate) fn script(text: &str) -> Child {
    let mut command = std::process::Command::new("sh");
    let peer = Peer::start(command.args(["-c", text]), GRACE).unwrap();

    Child {
        peer,
        keeps_params: false,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stop::Interrupted;
    use crate::units::Bytes;
    use crate::worker::{Action, Description};
    use crate::workload::Spec;

    fn request(action: Action, id: u64) -> Request {
        let spec = Spec {
            name: "theirs".into(),
            params: json!({}),
            slowdown: 1.0,
            memory: Bytes(u64::MAX),
            task_timeout: std::time::Duration::MAX,
        };
        Request::new(&spec, action, id, 0)
    }

    #[test]
    fn a_worker_of_version_1_is_refused_with_one_line() {
        let mut old = script(
            r#"echo '{"parbench_worker":1,"version":"0.1.0","arch":"x86_64"}'; exec cat > /dev/null"#,
        );
        assert_eq!(
            old.hello(None),
            Err(Lost::new(
                "it speaks version 1 of the worker protocol, and this program speaks version 2"
            ))
        );
    }

    #[test]
    fn a_worker_in_another_language_describes_its_workload() {
        let mut theirs = script(
            r#"echo '{"parbench_worker":2}'
            read -r request
            echo '{"id":1,"tasks":3,"work":{"amount":9,"unit":"cubes"}}'
            read -r request
            echo '{"id":1,"error":"confused"}'"#,
        );
        theirs.hello(None).unwrap();

        let minute = Duration::from_mins(1);
        let answer = theirs.call(&request(Action::Describe, 1), minute).unwrap();
        let Answer::Description {
            description:
                Description {
                    tasks,
                    work,
                    task_bytes,
                },
            ..
        } = answer
        else {
            panic!("{answer:?}")
        };
        assert_eq!((tasks, work.amount, task_bytes), (3, 9, Bytes(0)));

        let confused = theirs.call(&request(Action::Task, 2), minute);
        assert_eq!(
            confused,
            Err(Lost::new("it answered request 1 where request 2 is next"))
        );
    }

    #[test]
    fn what_is_not_a_worker_is_lost() {
        assert_eq!(
            script("echo hello").hello(None),
            Err(Lost::new("it does not speak the worker protocol"))
        );

        let stop = Stop::new();
        stop.raise(2);
        assert_eq!(
            script("exec cat").hello(Some(&stop)),
            Err(Lost::new(Interrupted.to_string()))
        );
    }
}
