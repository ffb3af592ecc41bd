//! Describes this machine, this process and this build as the [`Environment`] of a stored run.

use std::collections::BTreeMap;

use crate::machine::topology::topology;
use crate::machine::tree::Tree;
use crate::machine::virtualisation::virtualisation;
use crate::machine::{self, cgroup, settings};
use crate::results::{Build, Cpu, Environment, MemoryDetail};
use crate::units::Bytes;
use parbench_kernels::isa::Isa;

/// The variables from which other libraries take their number of threads.
pub const THREAD_VARIABLES: [&str; 8] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "GOMAXPROCS",
];

impl Environment {
    /// The environment of this process, now.
    #[must_use]
    pub fn probe() -> Self {
        Self::probe_in(&Tree::system())
    }

    /// The environment of this process, now, where the system's files are those in `tree`.
    #[must_use]
    pub fn probe_in(tree: &Tree) -> Self {
        let names = machine::system_names();
        let memory = machine::memory_in(tree);
        let limits = cgroup::limits(tree);

        Self {
            os: names.os,
            kernel: names.kernel,
            arch: std::env::consts::ARCH.to_owned(),
            cpu_model: machine::cpu_model().trim().to_owned(),
            usable_cpus: machine::usable_cpus_in(tree).get(),
            memory_bytes: memory.total,
            memory_available_bytes: memory.available,
            build_profile: build_profile().to_owned(),
            cpu: cpu(tree, limits.quota.map(|quota| quota.cpus())),
            memory: memory_detail(tree, limits.memory.map(|memory| memory.limit)),
            virtualisation: virtualisation(tree),
            variables: variables(),
            build: build(),
        }
    }
}

fn cpu(tree: &Tree, quota: Option<f64>) -> Cpu {
    Cpu {
        topology: topology(tree),
        quota,
        isa: Isa::selected().to_string(),
        governor: settings::governor(tree),
        boost: settings::boost(tree),
        load_average: machine::load_average(tree),
        other_programs: None,
    }
}

fn memory_detail(tree: &Tree, limit: Option<Bytes>) -> MemoryDetail {
    let installed = machine::installed();
    let is_narrower = |limit: Bytes| installed.is_none_or(|machine| limit < machine.memory);

    MemoryDetail {
        installed_bytes: installed.map(|machine| machine.memory),
        limit_bytes: limit.filter(|&limit| is_narrower(limit)),
        swap_bytes: installed.map(|machine| machine.swap),
        swap_used_bytes: installed.map(|machine| machine.swap_used),
        huge_pages: settings::huge_pages(tree),
    }
}

/// Those of [`THREAD_VARIABLES`] that are set.
fn variables() -> BTreeMap<String, String> {
    let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let variables = THREAD_VARIABLES
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), value(name)?.to_string_lossy().into_owned())));

    variables.collect()
}

fn build_profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

fn build() -> Build {
    Build {
        compiler: option_env!("PARBENCH_RUSTC").map(str::to_owned),
        target: env!("PARBENCH_TARGET").to_owned(),
        commit: option_env!("PARBENCH_COMMIT").map(str::to_owned),
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
        let environment = Environment::probe_in(&tree);

        assert_eq!(environment.memory_bytes, Bytes(65_536));
        assert_eq!(environment.memory.limit_bytes, Some(Bytes(65_536)));
        assert_eq!(
            environment.memory_available_bytes,
            Bytes(60_000),
            "what is in use is not available"
        );

        assert_eq!(environment.cpu.quota, Some(0.5));
        assert_eq!(environment.usable_cpus, 1);
    }

    #[test]
    fn the_build_names_its_target_and_compiler() {
        let build = build();

        assert!(build.target.split('-').count() >= 2, "{}", build.target);
        assert!(build.compiler.unwrap().starts_with("rustc "));

        // A checkout without git builds as well, so there may be no commit.
        if let Some(commit) = build.commit {
            let digits = commit.trim_end_matches("-dirty").len();
            assert!(digits == 40 || digits == 64, "{digits}");
        }
    }
}
