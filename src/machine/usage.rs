//! What running cost so far: this process's CPU time and lost turns, and what the whole machine withheld.
//! Counters only, read at a moment; whoever reads twice takes the difference.

use std::fs;
use std::time::Duration;

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
        let time = |time: nix::sys::time::TimeVal| {
            let (seconds, micros) = (u64::try_from(time.tv_sec()), u64::try_from(time.tv_usec()));
            Duration::from_secs(seconds.unwrap_or(0)) + Duration::from_micros(micros.unwrap_or(0))
        };
        Some(CpuTimes {
            user: time(usage.user_time()),
            system: time(usage.system_time()),
            preemptions: u64::try_from(usage.involuntary_context_switches()).unwrap_or(0),
            waited: waited(),
        })
    }
    #[cfg(not(unix))]
    None
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
    Some(Duration::from_nanos(schedstat.split_whitespace().nth(1)?.parse().ok()?))
}

/// What the machine withheld from this process since it was started, each where the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// CPU time that the hypervisor gave to others, all CPUs together.
    pub steal: Option<Duration>,
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
    Counters {
        steal: stat.as_deref().and_then(steal),
        throttled: cgroup::throttled(&tree),
        load: power::load_average(&tree).map(|[minute, ..]| minute),
    }
}

/// The eighth figure of the first line of `/proc/stat`, in hundredths of a second (proc(5)).
fn steal(stat: &str) -> Option<Duration> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: u64 = line.split_whitespace().nth(7)?.parse().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_from_their_documented_places() {
        let stat = "cpu  874928 0 137448 1752685 6613 0 730 1552 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
        assert_eq!(steal(stat), Some(Duration::from_millis(15_520)));
        assert_eq!(steal("cpu  1 2 3\n"), None);
        assert_eq!(run_delay("10211532 283345 16\n"), Some(Duration::from_nanos(283_345)));
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
