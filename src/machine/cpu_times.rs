//! What this process has cost so far: CPU time, lost turns, waiting. These are counters: a cost is
//! the difference of two readings.

use std::time::Duration;

use crate::units::Bytes;

/// What all threads of this process have used since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTimes {
    /// Time in its own code.
    pub user: Duration,
    /// Time in the kernel on its behalf.
    pub system: Duration,
    /// How often a thread that wanted to go on had to give up its CPU: involuntary context
    /// switches.
    pub preemptions: u64,
    /// Time that its living threads were ready to run and had no CPU, if available.
    pub waited: Option<Duration>,
}

/// Reads this process's counters; `None` where the system has none.
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
            waited: waited("self"),
        })
    }
    #[cfg(not(unix))]
    None
}

/// The most memory that this process has held so far; `None` where the system does not say.
#[must_use]
pub fn peak_memory() -> Option<Bytes> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let peak = getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss();
        // In bytes on Apple's systems, in KiB on the others.
        let unit = if cfg!(target_vendor = "apple") {
            1
        } else {
            1024
        };

        Some(Bytes(u64::try_from(peak).ok()? * unit))
    }
    #[cfg(not(unix))]
    None
}

/// How long `time` is.
#[cfg(unix)]
pub(super) fn duration(time: nix::sys::time::TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let micros = u64::try_from(time.tv_usec()).unwrap_or(0);

    Duration::from_secs(seconds) + Duration::from_micros(micros)
}

/// The run delays of the threads of `process`, summed.
#[cfg(unix)]
pub(super) fn waited(process: &str) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;

    let delays = threads.flatten().filter_map(|thread| {
        // A thread may end meanwhile.
        run_delay(&std::fs::read_to_string(thread.path().join("schedstat")).ok()?)
    });
    delays.reduce(|sum, delay| sum + delay)
}

/// The second figure of a thread's `schedstat`, in nanoseconds
/// (Documentation/scheduler/sched-stats.rst of Linux).
#[cfg(any(unix, test))]
fn run_delay(schedstat: &str) -> Option<Duration> {
    let nanos = schedstat.split_whitespace().nth(1)?;

    Some(Duration::from_nanos(nanos.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_delay_is_the_second_figure() {
        assert_eq!(
            run_delay("10211532 283345 16\n"),
            Some(Duration::from_nanos(283_345))
        );
    }

    #[cfg(unix)]
    #[test]
    fn memory_that_is_held_shows_in_the_peak() {
        let held = std::hint::black_box(vec![1_u8; 50_000_000]);

        assert!(peak_memory().unwrap() > Bytes(held.len() as u64));
    }

    #[cfg(unix)]
    #[test]
    fn work_shows_in_the_cpu_time_of_this_process() {
        let before = cpu_times().unwrap();

        let mut sum = 0_u64;
        while cpu_times().unwrap().user <= before.user {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }

        assert!(cpu_times().unwrap() != before);
    }
}
