//! `noise`: how often the check is wrong on this machine. It runs the check against itself, without
//! a change and with slow-downs of known size, and counts.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::baseline::{Agreed, Baseline, agreed};
use super::judged::{Checked, Repeat};
use super::measured::{measured, started_at};
use super::output::{Outputs, Target, try_stdout};
use super::streams::Streams;
use super::strictness::{Strictness, TOLERANCE};
use super::{Ending, neighbours};
use crate::compare::regresses_below;
use crate::event::{Event, WithinStep};
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::report::{self, Layout};
use crate::results::{Check, Environment, Metric, Noise, Run};
use crate::units::count;

/// How often passes for a baseline are begun again where no two agree.
const BASELINE_ATTEMPTS: usize = 5;

/// How many checks of what.
pub struct Request {
    /// What each check repeats.
    pub plan: Plan,
    /// Checks of each kind.
    pub checks: u32,
    /// The slow-downs to inject: 1.1 for 10 %.
    pub slowdowns: Vec<f64>,
    /// Where to store what was found.
    pub targets: Vec<Target>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// Runs the checks and reports.
pub fn noise(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    refuse_what_cannot_be_slowed(request)?;
    try_stdout(&request.targets, request.table.is_some(), streams)?;
    let outputs = Outputs::open_unless_stopped(&request.targets, conditions.stop)?;
    let started_at = started_at();
    let environment = Environment::probe();
    let kinds: Vec<f64> = std::iter::once(1.0)
        .chain(request.slowdowns.iter().copied())
        .collect();

    if request.table.is_some() {
        neighbours::warn(request.plan.most_workers().get(), streams)?;
    }
    let mut checks = Vec::new();
    let ended = announced(request, &kinds, conditions, &mut checks);
    if checks.is_empty() {
        outputs.leave(streams)?;
        ended?;
        streams.error("interrupted before a check was complete")?;
        return Ok(conditions
            .stop
            .signal()
            .map_or(Ending::Trouble, Ending::Interrupted));
    }
    // An error does not take back what was found before it.
    let ended = ended.with_context(|| {
        let steps = request.checks as usize * kinds.len();
        format!(
            "ended after {} of {steps} checks, which are kept",
            checks.len()
        )
    });

    let version = env!("CARGO_PKG_VERSION").to_owned();
    let noise = Noise::of(version, started_at, environment, &kinds, checks);
    // Files first: a terminal that is gone must not cost an hour.
    let written = outputs.write_json(&noise, streams.stdout);
    if let Some(layout) = request.table {
        streams.show(&report::noise(&noise, layout))?;
    }
    written?;
    ended?;

    Ok(conditions
        .stop
        .signal()
        .map_or(Ending::Done, Ending::Interrupted))
}

/// Runs the checks between the events that announce them.
fn announced(
    request: &Request,
    kinds: &[f64],
    conditions: Conditions<'_>,
    checks: &mut Vec<Check>,
) -> Result<()> {
    let observer = conditions.observer;
    let steps = request.checks as usize * kinds.len();
    if request.table.is_some() {
        observer.observe(&Event::Note(announcement(request, steps)));
    }

    observer.observe(&Event::StepsStarted {
        what: "checks",
        steps,
    });
    let ended = run_checks(request, kinds, conditions, checks);
    observer.observe(&Event::StepsFinished);

    ended
}

/// Tasks that another program times cannot be made longer by this one.
fn refuse_what_cannot_be_slowed(request: &Request) -> Result<()> {
    let mut cases = request.plan.cases.iter();
    let hosted = cases.find(|case| !case.workload.hosts(&case.params).is_empty());

    match hosted.filter(|_| !request.slowdowns.is_empty()) {
        Some(case) => bail!(
            "the calls of {} cannot be slowed down: use --slowdowns none",
            case.workload.name()
        ),
        None => Ok(()),
    }
}

/// Runs the checks of all kinds, turn by turn, each turn on a baseline of its own.
fn run_checks(
    request: &Request,
    kinds: &[f64],
    conditions: Conditions<'_>,
    checks: &mut Vec<Check>,
) -> Result<()> {
    let (making, checking) = (
        WithinStep::new(conditions.observer, "a baseline"),
        WithinStep::new(conditions.observer, "a check"),
    );
    let within = |observer| Conditions {
        observer,
        ..conditions
    };
    let mut plan = Baseline::plan(&request.plan);
    let began = conditions.clock.now();

    for turn in 0..request.checks {
        plan.sampling.order_seed = request
            .plan
            .sampling
            .order_seed
            .wrapping_add(u64::from(turn) * 2);
        let Some(baseline) = baseline(&plan, within(&making))? else {
            return Ok(());
        };

        for &slowdown in kinds {
            let Some(check) = checked(&plan, &baseline, slowdown, within(&checking))? else {
                return Ok(());
            };
            checks.push(check);
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

/// A baseline of `plan` as `--save-baseline` makes them: two passes that agree. Where no two do, a
/// user would try again. `None` if it was interrupted.
fn baseline(plan: &Plan, conditions: Conditions<'_>) -> Result<Option<Run>> {
    let is_fit = |pass: &Run| {
        if pass.is_broken() {
            Err(problem(pass.clone()))
        } else {
            Ok(())
        }
    };

    for _ in 0..BASELINE_ATTEMPTS {
        let first = measured(plan, conditions);
        if conditions.stop.signal().is_some() {
            return Ok(None);
        }
        match agreed(first, plan, TOLERANCE, is_fit, conditions)? {
            Agreed::Two { run, .. } => return Ok(Some(*run)),
            Agreed::Interrupted(_) => return Ok(None),
            Agreed::None { .. } => {}
        }
    }
    bail!(
        "in {BASELINE_ATTEMPTS} attempts no two passes in a row agreed: the machine is too restless for a baseline"
    )
}

/// One check of `plan`, with every task `slowdown` times as long, against `baseline`. `None` if it
/// was interrupted.
fn checked(
    plan: &Plan,
    baseline: &Run,
    slowdown: f64,
    conditions: Conditions<'_>,
) -> Result<Option<Check>> {
    let strictness = Strictness {
        tolerance: Noise::LEAST_TOLERANCE,
        deciding: Metric::DECIDING.to_vec(),
        confirm: true,
        strict: false,
    };
    let mut plan = plan.clone();
    plan.slowdown = slowdown;
    plan.sampling.order_seed = plan.sampling.order_seed.wrapping_add(1);
    let repeat = Repeat {
        baseline,
        name: "itself",
        plan,
    };

    match repeat.checked(&strictness, conditions)? {
        Checked::Judged(judged) => {
            let judgements = judged.comparison.judgements.iter();
            let judged = judgements.map(|judgement| (judgement, regresses_below(judgement)));
            Ok(Some(Check::of(slowdown, judged)))
        }
        Checked::Broken(_) if conditions.stop.signal().is_some() => Ok(None),
        Checked::Broken(run) => Err(problem(*run)),
    }
}

/// What is about to happen.
fn announcement(request: &Request, steps: usize) -> String {
    let kinds: Vec<String> = request
        .slowdowns
        .iter()
        .map(|slowdown| format!("+{:.0} %", (slowdown - 1.0) * 100.0))
        .collect();
    let injected = if kinds.is_empty() {
        "without a change".to_owned()
    } else {
        format!("without a change and with {}", kinds.join(", "))
    };
    format!(
        "{}, {injected}, in {} with a baseline each; how long they take is known after the first turn",
        count(steps, "check"),
        count(request.checks as usize, "turn")
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

/// The first problem of a run that has one.
fn problem(run: Run) -> anyhow::Error {
    match run.problems.into_iter().next() {
        Some(problem) => {
            let workload = problem.workload.clone();
            anyhow::Error::new(problem).context(workload)
        }
        None => anyhow!("a run was not complete"),
    }
}
