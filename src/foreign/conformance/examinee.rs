//! The program under test: its worker process, which is started again after it was lost, and what
//! it answers, as JSON and not as parbench understands it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::peer::{Failure, Peer, Wait};
use crate::printable::printable;
use crate::stop::Stop;
use crate::worker::{Action, Hello, PROTOCOL, Request};
use crate::workload::{Spec, WorkerProgram};

/// How long a process may take to end once its input has, where nobody waits for that.
const GRACE: Duration = Duration::from_millis(500);
/// Characters of an answer that are shown.
const SHOWN: usize = 120;

pub(super) struct Examinee<'a> {
    program: WorkerProgram,
    pub(super) spec: Spec,
    limit: Duration,
    stop: &'a Stop,
    peer: Option<Peer>,
    next_id: u64,
    /// How many tasks it has described.
    pub(super) tasks: usize,
    /// Whether its hello says that it keeps parameters.
    pub(super) keeps_params: bool,
}

impl<'a> Examinee<'a> {
    pub(super) fn new(program: WorkerProgram, spec: Spec, limit: Duration, stop: &'a Stop) -> Self {
        Self {
            program,
            spec,
            limit,
            stop,
            peer: None,
            next_id: 1,
            tasks: 1,
            keeps_params: false,
        }
    }

    /// Ends the process that runs: the next request goes to a new one.
    pub(super) fn restart(&mut self) {
        self.peer = None;
    }

    /// Starts a process, which must say hello.
    pub(super) fn start(&mut self) -> Result<(), String> {
        self.peer = None;
        let cannot = |error: String| match self.program.flaw() {
            Some(flaw) => format!("it cannot be started: {flaw}"),
            None => format!("it cannot be started: {error}"),
        };
        let mut command = self.program.command().map_err(|error| error.to_string())?;
        let peer = Peer::start(&mut command, GRACE).map_err(|error| cannot(error.to_string()))?;
        self.peer = Some(peer);

        let line = self.line()?;
        let hello = Hello::parse(&line).ok_or_else(|| {
            came(
                &line,
                &format!("a line like {{\"parbench_worker\": {PROTOCOL}}}"),
            )
        })?;
        if hello.parbench_worker == PROTOCOL {
            self.keeps_params = hello.keeps_params;
            Ok(())
        } else {
            self.peer = None;
            Err(came(&line, &format!("version {PROTOCOL}")))
        }
    }

    /// A request with the next number.
    pub(super) fn request(&mut self, action: Action, task: usize) -> Value {
        let id = self.next_id;
        self.next_id += 1;

        let request = Request::new(&self.spec, action, id, task);
        serde_json::to_value(request).unwrap_or_default()
    }

    /// The answer to a request, which has the request's number.
    pub(super) fn ask(&mut self, request: &Value) -> Result<Value, String> {
        self.send(request.to_string().as_bytes())?;
        self.answer_to(request)
    }

    /// The answer to a request that was sent.
    pub(super) fn answer_to(&mut self, request: &Value) -> Result<Value, String> {
        let answer = self.answer()?;
        if answer.get("id") == request.get("id") {
            Ok(answer)
        } else {
            // Out of step, it would answer every further request wrong, for one fault.
            self.restart();
            Err(came(
                &answer,
                &format!("an answer with the id {}", request["id"]),
            ))
        }
    }

    /// The next answer.
    pub(super) fn answer(&mut self) -> Result<Value, String> {
        let line = self.line()?;
        let answer: Option<Value> = serde_json::from_str(&line).ok().filter(Value::is_object);

        answer.ok_or_else(|| came(&line, "a JSON object in one line"))
    }

    /// Sends a line, without its end.
    pub(super) fn send(&mut self, line: &[u8]) -> Result<(), String> {
        if self.peer.is_none() {
            self.start()?;
        }
        let line = [line, b"\n"].concat();

        self.with_peer(|peer, wait| peer.send_bytes(&line, wait))
    }

    /// Its next line.
    fn line(&mut self) -> Result<String, String> {
        self.with_peer(Peer::line)
    }

    /// Ends its input. Returns what it still writes, once it has ended by itself or has written
    /// more than `most` lines: one that takes the end of its input for a request would answer
    /// forever.
    pub(super) fn end(&mut self, most: usize) -> Result<Vec<Value>, String> {
        let Some(mut peer) = self.peer.take() else {
            return Ok(Vec::new());
        };
        peer.close();

        let mut rest = Vec::new();
        while rest.len() <= most {
            match peer.line(Wait::at_most(self.limit, Some(self.stop))) {
                Ok(line) => rest.push(serde_json::from_str(&line).unwrap_or(json!(line))),
                Err(Failure::Ended(_)) => break,
                Err(failure) => {
                    self.peer = Some(peer);
                    return Err(self.lose(&failure));
                }
            }
        }
        Ok(rest)
    }

    fn with_peer<T>(
        &mut self,
        talk: impl FnOnce(&mut Peer, Wait<'_>) -> Result<T, Failure>,
    ) -> Result<T, String> {
        let wait = Wait::at_most(self.limit, Some(self.stop));
        let Some(peer) = &mut self.peer else {
            return Err("it has ended".to_owned());
        };

        talk(peer, wait).map_err(|failure| self.lose(&failure))
    }

    /// It cannot be talked to any more.
    fn lose(&mut self, failure: &Failure) -> String {
        if let Some(mut peer) = self.peer.take()
            && *failure == Failure::TimedOut
        {
            // A process that hangs does not see the end of its input.
            peer.kill();
        }

        match failure {
            Failure::TimedOut => format!("nothing came within {} s", self.limit.as_secs_f64()),
            other => other.to_string(),
        }
    }
}

/// What came instead of what was expected.
pub(super) fn came(answer: &impl ToString, expected: &str) -> String {
    let text = answer.to_string();
    let beginning: String = text.chars().take(SHOWN).collect();
    let rest = if beginning.len() < text.len() {
        "..."
    } else {
        ""
    };

    format!("{}{rest} came; expected {expected}", printable(&beginning))
}
