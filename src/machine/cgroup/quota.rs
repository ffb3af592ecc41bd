//! The CPU time that control groups hand out.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::folder::{Folder, figure, folders};
use crate::machine::tree::Tree;

/// How much CPU time a group gets in each period. When it is used up, the group stands still until
/// the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// CPU time, all threads of the group together.
    pub time: Duration,
    /// The period that it is given out for.
    pub period: Duration,
}

impl Quota {
    /// CPUs' worth of time, which may be a fraction.
    #[must_use]
    pub fn cpus(&self) -> f64 {
        self.time.as_secs_f64() / self.period.as_secs_f64().max(1e-6)
    }

    /// CPUs that it could keep busy all the time, at least one: a worker needs a whole CPU.
    #[must_use]
    pub fn whole_cpus(&self) -> NonZeroUsize {
        let cpus = self.time.as_micros() / self.period.as_micros().max(1);

        usize::try_from(cpus)
            .ok()
            .and_then(NonZeroUsize::new)
            .unwrap_or(NonZeroUsize::MIN)
    }
}

/// The quota with the fewest CPUs among this process's groups; `None` where no group has one.
pub(super) fn narrowest(tree: &Tree) -> Option<Quota> {
    let folders = folders(tree, "cpu");
    let quotas = folders.iter().filter_map(quota);

    quotas.min_by(|a, b| a.cpus().total_cmp(&b.cpus()))
}

/// How long the quotas of this process's groups have kept threads waiting so far; `None` where no
/// group counts it.
#[must_use]
pub fn throttled(tree: &Tree) -> Option<Duration> {
    let folders = folders(tree, "cpu");
    let times = folders
        .iter()
        .filter_map(|folder| throttled_time(&folder.text("cpu.stat")?));

    times.reduce(|sum, time| sum + time)
}

/// The CPU time that the group in `folder` allows, if it limits it.
fn quota(folder: &Folder<'_>) -> Option<Quota> {
    if folder.unified {
        let max = folder.text("cpu.max")?;
        let (time, period) = max.split_once(' ')?;
        quota_in_micros(time, period)
    } else {
        let time = folder.text("cpu.cfs_quota_us")?;
        quota_in_micros(&time, &folder.text("cpu.cfs_period_us")?)
    }
}

/// The quota of `time` in each `period`, both in microseconds. `max` and -1 mean no limit.
fn quota_in_micros(time: &str, period: &str) -> Option<Quota> {
    let micros = |text: &str| text.trim().parse().ok().filter(|&micros: &u32| micros > 0);

    Some(Quota {
        time: Duration::from_micros(micros(time)?.into()),
        period: Duration::from_micros(micros(period)?.into()),
    })
}

/// `throttled_usec` of version 2, or `throttled_time` in nanoseconds of version 1.
fn throttled_time(cpu_stat: &str) -> Option<Duration> {
    let micros = figure(cpu_stat, "throttled_usec").map(Duration::from_micros);

    micros.or_else(|| figure(cpu_stat, "throttled_time").map(Duration::from_nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_limits_nothing_is_not_a_quota() {
        assert_eq!(quota_in_micros("-1", "100000"), None);
        assert_eq!(quota_in_micros("max", "100000"), None);
        assert_eq!(quota_in_micros("5", "0"), None);
    }

    #[test]
    fn throttled_time_is_read_in_the_unit_of_its_version() {
        assert_eq!(
            throttled_time("usage_usec 5\nthrottled_usec 1234\n"),
            Some(Duration::from_micros(1234))
        );
        assert_eq!(
            throttled_time("nr_periods 3\nthrottled_time 99\n"),
            Some(Duration::from_nanos(99))
        );
        assert_eq!(throttled_time("usage_usec 5\n"), None);
    }
}
