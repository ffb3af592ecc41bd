//! `check`: repeats a stored run's plan, or runs another binary in turns with this one, and judges
//! the result.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};

use super::against::in_turns;
use super::baseline::refuse_unfit;
use super::judged::{Checked, Repeat};
use super::output::{Outputs, Target, spare, try_stdout};
use super::streams::Streams;
use super::strictness::Strictness;
use super::{Ending, consent, github, neighbours};
use crate::engine::Cluster;
use crate::failure::{Change, Failure, Setting};
use crate::measure::Conditions;
use crate::plan::{Case, Known, Plan};
use crate::printable;
use crate::report::{self, Layout};
use crate::results::{Rounds, Run};
use crate::run_file::load;
use crate::turns::{Broken, Other};
use crate::units::Bytes;

/// What to check, and how strictly.
pub struct Request<'a> {
    /// The workloads and engines that a stored run may name.
    pub known: Known<'a>,
    /// What to compare with.
    pub reference: Reference,
    /// How to judge.
    pub strictness: Strictness,
    /// The most time for one measurement's rounds, instead of the stored one.
    pub max_time: Option<Duration>,
    /// The same where the user typed it: what a file says gives way where it has no meaning.
    pub typed_max_time: Option<Duration>,
    /// Whether commands that a stored run holds may be run.
    pub allow_commands: bool,
    /// The exact number of rounds, instead of the stored rule; more where a statement needs them.
    pub rounds: Option<u32>,
    /// These workloads only; all of them when empty.
    pub only: Vec<String>,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// How many times as long every task takes.
    pub slowdown: f64,
    /// Where the engines beyond this machine are.
    pub cluster: Cluster,
    /// Why that is not known, which matters only to an engine beyond this machine.
    pub cluster_trouble: Option<String>,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// What a run is compared with.
pub enum Reference {
    /// A stored run, whose plan is repeated.
    Baseline(PathBuf),
    /// A stored run, on a plan of the user's own, which it must have, too.
    Listed(PathBuf, Box<Plan>),
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
    request: &Request<'_>,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    if let Some(path) = request.reference.file() {
        spare(&request.targets, path, "the baseline")?;
    }
    try_stdout(&request.targets, request.table.is_some(), streams)?;
    let outputs = Outputs::open_unless_stopped(&request.targets, conditions.stop)?;

    let run = match request.checked(conditions, streams) {
        Ok(Checked::Judged(judged)) => judged.into_run(),
        Ok(Checked::Broken(run)) => {
            outputs.leave(streams)?;
            return broken(&run, conditions, streams);
        }
        Err(error) => {
            outputs.leave(streams)?;
            return failed(error, conditions, streams);
        }
    };

    let written = outputs.write(&run, streams.stdout);
    request.show(&run, streams)?;
    written?;
    Ok(request.strictness.ending(&run))
}

