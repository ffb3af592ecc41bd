//! Which CPUs are there, which of them share a core and which caches they have. It counts what the system
//! lists and guesses nothing.
//!
//! The files are those of the kernel's documentation, `Documentation/admin-guide/cputopology.rst` and
//! `Documentation/ABI/testing/sysfs-devices-system-cpu`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::tree::Tree;
use crate::units::Bytes;

const CPUS: &str = "/sys/devices/system/cpu";

/// The CPUs and how they belong together; what the system does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// CPUs as the system counts them, two to a core where it has SMT.
    pub logical: Option<usize>,
    /// Cores.
    pub physical: Option<usize>,
    /// The CPUs that the affinity of this process allows.
    pub allowed: Option<usize>,
    /// The cores that these are on.
    pub allowed_cores: Option<usize>,
    /// Whether any core shows up as several CPUs.
    pub smt: Option<bool>,
    /// The caches, level by level; empty where the system tells none.
    pub caches: Vec<Cache>,
}

/// All caches of one level, kind and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    /// 1 is nearest to the core.
    pub level: u32,
    /// `data`, `instruction` or `unified`.
    pub kind: String,
    /// The size of one, in bytes.
    pub bytes: Bytes,
    /// How many there are.
    pub instances: usize,
}

/// What `tree` tells.
#[must_use]
pub fn topology(tree: &Tree) -> Topology {
    let online = tree
        .text(&format!("{CPUS}/online"))
        .and_then(|text| cpu_list(&text));
    let allowed = allowed(tree);
    let cores: BTreeMap<usize, BTreeSet<usize>> = online
        .iter()
        .flatten()
        .filter_map(|&cpu| Some((cpu, cpu_list(&tree.text(&siblings_of(cpu))?)?)))
        .collect();
    let all_known = online
        .as_ref()
        .is_some_and(|online| online.len() == cores.len());
    let distinct = |cpus: &BTreeSet<usize>| {
        let on = cpus
            .iter()
            .filter_map(|cpu| cores.get(cpu))
            .collect::<BTreeSet<_>>();
        (all_known && !on.is_empty()).then_some(on.len())
    };
    Topology {
        logical: online.as_ref().map(BTreeSet::len),
        physical: online.as_ref().and_then(distinct),
        allowed: allowed.as_ref().map(BTreeSet::len),
        allowed_cores: allowed.as_ref().and_then(distinct),
        smt: all_known.then(|| cores.values().any(|siblings| siblings.len() > 1)),
        caches: caches(tree, online.iter().flatten().copied()),
    }
}

fn siblings_of(cpu: usize) -> String {
    format!("{CPUS}/cpu{cpu}/topology/thread_siblings_list")
}

/// The caches of `cpus`, each counted once however many CPUs share it.
fn caches(tree: &Tree, cpus: impl Iterator<Item = usize>) -> Vec<Cache> {
    let mut shared_by: BTreeMap<(u32, String, Bytes), BTreeSet<String>> = BTreeMap::new();
    for cpu in cpus {
        let folder = format!("{CPUS}/cpu{cpu}/cache");
        for index in tree.names(&folder, "index") {
            let text = |file: &str| tree.text(&format!("{folder}/{index}/{file}"));
            let described = || {
                let level = text("level")?.parse().ok()?;
                let key = (
                    level,
                    text("type")?.to_ascii_lowercase(),
                    cache_size(&text("size")?)?,
                );
                Some((key, text("shared_cpu_list")?))
            };
            if let Some((key, sharers)) = described() {
                shared_by.entry(key).or_default().insert(sharers);
            }
        }
    }
    let cache = |((level, kind, bytes), sharers): (_, BTreeSet<String>)| Cache {
        level,
        kind,
        bytes,
        instances: sharers.len(),
    };
    shared_by.into_iter().map(cache).collect()
}

/// The CPUs in a list such as `0-3,8`; nothing when it is no such list, or a list of none.
fn cpu_list(text: &str) -> Option<BTreeSet<usize>> {
    /// More CPUs than any kernel allows: a wrong file must not fill the memory.
    const MOST: usize = 1 << 16;
    let mut cpus = BTreeSet::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if last >= MOST {
            return None;
        }
        cpus.extend(first..=last);
    }
    (!cpus.is_empty()).then_some(cpus)
}

