//! `check`: repeats a stored run's plan, or runs another binary in turns with this one, and judges the result.
//! It decides which verdict a judgement leads to; how metrics are judged is `crate::compare`'s.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::against::{Other, in_turns};
use super::output::{Outputs, Target};
use super::partner::Broken;
use super::run::{Streams, Table, measured, write_all};
pub use super::strictness::Strictness;
use super::{Ending, github};
use crate::compare::{self, Pairing, Question, compare};
use crate::engine::Cluster;
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::printable::printable;
use crate::report;
use crate::results::{Outcome, Rounds, Run, load};

/// What to check, and how strictly.
pub struct Request {
    /// What to compare with.
    pub reference: Reference,
    /// How to judge.
    pub strictness: Strictness,
    /// The most time for one measurement's rounds, instead of the stored one.
    pub max_time: Option<Duration>,
    /// The exact number of rounds, instead of the stored rule; more where a statement needs them.
    pub rounds: Option<u32>,
    /// These workloads only; all of them when empty.
    pub only: Vec<String>,
    /// Memory that running tasks together may hold.
    pub memory: crate::units::Bytes,
    /// How many times as long every task takes.
    pub slowdown: f64,
    /// Where the engines beyond this machine are.
    pub cluster: Cluster,
    /// Why that is not known, which matters only to an engine beyond this machine.
    pub cluster_trouble: Option<String>,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// What a run is compared with.
pub enum Reference {
    /// A stored run.
    Baseline(PathBuf),
    /// Another binary, on the plan of a stored run or on one of its own.
    Binary(Other, Source),
}

/// Where the plan for another binary comes from.
pub enum Source {
    /// A stored run.
    Baseline(PathBuf),
    /// The command line.
    Plan(Box<Plan>),
}

/// Checks and reports.
pub fn check(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    if let Some(path) = request.reference.file() {
        super::output::spare(&request.targets, path)?;
    }
    let outputs = Outputs::open(&request.targets)?;
    let checked = match request.checked(conditions) {
        Ok(checked) => checked,
        Err(error) => {
            outputs.leave(streams)?;
            return failed(error, conditions, streams);
        }
    };
    let run = match checked {
        Checked::Judged(run) => *run,
        Checked::Broken(run) => {
            outputs.leave(streams)?;
            return broken(&run, conditions, streams);
        }
    };
    let written = outputs.write(&run, streams.stdout);
    let taken = request.targets.iter().any(Target::is_stdout);
    if let Some(Table { color }) = request.table {
        let consequence = request.strictness.consequence(&run);
        write_all(
            streams,
            taken,
            &report::judgements(&run, color, consequence),
        )?;
        write_all(streams, taken, &github::annotations(&run, consequence))?;
    }
    if let Err(error) = github::summarise(&run, request.strictness.consequence(&run))
        && request.table.is_some()
    {
        writeln!(
            streams.stderr,
            "warning: {}",
            printable(&format!("{error:#}"))
        )?;
    }
    written?;
    Ok(request.strictness.ending(&run))
}

/// What measuring and judging gave.
pub(super) enum Checked {
    /// A run with its comparison.
    Judged(Box<Run>),
    /// A run that failed or was interrupted: nothing can be said.
    Broken(Box<Run>),
}

impl Request {
    fn checked(&self, conditions: Conditions<'_>) -> Result<Checked> {
        match &self.reference {
            Reference::Baseline(path) => {
                let baseline = self.selected(load(path)?, path)?;
                let name = path.display().to_string();
                let plan = self.plan_of(&baseline, &name)?;
                with_baseline(
                    &Repeat {
                        baseline: &baseline,
                        name: &name,
                        plan,
                    },
                    &self.strictness,
                    conditions,
                )
            }
            Reference::Binary(other, Source::Plan(plan)) => {
                in_turns(other, plan, &self.strictness, conditions)
            }
            Reference::Binary(other, Source::Baseline(path)) => {
                let baseline = self.selected(load(path)?, path)?;
                let plan = self.plan_of(&baseline, &path.display().to_string())?;
                in_turns(other, &plan, &self.strictness, conditions)
            }
        }
    }

