//! What the control groups of this process allow it: CPU time and memory. It knows versions 1 and 2 and the
//! mixed form, and asks every group up to the root, because each may be the narrowest.
//!
//! Sources: the kernel's `Documentation/admin-guide/cgroup-v2.rst`, `Documentation/scheduler/sched-bwc.rst`,
//! and proc(5) for `mountinfo`.

use super::tree::Tree;
use crate::units::Bytes;

/// The narrowest limits on the way to the root; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// CPUs' worth of time, which may be a fraction.
    pub cpus: Option<f64>,
    /// Memory.
    pub memory: Option<Bytes>,
}

/// What `tree` tells.
#[must_use]
pub fn limits(tree: &Tree) -> Limits {
    let (Some(groups), Some(mounts)) = (tree.text("/proc/self/cgroup"), tree.text("/proc/self/mountinfo"))
    else {
        return Limits::default();
    };
    let cpus = group_of(&groups, &mounts, "cpu").and_then(|group| {
        let quotas = group.folders().into_iter().filter_map(|folder| quota(tree, &group, &folder));
        quotas.min_by(f64::total_cmp)
    });
    let memory = group_of(&groups, &mounts, "memory").and_then(|group| {
        let file = if group.unified { "memory.max" } else { "memory.limit_in_bytes" };
        let told = group.folders().into_iter().filter_map(|folder| tree.text(&format!("{folder}/{file}")));
        told.filter_map(|text| memory_limit(&text)).min()
    });
    Limits { cpus, memory }
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
    let (Some(groups), Some(mounts)) = (tree.text("/proc/self/cgroup"), tree.text("/proc/self/mountinfo"))
    else {
        return Vec::new();
    };
    let folders = group_of(&groups, &mounts, "pids").map(|group| group.folders()).unwrap_or_default();

    // The files have the same names in both versions; `max` is no number.
    let number = |path: String| tree.text(&path)?.parse().ok();
    let limits = folders.into_iter().filter_map(|folder| {
        let limit = number(format!("{folder}/pids.max"))?;
        Some(ThreadLimit { limit, threads: number(format!("{folder}/pids.current")) })
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

/// The group that `controller` keeps this process in, from `/proc/self/cgroup` and `/proc/self/mountinfo`.
/// A controller of version 1 is listed by its name; what is not, is version 2's.
fn group_of(groups: &str, mounts: &str, controller: &str) -> Option<Group> {
    let listed = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':');
        Some((fields.next()?, fields.next()?, fields.next()?))
    });
    let listed: Vec<_> = listed.collect();
    let first = listed.iter().find(|(_, controllers, _)| controllers.split(',').any(|one| one == controller));
    let unified = first.is_none();
    let (.., path) = first.or_else(|| listed.iter().find(|(id, names, _)| *id == "0" && names.is_empty()))?;
    let (root, mount) = mounts.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let mut kind = kind.split(' ');
        let (system, options) = (kind.next()?, kind.nth(1)?);
        let wanted = if unified {
            system == "cgroup2"
        } else {
            system == "cgroup" && options.split(',').any(|option| option == controller)
        };
        if wanted { Some((place.next()?, place.next()?)) } else { None }
    })?;
    // A container may see only a part of the hierarchy, mounted as if it were the whole.
    let path = if root == "/" { path } else { path.strip_prefix(root).unwrap_or("") };
    Some(Group { unified, mount: mount.to_owned(), path: path.to_owned() })
}

/// The CPU time that the group in `folder` allows, if it limits it.
fn quota(tree: &Tree, group: &Group, folder: &str) -> Option<f64> {
    let text = |file: &str| tree.text(&format!("{folder}/{file}"));
    if group.unified {
        let max = text("cpu.max")?;
        let (quota, period) = max.split_once(' ')?;
        cpus_of(quota, period)
    } else {
        cpus_of(&text("cpu.cfs_quota_us")?, &text("cpu.cfs_period_us")?)
    }
}

/// Microseconds of CPU time by the microseconds they are given for; `max` and -1 are no limit.
fn cpus_of(quota: &str, period: &str) -> Option<f64> {
    let (quota, period): (u32, u32) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    (quota > 0 && period > 0).then(|| f64::from(quota) / f64::from(period))
}

/// Bytes; `max` and the huge number that version 1 writes for it are no limit.
fn memory_limit(text: &str) -> Option<Bytes> {
    text.trim().parse().ok().filter(|&bytes: &u64| bytes < 1 << 62).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::planted;

    /// systemd 252 on Debian 12, a user's slice.
    const MOUNT_V2: &str = "24 29 0:22 / /proc rw,nosuid - proc proc rw
35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn version_2_with_a_fraction_takes_the_narrowest_group() {
        let (_folder, tree) = planted(&[
            ("proc/self/cgroup", "0::/user.slice/app.scope\n"),
            ("proc/self/mountinfo", MOUNT_V2),
            ("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/app.scope/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/user.slice/app.scope/memory.max", "536870912\n"),
        ]);
        assert_eq!(limits(&tree), Limits { cpus: Some(1.5), memory: Some(Bytes(536_870_912)) });
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
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(limits(&tree), Limits { cpus: Some(2.5), memory: None });
    }

    #[test]
    fn the_mixed_form_keeps_each_controller_where_it_is() {
        let groups = "4:memory:/guest/4eca\n1:cpu:/\n0::/\n";
        let mounts = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let of = |controller| group_of(groups, mounts, controller).unwrap();
        assert_eq!((of("cpu").mount.as_str(), of("cpu").unified), ("/sys/fs/cgroup/cpu", false));
        assert_eq!(
            of("memory").folders(),
            ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/guest", "/sys/fs/cgroup/memory/guest/4eca"]
        );
        assert_eq!((of("io").mount.as_str(), of("io").unified), ("/sys/fs/cgroup/unified", true));
    }

    #[test]
    fn no_limit_is_none() {
        assert_eq!(
            (cpus_of("-1", "100000"), cpus_of("max", "100000"), cpus_of("5", "0")),
            (None, None, None)
        );
        assert_eq!(memory_limit("max"), None);
        let (_folder, tree) = planted(&[("proc/self/cgroup", "0::/\n")]);
        assert_eq!(limits(&tree), Limits::default());
    }
}
