//! What the operating system says of this machine: usable CPUs, memory, names here; what only its files tell
//! in a file per subject. It asks and never changes anything; what the figures mean is decided elsewhere.

pub mod cgroup;
pub mod power;
#[cfg(test)]
pub(crate) mod tests;
pub mod topology;
pub mod tree;
pub mod virtualisation;

mod usage;

use std::num::NonZeroUsize;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use crate::units::Bytes;

pub use usage::{Counters, CpuTimes, counters, cpu_times};

/// The CPUs this process may use: affinity and cgroup quota counted, at least one.
#[must_use]
pub fn usable_cpus() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
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
    let asked = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(asked) else { return Memory::default() };
    let (mut total, mut available) = (system.total_memory(), system.available_memory());
    if let Some(limits) = system.cgroup_limits() {
        total = total.min(limits.total_memory);
        available = available.min(limits.free_memory);
    }
    Memory { total: Bytes(total), available: Bytes(available) }
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
    let system = System::new_with_specifics(asked).ok().filter(|system| system.total_memory() > 0)?;
    let swap = Swap { total: Bytes(system.total_swap()), used: Bytes(system.used_swap()) };
    Some((Bytes(system.total_memory()), swap))
}

/// The processor's model name, or its architecture where the system names none.
#[must_use]
pub fn cpu_model() -> String {
    let asked = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(asked);
    let brand = system.ok().and_then(|system| Some(system.cpus().first()?.brand().trim().to_owned()));
    brand.filter(|brand| !brand.is_empty()).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The operating system's name and version, and its kernel's version.
#[must_use]
pub fn system_names() -> (String, String) {
    let unknown = |_| "unknown".to_owned();
    (System::long_os_version().unwrap_or_else(unknown), System::kernel_version().unwrap_or_else(unknown))
}