    fn plan_of(&self, baseline: &Run, name: &str) -> Result<Plan> {
        let mut plan = Plan::of(baseline, name, self.memory, self.cluster.clone())?;
        let uses_cluster = plan.cases.iter().any(|case| case.engine.uses_cluster());
        if let Some(trouble) = self.cluster_trouble.as_ref().filter(|_| uses_cluster) {
            bail!("{trouble}");
        }
        plan.slowdown = self.slowdown;
        if let (Some(time), Rounds::Until(precision)) = (self.max_time, &mut plan.sampling.rounds) {
            precision.max_time = time;
        }
        if let Some(rounds) = self.rounds {
            plan.sampling.rounds = Rounds::Exactly(rounds);
        }
        Ok(plan)
    }

    /// The stored run without the workloads that are not asked for.
    fn selected(&self, mut run: Run, path: &Path) -> Result<Run> {
        for name in &self.only {
            if !run
                .measurements
                .iter()
                .any(|measurement| measurement.workload == *name)
            {
                bail!(
                    "--only names {name:?}, but {} holds no such workload",
                    path.display()
                );
            }
        }
        if !self.only.is_empty() {
            run.measurements
                .retain(|measurement| self.only.contains(&measurement.workload));
        }
        if run.measurements.is_empty() {
            bail!("{} holds no measurement to compare with", path.display());
        }
        Ok(run)
    }
}

impl Reference {
    fn file(&self) -> Option<&Path> {
        match self {
            Self::Baseline(path) | Self::Binary(_, Source::Baseline(path)) => Some(path),
            Self::Binary(_, Source::Plan(_)) => None,
        }
    }
}

/// A stored run and the plan that repeats it.
pub(super) struct Repeat<'a> {
    pub(super) baseline: &'a Run,
    pub(super) name: &'a str,
    pub(super) plan: Plan,
}

/// Repeats a stored run and judges; suspects run again.
pub(super) fn with_baseline(
    repeat: &Repeat<'_>,
    strictness: &Strictness,
    conditions: Conditions<'_>,
) -> Result<Checked> {
    let Repeat {
        baseline,
        name,
        ref plan,
    } = *repeat;
    let judged = |run: &Run| {
        let (pairing, tolerance, deciding) =
            (Pairing::Apart, strictness.tolerance, &*strictness.deciding);
        compare(&Question {
            baseline,
            name,
            current: run,
            pairing,
            tolerance,
            deciding,
        })
    };

    let mut plan = plan.again();
    let family = baseline.measurements.len() * strictness.deciding.len();
    let needs = baseline.measurements.iter().filter_map(|measurement| {
        compare::rounds_needed(measurement.steady().count(), family, Pairing::Apart)
    });
    if let Some(need) = needs.max() {
        plan.sampling = plan.sampling.with_at_least(need);
    } else {
        // Before an hour is spent on what cannot lead to a statement.
        judged(baseline)?;
    }

    let mut run = measured(&plan, conditions);
    if is_broken(&run) {
        return Ok(Checked::Broken(Box::new(run)));
    }
    let mut comparison = judged(&run)?;
    for _ in 0..strictness.confirmations() {
        if comparison.outcome() != Outcome::Regressed {
            break;
        }
        plan = plan.confirming(&comparison);
        let again = measured(&plan, conditions);
        if is_broken(&again) {
            return Ok(Checked::Broken(Box::new(again)));
        }
        comparison.confirm(&judged(&again).context("a further pass")?);
        comparison.further_passes.push(again.measurements);
    }
    run.comparison = Some(comparison);
    Ok(Checked::Judged(Box::new(run)))
}

/// Whether a part failed or was interrupted, so that the rest is no basis for a verdict.
pub(super) fn is_broken(run: &Run) -> bool {
    run.interrupted || !run.problems.is_empty()
}

/// An error with an exit code of its own, or the error itself.
pub(super) fn failed(
    error: anyhow::Error,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    match (error.downcast_ref::<Broken>(), conditions.stop.signal()) {
        (Some(Broken::Interrupted), Some(signal)) => {
            streams.error("interrupted; nothing was compared")?;
            Ok(Ending::Interrupted(signal))
        }
        (Some(Broken::TimedOut(message)), _) => {
            streams.error(message)?;
            Ok(Ending::TimedOut)
        }
        _ => Err(error),
    }
}

/// Says what failed: neither a success nor a regression.
fn broken(run: &Run, conditions: Conditions<'_>, streams: &mut Streams<'_>) -> Result<Ending> {
    if let Some(signal) = conditions.stop.signal() {
        streams.error("interrupted; nothing was compared")?;
        return Ok(Ending::Interrupted(signal));
    }
    for problem in &run.problems {
        streams.error(&format!(
            "{}: {}; nothing was compared",
            problem.workload, problem.message
        ))?;
    }
    Ok(Ending::Trouble)
}
