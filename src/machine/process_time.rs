//! What another process has cost so far, while it still runs.
//!
//! Sources: clock_getcpuclockid(3) for the time to the nanosecond, proc(5) on `/proc/PID/stat` for
//! how much of it the kernel took, to a hundredth of a second.

use super::cpu_times::CpuTimes;

/// The CPU time of all threads of process `id` since it began; `None` where the system does not
/// say.
#[must_use]
pub fn process_cpu_times(id: u32) -> Option<CpuTimes> {
    #[cfg(target_os = "linux")]
    {
        use super::family_time::stat_ticks;
        use super::tree::Tree;
        use nix::time::{clock_getcpuclockid, clock_gettime};
        use nix::unistd::Pid;

        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(id).ok()?)).ok()?;
        let time = std::time::Duration::from(clock_gettime(clock).ok()?);
        let stat = Tree::system().text(&format!("/proc/{id}/stat"))?;
        let [user, system, ..] = stat_ticks(&stat)?;

        let system = time.mul_f64(f64::from(system) / f64::from((user + system).max(1)));
        Some(CpuTimes {
            user: time.saturating_sub(system),
            system,
            ..CpuTimes::default()
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = id;
        None
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use crate::machine::cpu_times;

    #[test]
    fn of_this_process_it_is_what_getrusage_says() {
        let sum = |times: CpuTimes| times.user + times.system;
        let us = std::process::id();

        let before = sum(cpu_times().unwrap());
        let between = sum(process_cpu_times(us).unwrap());
        let after = sum(cpu_times().unwrap());

        // getrusage counts in microseconds.
        let step = std::time::Duration::from_micros(2);
        assert!(before <= between + step && between <= after + step);
        assert_eq!(process_cpu_times(u32::MAX), None);
    }
}
