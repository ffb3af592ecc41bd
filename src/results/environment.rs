//! The machine and the build that a run belongs to, as stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::machine::OtherPrograms;
use crate::machine::topology::Topology;
use crate::machine::virtualisation::Virtualisation;
use crate::units::Bytes;

/// What a reader needs to know before comparing two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// How the CPUs belong together, and how they are run.
    pub cpu: Cpu,
    /// What lies behind the two figures of memory above.
    pub memory: MemoryDetail,
    /// What stands between this process and the hardware.
    pub virtualisation: Virtualisation,
    /// Those of the variables by which libraries are told how many threads to use that are set.
    pub variables: BTreeMap<String, String>,
    /// What made the binary.
    pub build: Build,
}

/// The CPUs in detail; what is unknown is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    /// Their numbers and caches.
    #[serde(flatten)]
    pub topology: Topology,
    /// CPUs' worth of time that the cgroups allow, which may be a fraction; `None` without a limit.
    pub quota: Option<f64>,
    /// The instruction set that the kernels chose.
    pub isa: String,
    /// The frequency governor, or all of them where CPUs differ.
    pub governor: Option<String>,
    /// Whether CPUs may run above their nominal rate while few of them are busy.
    pub boost: Option<bool>,
    /// Runnable tasks when the run began, averaged over 1, 5 and 15 minutes.
    pub load_average: Option<[f64; 3]>,
    /// What other programs used of the CPUs just before, where that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_programs: Option<OtherPrograms>,
}

/// The memory in detail; what is unknown is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryDetail {
    /// The machine's, whatever a cgroup leaves of it.
    pub installed_bytes: Option<Bytes>,
    /// The cgroup's limit; `None` without one.
    pub limit_bytes: Option<Bytes>,
    /// All swap.
    pub swap_bytes: Option<Bytes>,
    /// Swap in use.
    pub swap_used_bytes: Option<Bytes>,
    /// When programs get huge pages: `always`, `madvise` or `never`.
    pub huge_pages: Option<String>,
}

/// What made the binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// What the compiler calls itself.
    pub compiler: Option<String>,
    /// The target triple.
    pub target: String,
    /// The commit of the sources, with `-dirty` after it when they had been changed since.
    pub commit: Option<String>,
}
