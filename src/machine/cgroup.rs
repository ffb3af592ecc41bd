//! What the control groups of this process allow it: CPU time and memory. It knows versions 1 and 2 and the
//! mixed form, and asks every group up to the root, because each may be the narrowest.
//!
//! Sources: the kernel's `Documentation/admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst`,
//! `Documentation/scheduler/sched-bwc.rst`, and proc(5) for `mountinfo`.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::tree::Tree;
use crate::units::Bytes;

/// The narrowest limits on the way to the root; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The CPU time.
    pub quota: Option<Quota>,
    /// The memory.
    pub memory: Option<MemoryLimit>,
}

/// How much CPU time a group gets in each period. When it is used up, the group stands still until the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// CPU time, all threads of the group together.
    pub time: Duration,
    /// The period that it is given out for.
    pub period: Duration,
}

impl Quota {
    /// CPUs' worth of time, which may be a fraction.
    #[must_use]
    pub fn cpus(&self) -> f64 {
        self.time.as_secs_f64() / self.period.as_secs_f64().max(1e-6)
    }

    /// CPUs that it could keep busy all the time, at least one: a fraction of a CPU is not a worker's.
    #[must_use]
    pub fn whole_cpus(&self) -> NonZeroUsize {
        let cpus = self.time.as_micros() / self.period.as_micros().max(1);
        usize::try_from(cpus)
            .ok()
            .and_then(NonZeroUsize::new)
            .unwrap_or(NonZeroUsize::MIN)
    }
}

/// How much memory a group may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit {
    /// At most.
    pub limit: Bytes,
    /// What is left of it: some group above may have less left than the one with the narrowest limit.
    pub available: Bytes,
}

/// The limits that the files in `tree` describe.
#[must_use]
pub fn limits(tree: &Tree) -> Limits {
    let quotas = group_of(tree, "cpu").into_iter().flat_map(|group| {
        let folders = group.folders().into_iter();
        folders
            .filter_map(|folder| quota(tree, &group, &folder))
            .collect::<Vec<_>>()
    });

    let memory: Vec<MemoryLimit> = group_of(tree, "memory")
        .into_iter()
        .flat_map(|group| {
            let folders = group.folders().into_iter();
            folders
                .filter_map(|folder| memory_limit(tree, &group, &folder))
                .collect::<Vec<_>>()
        })
        .collect();
    let narrowest = memory.iter().map(|memory| memory.limit).min();
    let available = memory.iter().map(|memory| memory.available).min();

    Limits {
        quota: quotas.min_by(|a, b| a.cpus().total_cmp(&b.cpus())),
        memory: narrowest
            .zip(available)
            .map(|(limit, available)| MemoryLimit { limit, available }),
    }
}

/// How long the quotas of this process's groups have kept threads waiting so far; `None` where no group counts it.
#[must_use]
pub fn throttled(tree: &Tree) -> Option<Duration> {
    let folders = group_of(tree, "cpu")?.folders();
    let times = folders
        .iter()
        .filter_map(|folder| throttled_time(&tree.text(&format!("{folder}/cpu.stat"))?));

    times.reduce(|sum, time| sum + time)
}

/// The most threads that a group may have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadLimit {
    /// The limit, `pids.max`.
    pub limit: u64,
    /// How many there are, where that can be read.
    pub threads: Option<u64>,
}

/// The groups of this process that limit its threads, from the outermost inwards.
#[must_use]
pub fn thread_limits(tree: &Tree) -> Vec<ThreadLimit> {
    let folders = group_of(tree, "pids")
        .map(|group| group.folders())
        .unwrap_or_default();

    // The files have the same names in both versions; `max` is no number.
    let number = |path: String| tree.text(&path)?.parse().ok();
    let limits = folders.into_iter().filter_map(|folder| {
        let limit = number(format!("{folder}/pids.max"))?;
        Some(ThreadLimit {
            limit,
            threads: number(format!("{folder}/pids.current")),
        })
    });
    limits.collect()
}

/// One group: where its hierarchy is mounted, and its path below that.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    unified: bool,
    mount: String,
    path: String,
}

