//! Other processes as the tests see them: who started whom, who still runs, and how to end one.
//! Linux has that in /proc.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::harness::Scene;

/// Sends a signal to a process, if it is still there.
pub(crate) fn signal(pid: u32, name: &str) {
    let mut kill = Command::new("kill");
    kill.args([&format!("-{name}"), &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

/// The processes that `pid` has started and that still run.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .map(|pid| pid.parse().unwrap())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Those, and what they have started.
pub(crate) fn descendants(pid: u32) -> Vec<u32> {
    let children = children(pid);
    children
        .iter()
        .flat_map(|&child| std::iter::once(child).chain(descendants(child)))
        .collect()
}

/// Whether it runs; one that has ended and waits to be reaped does not.
pub(crate) fn runs(pid: u32) -> bool {
    stat(pid)
        .first()
        .is_some_and(|state| !["Z", "X"].contains(&state.as_str()))
}

/// Whether it waits for something.
pub(crate) fn sleeps(pid: u32) -> bool {
    stat(pid).first().is_some_and(|state| state == "S")
}

/// Whether it has computed for 0.2 s: longer than a worker's start takes, and a batch of empty
/// tasks.
pub(crate) fn computes(pid: u32) -> bool {
    // User time, in hundredths of a second.
    stat(pid)
        .get(11)
        .is_some_and(|ticks| ticks.parse::<u64>().unwrap() >= 20)
}

/// What the system tells of a process, from its state on; nothing of one that is gone.
fn stat(pid: u32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before it may hold anything.
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    rest.split_whitespace().map(str::to_owned).collect()
}

/// So long that what has not come by then never will.
const AGES: Duration = Duration::from_mins(10);

/// Asks until there is something.
pub(crate) fn until<T>(found: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < AGES, "nothing came in {AGES:?}");
        thread::yield_now();
    }
}

/// Makes `name` a pipe in the folder: opening one end waits for the other.
pub(crate) fn pipe(scene: &Scene, name: &str) {
    let made = Command::new("mkfifo").arg(scene.path(name)).status();

    assert!(made.unwrap().success());
}