/// The CPUs that the affinity of this process allows.
pub(super) fn allowed(tree: &Tree) -> Option<BTreeSet<usize>> {
    allowed_cpus(&tree.text("/proc/self/status")?)
}

/// The CPUs that `/proc/self/status` says are allowed.
fn allowed_cpus(status: &str) -> Option<BTreeSet<usize>> {
    cpu_list(
        status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?,
    )
}

/// A cache's size, which the kernel writes as `32K`, or as `1M` on some machines.
fn cache_size(text: &str) -> Option<Bytes> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor: u64 = match &text[digits.len()..] {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    #[test]
    fn cpu_lists_are_those_of_the_kernel() {
        let list = |text| cpu_list(text).map(|cpus| cpus.into_iter().collect::<Vec<_>>());
        assert_eq!(list("0-3,8,10-11\n"), Some(vec![0, 1, 2, 3, 8, 10, 11]));
        assert_eq!(list("0"), Some(vec![0]));
        for wrong in ["", "a", "0-", "3-1", "0-99999999999"] {
            assert_eq!(list(wrong), None, "{wrong}");
        }
        assert_eq!(cache_size("1024K"), Some(Bytes(1 << 20)));
        assert_eq!((cache_size("K"), cache_size("1X")), (None, None));
    }

    /// A laptop with two cores of two threads each, Linux 6.1: thread siblings are 0,2 and 1,3.
    #[test]
    fn bare_metal_with_smt_where_the_affinity_leaves_one_core() {
        let mut files = vec![
            ("sys/devices/system/cpu/online".to_owned(), "0-3\n"),
            (
                "proc/self/status".to_owned(),
                "Name:\tcat\nCpus_allowed:\t5\nCpus_allowed_list:\t0,2\nMems_allowed:\t1\n",
            ),
        ];
        for cpu in 0..4 {
            let siblings = if cpu % 2 == 0 { "0,2\n" } else { "1,3\n" };
            let folder = format!("sys/devices/system/cpu/cpu{cpu}");
            files.push((format!("{folder}/topology/thread_siblings_list"), siblings));
            for (index, level, kind, size, shared) in [
                (0, "1", "Data", "32K", siblings),
                (1, "1", "Instruction", "32K", siblings),
                (2, "2", "Unified", "256K", siblings),
                (3, "3", "Unified", "4096K", "0-3\n"),
            ] {
                for (file, text) in [
                    ("level", level),
                    ("type", kind),
                    ("size", size),
                    ("shared_cpu_list", shared),
                ] {
                    files.push((format!("{folder}/cache/index{index}/{file}"), text));
                }
            }
        }
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        let (_folder, tree) = planted(&files);
        let found = topology(&tree);
        assert_eq!(
            (found.logical, found.physical, found.smt),
            (Some(4), Some(2), Some(true))
        );
        assert_eq!((found.allowed, found.allowed_cores), (Some(2), Some(1)));
        let told: Vec<_> = found
            .caches
            .iter()
            .map(|cache| {
                (
                    cache.level,
                    cache.kind.as_str(),
                    cache.bytes.0 >> 10,
                    cache.instances,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (1, "data", 32, 2),
                (1, "instruction", 32, 2),
                (2, "unified", 256, 2),
                (3, "unified", 4096, 1)
            ]
        );
    }

    #[test]
    fn a_container_without_sys_leaves_everything_but_the_affinity_open() {
        let (_folder, tree) = planted(&[("proc/self/status", "Cpus_allowed_list:\t0-1\n")]);
        assert_eq!(
            topology(&tree),
            Topology {
                allowed: Some(2),
                ..Topology::default()
            }
        );
    }

    /// One missing core must not turn into a smaller number of cores.
    #[test]
    fn siblings_that_are_told_for_some_cpus_only_count_for_nothing() {
        let (_folder, tree) = planted(&[
            ("sys/devices/system/cpu/online", "0-1"),
            (
                "sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
                "0",
            ),
        ]);
        let found = topology(&tree);
        assert_eq!(
            (found.logical, found.physical, found.smt),
            (Some(2), None, None)
        );
    }
}
