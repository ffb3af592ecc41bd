//! The limits that make the system refuse a thread: those of the user, of the control groups, of the
//! address space and of the data. The refusal itself does not say which of them it was.
//!
//! Sources: `pthread_create(3)`, `getrlimit(2)`, and the kernel's
//! `Documentation/admin-guide/cgroup-v2.rst`.

use crate::machine::cgroup::{self, ThreadLimit};
use crate::machine::tree::Tree;
use crate::units::Bytes;

/// The limits that are reached or, if none is, all that there are; empty without limits.
pub(super) fn in_words(tree: &Tree) -> String {
    let groups = cgroup::thread_limits(tree);
    let user_limit = limit(tree, "Max processes");
    let group_words = |group: &ThreadLimit| {
        format!(
            "the control group allows {} threads (pids.max)",
            group.limit
        )
    };
    let user_words = |threads: u64| format!("this user may run {threads} threads (ulimit -u)");

    let full_group = groups
        .iter()
        .find(|group| group.threads.is_some_and(|threads| threads >= group.limit));
    if let Some(group) = full_group {
        return group_words(group);
    }

    // Some may have ended since; and threads in other containers count, but are invisible.
    if let Some(threads) = user_limit.filter(|&threads| threads_of_user(tree) + 1 >= threads) {
        return user_words(threads);
    }

    let smallest_group = groups.iter().min_by_key(|group| group.limit);
    let address_space = limit(tree, "Max address space");
    let data = limit(tree, "Max data size");
    let words = [
        user_limit.map(user_words),
        smallest_group.map(group_words),
        address_space
            .map(|bytes| format!("the address space may have {} (ulimit -v)", Bytes(bytes))),
        data.map(|bytes| format!("the data may have {} (ulimit -d)", Bytes(bytes))),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The soft limit called `name` in `/proc/self/limits`; `None` without a limit.
fn limit(tree: &Tree, name: &str) -> Option<u64> {
    let limits = tree.text("/proc/self/limits")?;

    field(&limits, name)
}

/// How many threads all visible processes of this user have together.
fn threads_of_user(tree: &Tree) -> u64 {
    let status = |process: &str| tree.text(&format!("/proc/{process}/status"));
    let Some(user) = status("self")
        .as_deref()
        .and_then(|status| field(status, "Uid:"))
    else {
        return 0;
    };

    let processes = tree
        .names("/proc", "")
        .into_iter()
        .filter(|name| name.parse::<u32>().is_ok());
    processes
        .filter_map(|process| status(&process))
        .filter(|status| field(status, "Uid:") == Some(user))
        .filter_map(|status| field(&status, "Threads:"))
        .sum()
}

/// The first number on the line that begins with `name`.
fn field(text: &str, name: &str) -> Option<u64> {
    let values = text.lines().find_map(|line| line.strip_prefix(name))?;

    values.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units
Max processes             12                   500                  processes
Max address space         unlimited            unlimited            bytes\n";
    const STATUS: &str = "Name:\tparbench\nUid:\t12345\t12345\t12345\t12345\nThreads:\t11\n";
    const OTHERS: &str = "Name:\tcron\nUid:\t0\t0\t0\t0\nThreads:\t300\n";
    const MOUNT_V2: &str = "35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn the_limit_of_the_user_is_named_where_it_is_reached() {
        let (_folder, tree) = planted(&[
            ("proc/self/limits", LIMITS),
            ("proc/self/status", STATUS),
            ("proc/17/status", STATUS),
            ("proc/1/status", OTHERS),
            ("proc/self/cgroup", "0::/job\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/job/pids.max", "500\n"),
            ("sys/fs/cgroup/job/pids.current", "20\n"),
        ]);
        assert_eq!(in_words(&tree), "this user may run 12 threads (ulimit -u)");
    }

    #[test]
    fn a_control_group_that_is_full_is_named_wherever_it_stands_above() {
        let (_folder, tree) = planted(&[
            ("proc/self/limits", LIMITS),
            ("proc/self/status", STATUS),
            ("proc/17/status", STATUS),
            ("proc/self/cgroup", "0::/job/step\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/job/pids.max", "30\n"),
            ("sys/fs/cgroup/job/pids.current", "30\n"),
            ("sys/fs/cgroup/job/step/pids.max", "max\n"),
        ]);
        assert_eq!(
            in_words(&tree),
            "the control group allows 30 threads (pids.max)"
        );
    }

    #[test]
    fn where_no_limit_is_reached_all_of_them_are_named() {
        let limits = "Max processes             500                  500                  processes
Max address space         200000000            unlimited            bytes
Max data size             20000000             unlimited            bytes\n";
        let (_folder, tree) =
            planted(&[("proc/self/limits", limits), ("proc/self/status", STATUS)]);

        assert_eq!(
            in_words(&tree),
            "this user may run 500 threads (ulimit -u), the address space may have 200 MB (ulimit -v), \
             the data may have 20.0 MB (ulimit -d)"
        );
        assert_eq!(in_words(&planted(&[]).1), "");
    }
}
