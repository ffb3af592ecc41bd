//! What the operating system and the processor call themselves.

use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// The operating system and its kernel; `unknown` where they have no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemNames {
    /// The system's name and version.
    pub os: String,
    /// The kernel's version.
    pub kernel: String,
}

/// Looks up the system's names.
#[must_use]
pub fn system_names() -> SystemNames {
    let unknown = |_| "unknown".to_owned();

    SystemNames {
        os: System::long_os_version().unwrap_or_else(unknown),
        kernel: System::kernel_version().unwrap_or_else(unknown),
    }
}

/// The processor's model name, or its architecture where the system has no name for it.
#[must_use]
pub fn cpu_model() -> String {
    let refresh = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(refresh).ok();

    let brand = system.and_then(|system| Some(system.cpus().first()?.brand().trim().to_owned()));
    brand
        .filter(|brand| !brand.is_empty())
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
