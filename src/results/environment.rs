//! The machine and the build that a run belongs to, as stored. Asking the machine is `crate::machine`'s.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::isa::Isa;
use crate::machine::topology::{Topology, topology};
use crate::machine::tree::Tree;
use crate::machine::virtualisation::{Virtualisation, virtualisation};
use crate::machine::{self, OtherPrograms, cgroup, power};
use crate::units::Bytes;

/// The variables that tell other libraries how many threads to start.
const VARIABLES: [&str; 2] = ["OMP_NUM_THREADS", "RAYON_NUM_THREADS"];

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
    /// Those of `RAYON_NUM_THREADS` and `OMP_NUM_THREADS` that are set.
    pub variables: BTreeMap<String, String>,
    /// What made the binary.
    pub build: Build,
}

/// The CPUs in detail; what the system does not tell is `None`.
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

/// The memory in detail; what the system does not tell is `None`.
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

impl Environment {
    /// Of this process, now.
    #[must_use]
    pub fn probe() -> Self {
        Self::probe_in(&Tree::system())
    }

    /// Of this process, now, as far as the system's files are those in `tree`.
    #[must_use]
    pub fn probe_in(tree: &Tree) -> Self {
        let (os, kernel) = machine::system_names();
        let memory = machine::memory_in(tree);
        let limits = cgroup::limits(tree);
        let set = VARIABLES.into_iter().filter_map(|name| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty())?;

            Some((name.to_owned(), value.to_string_lossy().into_owned()))
        });
        Self {
            os,
            kernel,
            arch: std::env::consts::ARCH.to_owned(),
            cpu_model: machine::cpu_model().trim().to_owned(),
            usable_cpus: machine::usable_cpus_in(tree).get(),
            memory_bytes: memory.total,
            memory_available_bytes: memory.available,
            build_profile: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            }
            .to_owned(),
            cpu: Cpu::probe(tree, limits.quota.map(|quota| quota.cpus())),
            memory: MemoryDetail::probe(tree, limits.memory.map(|memory| memory.limit)),
            virtualisation: virtualisation(tree),
            variables: set.collect(),
            build: Build::of_this_binary(),
        }
    }
}

impl Cpu {
    fn probe(tree: &Tree, quota: Option<f64>) -> Self {
        Self {
            topology: topology(tree),
            quota,
            isa: Isa::selected().to_string(),
            governor: power::governor(tree),
            boost: power::boost(tree),
            load_average: power::load_average(tree),
            other_programs: None,
        }
    }
}

impl MemoryDetail {
    fn probe(tree: &Tree, limit_bytes: Option<Bytes>) -> Self {
        let (installed_bytes, swap) = machine::installed().unzip();
        Self {
            installed_bytes,
            limit_bytes: limit_bytes.filter(|&limit| installed_bytes.is_none_or(|all| limit < all)),
            swap_bytes: swap.map(|swap| swap.total),
            swap_used_bytes: swap.map(|swap| swap.used),
            huge_pages: power::huge_pages(tree),
        }
    }
}

impl Build {
    fn of_this_binary() -> Self {
        Self {
            compiler: option_env!("PARBENCH_RUSTC").map(str::to_owned),
            target: env!("PARBENCH_TARGET").to_owned(),
            commit: option_env!("PARBENCH_COMMIT").map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    #[test]
    fn what_is_unknown_is_null_in_the_stored_form_and_read_back() {
        let (_folder, tree) = planted(&[]);
        let bare = Environment::probe_in(&tree);
        let stored = serde_json::to_value(&bare).unwrap();
        for unknown in [
            &stored["cpu"]["logical"],
            &stored["cpu"]["smt"],
            &stored["cpu"]["quota"],
            &stored["cpu"]["governor"],
            &stored["memory"]["huge_pages"],
            &stored["virtualisation"]["virtual_machine"],
        ] {
            assert!(unknown.is_null(), "{stored}");
        }
        assert_eq!(stored["cpu"]["caches"], serde_json::json!([]));
        assert_eq!(serde_json::from_value::<Environment>(stored).unwrap(), bare);
    }

    #[test]
    fn a_limit_of_the_cgroup_is_all_the_memory_there_is() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "0::/"),
            (
                "proc/self/mountinfo",
                "1 1 0:1 / /cg rw - cgroup2 cgroup2 rw",
            ),
            ("cg/memory.max", "65536"),
            ("cg/memory.current", "5536"),
            ("cg/cpu.max", "50000 100000"),
        ]);
        let found = Environment::probe_in(&tree);
        assert_eq!(
            (found.memory_bytes, found.memory.limit_bytes),
            (Bytes(65_536), Some(Bytes(65_536)))
        );
        assert_eq!(
            found.memory_available_bytes,
            Bytes(60_000),
            "what is in use is not available"
        );
        assert_eq!((found.cpu.quota, found.usable_cpus), (Some(0.5), 1));
    }

    #[test]
    fn the_build_names_its_target_and_compiler() {
        let build = Build::of_this_binary();
        assert!(build.target.split('-').count() >= 2, "{}", build.target);
        assert!(build.compiler.unwrap().starts_with("rustc "));
        // A checkout without git builds as well, so that there is a commit cannot be asked.
        let digits = build
            .commit
            .map(|commit| commit.trim_end_matches("-dirty").len());
        assert!(
            digits.is_none_or(|digits| digits == 40 || digits == 64),
            "{digits:?}"
        );
    }
}
