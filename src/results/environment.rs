//! The machine and the build that a run belongs to, as stored. Asking the machine is `crate::machine`'s.

use serde::{Deserialize, Serialize};

use crate::machine;
use crate::units::Bytes;

/// What a reader needs to know before comparing two runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The operating system's name and version.
    pub os: String,
    /// Its kernel's version.
    pub kernel: String,
    /// The architecture that the binary was built for.
    pub arch: String,
    /// The processor's model.
    pub cpu_model: String,
    /// The CPUs that this process may use: affinity and cgroup quota counted.
    pub usable_cpus: usize,
    /// All memory, or the cgroup's limit, in bytes.
    pub memory_bytes: Bytes,
    /// Memory that could be had when the run began, in bytes.
    pub memory_available_bytes: Bytes,
    /// `release` or `debug`: times of a debug build say nothing.
    pub build_profile: String,
}

impl Environment {
    /// Of this process, now.
    #[must_use]
    pub fn probe() -> Self {
        let (os, kernel) = machine::system_names();
        let memory = machine::memory();
        Self {
            os,
            kernel,
            arch: std::env::consts::ARCH.to_owned(),
            cpu_model: machine::cpu_model(),
            usable_cpus: machine::usable_cpus().get(),
            memory_bytes: memory.total,
            memory_available_bytes: memory.available,
            build_profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
        }
    }
}
