//! The processes that a process has started, and those that they have started in turn. Some have
//! process groups of their own, as Ray's workers and daemons do, so that killing the child's group
//! does not end them.

use std::collections::HashSet;

/// A process as it was seen. Its number may be another process's later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    pid: u32,
    /// When it began, in the system's ticks.
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

/// The processes that were started with the variable `name` set to `value`, as far as the system lets
/// this one see: its own user's.
pub fn with_variable(name: &str, value: &str) -> impl Iterator<Item = Seen> {
    let wanted = format!("{name}={value}").into_bytes();
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
        let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mut variables = environment.split(|&byte| byte == 0);

        variables.any(|variable| variable == wanted).then_some(seen)
    })
}

impl Seen {
    /// Kills it, unless it has ended already.
    pub fn kill(self) {
        if began(self.pid) != Some(self.began) {
            return;
        }

        // This program has not started the processes 0 and 1.
        #[cfg(unix)]
        if let Some(pid) = i32::try_from(self.pid).ok().filter(|&pid| pid > 1) {
            use nix::sys::signal::{Signal, kill};
            kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL).ok();
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
