//! The limits of made-up machines with groups of version 1 and 2.

use std::time::Duration;

use super::*;
use crate::machine::tests::planted;
use crate::units::Bytes;

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

    let quota = Quota {
        time: PERIOD * 3 / 2,
        period: PERIOD,
    };
    assert_eq!(
        limits(&tree),
        Limits {
            quota: Some(quota),
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
fn memory_that_is_reclaimed_as_soon_as_it_is_taken_is_not_available() {
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
    let groups =
        "11:memory:/docker/3f5a\n4:cpu,cpuacct:/docker/3f5a\n1:name=systemd:/docker/3f5a\n";
    let mounts = "900 890 0:29 /docker/3f5a /sys/fs/cgroup/cpu,cpuacct ro,nosuid - cgroup cgroup rw,cpu,cpuacct
905 890 0:34 /docker/3f5a /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n";
    let (_folder, tree) = planted(&[
        ("proc/self/cgroup", groups),
        ("proc/self/mountinfo", mounts),
        ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n"),
        ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "50000\n"),
        (
            "sys/fs/cgroup/cpu,cpuacct/cpu.stat",
            "nr_periods 3\nthrottled_time 99\n",
        ),
        (
            "sys/fs/cgroup/memory/memory.limit_in_bytes",
            "9223372036854771712\n",
        ),
    ]);

    let quota = Quota {
        time: Duration::from_millis(250),
        period: Duration::from_millis(50),
    };
    assert_eq!((quota.cpus(), quota.whole_cpus().get()), (5.0, 5));
    assert_eq!(
        limits(&tree),
        Limits {
            quota: Some(quota),
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
fn a_system_without_limits_has_none() {
    let (_folder, tree) = planted(&[("proc/self/cgroup", "0::/\n")]);

    assert_eq!((limits(&tree), throttled(&tree)), (Limits::default(), None));
}
