//! How much of the CPUs that this process may use other programs took: what the CPUs worked, less
//! what this process and everything it started did.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Counters, counters};

/// How long the CPUs are watched to learn what happens just now. The system counts in hundredths of
/// a second, so over this time a CPU's figure is known to a twentieth of a core.
const WATCH: Duration = Duration::from_millis(200);

/// What other programs took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherPrograms {
    /// Core-equivalents: the CPU time that they used, divided by the time that passed.
    pub cores: f64,
    /// The CPUs that this process may use, over which that was counted.
    pub cpus: usize,
}

impl OtherPrograms {
    /// The most core-equivalents that the workers may be short of. A quiet system's own services
    /// take less than a twentieth of a core, and the counters are good for a twentieth; a fifth of
    /// one is 10 % of what two workers could get, as much as the tolerance of `check`.
    pub const BOUND: f64 = 0.2;

    /// Whether others take CPUs that `workers` would use: not where enough are left for all of
    /// them.
    #[must_use]
    pub fn are_in_the_way_of(&self, workers: usize) -> bool {
        let missing = self.cores + workers as f64 - self.cpus as f64;

        self.cores > Self::BOUND && missing > Self::BOUND
    }

    /// How many times as long `workers` threads take at least beside these programs, if the system
    /// shares the CPUs out evenly: 1 where they leave enough of them.
    #[must_use]
    pub fn slow_down(self, workers: usize) -> f64 {
        let cpus = self.cpus as f64;
        let wanted = (workers as f64).min(cpus);

        // A thread never gets less than its share among as many threads as there are CPUs.
        let left = (cpus - self.cores).max(wanted / 2.0);

        (wanted / left).max(1.0)
    }

    /// What happened between two readings that lie `wall` apart; `None` where a counter is missing.
    #[must_use]
    pub fn between(before: &Counters, after: &Counters, wall: Duration) -> Option<Self> {
        let processors = after.processors?;
        let busy = processors.busy.saturating_sub(before.processors?.busy);
        let family = after.family?.saturating_sub(before.family?);
        let others = busy.saturating_sub(family);

        let cores = others.as_secs_f64() / wall.as_secs_f64().max(1e-9);
        Some(Self {
            cores: cores.min(processors.cpus as f64),
            cpus: processors.cpus,
        })
    }

    /// What happens just now. It takes a fifth of a second.
    #[must_use]
    pub fn now() -> Option<Self> {
        let (start, before) = (Instant::now(), counters());
        // Without the counters there is nothing to wait for.
        before.processors.zip(before.family)?;

        std::thread::sleep(WATCH);
        Self::between(&before, &counters(), start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::ProcessorTime;

    fn reading(busy_millis: u64, family_millis: u64) -> Counters {
        let processors = ProcessorTime {
            cpus: 2,
            busy: Duration::from_millis(busy_millis),
            steal: Duration::ZERO,
        };

        Counters {
            processors: Some(processors),
            family: Some(Duration::from_millis(family_millis)),
            ..Counters::default()
        }
    }

    #[test]
    fn what_others_take_slows_down_only_threads_that_would_use_it() {
        let beside = |cores| OtherPrograms { cores, cpus: 2 };

        assert_eq!(beside(0.0).slow_down(2), 1.0);
        assert_eq!(beside(1.0).slow_down(1), 1.0, "a whole CPU is left");
        assert_eq!(beside(0.4).slow_down(2), 1.25, "1.6 CPUs for two threads");
        assert_eq!(
            beside(0.4).slow_down(8),
            1.25,
            "more threads than CPUs wait for each other anyway"
        );
        assert_eq!(
            beside(2.0).slow_down(2),
            2.0,
            "an even share is half of each CPU"
        );
        assert_eq!(beside(2.0).slow_down(1), 2.0);
    }

    #[test]
    fn others_are_what_the_family_is_not() {
        let others = |busy_millis: u64, family_millis: u64| {
            OtherPrograms::between(
                &reading(500, 100),
                &reading(500 + busy_millis, 100 + family_millis),
                Duration::from_secs(1),
            )
        };
        let cores = |cores: f64| Some(OtherPrograms { cores, cpus: 2 });

        assert_eq!(others(1700, 400), cores(1.3));
        assert_eq!(others(390, 400), cores(0.0), "ticks come late");
        assert_eq!(
            OtherPrograms::between(&reading(1, 1), &Counters::default(), Duration::from_secs(1)),
            None
        );
    }

    #[test]
    fn they_are_in_the_way_only_where_cpus_are_short() {
        let in_the_way =
            |cores, cpus, workers| OtherPrograms { cores, cpus }.are_in_the_way_of(workers);

        assert!(in_the_way(0.25, 2, 2) && !in_the_way(0.2, 2, 2));
        assert!(!in_the_way(0.9, 2, 1) && in_the_way(1.3, 2, 1));
        assert!(!in_the_way(3.0, 64, 8), "61 CPUs are left for 8 workers");
        assert!(
            !in_the_way(0.05, 2, 4),
            "more workers than CPUs are nobody else's doing"
        );
    }
}