impl Request<'_> {
    fn checked(&self, conditions: Conditions<'_>, streams: &mut Streams<'_>) -> Result<Checked> {
        match &self.reference {
            Reference::Baseline(path) | Reference::Listed(path, _) => {
                let baseline = self.selected(stored(path, conditions)?, path)?;
                let name = path.display().to_string();
                let plan = match &self.reference {
                    Reference::Listed(_, plan) => held_by(&baseline, &name, plan)?,
                    _ => self.plan_of(&baseline, &name)?,
                };
                let repeat = Repeat {
                    baseline: &baseline,
                    name: &name,
                    plan,
                };
                self.look_around(&repeat.plan, streams)?;
                repeat.checked(&self.strictness, conditions)
            }
            Reference::Binary(other, Source::Plan(plan)) => {
                self.look_around(plan, streams)?;
                in_turns(other, plan, &self.strictness, conditions)
            }
            Reference::Binary(other, Source::Baseline(path)) => {
                let baseline = self.selected(conditions.stop.at_once(|| load(path))??, path)?;
                let plan = self.plan_of(&baseline, &path.display().to_string())?;
                self.look_around(&plan, streams)?;
                in_turns(other, &plan, &self.strictness, conditions)
            }
        }
    }

    /// Warns when other programs are in the way of the workers of `plan`.
    fn look_around(&self, plan: &Plan, streams: &mut Streams<'_>) -> Result<()> {
        if self.table.is_some() {
            neighbours::warn(plan.most_workers().get(), streams)?;
        }
        Ok(())
    }

    fn plan_of(&self, baseline: &Run, name: &str) -> Result<Plan> {
        let mut plan = Plan::of(
            baseline,
            name,
            self.known,
            self.memory,
            self.cluster.clone(),
        )?;

        if !self.allow_commands {
            consent::refuse_commands(&plan, name)?;
        }

        let uses_cluster = plan.cases.iter().any(Case::uses_cluster);
        if let Some(trouble) = self.cluster_trouble.as_ref().filter(|_| uses_cluster) {
            bail!("{trouble}");
        }

        plan.slowdown = self.slowdown;
        match (self.max_time, &mut plan.sampling.rounds) {
            (Some(time), Rounds::Until(precision)) => precision.max_time = time,
            (Some(_), Rounds::Exactly(rounds)) if self.typed_max_time.is_some() => bail!(
                "{name} has exactly {rounds} rounds, which --max-time does not limit: use --rounds"
            ),
            _ => {}
        }
        if let Some(rounds) = self.rounds {
            plan.sampling.rounds = Rounds::Exactly(rounds);
        }
        Ok(plan)
    }

    /// The stored run without the workloads that are not asked for.
    fn selected(&self, mut run: Run, path: &Path) -> Result<Run> {
        if !self.only.is_empty() {
            run.problems
                .retain(|problem| self.only.contains(&problem.workload));
        }
        refuse_unfit(&run, path)?;
        for name in &self.only {
            if !run
                .measurements
                .iter()
                .any(|measurement| measurement.workload == *name)
            {
                bail!(
                    "{} holds no measurement of the workload {name:?}",
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

    /// Shows the judgements, here and on GitHub.
    fn show(&self, run: &Run, streams: &mut Streams<'_>) -> Result<()> {
        let consequence = self.strictness.consequence(run);

        if let Some(layout) = self.table {
            streams.show(&report::judgements(run, layout, consequence))?;
            streams.show(&github::annotations(run, consequence))?;
        }
        if let Err(error) = github::summarise(run, consequence)
            && self.table.is_some()
        {
            streams.warn(&format!("{error:#}"))?;
        }
        Ok(())
    }
}

impl Reference {
    fn file(&self) -> Option<&Path> {
        match self {
            Self::Baseline(path)
            | Self::Listed(path, _)
            | Self::Binary(_, Source::Baseline(path)) => Some(path),
            Self::Binary(_, Source::Plan(_)) => None,
        }
    }
}

/// The baseline at `path`.
fn stored(path: &Path, conditions: Conditions<'_>) -> Result<Run> {
    conditions.stop.at_once(|| load(path))?.map_err(|error| {
        if error.is_missing() {
            let path = printable::path(path);
            anyhow!("{error}; `all --save-baseline {path}` stores a baseline there")
        } else {
            error.into()
        }
    })
}

/// `plan`, unless it has something that `baseline`, called `name`, does not hold.
fn held_by(baseline: &Run, name: &str, plan: &Plan) -> Result<Plan> {
    let holds = |case: &&Case| {
        baseline.measurements.iter().any(|measurement| {
            measurement.workload == case.workload.name() && measurement.params == case.params
        })
    };

    match plan.cases.iter().find(|case| !holds(case)) {
        Some(case) => bail!(
            "{name} holds no measurement of {} with these parameters: `all --save-baseline` measures a new baseline",
            case.workload.name()
        ),
        None => Ok(plan.clone()),
    }
}

/// An error with an exit code of its own, or the error itself.
fn failed(
    error: anyhow::Error,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    match (error.downcast_ref::<Broken>(), conditions.stop.signal()) {
        (Some(Broken::Interrupted), Some(signal)) => interrupted(signal, streams),
        (Some(Broken::TimedOut { name, step, limit }), _) => {
            let limit = humantime::format_duration(*limit);
            let failure = Failure::new(format!("{name} took more than {limit} to {step}"))
                .or(Setting::StepTimeout, Change::Larger);
            streams.error(&failure.worded("", streams.wording))?;
            Ok(Ending::TimedOut)
        }
        _ => Err(error),
    }
}

/// Reports what failed: neither a success nor a regression.
fn broken(run: &Run, conditions: Conditions<'_>, streams: &mut Streams<'_>) -> Result<Ending> {
    if let Some(signal) = conditions.stop.signal() {
        return interrupted(signal, streams);
    }

    for problem in &run.problems {
        streams.problem(problem, "; nothing was compared")?;
    }
    Ok(Ending::Trouble)
}

fn interrupted(signal: usize, streams: &mut Streams<'_>) -> Result<Ending> {
    streams.error("interrupted; nothing was compared")?;
    Ok(Ending::Interrupted(signal))
}
