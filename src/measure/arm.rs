//! One arm of a round: only `Engine::execute` stands in its timed region, once, or under a CPU
//! quota as often as it takes.

use std::time::Duration;

use serde_json::Value;

use super::cpu::Reading;
use super::{Clock, Conditions, Error};
use crate::engine::{self, Batch, Engine, Measured};
use crate::machine::cgroup::Quota;
use crate::results::{Busy, CpuUse, LostWorker, Span};
use crate::workload::Pace;

/// Periods of a CPU quota that an arm lasts at least. Within one period, work runs unhindered until
/// the period's time is used up: what fits into that burst shows the CPUs, not the quota. Over
/// five, a burst at the beginning is at most a fifth of what counts.
const QUOTA_PERIODS: u32 = 5;
/// And the most passes for that, should a clock stand still.
const MOST_PASSES: usize = 1 << 20;

/// One arm's share of a round.
pub(super) struct Execution {
    /// The mean time of a pass.
    pub(super) elapsed: Duration,
    /// The mean CPU use of this process in a pass.
    pub(super) cpu: Option<CpuUse>,
    /// The same with that of the engine's worker processes, where it has some.
    pub(super) workers_cpu: Option<CpuUse>,
    /// The CPU use that the engine has measured itself, in the last pass.
    pub(super) own_cpu: Option<CpuUse>,
    /// The mean time of a pass that workers spent in tasks.
    pub(super) busy: Option<Busy>,
    /// The partial results of each pass.
    pub(super) passes: Vec<Vec<Value>>,
    /// When the tasks of all passes ran.
    pub(super) spans: Vec<Span>,
    /// The workers that were lost, in each pass since it began.
    pub(super) lost_workers: Vec<LostWorker>,
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
    let Conditions { clock, gauges, .. } = conditions;
    engine.limit(batch.workers);
    let (mut elapsed, mut passes, mut spans) = (Duration::ZERO, Vec::new(), Vec::new());

    engine.take_lost_workers();
    // Between passes nothing happens: a quota is met only by work without pauses.
    let before = Reading::before(gauges, engine);
    let own_cpu = loop {
        let (partials, time) = run_once(engine, batch, clock, &mut spans);
        passes.push(partials?);
        elapsed += time.wall;
        if elapsed >= shortest || passes.len() == MOST_PASSES {
            break time.cpu;
        }
    };
    let after = Reading::after(gauges, engine);

    let count = u32::try_from(passes.len()).unwrap_or(u32::MAX);
    spans.extend(engine.take_spans());
    Ok(Execution {
        elapsed: elapsed / count,
        cpu: before.own_until(&after).map(|used| used.divided(count)),
        workers_cpu: before
            .with_workers_until(&after)
            .map(|used| used.divided(count)),
        own_cpu,
        busy: Busy::of(&spans).map(|busy| Busy {
            total_s: busy.total_s / f64::from(count),
            busiest_s: busy.busiest_s / f64::from(count),
            longest_s: busy.longest_s,
        }),
        passes,
        spans,
        lost_workers: engine.take_lost_workers(),
    })
}

/// One pass, and what it took. `spans` gets those of tasks that were batches of their own.
fn run_once(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    clock: &dyn Clock,
    spans: &mut Vec<Span>,
) -> (Result<Vec<Value>, engine::Error>, Measured) {
    match batch.workload.pace() {
        Pace::Together => execute(engine, batch, clock),
        Pace::OneByOne { rest } => {
            let (partials, wall) = one_by_one(engine, batch, rest, clock, spans);
            (partials, Measured { wall, cpu: None })
        }
    }
}

/// One execution, and what it took: by this clock, unless the engine has measured it itself.
pub(super) fn execute(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    clock: &dyn Clock,
) -> (Result<Vec<Value>, engine::Error>, Measured) {
    let began = clock.now();
    let partials = engine.execute(batch);
    let wall = clock.since(began);

    let measured = engine.take_measured();
    (partials, measured.unwrap_or(Measured { wall, cpu: None }))
}

/// Runs each task of `batch` by itself after a rest, and times only the tasks' round trips.
fn one_by_one(
    engine: &mut dyn Engine,
    batch: &Batch<'_>,
    rest: Duration,
    clock: &dyn Clock,
    spans: &mut Vec<Span>,
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
        spans.extend(engine.take_spans());
        // Their moments would count from this task's beginning.
        engine.take_lost_workers();

        match partial {
            Ok(partial) => partials.extend(partial),
            Err(error) => return (Err(error), elapsed),
        }
    }
    (Ok(partials), elapsed)
}
