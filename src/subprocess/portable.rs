//! A running program where the system has no handle of its end to wait for beside its output:
//! threads read both streams, and another one waits for the end.

use std::io::{self, Read};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::time::Duration;

use wait4::{ResUse, Wait4};

use super::{Error, Finished, GRACE, LAST_LINES, Until, Usage};
use crate::last_words::LastWords;

/// The longest time between two looks at what may end the program early.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// As much as a pipe holds.
const BUFFER: usize = 1 << 16;
/// Pieces of output that wait to be drained, before the program waits as at a full pipe.
const PIECES: usize = 4;

/// A program that runs. Dropping it kills its group, where the system has groups.
#[derive(Debug)]
pub(super) struct Running {
    /// Its number, until it has ended.
    id: Option<u32>,
    /// Pieces of its output, until that ends.
    output: Receiver<Vec<u8>>,
    /// Its end, once.
    end: Receiver<io::Result<ResUse>>,
    used: Option<io::Result<ResUse>>,
    /// What it wrote to its standard error, once that ends.
    last_words: Receiver<LastWords>,
}

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        command.stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.spawn().map_err(Error::Start)?;

        let (pieces, output) = sync_channel(PIECES);
        let (words, last_words) = channel();
        let (ended, end) = channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // Dropped after an error, it ends the program.
        let running = Self {
            id: Some(child.id()),
            output,
            end,
            used: None,
            last_words,
        };

        on_thread(move || ended.send(child.wait4()).is_ok())?;
        if let Some(stdout) = stdout {
            on_thread(move || read(stdout, |piece| pieces.send(piece.to_vec()).is_ok()))?;
        }
        if let Some(stderr) = stderr {
            on_thread(move || words.send(listen(stderr)).is_ok())?;
        }
        Ok(running)
    }

    /// Drains its output until the program has ended; after an error it was killed.
    pub(super) fn drain(
        &mut self,
        drain: &mut dyn FnMut(&[u8]),
        until: Until<'_>,
    ) -> Result<(), Error> {
        let mut has_output = true;

        while !self.has_ended(if has_output {
            Duration::ZERO
        } else {
            LOOK_INTERVAL
        }) {
            if let Err(error) = until.left() {
                self.terminate();
                return Err(error);
            }
            if has_output {
                match self.output.recv_timeout(LOOK_INTERVAL) {
                    Ok(piece) => drain(&piece),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => has_output = false,
                }
            }
        }
        // A process outside of its group may hold the pipe and write on.
        while let Ok(piece) = self.output.recv_timeout(LOOK_INTERVAL) {
            drain(&piece);
            until.left()?;
        }
        Ok(())
    }

    /// What the program used, which has ended.
    pub(super) fn finish(mut self) -> Result<Finished, Error> {
        let lost = || io::Error::other("its end was not seen");
        let used = self.used.take().unwrap_or_else(|| Err(lost()));
        let used = used.map_err(Error::Lost)?;
        // A process outside of its group may hold the pipe.
        let last_words = self.last_words.recv_timeout(GRACE);

        Ok(Finished {
            status: used.status,
            usage: Usage::new(&used.rusage),
            last_words: last_words.unwrap_or_default().last(LAST_LINES),
            left_others: false,
        })
    }

    /// Whether it ends within `limit`; then what is left of its group is killed.
    fn has_ended(&mut self, limit: Duration) -> bool {
        if self.used.is_none() {
            self.used = self.end.recv_timeout(limit).ok();
        }
        if self.used.is_some() {
            self.signal(Signal::Kill);
            self.id = None;
        }

        self.used.is_some()
    }

    /// Asks the group to end, and kills it after a while.
    fn terminate(&mut self) {
        self.signal(Signal::Terminate);
        if !self.has_ended(GRACE) {
            self.signal(Signal::Kill);
        }
    }

    /// Sends `signal` to the group. Elsewhere than on Unix there are no groups, and the program is
    /// left to end by itself.
    fn signal(&self, signal: Signal) {
        #[cfg(unix)]
        if let Some(group) = self.id.and_then(|id| i32::try_from(id).ok()) {
            use nix::sys::signal::{self, killpg};
            let signal = match signal {
                Signal::Terminate => signal::Signal::SIGTERM,
                Signal::Kill => signal::Signal::SIGKILL,
            };
            killpg(nix::unistd::Pid::from_raw(group), signal).ok();
        }
        #[cfg(not(unix))]
        let _ = signal;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
    }
}

/// Runs `work` on a thread of its own, if the system has one.
fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<(), Error> {
    let started = std::thread::Builder::new().spawn(work);

    started.map(drop).map_err(Error::Start)
}

#[derive(Clone, Copy, Debug)]
enum Signal {
    Terminate,
    Kill,
}

fn listen(stderr: ChildStderr) -> LastWords {
    let mut words = LastWords::default();
    read(stderr, |piece| {
        words.push(piece);
        true
    });

    words
}

/// Hands over what `stream` has, piece by piece, until it ends or nobody wants more.
fn read(mut stream: impl Read, mut wants_more: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; BUFFER];

    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        if !wants_more(&buffer[..count]) {
            break;
        }
    }
}
