//! One worker process of the program, which does what no engine does: it describes the work, and
//! combines partial results.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::failure::Failure;
use crate::stop::Stop;
use crate::worker::{Action, Answer, Child, Lost, Request};
use crate::workload::{Context, Error, Spec, WorkerProgram};

/// The worker process and what requests to it say of the work.
pub(super) struct Conversation {
    /// Or why it was lost.
    child: Mutex<Result<Child, Lost>>,
    program: WorkerProgram,
    spec: Spec,
    stop: Stop,
    requests: AtomicU64,
}

impl Conversation {
    /// Starts the program and waits until it is ready.
    pub(super) fn begin(
        program: WorkerProgram,
        workload: String,
        params: Value,
        context: &Context<'_>,
    ) -> Result<Self, Error> {
        let started = Child::start(Some(&program), 1, 1, &[]);
        let mut child = started.map_err(|Lost(failure)| Error::Failed(failure))?;

        let hello = child.hello(Some(context.stop));
        context.stop.check()?;
        hello.map_err(|lost| lost_error(&program, lost))?;

        Ok(Self {
            child: Mutex::new(Ok(child)),
            program,
            spec: Spec {
                name: workload.into(),
                params,
                slowdown: 1.0,
                memory: context.memory,
                task_timeout: context.task_timeout,
            },
            stop: context.stop.clone(),
            requests: AtomicU64::new(1),
        })
    }

    /// What requests say of the work.
    pub(super) fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What the worker answers to the request for `action`. An error of it names the program.
    pub(super) fn ask(&self, action: Action) -> Result<Answer, Error> {
        let id = self.requests.fetch_add(1, Ordering::Relaxed);

        self.send(&Request::new(&self.spec, action, id, 0))
    }

    /// What the worker makes of `partials`.
    pub(super) fn combine(&self, partials: Vec<Value>) -> Result<Value, Error> {
        let id = self.requests.fetch_add(1, Ordering::Relaxed);
        let request = Request::combine(&self.spec, id, partials);

        match self.send(&request)? {
            Answer::Combined { answer, .. } => Ok(answer),
            _ => Err(self.unexpected("combine", "answer")),
        }
    }

    /// An answer to `action` that is not `expected`.
    pub(super) fn unexpected(&self, action: &str, expected: &str) -> Error {
        self.failed(&format!(
            "its answer to {action} is not one of the worker protocol, which wants {expected}: see --check-protocol"
        ))
    }

    /// A failure that names the program.
    pub(super) fn failed(&self, message: &str) -> Error {
        Error::failed(format!("{}: {message}", self.program.shown()))
    }

    fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match child.as_mut() {
            Ok(running) => running,
            Err(lost) => return Err(lost_error(&self.program, lost.clone())),
        };

        let answer = running.call_unless_stopped(request, self.spec.task_timeout, Some(&self.stop));
        if let Err(lost) = &answer {
            *child = Err(lost.clone());
            self.stop.check()?;
        }
        match answer {
            Ok(Answer::Failed { error, .. }) => Err(self.failed(&error)),
            Ok(answer) => Ok(answer),
            Err(lost) => Err(lost_error(&self.program, lost)),
        }
    }
}

/// Why the worker cannot be used, with the program's name.
fn lost_error(program: &WorkerProgram, Lost(failure): Lost) -> Error {
    let message = format!("{}: {}", program.shown(), failure.message);

    Error::Failed(Failure { message, ..failure })
}
