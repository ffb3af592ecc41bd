//! A child process together with its process group and all that it has started: whether it has
//! ended, and its end.

use std::collections::HashSet;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::descendants::{self, Seen};

/// How long a killed process may take to end. A process that hangs in the kernel is left to the
/// system.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// How often to see whether it has ended.
const END_INTERVAL: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(super) struct Group(Mutex<Process>);

#[derive(Debug)]
struct Process {
    child: Child,
    status: Option<ExitStatus>,
    /// What it had started when it was last looked at.
    descendants: HashSet<Seen>,
    /// Whether it has been waited for: from then on its number may be another process's.
    is_reaped: bool,
}

impl Group {
    /// `child` has to be the leader of its process group.
    pub(super) fn new(child: Child) -> Self {
        descendants::keep(child.id());

        Self(Mutex::new(Process {
            child,
            status: None,
            descendants: HashSet::new(),
            is_reaped: false,
        }))
    }

    pub(super) fn id(&self) -> u32 {
        self.process().child.id()
    }

    /// Whether the child has ended; others of its group may still run.
    pub(super) fn has_ended(&self) -> bool {
        self.process().has_ended()
    }

    /// Whether the child is suspended, and so deaf to the end of its input.
    pub(super) fn is_stopped(&self) -> bool {
        descendants::is_stopped(self.id())
    }

    /// Notes what the child has started so far: once it has ended, the system does not know any
    /// more.
    pub(super) fn note_descendants(&self) {
        self.process().note_descendants();
    }

    /// Kills every process of the group, and those that the child has started outside of it.
    pub(super) fn kill(&self) {
        self.process().kill();
    }

    /// Asks the child itself to end.
    pub(super) fn terminate(&self) {
        self.process().terminate();
    }

    /// Kills what is left of the group, and returns how the child ended.
    pub(super) fn finish(&self) -> String {
        self.kill();

        let deadline = Instant::now() + AFTER_KILL;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(END_INTERVAL);
        }

        let mut process = self.process();
        process.is_reaped = true;
        if process.status.is_none() {
            process.status = process.child.try_wait().ok().flatten();
        }
        descendants::keep_no_more(process.child.id());

        process.status.map_or_else(
            || "no status, for it cannot be killed".to_owned(),
            |status| status.to_string(),
        )
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    fn has_ended(&mut self) -> bool {
        if self.status.is_some() {
            return true;
        }

        // Leaves the ended process unwaited for, so that its number stays that of its group until
        // `kill`.
        #[cfg(target_os = "linux")]
        if let Ok(id) = i32::try_from(self.child.id()) {
            use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
            let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            let state = waitid(Id::Pid(nix::unistd::Pid::from_raw(id)), flags);
            return state != Ok(WaitStatus::StillAlive);
        }

        self.status = self.child.try_wait().ok().flatten();
        self.status.is_some()
    }

    fn note_descendants(&mut self) {
        // After its status was taken, its number may be another process's.
        if self.status.is_none() && !self.is_reaped {
            self.descendants.extend(descendants::below(self.child.id()));
        }
    }

    fn terminate(&self) {
        #[cfg(unix)]
        if let Ok(id) = i32::try_from(self.child.id())
            && !self.is_reaped
            && self.status.is_none()
        {
            use nix::sys::signal::{Signal, kill};
            kill(nix::unistd::Pid::from_raw(id), Signal::SIGTERM).ok();
        }
    }

    fn kill(&mut self) {
        if self.is_reaped {
            return;
        }

        // Before anything is killed: a killed process knows no children.
        self.note_descendants();

        #[cfg(unix)]
        if let Ok(id) = i32::try_from(self.child.id()) {
            use nix::sys::signal::{Signal, killpg};
            killpg(nix::unistd::Pid::from_raw(id), Signal::SIGKILL).ok();
        }

        if self.status.is_none() {
            self.child.kill().ok();
        }

        // Their guard asks them to end first.
        let unguarded = self.descendants.drain().filter(|seen| !seen.is_guarded());
        unguarded.for_each(Seen::kill);
    }
}
