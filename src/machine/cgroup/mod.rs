//! What the control groups of this process allow it: CPU time, memory and threads. Versions 1 and 2
//! and the mixed form are known. Every group up to the root counts, because each may be the
//! narrowest.
//!
//! Sources: the kernel's `Documentation/admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst`,
//! `Documentation/scheduler/sched-bwc.rst`, and proc(5) for `mountinfo`.

mod folder;
mod memory;
mod quota;
mod threads;

pub use memory::MemoryLimit;
pub use quota::{Quota, throttled};
pub use threads::{ThreadLimit, thread_limits};

use super::tree::Tree;

/// The narrowest limits on the way to the root; each is `None` where no group has one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The CPU time.
    pub quota: Option<Quota>,
    /// The memory.
    pub memory: Option<MemoryLimit>,
}

/// The limits that the files in `tree` describe.
#[must_use]
pub fn limits(tree: &Tree) -> Limits {
    Limits {
        quota: quota::narrowest(tree),
        memory: memory::narrowest(tree),
    }
}

#[cfg(test)]
mod tests;
