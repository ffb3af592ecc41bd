//! What the CPUs that this process may use have done since the system started: how long they
//! worked, and for how long a hypervisor gave them to others.
//!
//! Source: proc(5) on `/proc/stat`, which has a line for each CPU and counts in hundredths of a
//! second.

use std::collections::BTreeSet;
use std::time::Duration;

/// One tick of the system's counters.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The time of some CPUs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessorTime {
    /// How many CPUs these are.
    pub cpus: usize,
    /// Time in which they ran anything at all.
    pub busy: Duration,
    /// Time in which something wanted to run and the hypervisor ran others.
    pub steal: Duration,
}

/// The time of the CPUs that are `allowed`, or of all where that is unknown; `None` when no such
/// CPU is listed.
#[must_use]
pub fn processor_time(stat: &str, allowed: Option<&BTreeSet<usize>>) -> Option<ProcessorTime> {
    let is_allowed = |cpu| allowed.is_none_or(|allowed| allowed.contains(&cpu));
    let mut sum = ProcessorTime::default();

    for line in stat.lines().filter_map(CpuLine::parse) {
        if !is_allowed(line.cpu) {
            continue;
        }

        let time = line.time()?;
        sum.cpus += 1;
        sum.busy += time.busy;
        sum.steal += time.steal;
    }

    (sum.cpus > 0).then_some(sum)
}

/// The line of one CPU in `/proc/stat`.
struct CpuLine<'a> {
    cpu: usize,
    figures: &'a str,
}

impl<'a> CpuLine<'a> {
    /// `None` for any other line; the first one is the sum over all CPUs and has no number.
    fn parse(line: &'a str) -> Option<Self> {
        let (number, figures) = line.strip_prefix("cpu")?.split_once(' ')?;

        Some(Self {
            cpu: number.parse().ok()?,
            figures,
        })
    }

    /// `None` when figures are missing, as on old kernels.
    fn time(&self) -> Option<ProcessorTime> {
        let times: Vec<Duration> = self.figures.split_whitespace().map_while(ticks).collect();

        // Time for guests, which comes last, is part of the user's time already.
        let [
            user,
            nice,
            system,
            _idle,
            _waiting,
            interrupts,
            soft_interrupts,
            steal,
            ..,
        ] = times[..]
        else {
            return None;
        };

        Some(ProcessorTime {
            cpus: 1,
            busy: user + nice + system + interrupts + soft_interrupts,
            steal,
        })
    }
}

/// The time that `figure` stands for, in hundredths of a second. 32 bits are 497 days, after which
/// a long-lived machine's counter begins again.
fn ticks(figure: &str) -> Option<Duration> {
    let ticks: u64 = figure.parse().ok()?;

    Some(TICK * u32::try_from(ticks % (1 << 32)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  1000 0 0 9 9 0 0 400 0 0
cpu0 100 20 30 4000 50 6 7 8 90 0
cpu1 1 0 0 0 0 0 0 0 0 0
cpu12 10 0 0 70 0 0 0 300 0 0
intr 5 6
";

    #[test]
    fn only_the_allowed_cpus_count() {
        let allowed = BTreeSet::from([0, 12]);
        let time = processor_time(STAT, Some(&allowed)).unwrap();

        assert_eq!(time.cpus, 2);
        assert_eq!(
            time.busy,
            TICK * (100 + 20 + 30 + 6 + 7 + 10),
            "neither idle nor waiting for a disk"
        );
        assert_eq!(time.steal, TICK * 308);

        assert_eq!(processor_time(STAT, None).unwrap().cpus, 3);
    }

    #[test]
    fn cpus_that_are_not_listed_are_unknown() {
        assert_eq!(processor_time(STAT, Some(&BTreeSet::from([7]))), None);
        assert_eq!(processor_time("cpu  1 2 3\n", None), None);
        assert_eq!(
            processor_time("cpu0 1 2 3\n", None),
            None,
            "an old kernel has no steal"
        );
    }
}
