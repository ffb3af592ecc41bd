//! The CPU time of an arm: this process's, and that of an engine's worker processes.

use std::time::Duration;

use super::Gauges;
use crate::engine::Engine;
use crate::machine::{CpuTimes, ProcessCpu};
use crate::results::CpuUse;
use crate::units::seconds;

/// The counters at one end of an arm.
pub(super) struct Reading {
    own: Option<CpuTimes>,
    workers: Vec<ProcessCpu>,
}

impl Reading {
    /// The counters before the arm. Reading those of many workers takes time of this process, so they
    /// come first.
    pub(super) fn before(gauges: &dyn Gauges, engine: &dyn Engine) -> Self {
        let workers = engine.worker_cpu();

        Self {
            own: gauges.cpu_times(),
            workers,
        }
    }

    /// The counters after the arm, in the opposite order.
    pub(super) fn after(gauges: &dyn Gauges, engine: &dyn Engine) -> Self {
        let own = gauges.cpu_times();

        Self {
            own,
            workers: engine.worker_cpu(),
        }
    }

    /// What this process used until `after`.
    pub(super) fn own_until(&self, after: &Self) -> Option<CpuUse> {
        self.own
            .zip(after.own)
            .map(|(before, after)| grown(before, after))
    }

    /// What this process and its workers used until `after`; `None` where there are no workers, or not
    /// the same ones: a worker that was lost takes its time with it.
    pub(super) fn with_workers_until(&self, after: &Self) -> Option<CpuUse> {
        let is_same = |(before, after): (&ProcessCpu, &ProcessCpu)| before.id == after.id;
        let are_same = self.workers.len() == after.workers.len()
            && self.workers.iter().zip(&after.workers).all(is_same);
        if self.workers.is_empty() || !are_same {
            return None;
        }

        let of_workers = self.workers.iter().zip(&after.workers);
        let of_workers = of_workers.map(|(before, after)| CpuUse {
            preemptions: None,
            ..grown(before.times, after.times)
        });
        Some(of_workers.fold(self.own_until(after)?, CpuUse::and))
    }
}

/// The CPU use between two readings of a process. Its time is known better than how much of that the
/// kernel took.
fn grown(before: CpuTimes, after: CpuTimes) -> CpuUse {
    let both = |times: CpuTimes| times.user + times.system;
    let difference = |before: Duration, after: Duration| after.saturating_sub(before);
    let waited = before.waited.zip(after.waited);

    let total = difference(both(before), both(after));
    let system = difference(before.system, after.system).min(total);
    CpuUse {
        user_s: seconds(total.saturating_sub(system)),
        system_s: seconds(system),
        preemptions: Some(after.preemptions.saturating_sub(before.preemptions)),
        waited_s: waited.map(|(before, after)| seconds(difference(before, after))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(user: u64, system: u64) -> CpuTimes {
        CpuTimes {
            user: Duration::from_millis(user),
            system: Duration::from_millis(system),
            preemptions: 0,
            waited: Some(Duration::ZERO),
        }
    }

    fn reading(workers: &[(u32, CpuTimes)]) -> Reading {
        let of_worker = |&(id, times): &(u32, CpuTimes)| ProcessCpu { id, times };

        Reading {
            own: Some(times(5, 5)),
            workers: workers.iter().map(of_worker).collect(),
        }
    }

    #[test]
    fn a_tick_of_the_kernel_makes_no_time_up() {
        let used = grown(times(100, 20), times(93, 30));

        assert_eq!((used.user_s, used.system_s), (0.0, 0.003));
    }

    #[test]
    fn workers_count_while_they_stay_the_same() {
        let before = reading(&[(7, times(0, 0)), (8, times(20, 0))]);
        let after = reading(&[(7, times(125, 0)), (8, times(270, 500))]);

        // Binary fractions, so that the sum is exact.
        let used = before.with_workers_until(&after).unwrap();
        assert_eq!((used.user_s, used.system_s), (0.375, 0.5));
        assert_eq!((used.preemptions, used.waited_s), (None, Some(0.0)));

        let replaced = reading(&[(7, times(125, 0)), (9, times(1, 0))]);
        assert_eq!(before.with_workers_until(&replaced), None);
        assert_eq!(reading(&[]).with_workers_until(&reading(&[])), None);
    }
}
