//! What the whole machine has done and withheld so far. These are counters: what happened in a span
//! of time is the difference of two readings.

use std::time::Duration;

use super::cgroup;
use super::family_time::family_time;
use super::load::load_average;
use super::processor_time::{ProcessorTime, processor_time};
use super::topology::allowed_cpus;
use super::tree::Tree;

/// The machine's counters; each is `None` where the system has none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// What the CPUs that this process may use did.
    pub processors: Option<ProcessorTime>,
    /// CPU time of this process and of everything it started.
    pub family: Option<Duration>,
    /// Time that the cgroup's quota kept its threads waiting.
    pub throttled: Option<Duration>,
    /// The load average of the last minute.
    pub load: Option<f64>,
}

/// Reads the machine's counters.
#[must_use]
pub fn counters() -> Counters {
    let tree = Tree::system();
    let stat = tree.text("/proc/stat");
    let allowed = allowed_cpus(&tree);

    Counters {
        processors: stat.and_then(|stat| processor_time(&stat, allowed.as_ref())),
        family: family_time(&tree),
        throttled: cgroup::throttled(&tree),
        load: load_average(&tree).map(|[minute, ..]| minute),
    }
}