impl Group {
    /// The group's folder and those above it, up to the mount.
    fn folders(&self) -> Vec<String> {
        let mut folders = vec![self.mount.clone()];
        let mut folder = self.mount.clone();
        for part in self.path.split('/').filter(|part| !part.is_empty()) {
            folder = format!("{folder}/{part}");
            folders.push(folder.clone());
        }
        folders
    }
}

/// The group that `controller` keeps this process in.
fn group_of(tree: &Tree, controller: &str) -> Option<Group> {
    group_in(
        &tree.text("/proc/self/cgroup")?,
        &tree.text("/proc/self/mountinfo")?,
        controller,
    )
}

/// The group that `controller` keeps this process in, from `/proc/self/cgroup` and `/proc/self/mountinfo`.
/// A controller of version 1 is listed by its name; any other is version 2's.
fn group_in(groups: &str, mounts: &str, controller: &str) -> Option<Group> {
    let entries: Vec<GroupEntry> = groups.lines().filter_map(GroupEntry::parse).collect();
    let version_1 = entries
        .iter()
        .find(|entry| entry.controllers.split(',').any(|name| name == controller));
    let unified = version_1.is_none();
    let entry = version_1.or_else(|| entries.iter().find(|entry| entry.hierarchy == "0"))?;

    let mounted = mounts.lines().filter_map(Mount::parse).filter(|mount| {
        if unified {
            mount.system == "cgroup2"
        } else {
            mount.system == "cgroup" && mount.options.split(',').any(|option| option == controller)
        }
    });
    let mounted: Vec<Mount> = mounted.collect();

    // A container may see only a part of the hierarchy, mounted as if it were the whole; a part that does not hold
    // this process's group is another container's.
    let around = mounted
        .iter()
        .filter_map(|mount| Some((mount, below(mount.root, entry.path)?)));
    let nearest = around.max_by_key(|(mount, _)| mount.root.len());
    let (mount, path) = nearest.or_else(|| mounted.first().map(|mount| (mount, "")))?;

    Some(Group {
        unified,
        mount: mount.place.to_owned(),
        path: path.to_owned(),
    })
}

/// A line of `/proc/self/cgroup`.
struct GroupEntry<'a> {
    hierarchy: &'a str,
    controllers: &'a str,
    path: &'a str,
}

impl<'a> GroupEntry<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(3, ':');
        Some(Self {
            hierarchy: fields.next()?,
            controllers: fields.next()?,
            path: fields.next()?,
        })
    }
}

/// A line of `/proc/self/mountinfo`: which folder of a file system is mounted where.
struct Mount<'a> {
    root: &'a str,
    place: &'a str,
    system: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let mut kind = kind.split(' ');
        Some(Self {
            root: place.next()?,
            place: place.next()?,
            system: kind.next()?,
            options: kind.nth(1)?,
        })
    }
}

