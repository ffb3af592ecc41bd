//! The CPU time of this process and of everything that it started: worker processes, a Ray cluster
//! of its own. What the CPUs did beyond that was for others.
//!
//! Source: proc(5) on `/proc/PID/stat` and `/proc/PID/task/TID/children`.

#[cfg(any(unix, test))]
use std::collections::BTreeSet;
use std::time::Duration;

#[cfg(unix)]
use super::cpu_times::duration;
#[cfg(any(unix, test))]
use super::processor_time::TICK;
use super::tree::Tree;

/// The CPU time so far; `None` where the system does not list a process's children.
#[must_use]
pub(super) fn family_time(tree: &Tree) -> Option<Duration> {
    #[cfg(unix)]
    {
        use nix::sys::resource::UsageWho;
        let living = descendants_time(tree)?;

        // Of processes that have ended and were waited for, the system keeps the sum.
        Some(living + usage_time(UsageWho::RUSAGE_SELF)? + usage_time(UsageWho::RUSAGE_CHILDREN)?)
    }
    #[cfg(not(unix))]
    {
        let _ = tree;
        None
    }
}

/// The CPU time, user and system, that getrusage(2) reports.
#[cfg(unix)]
pub(super) fn usage_time(who: nix::sys::resource::UsageWho) -> Option<Duration> {
    let usage = nix::sys::resource::getrusage(who).ok()?;

    Some(duration(usage.user_time()) + duration(usage.system_time()))
}

/// The CPU time of this process's living descendants, and of their children that have ended.
#[cfg(any(unix, test))]
fn descendants_time(tree: &Tree) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    let mut waiting = children(tree, "self")?;
    let mut seen = BTreeSet::new();

    while let Some(process) = waiting.pop() {
        if !seen.insert(process.clone()) {
            continue;
        }

        // A process may end meanwhile.
        let stat = tree.text(&format!("/proc/{process}/stat"));
        sum += stat.as_deref().and_then(stat_time).unwrap_or_default();
        waiting.extend(children(tree, &process).unwrap_or_default());
    }

    Some(sum)
}

/// The processes that any thread of `process` started.
#[cfg(any(unix, test))]
fn children(tree: &Tree, process: &str) -> Option<Vec<String>> {
    let folder = format!("/proc/{process}/task");
    let files: Vec<String> = tree
        .names(&folder, "")
        .into_iter()
        .map(|thread| format!("{folder}/{thread}/children"))
        .filter(|file| tree.exists(file))
        .collect();
    if files.is_empty() {
        return None;
    }

    let lists: Vec<String> = files.iter().filter_map(|file| tree.text(file)).collect();
    let children = lists.iter().flat_map(|list| list.split_whitespace());
    Some(children.map(str::to_owned).collect())
}

#[cfg(any(unix, test))]
fn stat_time(stat: &str) -> Option<Duration> {
    let ticks = stat_ticks(stat)?;

    Some(ticks.into_iter().map(|ticks| TICK * ticks).sum())
}

/// Ticks of user and system time, the process's own and then those of the children it has waited
/// for: the 14th to the 17th figure. The second one is a name in brackets that may hold anything.
#[cfg(any(unix, test))]
pub(super) fn stat_ticks(stat: &str) -> Option<[u32; 4]> {
    let (_, figures) = stat.rsplit_once(')')?;
    let ticks: Vec<u32> = figures
        .split_whitespace()
        .skip(11)
        .take(4)
        .map_while(|figure| figure.parse().ok())
        .collect();

    ticks.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    const STAT: &str =
        "20 (a) b (c) S 10 20 20 0 -1 4194560 165 0 0 0 3 4 5 6 20 0 1 0 291 2453504 ";

    #[test]
    fn children_of_every_thread_and_their_children_count() {
        let (_folder, tree) = planted(&[
            ("proc/self/task/10/children", "20 21 \n"),
            ("proc/self/task/11/children", "22 "),
            ("proc/20/task/20/children", ""),
            ("proc/20/stat", STAT),
            ("proc/21/task/21/children", "30 "),
            ("proc/21/stat", STAT),
            ("proc/30/stat", STAT),
            ("proc/40/stat", STAT),
        ]);

        // The 22nd has ended meanwhile, and the 40th is somebody else's.
        assert_eq!(descendants_time(&tree), Some(TICK * 3 * 18));
    }

    #[test]
    fn where_children_are_not_listed_the_family_is_unknown() {
        let (_folder, tree) = planted(&[("proc/self/task/10/stat", STAT)]);
        assert_eq!((descendants_time(&tree), family_time(&tree)), (None, None));

        let (_folder, tree) = planted(&[("proc/self/task/10/children", "")]);
        assert_eq!(descendants_time(&tree), Some(Duration::ZERO));
    }

    #[test]
    fn processes_that_name_each_other_end_the_walk() {
        let (_folder, tree) = planted(&[
            ("proc/self/task/10/children", "20"),
            ("proc/20/task/20/children", "20"),
            ("proc/20/stat", STAT),
        ]);

        assert_eq!(descendants_time(&tree), Some(TICK * 18));
        assert_eq!(stat_time("20 (a) S 1 2"), None);
    }
}
