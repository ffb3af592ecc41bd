//! One arm of a round: only `Engine::execute` stands in its timed region, once, or under a CPU quota as often as it takes.

use std::time::Duration;

use serde_json::Value;

use super::{Conditions, Error};
use crate::engine::{Engine, Pass};
use crate::machine::CpuTimes;
use crate::machine::cgroup::Quota;
use crate::results::CpuUse;
use crate::units::seconds;
use crate::workload::Shared;

/// Periods of a CPU quota that an arm lasts at least. Within one period, work runs unhindered until the period's time is
/// used up: what fits into that burst shows the CPUs, not the quota. Over five, a burst at the beginning is at most a
/// fifth of what counts.
const QUOTA_PERIODS: u32 = 5;
/// And the most passes for that, should a clock not move.
const MOST_PASSES: u32 = 1 << 20;

/// One arm's share of a round.
pub(super) struct Execution {
    /// The time of one pass, in the mean.
    pub(super) elapsed: Duration,
    /// The CPU use of one pass, in the mean.
    pub(super) cpu: Option<CpuUse>,
    /// The partial results of each pass.
    pub(super) passes: Vec<Vec<Value>>,
}

/// How long an arm lasts at least, where a CPU quota is below the workers; else one pass is enough.
pub(super) fn shortest_arm(quota: Option<Quota>, workers: usize) -> Duration {
    let below = quota.filter(|quota| quota.cpus() < workers as f64);

    below.map_or(Duration::ZERO, |quota| quota.period * QUOTA_PERIODS)
}

/// Runs `workload` on `engine`, again and again until that has lasted `shortest`.
pub(super) fn time(
    engine: &mut dyn Engine,
    workload: &Shared,
    shortest: Duration,
    conditions: Conditions<'_>,
) -> Result<Execution, Error> {
    let Conditions {
        clock,
        gauges,
        stop,
        ..
    } = conditions;

    let before = gauges.cpu_times();
    let began = clock.now();
    let mut passes = vec![engine.execute(workload, Pass::Work, stop)];
    let mut elapsed = clock.since(began);
    let mut count = 1;
    while elapsed < shortest && count < MOST_PASSES && passes.last().is_some_and(Result::is_ok) {
        passes.push(engine.execute(workload, Pass::Work, stop));
        elapsed = clock.since(began);
        count += 1;
    }
    let after = gauges.cpu_times();

    let cpu = before.zip(after).filter(|_| engine.is_in_process());
    let cpu = cpu.map(|(before, after)| cpu_use(before, after, count));
    let passes: Vec<Vec<Value>> = passes.into_iter().collect::<Result<_, _>>()?;
    Ok(Execution {
        elapsed: elapsed / count,
        cpu,
        passes,
    })
}

/// The CPU use between two readings, for each of `passes`.
fn cpu_use(before: CpuTimes, after: CpuTimes, passes: u32) -> CpuUse {
    let grown = |before: Duration, after: Duration| seconds(after.saturating_sub(before) / passes);
    CpuUse {
        user_s: grown(before.user, after.user),
        system_s: grown(before.system, after.system),
        preemptions: after.preemptions.saturating_sub(before.preemptions) / u64::from(passes),
        waited_s: before
            .waited
            .zip(after.waited)
            .map(|(before, after)| grown(before, after)),
    }
}
