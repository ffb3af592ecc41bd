//! The CPUs of this machine, which of them share a core, and their caches, as far as the system
//! lists them.
//!
//! The files are those of the kernel's documentation, `Documentation/admin-guide/cputopology.rst`
//! and `Documentation/ABI/testing/sysfs-devices-system-cpu`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::tree::Tree;
use crate::units::Bytes;

const CPUS: &str = "/sys/devices/system/cpu";

/// More CPUs than any kernel allows: a wrong file must not fill the memory.
const MOST_CPUS: usize = 1 << 16;

/// The CPUs and how they belong together; what is unknown is `None`.
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
    /// The caches, level by level; empty where they are unknown.
    pub caches: Vec<Cache>,
}

/// All caches of one level, kind and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    /// 1 is nearest to the core.
    pub level: u32,
    /// `data`, `instruction` or `unified`.
    pub kind: String,
    /// The size of each cache, in bytes.
    pub bytes: Bytes,
    /// How many there are.
    pub instances: usize,
}

/// The topology that the files in `tree` describe.
#[must_use]
pub fn topology(tree: &Tree) -> Topology {
    let online = online_cpus(tree);
    let allowed = allowed_cpus(tree);
    let cores = online.as_ref().and_then(|online| Cores::of(tree, online));
    let cores_under = |cpus: Option<&BTreeSet<usize>>| cores.as_ref()?.under(cpus?);

    Topology {
        logical: online.as_ref().map(BTreeSet::len),
        physical: cores_under(online.as_ref()),
        allowed: allowed.as_ref().map(BTreeSet::len),
        allowed_cores: cores_under(allowed.as_ref()),
        smt: cores.as_ref().map(Cores::have_smt),
        caches: caches(tree, online.iter().flatten().copied()),
    }
}

/// The CPUs that are switched on.
fn online_cpus(tree: &Tree) -> Option<BTreeSet<usize>> {
    cpu_list(&tree.text(&format!("{CPUS}/online"))?)
}

/// The CPUs that the affinity of this process allows.
pub(super) fn allowed_cpus(tree: &Tree) -> Option<BTreeSet<usize>> {
    let status = tree.text("/proc/self/status")?;

    cpu_list(
        status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?,
    )
}

/// The core of each CPU, as the set of the CPUs on it.
struct Cores(BTreeMap<usize, BTreeSet<usize>>);

impl Cores {
    /// The cores of `cpus`; `None` unless the core of every CPU is known.
    fn of(tree: &Tree, cpus: &BTreeSet<usize>) -> Option<Self> {
        let core = |cpu: usize| {
            let file = format!("{CPUS}/cpu{cpu}/topology/thread_siblings_list");
            cpu_list(&tree.text(&file)?)
        };
        let cores = cpus.iter().map(|&cpu| Some((cpu, core(cpu)?)));

        cores.collect::<Option<_>>().map(Self)
    }

    /// How many cores `cpus` are on; `None` if that is none of these.
    fn under(&self, cpus: &BTreeSet<usize>) -> Option<usize> {
        let cores: BTreeSet<_> = cpus.iter().filter_map(|cpu| self.0.get(cpu)).collect();

        (!cores.is_empty()).then_some(cores.len())
    }

    /// Whether any core has several CPUs.
    fn have_smt(&self) -> bool {
        self.0.values().any(|siblings| siblings.len() > 1)
    }
}

/// What tells caches of different kinds apart, in the order in which they are listed.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CacheKind {
    level: u32,
    kind: String,
    bytes: Bytes,
}

/// The caches of `cpus`, each counted once however many CPUs share it.
fn caches(tree: &Tree, cpus: impl Iterator<Item = usize>) -> Vec<Cache> {
    let mut sharers: BTreeMap<CacheKind, BTreeSet<String>> = BTreeMap::new();

    for cpu in cpus {
        let folder = format!("{CPUS}/cpu{cpu}/cache");
        for index in tree.names(&folder, "index") {
            let text = |file: &str| tree.text(&format!("{folder}/{index}/{file}"));

            // Caches that the same CPUs share are one.
            if let Some(kind) = cache_kind(text)
                && let Some(cpus) = text("shared_cpu_list")
            {
                sharers.entry(kind).or_default().insert(cpus);
            }
        }
    }

    let cache = |(kind, sharers): (CacheKind, BTreeSet<String>)| Cache {
        level: kind.level,
        kind: kind.kind,
        bytes: kind.bytes,
        instances: sharers.len(),
    };
    sharers.into_iter().map(cache).collect()
}

/// The kind of the cache whose files have these texts.
fn cache_kind(text: impl Fn(&str) -> Option<String>) -> Option<CacheKind> {
    Some(CacheKind {
        level: text("level")?.parse().ok()?,
        kind: text("type")?.to_ascii_lowercase(),
        bytes: cache_size(&text("size")?)?,
    })
}

/// The CPUs in a list such as `0-3,8`; `None` for any other text, and for an empty list.
fn cpu_list(text: &str) -> Option<BTreeSet<usize>> {
    let mut cpus = BTreeSet::new();

    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: usize = first.trim().parse().ok()?;
        let last: usize = last.trim().parse().ok()?;
        if last >= MOST_CPUS {
            return None;
        }

        cpus.extend(first..=last);
    }

    (!cpus.is_empty()).then_some(cpus)
}

/// A cache's size, which the kernel writes as `32K`, or as `1M` on some machines.
fn cache_size(text: &str) -> Option<Bytes> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
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

    /// The files of a laptop with two cores of two threads each, Linux 6.1: thread siblings are 0,2
    /// and 1,3.
    fn laptop() -> Vec<(String, &'static str)> {
        let mut files = vec![("sys/devices/system/cpu/online".to_owned(), "0-3\n")];

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
                let cache = format!("{folder}/cache/index{index}");
                files.push((format!("{cache}/level"), level));
                files.push((format!("{cache}/type"), kind));
                files.push((format!("{cache}/size"), size));
                files.push((format!("{cache}/shared_cpu_list"), shared));
            }
        }

        files
    }

    #[test]
    fn bare_metal_with_smt_where_the_affinity_leaves_one_core() {
        let laptop = laptop();
        let mut files: Vec<_> = laptop
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        files.push((
            "proc/self/status",
            "Name:\tcat\nCpus_allowed:\t5\nCpus_allowed_list:\t0,2\nMems_allowed:\t1\n",
        ));

        let (_folder, tree) = planted(&files);
        let cache = |level, kind: &str, kibibytes: u64, instances| Cache {
            level,
            kind: kind.to_owned(),
            bytes: Bytes(kibibytes << 10),
            instances,
        };
        assert_eq!(
            topology(&tree),
            Topology {
                logical: Some(4),
                physical: Some(2),
                allowed: Some(2),
                allowed_cores: Some(1),
                smt: Some(true),
                caches: vec![
                    cache(1, "data", 32, 2),
                    cache(1, "instruction", 32, 2),
                    cache(2, "unified", 256, 2),
                    cache(3, "unified", 4096, 1),
                ],
            }
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
    fn siblings_that_are_known_for_some_cpus_only_do_not_count() {
        let (_folder, tree) = planted(&[
            ("sys/devices/system/cpu/online", "0-1"),
            (
                "sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
                "0",
            ),
        ]);
        let topology = topology(&tree);

        assert_eq!(
            (topology.logical, topology.physical, topology.smt),
            (Some(2), None, None)
        );
    }
}
