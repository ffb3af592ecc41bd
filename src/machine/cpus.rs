//! How many CPUs this process may use, and for how many it plans.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use super::cgroup;
use super::tree::Tree;

/// The CPUs this process may use: affinity and cgroup quota counted, at least one.
#[must_use]
pub fn usable_cpus() -> NonZeroUsize {
    usable_cpus_in(&Tree::system())
}

/// The same where the system's files are those in `tree`. The standard library looks for a quota
/// where control groups are usually mounted; `cgroup` finds them elsewhere, too.
#[must_use]
pub fn usable_cpus_in(tree: &Tree) -> NonZeroUsize {
    let parallelism = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let quota = cgroup::limits(tree).quota;

    quota.map_or(parallelism, |quota| parallelism.min(quota.whole_cpus()))
}

/// The CPUs that the work runs on where those are not this machine's.
static PLANNED_CPUS: OnceLock<NonZeroUsize> = OnceLock::new();

/// Makes `cpus` the default for workers and tasks, where the work runs on other machines alone.
/// Only the first call counts.
pub fn plan_for(cpus: NonZeroUsize) {
    let _ = PLANNED_CPUS.set(cpus);
}

/// The CPUs that numbers of workers and tasks default to.
#[must_use]
pub fn planned_cpus() -> NonZeroUsize {
    PLANNED_CPUS.get().copied().unwrap_or_else(usable_cpus)
}