/// `path` as seen from `root`; `None` when it is not below it. A path with `..` leads out of what is mounted here.
fn below<'a>(root: &str, path: &'a str) -> Option<&'a str> {
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    let rest = path.strip_prefix(root.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// The CPU time that the group in `folder` allows, if it limits it.
fn quota(tree: &Tree, group: &Group, folder: &str) -> Option<Quota> {
    let text = |file: &str| tree.text(&format!("{folder}/{file}"));
    if group.unified {
        let max = text("cpu.max")?;
        let (quota, period) = max.split_once(' ')?;
        quota_of(quota, period)
    } else {
        quota_of(&text("cpu.cfs_quota_us")?, &text("cpu.cfs_period_us")?)
    }
}

/// Microseconds of CPU time for each period, in microseconds, too; `max` and -1 are no limit.
fn quota_of(quota: &str, period: &str) -> Option<Quota> {
    let (quota, period): (u32, u32) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    (quota > 0 && period > 0).then(|| Quota {
        time: Duration::from_micros(u64::from(quota)),
        period: Duration::from_micros(u64::from(period)),
    })
}

/// `throttled_usec` of version 2, or `throttled_time` in nanoseconds of version 1.
fn throttled_time(cpu_stat: &str) -> Option<Duration> {
    let micros = figure(cpu_stat, "throttled_usec").map(Duration::from_micros);
    micros.or_else(|| figure(cpu_stat, "throttled_time").map(Duration::from_nanos))
}

/// The memory that the group in `folder` may hold, if it is limited. Above `memory.high` the kernel makes
/// processes wait until it has reclaimed what they took, so that is a limit as well.
fn memory_limit(tree: &Tree, group: &Group, folder: &str) -> Option<MemoryLimit> {
    let text = |file: &str| tree.text(&format!("{folder}/{file}"));
    let (limits, usage, cache): (&[&str], _, _) = if group.unified {
        (
            &["memory.max", "memory.high"],
            "memory.current",
            "inactive_file",
        )
    } else {
        (
            &["memory.limit_in_bytes"],
            "memory.usage_in_bytes",
            "total_inactive_file",
        )
    };
    let limit = limits
        .iter()
        .filter_map(|file| limited_bytes(&text(file)?))
        .min()?;

    // Cached files that nobody looked at lately are given up before anything is refused.
    let usage: u64 = text(usage)
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(0);
    let cached = text("memory.stat")
        .and_then(|stat| figure(&stat, cache))
        .unwrap_or(0);
    let held = usage.saturating_sub(cached);

    Some(MemoryLimit {
        limit,
        available: Bytes(limit.0.saturating_sub(held)),
    })
}

/// Bytes; `max` and the huge number that version 1 writes for it are no limit.
fn limited_bytes(text: &str) -> Option<Bytes> {
    text.trim()
        .parse()
        .ok()
        .filter(|&bytes: &u64| bytes < 1 << 62)
        .map(Bytes)
}

/// The figure called `name` in a file that holds one in each line.
fn figure(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    /// systemd 252 on Debian 12.
    const MOUNT_V2: &str = "24 29 0:22 / /proc rw,nosuid - proc proc rw
35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    const PERIOD: Duration = Duration::from_millis(100);

    fn memory(limit: u64, available: u64) -> MemoryLimit {
        MemoryLimit {
            limit: Bytes(limit),
            available: Bytes(available),
        }
    }

    #[test]
    fn version_2_with_a_fraction_takes_the_narrowest_group() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "0::/user.slice/app.scope\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/app.scope/cpu.max", "max 100000\n"),
            (
                "sys/fs/cgroup/user.slice/app.scope/memory.max",
                "536870912\n",
            ),
        ]);
        let quota = Some(Quota {
            time: PERIOD * 3 / 2,
            period: PERIOD,
        });
        assert_eq!(
            limits(&tree),
            Limits {
                quota,
                memory: Some(memory(536_870_912, 536_870_912))
            }
        );
    }

    /// The scope has the narrower limit, but its neighbours have used up the slice.
    #[test]
    fn what_is_left_is_the_least_that_any_group_has_left() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "0::/user.slice/app.scope\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/user.slice/memory.max", "1000000000\n"),
            ("sys/fs/cgroup/user.slice/memory.current", "950000000\n"),
            (
                "sys/fs/cgroup/user.slice/memory.stat",
                "anon 1\ninactive_file 20000000\nactive_file 3\n",
            ),
            (
                "sys/fs/cgroup/user.slice/app.scope/memory.max",
                "500000000\n",
            ),
            (
                "sys/fs/cgroup/user.slice/app.scope/memory.current",
                "100000000\n",
            ),
        ]);
        assert_eq!(limits(&tree).memory, Some(memory(500_000_000, 70_000_000)));
    }

    #[test]
    fn memory_that_is_reclaimed_as_soon_as_it_is_taken_is_no_memory() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "0::/job\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/job/memory.max", "max\n"),
            ("sys/fs/cgroup/job/memory.high", "300000000\n"),
            ("sys/fs/cgroup/job/memory.current", "400000000\n"),
        ]);
        assert_eq!(limits(&tree).memory, Some(memory(300_000_000, 0)));
    }

    /// Docker 20 on a host with version 1: the container's part is mounted as the root of what it sees.
    #[test]
    fn version_1_in_a_container_that_sees_its_own_part() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "11:memory:/docker/3f5a\n4:cpu,cpuacct:/docker/3f5a\n1:name=systemd:/docker/3f5a\n"),
            (
                "proc/self/mountinfo",
                "900 890 0:29 /docker/3f5a /sys/fs/cgroup/cpu,cpuacct ro,nosuid - cgroup cgroup rw,cpu,cpuacct
905 890 0:34 /docker/3f5a /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n",
            ),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "50000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.stat", "nr_periods 3\nthrottled_time 99\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        let quota = Quota {
            time: Duration::from_millis(250),
            period: Duration::from_millis(50),
        };
        assert_eq!((quota.cpus(), quota.whole_cpus().get()), (5.0, 5));
        let quota = Some(quota);
        assert_eq!(
            limits(&tree),
            Limits {
                quota,
                memory: None
            }
        );
        assert_eq!(throttled(&tree), Some(Duration::from_nanos(99)));
    }

    /// SLURM's job, step and task each have a group.
    #[test]
    fn version_1_takes_the_narrowest_of_nested_groups() {
        let groups = "5:memory:/slurm/job_7/step_0\n3:cpu:/slurm/job_7/step_0\n";
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", groups),
            ("proc/self/mountinfo", mounts),
            (
                "sys/fs/cgroup/memory/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            (
                "sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes",
                "300000000\n",
            ),
            (
                "sys/fs/cgroup/memory/slurm/job_7/memory.usage_in_bytes",
                "60000000\n",
            ),
            (
                "sys/fs/cgroup/memory/slurm/job_7/memory.stat",
                "inactive_file 7\ntotal_inactive_file 10000000\n",
            ),
            (
                "sys/fs/cgroup/memory/slurm/job_7/step_0/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("sys/fs/cgroup/cpu/slurm/cpu.stat", "throttled_time 1000\n"),
            (
                "sys/fs/cgroup/cpu/slurm/job_7/cpu.stat",
                "throttled_time 30\n",
            ),
        ]);
        assert_eq!(limits(&tree).memory, Some(memory(300_000_000, 250_000_000)));
        assert_eq!(throttled(&tree), Some(Duration::from_nanos(1030)));
    }

    #[test]
    fn the_mixed_form_keeps_each_controller_where_it_is() {
        let groups = "4:memory:/guest/4eca\n1:cpu:/\n0::/\n";
        let mounts = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let group = |controller| group_in(groups, mounts, controller).unwrap();
        assert_eq!(
            (group("cpu").mount.as_str(), group("cpu").unified),
            ("/sys/fs/cgroup/cpu", false)
        );
        assert_eq!(
            group("memory").folders(),
            [
                "/sys/fs/cgroup/memory",
                "/sys/fs/cgroup/memory/guest",
                "/sys/fs/cgroup/memory/guest/4eca"
            ]
        );
        assert_eq!(
            (group("io").mount.as_str(), group("io").unified),
            ("/sys/fs/cgroup/unified", true)
        );
    }

    #[test]
    fn a_part_of_the_hierarchy_that_is_somebody_elses_is_not_looked_into() {
        let group = |path: &str, root: &str| {
            let mounts = format!("41 31 0:38 {root} /cg rw - cgroup2 cgroup2 rw\n");
            group_in(&format!("0::{path}\n"), &mounts, "memory")
                .unwrap()
                .path
        };
        assert_eq!(group("/pod/app", "/pod"), "/app");
        assert_eq!(
            group("/podium/app", "/pod"),
            "",
            "its name only begins alike"
        );
        assert_eq!(
            group("/../sibling", "/"),
            "",
            "outside of the namespace's root"
        );

        let two = "41 31 0:38 /pod/other /cg/other rw - cgroup2 cgroup2 rw
42 31 0:38 /pod /cg/pod rw - cgroup2 cgroup2 rw\n";
        assert_eq!(
            group_in("0::/pod/app\n", two, "memory").unwrap().mount,
            "/cg/pod"
        );
    }

    #[test]
    fn no_limit_is_none() {
        assert_eq!(
            (
                quota_of("-1", "100000"),
                quota_of("max", "100000"),
                quota_of("5", "0")
            ),
            (None, None, None)
        );
        assert_eq!(limited_bytes("max"), None);
        assert_eq!(
            throttled_time("usage_usec 5\nthrottled_usec 1234\n"),
            Some(Duration::from_micros(1234))
        );
        assert_eq!(throttled_time("usage_usec 5\n"), None);
        let (_folder, tree) = planted(&[("proc/self/cgroup", "0::/\n")]);
        assert_eq!((limits(&tree), throttled(&tree)), (Limits::default(), None));
    }
}
