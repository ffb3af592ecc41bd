//! What the operating system says of this machine: usable CPUs, memory, names here; what only its files tell
//! in a file per subject. It asks and never changes anything; what the figures mean is decided elsewhere.

pub mod cgroup;
pub mod power;
#[cfg(test)]
pub(crate) mod tests;
pub mod topology;
pub mod tree;
pub mod virtualisation;

mod family_time;
mod other_programs;
mod processor_time;
mod usage;

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use self::tree::Tree;
use crate::units::Bytes;

pub use other_programs::OtherPrograms;
pub use processor_time::{ProcessorTime, processor_time};
pub use usage::{Counters, CpuTimes, counters, cpu_times};

/// The CPUs this process may use: affinity and cgroup quota counted, at least one.
#[must_use]
pub fn usable_cpus() -> NonZeroUsize {
    usable_cpus_in(&Tree::system())
}

/// The same where the system's files are those in `tree`. The standard library looks for a quota where control
/// groups are usually mounted; `cgroup` finds them elsewhere, too.
#[must_use]
pub fn usable_cpus_in(tree: &Tree) -> NonZeroUsize {
    let parallelism = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let quota = cgroup::limits(tree).quota;

    quota.map_or(parallelism, |quota| parallelism.min(quota.whole_cpus()))
}

static PLANNED_CPUS: OnceLock<NonZeroUsize> = OnceLock::new();

/// Has numbers of workers and tasks that nobody chose be those of `cpus`, where the work runs on other machines alone.
/// Only the first call counts.
pub fn plan_for(cpus: NonZeroUsize) {
    let _ = PLANNED_CPUS.set(cpus);
}

/// The CPUs to make as many workers and tasks for as nobody chose otherwise.
#[must_use]
pub fn planned_cpus() -> NonZeroUsize {
    PLANNED_CPUS.get().copied().unwrap_or_else(usable_cpus)
}

/// Memory as this process sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// All there is, or the cgroup's limit where that is less.
    pub total: Bytes,
    /// What can be had now without swapping, or what the cgroup still grants where that is less.
    pub available: Bytes,
}

/// Asks for the memory figures; zeros where the system does not tell.
#[must_use]
pub fn memory() -> Memory {
    memory_in(&Tree::system())
}

/// The same where the limits are those of the control groups in `tree`.
#[must_use]
pub fn memory_in(tree: &Tree) -> Memory {
    let wanted = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(wanted) else {
        return Memory::default();
    };
    let (total, available) = (
        Bytes(system.total_memory()),
        Bytes(system.available_memory()),
    );

    match cgroup::limits(tree).memory {
        None => Memory { total, available },
        Some(group) => Memory {
            total: total.min(group.limit),
            available: available.min(group.available),
        },
    }
}

/// Memory on disk, for what does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swap {
    /// All there is.
    pub total: Bytes,
    /// What is in use.
    pub used: Bytes,
}

/// Asks for the machine's whole memory, whatever a cgroup leaves of it, and for its swap; nothing where the
/// system does not tell.
#[must_use]
pub fn installed() -> Option<(Bytes, Swap)> {
    let asked = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let system = System::new_with_specifics(asked)
        .ok()
        .filter(|system| system.total_memory() > 0)?;
    let swap = Swap {
        total: Bytes(system.total_swap()),
        used: Bytes(system.used_swap()),
    };
    Some((Bytes(system.total_memory()), swap))
}

/// The processor's model name, or its architecture where the system names none.
#[must_use]
pub fn cpu_model() -> String {
    let asked = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(asked);
    let brand = system
        .ok()
        .and_then(|system| Some(system.cpus().first()?.brand().trim().to_owned()));
    brand
        .filter(|brand| !brand.is_empty())
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The operating system's name and version, and its kernel's version.
#[must_use]
pub fn system_names() -> (String, String) {
    let unknown = |_| "unknown".to_owned();
    (
        System::long_os_version().unwrap_or_else(unknown),
        System::kernel_version().unwrap_or_else(unknown),
    )
}
