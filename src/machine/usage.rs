//! What running cost so far: this process's CPU time and lost turns, and what the whole machine withheld.
//! Counters only, read at a moment; whoever reads twice takes the difference.

use std::fs;
use std::time::Duration;

use super::family_time::family_time;
use super::processor_time::{ProcessorTime, processor_time};
use super::topology::allowed;
use super::tree::Tree;
use super::{cgroup, power};

/// What this process, all its threads, has used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTimes {
    /// Time in its own code.
    pub user: Duration,
    /// Time in the kernel on its behalf.
    pub system: Duration,
    /// How often a thread that wanted to go on had to give up its CPU: involuntary context switches.
    pub preemptions: u64,
    /// Time that its living threads were ready to run and had no CPU, where the system tells.
    pub waited: Option<Duration>,
}

/// Asks for this process's counters; `None` where the system does not tell.
#[must_use]
pub fn cpu_times() -> Option<CpuTimes> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        Some(CpuTimes {
            user: duration(usage.user_time()),
            system: duration(usage.system_time()),
            preemptions: u64::try_from(usage.involuntary_context_switches()).unwrap_or(0),
            waited: waited(),
        })
    }
    #[cfg(not(unix))]
    None
}

/// How long `time` is.
#[cfg(unix)]
pub(super) fn duration(time: nix::sys::time::TimeVal) -> Duration {
    let (seconds, micros) = (u64::try_from(time.tv_sec()), u64::try_from(time.tv_usec()));
    Duration::from_secs(seconds.unwrap_or(0)) + Duration::from_micros(micros.unwrap_or(0))
}

/// The second figure of each thread's `schedstat`, in nanoseconds (Documentation/scheduler/sched-stats.rst of
/// Linux), summed.
fn waited() -> Option<Duration> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let waits = threads.flatten().filter_map(|thread| {
        // A thread may end meanwhile.
        run_delay(&fs::read_to_string(thread.path().join("schedstat")).ok()?)
    });
    waits.reduce(|sum, wait| sum + wait)
}

fn run_delay(schedstat: &str) -> Option<Duration> {
    Some(Duration::from_nanos(
        schedstat.split_whitespace().nth(1)?.parse().ok()?,
    ))
}

/// What the machine did and withheld so far, each where the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// What the CPUs that this process may use did.
    pub processors: Option<ProcessorTime>,
    /// CPU time of this process and of everything it started.
    pub family: Option<Duration>,
    /// Time that the cgroup's quota kept its threads waiting.
    pub throttled: Option<Duration>,
    /// The load average of the last minute.
    pub load: Option<f64>,
}

/// Asks for the machine's counters.
#[must_use]
pub fn counters() -> Counters {
    let tree = Tree::system();
    let stat = tree.text("/proc/stat");
    let allowed = allowed(&tree);
    Counters {
        processors: stat.and_then(|stat| processor_time(&stat, allowed.as_ref())),
        family: family_time(&tree),
        throttled: cgroup::throttled(&tree),
        load: power::load_average(&tree).map(|[minute, ..]| minute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_from_their_documented_places() {
        assert_eq!(
            run_delay("10211532 283345 16\n"),
            Some(Duration::from_nanos(283_345))
        );
    }

    #[cfg(unix)]
    #[test]
    fn work_shows_in_this_process_cpu_time() {
        let before = cpu_times().unwrap();
        let mut sum = 0_u64;
        while cpu_times().unwrap().user <= before.user {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(cpu_times().unwrap() != before);
    }
}
