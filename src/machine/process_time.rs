//! What another process has cost so far, while it still runs.
//!
//! Sources: `clock_getcpuclockid(3)` for its own time to the nanosecond; proc(5) on
//! `/proc/PID/stat` for how much of that the kernel took and for the children that it has waited
//! for, both to a hundredth of a second.

use super::cpu_times::CpuTimes;

/// What a process has used since it began, with the children that it has waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessCpu {
    /// Its number.
    pub id: u32,
    /// The time of all its threads. How often they lost their turns is unknown.
    pub times: CpuTimes,
}

/// The CPU time of process `id` so far; `None` where the system does not say.
#[must_use]
pub fn process_cpu(id: u32) -> Option<ProcessCpu> {
    #[cfg(target_os = "linux")]
    {
        use super::cpu_times::waited;
        use super::family_time::stat_ticks;
        use super::processor_time::TICK;
        use super::tree::Tree;
        use nix::time::{clock_getcpuclockid, clock_gettime};
        use nix::unistd::Pid;

        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(id).ok()?)).ok()?;
        let own = std::time::Duration::from(clock_gettime(clock).ok()?);
        let stat = Tree::system().text(&format!("/proc/{id}/stat"))?;
        let [user, system, child_user, child_system] = stat_ticks(&stat)?;

        let ticks = user.saturating_add(system).max(1);
        let own_system = own.mul_f64(f64::from(system) / f64::from(ticks));
        let times = CpuTimes {
            user: own.saturating_sub(own_system) + TICK * child_user,
            system: own_system + TICK * child_system,
            preemptions: 0,
            waited: waited(&id.to_string()),
        };
        Some(ProcessCpu { id, times })
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
    use crate::machine::family_time::usage_time;
    use nix::sys::resource::UsageWho;

    #[test]
    fn of_this_process_it_is_what_getrusage_says() {
        let sum = |times: CpuTimes| times.user + times.system;
        let us = std::process::id();

        let before = sum(cpu_times().unwrap());
        let between = sum(process_cpu(us).unwrap().times);
        let after = sum(cpu_times().unwrap());

        // getrusage counts in microseconds, and children are counted in hundredths of a second.
        let step = std::time::Duration::from_micros(2);
        let children = usage_time(UsageWho::RUSAGE_CHILDREN).unwrap();
        assert!(before <= between + step);
        assert!(between <= after + children + step);
        assert_eq!(process_cpu(u32::MAX), None);
    }
}
