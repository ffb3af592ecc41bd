//! `noise`: how often the check is wrong on this machine. It runs the check against itself, without a change
//! and with slow-downs of known size, and counts. What a rate means is decided here, nothing else.

use std::time::Duration;

use super::Ending;
use super::check::{Checked, Repeat, Strictness, is_broken, with_baseline};
use super::output::{Outputs, Target};
use super::run::{Streams, Table, measured, write_all};
use crate::event::{Event, Silent};
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::report;
use crate::results::{Check, Environment, Metric, Noise, Run};
use anyhow::{Result, bail};

/// How much to find out.
pub struct Request {
    /// What each check repeats.
    pub plan: Plan,
    /// Checks of each kind.
    pub checks: u32,
    /// The slow-downs to inject: 1.1 for 10 %.
    pub slowdowns: Vec<f64>,
    /// Where to store what was found.
    pub targets: Vec<Target<Noise>>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// Finds out and reports.
pub fn noise(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    let outputs = Outputs::open(&request.targets)?;
    let kinds: Vec<f64> = std::iter::once(1.0)
        .chain(request.slowdowns.iter().copied())
        .collect();
    let started_at = super::run::started_at();
    let environment = Environment::probe();
    let mut checks = Vec::new();
    let steps = request.checks as usize * kinds.len();
    let observer = conditions.observer;
    if request.table.is_some() {
        observer.observe(&Event::Note(announcement(request, steps)));
    }
    observer.observe(&Event::StepsStarted {
        what: "checks",
        steps,
    });
    let ended = run_checks(request, &kinds, conditions, &mut checks);
    observer.observe(&Event::StepsFinished);
    if checks.is_empty() {
        outputs.leave(streams)?;
        ended?;
        bail!("interrupted before a check was complete");
    }
    ended?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let noise = Noise::of(version, started_at, environment, &kinds, checks);
    // Files first: a terminal that is gone must not cost an hour.
    let written = outputs.write(&noise, streams.stdout);
    if let Some(Table { color }) = request.table {
        let is_taken = request.targets.iter().any(Target::is_stdout);
        write_all(streams, is_taken, &report::noise(&noise, color))?;
    }
    written?;
    Ok(conditions
        .stop
        .signal()
        .map_or(Ending::Done, Ending::Interrupted))
}

/// Runs the checks of all kinds in turns, each turn on a baseline of its own.
fn run_checks(
    request: &Request,
    kinds: &[f64],
    conditions: Conditions<'_>,
    checks: &mut Vec<Check>,
) -> Result<()> {
    let inner = Conditions {
        observer: &Silent,
        ..conditions
    };
    let strictness = Strictness {
        tolerance: Noise::LEAST_TOLERANCE,
        deciding: Metric::DECIDING.to_vec(),
        confirm: true,
        strict: false,
    };
    let mut plan = super::baseline::Baseline::plan(&request.plan);
    let began = conditions.clock.now();
    for turn in 0..request.checks {
        plan.sampling.order_seed = request
            .plan
            .sampling
            .order_seed
            .wrapping_add(u64::from(turn) * 2);
        let baseline = measured(&plan, inner);
        if conditions.stop.signal().is_some() {
            return Ok(());
        }
        if is_broken(&baseline) {
            bail!("{}", problems(&baseline));
        }
        for &slowdown in kinds {
            let mut plan = plan.again();
            plan.slowdown = slowdown;
            plan.sampling.order_seed = plan.sampling.order_seed.wrapping_add(1);
            let repeat = Repeat {
                baseline: &baseline,
                name: "itself",
                plan,
            };
            match with_baseline(&repeat, &strictness, inner)? {
                Checked::Judged(run) => {
                    checks.extend(
                        run.comparison
                            .map(|comparison| Check::of(slowdown, &comparison)),
                    );
                }
                Checked::Broken(_) if conditions.stop.signal().is_some() => return Ok(()),
                Checked::Broken(run) => bail!("{}", problems(&run)),
            }
            conditions.observer.observe(&Event::StepDone);
        }
        if turn == 0 && request.checks > 1 && request.table.is_some() {
            let left = conditions.clock.since(began) * (request.checks - 1);
            let text = format!(
                "the first turn is done; the others take about {}",
                rounded(left)
            );
            conditions.observer.observe(&Event::Note(text));
        }
    }
    Ok(())
}

/// What is about to happen.
fn announcement(request: &Request, steps: usize) -> String {
    let kinds: Vec<String> = request
        .slowdowns
        .iter()
        .map(|slowdown| format!("+{:.0} %", (slowdown - 1.0) * 100.0))
        .collect();
    let injected = match kinds.len() {
        0 => "without a change".to_owned(),
        _ => format!("without a change and with {}", kinds.join(", ")),
    };
    format!(
        "{steps} checks, {injected}, in {} with a baseline each; how long they take is known after the first turn",
        if request.checks == 1 {
            "1 turn".to_owned()
        } else {
            format!("{} turns", request.checks)
        }
    )
}

/// A duration as people say it: nobody needs the seconds of an hour.
fn rounded(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 90.0 {
        format!("{:.0} s", seconds.ceil())
    } else if seconds < 5400.0 {
        format!("{:.0} min", (seconds / 60.0).ceil())
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

fn problems(run: &Run) -> String {
    let lines = run
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.workload, problem.message));
    lines.collect::<Vec<_>>().join("; ")
}
