//! Processes that programs leave running outside of their groups, as daemons are. This process is
//! their subreaper: they become its children when their parents end, so that they are found
//! whatever they have made of their variables, and can be waited for.
//!
//! Only Linux has that; elsewhere nothing is found.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{LOOK_INTERVAL, MOST_LOOKS, Seen, ask_to_end, below, own_children};

/// The children of this process that are to stay.
static KEPT: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// What programs leave behind from now on.
#[derive(Debug)]
pub struct Strays {
    /// What was there before, or was started by it.
    known: HashSet<Seen>,
}

/// What was left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Left {
    /// How many processes had left their groups.
    pub count: usize,
    /// Seconds of CPU time in their own code, of all that nobody else has waited for.
    pub user_s: f64,
    /// The same in the kernel.
    pub system_s: f64,
}

impl Strays {
    /// Looks at what is there already.
    #[must_use]
    pub fn watch() -> Self {
        become_subreaper();

        Self {
            known: below(std::process::id()),
        }
    }

    /// Ends and waits for every process that has become a child of this one since, but those that
    /// were started to stay, with all that these have started. They are asked first: a command on a
    /// local Ray is one, too, once its worker is killed.
    #[must_use]
    pub fn end(self) -> Left {
        let before = used_by_children();
        let count = self
            .new_children()
            .filter(|child| child.runs() && child.has_left_its_group())
            .count();

        // The parent first: one that waits for its children would end with them.
        let with_descendants = |child: Seen| [child].into_iter().chain(below(child.pid()));
        ask_to_end(self.new_children().flat_map(with_descendants));

        // What a killed one had started becomes a child in turn.
        for _ in 0..MOST_LOOKS {
            let children: Vec<Seen> = self.new_children().collect();
            if children.is_empty() {
                break;
            }

            for child in children {
                with_descendants(child).for_each(Seen::kill);
                reap(child);
            }
            if self.new_children().next().is_some() {
                std::thread::sleep(LOOK_INTERVAL);
            }
        }

        let after = used_by_children();
        Left {
            count,
            user_s: after.0 - before.0,
            system_s: after.1 - before.1,
        }
    }

    fn new_children(&self) -> impl Iterator<Item = Seen> {
        let kept = kept().clone();
        let children = own_children().into_iter();

        children.filter(move |child| {
            !self.known.contains(child) && !kept.contains(&child.pid()) && !is_guard(*child)
        })
    }
}

/// Whether it is the guard of a worker on Ray, which outlives its parent to end what the worker
/// leaves. A worker that is lost while programs run gets a new one.
fn is_guard(child: Seen) -> bool {
    let line = std::fs::read(format!("/proc/{}/cmdline", child.pid())).unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|&byte| byte == 0).collect();

    words.get(1..3) == Some(&[b"worker".as_slice(), b"--guard"])
}

/// Has the child `pid` stay, although programs run meanwhile.
pub fn keep(pid: u32) {
    kept().insert(pid);
}

/// The child `pid` was waited for: its number may become another process's.
pub fn keep_no_more(pid: u32) {
    kept().remove(&pid);
}

fn kept() -> MutexGuard<'static, BTreeSet<u32>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A system that refuses leaves orphans to its first process, where they are not found.
fn become_subreaper() {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true).ok();
}

/// Waits for `child` if it has ended.
fn reap(child: Seen) {
    #[cfg(unix)]
    if let Ok(pid) = i32::try_from(child.pid()) {
        use nix::sys::wait::{WaitPidFlag, waitpid};
        waitpid(nix::unistd::Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG)).ok();
    }
    #[cfg(not(unix))]
    let _ = child;
}

/// Seconds that all children used which were waited for: in their own code and in the kernel.
fn used_by_children() -> (f64, f64) {
    #[cfg(unix)]
    if let Ok(usage) = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
    {
        let seconds =
            |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        return (seconds(usage.user_time()), seconds(usage.system_time()));
    }

    (0.0, 0.0)
}
