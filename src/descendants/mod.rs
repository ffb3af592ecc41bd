//! The processes that a process has started, and those that they have started in turn. Some have
//! process groups of their own, as Ray's workers and daemons do, so that killing the child's group
//! does not end them.

mod strays;

use std::collections::HashSet;
use std::time::{Duration, Instant};

pub use self::strays::{Left, Strays, keep, keep_no_more};

/// How long a process that was asked to end has for it, before it is killed.
pub const GRACE: Duration = Duration::from_millis(500);
/// How often to look again for what was killed, and how often at most: what hangs in the kernel is
/// left to the system.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);
const MOST_LOOKS: u32 = 500;
/// The variable of a worker on Ray, and of all that it starts: its guard ends what has it, once the
/// worker has ended.
pub const GUARDED: &str = "PARBENCH_GUARD";

/// A process as it was seen. Its number may be another process's later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    pid: u32,
    /// When it began, in the system's ticks.
    began: u64,
}

/// What the system reports of a process.
struct Stat {
    has_ended: bool,
    is_stopped: bool,
    group: u32,
    session: u32,
    began: u64,
}

/// The processes below `root`; empty where the system has no /proc that lists them.
#[must_use]
pub fn below(root: u32) -> HashSet<Seen> {
    let mut seen = HashSet::new();
    let mut parents = vec![root];

    while let Some(parent) = parents.pop() {
        for pid in children(parent) {
            let Some(began) = began(pid) else { continue };
            if seen.insert(Seen { pid, began }) {
                parents.push(pid);
            }
        }
    }

    seen
}

/// The children of this process, those that have ended included.
#[must_use]
pub fn own_children() -> HashSet<Seen> {
    let seen = |pid: u32| {
        let began = began(pid)?;
        Some(Seen { pid, began })
    };

    children(std::process::id())
        .into_iter()
        .filter_map(seen)
        .collect()
}

/// Whether the process `pid` is suspended.
#[must_use]
pub fn is_stopped(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| stat.is_stopped)
}

/// Kills everything below this process but `others`, and whatever that starts meanwhile, and does
/// not wait for any of it.
pub fn kill_all_but(others: &[Seen]) {
    for _ in 0..MOST_LOOKS {
        let mut left = below(std::process::id());
        left.retain(|seen| seen.runs() && !others.contains(seen));
        if left.is_empty() {
            break;
        }

        left.into_iter().for_each(Seen::kill);
        std::thread::sleep(LOOK_INTERVAL);
    }
}

/// The processes that were started with the variable `name` set to `value`, as far as the system
/// lets this one see: its own user's.
pub fn with_variable(name: &str, value: &str) -> impl Iterator<Item = Seen> {
    let wanted = format!("{name}={value}");
    let numbers = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());

    numbers.filter_map(move |pid: u32| {
        // First, or another process of the same number could be taken for this one.
        let seen = Seen {
            pid,
            began: began(pid)?,
        };

        seen.has_variable(|variable| variable == wanted.as_bytes())
            .then_some(seen)
    })
}

/// Asks `processes` to end, and waits until they have, or until they have had [`GRACE`] for it.
pub fn ask_to_end(processes: impl IntoIterator<Item = Seen>) {
    let asked: Vec<Seen> = processes.into_iter().collect();
    asked.iter().copied().for_each(Seen::terminate);

    let deadline = Instant::now() + GRACE;
    while asked.iter().any(|process| process.runs()) && Instant::now() < deadline {
        std::thread::sleep(LOOK_INTERVAL);
    }
}

impl Seen {
    /// Its number.
    #[must_use]
    pub fn pid(self) -> u32 {
        self.pid
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn runs(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.began == self.began && !stat.has_ended)
    }

    /// Whether it has left the process group that it was started in: it leads one, or is in another
    /// session than this process.
    #[must_use]
    pub fn has_left_its_group(self) -> bool {
        let own_session = stat(std::process::id()).map(|stat| stat.session);

        stat(self.pid)
            .is_some_and(|stat| stat.group == self.pid || Some(stat.session) != own_session)
    }

    /// Whether it was started by a worker on Ray, whose guard ends it.
    #[must_use]
    pub fn is_guarded(self) -> bool {
        self.has_variable(|variable| {
            let rest = variable.strip_prefix(GUARDED.as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b"="))
        })
    }

    /// Whether one of the variables that it was started with, as `NAME=VALUE`, is `wanted`.
    fn has_variable(self, wanted: impl Fn(&[u8]) -> bool) -> bool {
        let environment = std::fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();

        environment.split(|&byte| byte == 0).any(wanted)
    }

    /// Kills it, unless it has ended already.
    pub fn kill(self) {
        #[cfg(unix)]
        self.signal(nix::sys::signal::Signal::SIGKILL);
    }

    /// Asks it to end, unless it has ended already.
    pub fn terminate(self) {
        #[cfg(unix)]
        self.signal(nix::sys::signal::Signal::SIGTERM);
    }

    #[cfg(unix)]
    fn signal(self, signal: nix::sys::signal::Signal) {
        if began(self.pid) != Some(self.began) {
            return;
        }

        // This program has not started the processes 0 and 1.
        if let Some(pid) = i32::try_from(self.pid).ok().filter(|&pid| pid > 1) {
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).ok();
        }
    }
}

fn children(pid: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists =
        threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());

    let children = lists.flat_map(|list| {
        let numbers = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        numbers.collect::<Vec<_>>()
    });
    children.collect()
}

/// When a process began, in the system's ticks; `None` if it is gone.
fn began(pid: u32) -> Option<u64> {
    Some(stat(pid)?.began)
}

/// `None` of a process that is gone.
fn stat(pid: u32) -> Option<Stat> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;

    // The name before it may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();

    Some(Stat {
        has_ended: matches!(*fields.first()?, "Z" | "X"),
        is_stopped: *fields.first()? == "T",
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_child_has_started_is_found_and_ended() {
        // The grandchild leads a group of its own, as Ray's workers do.
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "setsid tail -f /dev/null & echo started; wait"])
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = shell.spawn().unwrap();

        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();

        // The system promises a complete list only of children that stand still.
        let looks = || (0..1000).map(|_| below(child.id()));
        let seen = looks().find(|seen| !seen.is_empty()).unwrap_or_default();
        assert_eq!(seen.len(), 1, "{seen:?}");

        child.kill().unwrap();
        child.wait().unwrap();
        let grandchild = *seen.iter().next().unwrap();
        assert_eq!(
            began(grandchild.pid),
            Some(grandchild.began),
            "it has a group of its own"
        );

        grandchild.kill();
        // Its new parent may take a moment to notice that it has ended.
        let gone = || {
            std::fs::read_to_string(format!("/proc/{}/stat", grandchild.pid))
                .map_or(true, |stat| stat.contains(") Z"))
        };
        assert!((0..1_000_000).any(|_| gone()), "it still runs");
    }

    #[test]
    fn another_process_with_the_same_number_is_left_alone() {
        let pid = std::process::id();
        Seen { pid, began: 0 }.kill();

        assert!(below(u32::MAX).is_empty());
    }
}
