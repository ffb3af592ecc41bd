//! One arm of a round: only `Engine::execute` stands in its timed region, once, or under a CPU
//! quota as often as it takes.

use std::time::Duration;

use serde_json::Value;

use super::{Clock, Conditions, Error};
use crate::engine::{self, Batch, Engine};
use crate::machine::CpuTimes;
use crate::machine::cgroup::Quota;
use crate::results::{Busy, CpuUse, Span};
use crate::units::seconds;
use crate::workload::Pace;

/// Periods of a CPU quota that an arm lasts at least. Within one period, work runs unhindered until
/// the period's time is used up: what fits into that burst shows the CPUs, not the quota. Over
/// five, a burst at the beginning is at most a fifth of what counts.
const QUOTA_PERIODS: u32 = 5;
/// And the most passes for that, should a clock stand still.
const MOST_PASSES: u32 = 1 << 20;

/// One arm's share of a round.
pub(super) struct Execution {
    /// The mean time of a pass.
    pub(super) elapsed: Duration,
    /// The mean CPU use of this process in a pass.
    pub(super) cpu: Option<CpuUse>,
    /// The mean time of a pass that workers spent in tasks.
    pub(super) busy: Option<Busy>,
    /// The partial results of each pass.
    pub(super) passes: Vec<Vec<Value>>,
    /// When the tasks of the last pass ran.
    pub(super) spans: Vec<Span>,
}

/// How long an arm lasts at least, where a CPU quota is below the workers; else one pass is enough.
pub(super) fn shortest_arm(quota: Option<Quota>, workers: usize) -> Duration {
    let below = quota.filter(|quota| quota.cpus() < workers as f64);

    below.map_or(Duration::ZERO, |quota| quota.period * QUOTA_PERIODS)
}

/// Runs `batch` on `engine`, again and again until that has lasted `shortest`.
pub(super) fn time(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    shortest: Duration,
    conditions: Conditions<'_>,
) -> Result<Execution, Error> {
    engine.limit(batch.workers);
    let mut total = Pass::default();
    let mut passes = Vec::new();
    let mut count = 0;

    let spans = loop {
        let (partials, pass) = time_once(engine, batch, conditions);
        passes.push(partials?);
        let spans = engine.take_spans();
        total.add(&pass, Busy::of(&spans));
        count += 1;

        if total.elapsed >= shortest || count == MOST_PASSES {
            break spans;
        }
    };

    Ok(Execution {
        elapsed: total.elapsed / count,
        cpu: total.cpu.map(|cpu| cpu.divided(count)),
        busy: total.busy.map(|busy| divided(busy, count)),
        passes,
        spans,
    })
}

fn time_once(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    conditions: Conditions<'_>,
) -> (Result<Vec<Value>, Error>, Pass) {
    let Conditions { clock, gauges, .. } = conditions;

    let before = gauges.cpu_times();
    let (partials, elapsed) = match batch.workload.pace() {
        Pace::Together => {
            let began = clock.now();
            let partials = engine.execute(batch);
            (partials, clock.since(began))
        }
        Pace::OneByOne { rest } => one_by_one(engine, batch, rest, clock),
    };
    let after = gauges.cpu_times();

    let cpu = before
        .zip(after)
        .map(|(before, after)| CpuGrowth::between(before, after));
    (
        partials.map_err(Error::from),
        Pass {
            elapsed,
            cpu,
            busy: None,
        },
    )
}

/// Runs each task of `batch` by itself after a rest, and times only the tasks' round trips.
fn one_by_one(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    rest: Duration,
    clock: &dyn Clock,
) -> (Result<Vec<Value>, engine::Error>, Duration) {
    let mut elapsed = Duration::ZERO;
    let mut partials = Vec::with_capacity(batch.tasks);

    if rest.is_zero() {
        // The workers may be asleep: waking them is no part of a round trip without a rest.
        let woken = engine.execute(&Batch { tasks: 1, ..*batch });
        engine.take_spans();
        if let Err(error) = woken {
            return (Err(error), elapsed);
        }
    }

    for index in batch.indices() {
        if !rest.is_zero() {
            std::thread::sleep(rest);
        }

        let began = clock.now();
        let partial = engine.execute(&Batch {
            first: index,
            tasks: 1,
            ..*batch
        });
        elapsed += clock.since(began);

        match partial {
            Ok(partial) => partials.extend(partial),
            Err(error) => return (Err(error), elapsed),
        }
    }
    (Ok(partials), elapsed)
}

/// What passes took, added up.
#[derive(Default)]
struct Pass {
    elapsed: Duration,
    cpu: Option<CpuGrowth>,
    busy: Option<Busy>,
}

impl Pass {
    fn add(&mut self, pass: &Self, busy: Option<Busy>) {
        let is_first = self.elapsed.is_zero();
        self.elapsed += pass.elapsed;

        if is_first {
            (self.cpu, self.busy) = (pass.cpu, busy);
            return;
        }
        self.cpu = self.cpu.zip(pass.cpu).map(|(sum, more)| sum.plus(more));
        self.busy = self.busy.zip(busy).map(|(sum, more)| Busy {
            total_s: sum.total_s + more.total_s,
            busiest_s: sum.busiest_s + more.busiest_s,
        });
    }
}

/// CPU use between two readings.
#[derive(Clone, Copy)]
struct CpuGrowth {
    user: Duration,
    system: Duration,
    preemptions: u64,
    waited: Option<Duration>,
}

impl CpuGrowth {
    fn between(before: CpuTimes, after: CpuTimes) -> Self {
        let waited = before.waited.zip(after.waited);

        Self {
            user: after.user.saturating_sub(before.user),
            system: after.system.saturating_sub(before.system),
            preemptions: after.preemptions.saturating_sub(before.preemptions),
            waited: waited.map(|(before, after)| after.saturating_sub(before)),
        }
    }

    fn plus(self, more: Self) -> Self {
        Self {
            user: self.user + more.user,
            system: self.system + more.system,
            preemptions: self.preemptions + more.preemptions,
            waited: self.waited.zip(more.waited).map(|(sum, more)| sum + more),
        }
    }

    fn divided(self, passes: u32) -> CpuUse {
        CpuUse {
            user_s: seconds(self.user / passes),
            system_s: seconds(self.system / passes),
            preemptions: self.preemptions / u64::from(passes),
            waited_s: self.waited.map(|waited| seconds(waited / passes)),
        }
    }
}

fn divided(busy: Busy, passes: u32) -> Busy {
    Busy {
        total_s: busy.total_s / f64::from(passes),
        busiest_s: busy.busiest_s / f64::from(passes),
    }
}
