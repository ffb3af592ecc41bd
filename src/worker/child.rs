//! The asking end: one worker process and one request at a time. What to do when it is lost is the caller's
//! decision.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Answer, Hello, PROTOCOL, Request, SUBCOMMAND};
use crate::kernel::isa::Isa;

/// No line of the protocol is longer; more is something else's output.
const LONGEST_LINE: u64 = 1 << 26;
/// How long a worker whose pipes are closed may take to end.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often to see whether it has.
const LOOK: Duration = Duration::from_millis(1);

/// A worker that is no more, or never was one: why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

/// A worker process. Dropping it ends the process, and waits until it is gone.
#[derive(Debug)]
pub struct Child {
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    process: Arc<Mutex<process::Child>>,
}

/// Ends a worker from another thread than the one that waits for its answer.
#[derive(Clone, Debug)]
pub struct Killer(Arc<Mutex<process::Child>>);

impl Child {
    /// Starts `program` as a worker. It may still be starting: [`hello`](Self::hello) waits for it.
    pub fn start(program: &Path) -> Result<Self, Lost> {
        let mut command = Command::new(program);
        // On the same kernels, also when they were chosen by flag.
        command.arg(SUBCOMMAND).env("PARBENCH_ISA", Isa::selected().name());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C is for the parent to deal with: it ends its workers itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let cannot = |why: &str| Lost(format!("cannot start the worker {}: {why}", program.display()));
        let mut process = command.spawn().map_err(|error| cannot(&error.to_string()))?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(cannot("it has no pipes"));
        };
        let process = Arc::new(Mutex::new(process));
        Ok(Self { stdin: Some(stdin), stdout: BufReader::new(stdout), process })
    }

    /// Waits until the worker says hello.
    pub fn hello(&mut self) -> Result<Hello, Lost> {
        let line = self.line()?;
        let hello: Hello =
            serde_json::from_str(&line).map_err(|_| Lost("it does not speak as a worker does".to_owned()))?;
        if hello.parbench_worker != PROTOCOL {
            let theirs = hello.parbench_worker;
            return Err(Lost(format!("it speaks version {theirs} of the protocol, not {PROTOCOL}")));
        }
        Ok(hello)
    }

    /// Sends a request and waits for its answer.
    pub fn call(&mut self, request: &Request) -> Result<Answer, Lost> {
        let mut line = serde_json::to_vec(request).map_err(|error| Lost(error.to_string()))?;
        line.push(b'\n');
        let sent = self.stdin.as_mut().map(|stdin| stdin.write_all(&line).and_then(|()| stdin.flush()));
        if !matches!(sent, Some(Ok(()))) {
            return Err(self.ended());
        }
        let line = self.line()?;
        let answer: Answer =
            serde_json::from_str(&line).map_err(|_| Lost("it said what is no answer".to_owned()))?;
        match answer.id() {
            Some(id) if id != request.id => Err(Lost(format!("it answered {id} when asked {}", request.id))),
            _ => Ok(answer),
        }
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    /// What ends it from elsewhere.
    #[must_use]
    pub fn killer(&self) -> Killer {
        Killer(Arc::clone(&self.process))
    }

    fn line(&mut self) -> Result<String, Lost> {
        let mut line = Vec::new();
        let read = self.stdout.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(1..) if line.ends_with(b"\n") => {
                String::from_utf8(line).map_err(|_| Lost("it said what is no text".to_owned()))
            }
            _ => Err(self.ended()),
        }
    }

    /// It has closed a pipe: with which status it ended.
    fn ended(&mut self) -> Lost {
        self.stdin = None;
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        // The pipes of a process close a moment before it is gone; one that stays nevertheless is ended.
        let deadline = Instant::now() + PATIENCE;
        while matches!(process.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(LOOK);
        }
        process.kill().ok();
        match process.wait() {
            Ok(status) => Lost(format!("it ended with {status}")),
            Err(error) => Lost(format!("it ended: {error}")),
        }
    }
}

impl Killer {
    /// Ends the worker now, whatever it is doing.
    pub fn kill(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kill().ok();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.ended();
    }
}
