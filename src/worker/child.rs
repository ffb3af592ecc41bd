//! The asking end: one worker process and one request at a time. What to do when it is lost is the caller's
//! decision.

use std::time::Duration;

use super::{Answer, Hello, PROTOCOL, Request, SUBCOMMAND};
use crate::kernel::isa::Isa;
use crate::peer::{Failure, Killer, Peer, Wait};
use crate::program;
use crate::stop::Stop;
use crate::threads::Refused;

/// How long a worker whose input has ended may take to end.
const GRACE: Duration = Duration::from_millis(500);
/// How long a worker may take to start. It does nothing then, but many may start at once.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A worker that is no more, or never was one: why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

/// A worker process. Dropping it ends the process, and waits until it is gone.
#[derive(Debug)]
pub struct Child {
    peer: Peer,
}

impl Child {
    /// Starts the running program as worker number `number` (from 1) of `count`. It may still be starting:
    /// [`hello`](Self::hello) waits for it.
    pub fn start(number: usize, count: usize) -> Result<Self, Lost> {
        let refused =
            |error| Lost(Refused::new("worker process", number, count, error).to_string());
        let mut command = program::command().map_err(refused)?;
        // On the same kernels, also when they were chosen by flag.
        command
            .arg(SUBCOMMAND)
            .env("PARBENCH_ISA", Isa::selected().name());

        let peer = Peer::start(&mut command, GRACE).map_err(refused)?;
        Ok(Self { peer })
    }

    /// Waits until the worker says hello.
    pub fn hello(&mut self, stop: Option<&Stop>) -> Result<Hello, Lost> {
        let line =
            self.peer
                .line(Wait::at_most(START_LIMIT, stop))
                .map_err(|failure| match failure {
                    Failure::TimedOut => Lost(format!(
                        "it did not start within {} s",
                        START_LIMIT.as_secs()
                    )),
                    other => Lost(other.to_string()),
                })?;

        let hello: Hello = serde_json::from_str(&line)
            .map_err(|_| Lost("it does not speak as a worker does".to_owned()))?;
        if hello.parbench_worker != PROTOCOL {
            let theirs = hello.parbench_worker;
            return Err(Lost(format!(
                "it speaks version {theirs} of the protocol, not {PROTOCOL}"
            )));
        }
        Ok(hello)
    }

    /// Sends a request and waits for its answer for `timeout`. A worker that does not answer in time is killed.
    pub fn call(&mut self, request: &Request, timeout: Duration) -> Result<Answer, Lost> {
        let wait = Wait::at_most(timeout, None);
        let line = self
            .peer
            .send(request, wait)
            .and_then(|()| self.peer.line(wait));
        let line = line.map_err(|failure| match failure {
            Failure::TimedOut => {
                // A stopped process does not see the end of its input: waiting for it to end is useless.
                self.peer.kill();
                let limit = timeout.as_secs_f64();
                Lost(format!(
                    "no answer within {limit} s; allow more with --task-timeout"
                ))
            }
            other => Lost(other.to_string()),
        })?;

        let answer: Answer = serde_json::from_str(&line)
            .map_err(|_| Lost("it said what is no answer".to_owned()))?;
        match answer.id() {
            Some(id) if id != request.id => {
                Err(Lost(format!("it answered {id} when asked {}", request.id)))
            }
            _ => Ok(answer),
        }
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.peer.id()
    }

    /// What ends it from elsewhere.
    #[must_use]
    pub fn killer(&self) -> Killer {
        self.peer.killer()
    }

    /// Asks it to end and does not wait for that.
    pub fn close(&mut self) {
        self.peer.close();
    }
}
