//! How much memory there is, how much of it this process may have, and how much swap.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::cgroup;
use super::tree::Tree;
use crate::units::Bytes;

/// Memory as this process sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// All there is, or the cgroup's limit where that is less.
    pub total: Bytes,
    /// What can be had now without swapping, or what the cgroup still grants where that is less.
    pub available: Bytes,
}

/// Looks the memory up; the figures are zero where they are unknown.
#[must_use]
pub fn memory() -> Memory {
    memory_in(&Tree::system())
}

/// The same where the limits are those of the control groups in `tree`.
#[must_use]
pub fn memory_in(tree: &Tree) -> Memory {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let Ok(system) = System::new_with_specifics(refresh) else {
        return Memory::default();
    };
    let machine = Memory {
        total: Bytes(system.total_memory()),
        available: Bytes(system.available_memory()),
    };

    match cgroup::limits(tree).memory {
        None => machine,
        Some(group) => Memory {
            total: machine.total.min(group.limit),
            available: machine.available.min(group.available),
        },
    }
}

/// The machine's memory, whatever a cgroup leaves of it, and the swap for what does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// All memory.
    pub memory: Bytes,
    /// All swap.
    pub swap: Bytes,
    /// Swap in use.
    pub swap_used: Bytes,
}

/// Looks up what is installed; `None` where it is unknown.
#[must_use]
pub fn installed() -> Option<Installed> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    let system = System::new_with_specifics(refresh).ok()?;

    let installed = Installed {
        memory: Bytes(system.total_memory()),
        swap: Bytes(system.total_swap()),
        swap_used: Bytes(system.used_swap()),
    };
    (installed.memory.0 > 0).then_some(installed)
}
