//! The processes that a process has started, and those that they have started: Ray puts its workers into process
//! groups of their own, so that ending the driver's group does not end them.

use std::collections::HashSet;

/// A process as it was seen; its number may mean another one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    pid: u32,
    /// When it began, in the system's ticks.
    began: u64,
}

/// The processes below `root`, where the system tells.
pub(super) fn below(root: u32) -> HashSet<Seen> {
    let mut found = HashSet::new();
    let mut waiting = vec![root];
    while let Some(pid) = waiting.pop() {
        for child in children(pid) {
            let Some(began) = began(child) else { continue };
            if found.insert(Seen { pid: child, began }) {
                waiting.push(child);
            }
        }
    }

    found
}

impl Seen {
    /// Ends it, unless it has ended already.
    pub(super) fn kill(self) {
        if began(self.pid) == Some(self.began) {
            signal(self.pid, false);
        }
    }
}

/// Ends the process group that `leader` leads, also one whose leader has ended.
pub(super) fn kill_group(leader: u32) {
    signal(leader, true);
}

#[cfg(unix)]
fn signal(pid: u32, group: bool) {
    use nix::sys::signal::{Signal, kill, killpg};
    use nix::unistd::Pid;

    // 0 and 1 are no process that this program has started, and 0 is its own group.
    let Some(pid) = i32::try_from(pid)
        .ok()
        .filter(|&pid| pid > 1)
        .map(Pid::from_raw)
    else {
        return;
    };
    if group {
        killpg(pid, Signal::SIGKILL).ok();
    } else {
        kill(pid, Signal::SIGKILL).ok();
    }
}

#[cfg(not(unix))]
fn signal(_pid: u32, _group: bool) {}

fn children(pid: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists =
        threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// When a process began; nothing of one that is gone.
fn began(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split_whitespace().nth(19)?.parse().ok()
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
            .args(["-c", "set -m; tail -f /dev/null & echo started; wait"])
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = shell.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();

        let found = below(child.id());
        assert_eq!(found.len(), 1, "{found:?}");
        kill_group(child.id());
        child.wait().unwrap();
        let grandchild = *found.iter().next().unwrap();
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
        let own = std::process::id();
        Seen { pid: own, began: 0 }.kill();
        assert!(below(u32::MAX).is_empty());
    }
}
