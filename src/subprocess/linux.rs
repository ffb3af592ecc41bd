//! A running program on Linux: one wait for its output, its errors and its end at once.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use wait4::Wait4;

use super::{Error, Finished, GRACE, LAST_LINES, Until, Usage};
use crate::last_words::LastWords;

/// The longest time between two looks at what may end the program early.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// As much as a pipe holds.
const BUFFER: usize = 1 << 16;
/// Reads after the program has ended: a process outside of its group may hold its pipes and write
/// on.
const LAST_READS: usize = 64;

/// A program that runs. Dropping it kills its group.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Ready once the program has ended.
    ended: OwnedFd,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    last_words: LastWords,
    /// Whether it has been waited for: from then on its number may be another process's.
    is_reaped: bool,
}

/// What a wait found.
#[derive(Clone, Copy, Debug, Default)]
struct Ready {
    stdout: bool,
    stderr: bool,
    ended: bool,
}

impl Ready {
    /// Whether nothing came until the wait was over.
    fn is_idle(self) -> bool {
        !(self.stdout || self.stderr || self.ended)
    }
}

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        command.stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().map_err(Error::Start)?;

        let pid = rustix::process::Pid::from_child(&child);
        let ended = match rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
            Ok(ended) => ended,
            Err(error) => {
                child.kill().ok();
                child.wait().ok();
                return Err(Error::Start(error.into()));
            }
        };
        Ok(Self {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
            ended,
            last_words: LastWords::default(),
            is_reaped: false,
        })
    }

    /// Drains both streams until the program has ended; after an error it has ended, too.
    pub(super) fn drain(
        &mut self,
        drain: &mut dyn FnMut(&[u8]),
        until: Until<'_>,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let left = match until.left() {
                Ok(left) => left,
                Err(error) => {
                    self.terminate();
                    return Err(error);
                }
            };
            let ready = self.wait(left.min(LOOK_INTERVAL)).map_err(Error::Lost)?;
            if ready.ended {
                break;
            }
            if ready.is_idle() && self.waits_for_terminal() {
                self.kill();
                return Err(Error::WantsTerminal);
            }
            self.read(ready, &mut buffer, drain);
        }

        // The program itself is only waited for later, so that its number stays that of its group.
        self.signal(Signal::SIGKILL);
        for _ in 0..LAST_READS {
            let ready = self.wait(Duration::ZERO).map_err(Error::Lost)?;
            if !ready.stdout && !ready.stderr {
                break;
            }
            self.read(ready, &mut buffer, drain);
        }
        Ok(())
    }

    /// Waits for the program, which has ended.
    pub(super) fn finish(mut self) -> Result<Finished, Error> {
        self.is_reaped = true;
        let used = self.child.wait4().map_err(Error::Lost)?;
        // The group goes on as long as one of it is not reaped.
        let group = i32::try_from(self.child.id()).map(Pid::from_raw);
        let left_others =
            group.is_ok_and(|group| killpg(group, None).is_ok() && ran_until_killed(group));

        Ok(Finished {
            status: used.status,
            usage: Usage::new(&used.rusage),
            last_words: self.last_words.last(LAST_LINES),
            left_others,
        })
    }

    /// Waits until a stream has something, or its end, or the program has ended; at most for
    /// `limit`.
    fn wait(&self, limit: Duration) -> io::Result<Ready> {
        let stdout = self.stdout.as_ref().map(|pipe| pipe.as_fd());
        let stderr = self.stderr.as_ref().map(|pipe| pipe.as_fd());
        let mut fds = vec![watched(self.ended.as_fd())];
        fds.extend(stdout.into_iter().chain(stderr).map(watched));

        let timeout = PollTimeout::try_from(limit).unwrap_or(PollTimeout::ZERO);
        match poll(&mut fds, timeout) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }

        let is_ready = |fd: &PollFd<'_>| fd.revents().is_some_and(|events| !events.is_empty());
        let mut streams = fds[1..].iter().map(is_ready);
        Ok(Ready {
            ended: is_ready(&fds[0]),
            stdout: stdout.is_some() && streams.next().unwrap_or(false),
            stderr: stderr.is_some() && streams.next().unwrap_or(false),
        })
    }

    /// Whether it was stopped because it asked something at the terminal, which belongs to the
    /// group of this process. The system stops the whole group for that, so that its leader tells.
    fn waits_for_terminal(&self) -> bool {
        let Ok(pid) = i32::try_from(self.child.id()) else {
            return false;
        };
        // It stays waitable, so that its end is seen as before.
        let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;

        matches!(
            waitid(Id::Pid(Pid::from_raw(pid)), flags),
            Ok(WaitStatus::Stopped(_, Signal::SIGTTIN | Signal::SIGTTOU))
        )
    }

    fn read(&mut self, ready: Ready, buffer: &mut [u8], drain: &mut dyn FnMut(&[u8])) {
        if ready.stdout {
            read_once(&mut self.stdout, buffer, drain);
        }
        if ready.stderr {
            let last_words = &mut self.last_words;
            read_once(&mut self.stderr, buffer, &mut |bytes| {
                last_words.push(bytes);
            });
        }
    }

    /// Asks the group to end, and kills it after a while.
    fn terminate(&mut self) {
        let deadline = Instant::now() + GRACE;
        self.signal(Signal::SIGTERM);

        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let ready = self.wait(left.min(LOOK_INTERVAL));
            // Its output is read on: a full pipe would keep it from ending.
            let mut buffer = vec![0; BUFFER];
            match ready {
                Ok(ready) if !ready.ended && !left.is_zero() => {
                    self.read(ready, &mut buffer, &mut |_| ());
                }
                _ => break,
            }
        }
        self.kill();
    }

    fn kill(&mut self) {
        if self.is_reaped {
            return;
        }
        self.signal(Signal::SIGKILL);
        self.is_reaped = true;
        self.child.wait().ok();
    }

    /// Sends `signal` to the group, which may have ended already.
    fn signal(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id())
            && !self.is_reaped
        {
            killpg(Pid::from_raw(group), signal).ok();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether what is left of `group` ran until it was killed a moment ago. One that had ended by itself
/// is still there, because nobody has waited for it. Asked in one call: the task is being timed.
fn ran_until_killed(group: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;

    match waitid(Id::PGid(group), flags) {
        Ok(WaitStatus::Exited(..)) => false,
        Ok(WaitStatus::Signaled(_, signal, _)) => signal == Signal::SIGKILL,
        // It is about to end, or is a child of another process.
        _ => true,
    }
}

fn watched(fd: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::new(fd, PollFlags::POLLIN)
}

/// Reads once from `pipe`, which has something or has ended; then it is closed.
fn read_once(pipe: &mut Option<impl Read>, buffer: &mut [u8], sink: &mut dyn FnMut(&[u8])) {
    let Some(source) = pipe else { return };

    match source.read(buffer) {
        Ok(count) if count > 0 => sink(&buffer[..count]),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        _ => *pipe = None,
    }
}
