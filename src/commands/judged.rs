//! Measuring and judging: a pass over a plan, then further passes over what looks worse.

use anyhow::{Context, Result};

use super::announcement::{announce_pass, announce_plan};
use super::measured::measured;
use super::strictness::Strictness;
use crate::compare::{self, Pairing, Question, compare, confirm};
use crate::event::Observer;
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::results::{Comparison, Outcome, Run};

/// What measuring and judging gave.
pub(super) enum Checked {
    /// A run that could be judged.
    Judged(Box<Judged>),
    /// A run that failed or was interrupted: it is no basis for a verdict.
    Broken(Box<Run>),
}

/// A run and its comparison.
pub(super) struct Judged {
    pub(super) run: Run,
    pub(super) comparison: Comparison,
}

impl Judged {
    /// The run with its comparison in it.
    pub(super) fn into_run(self) -> Run {
        Run {
            comparison: Some(self.comparison),
            ..self.run
        }
    }
}

/// Measures `plan` by `pass`; what looks worse is measured again by further passes, as `strictness`
/// asks for.
pub(super) fn confirmed(
    plan: &Plan,
    strictness: &Strictness,
    observer: &dyn Observer,
    mut pass: impl FnMut(&Plan) -> Result<Checked>,
) -> Result<Checked> {
    announce_plan(plan, observer);
    let mut judged = match pass(plan)? {
        Checked::Judged(judged) => judged,
        broken @ Checked::Broken(_) => return Ok(broken),
    };
    let mut plan = plan.clone();

    for further in 0..strictness.confirmations() {
        if judged.comparison.outcome() != Outcome::Regressed {
            break;
        }

        plan = plan.confirming(&judged.comparison);
        announce_pass(&plan, further + 2, strictness.confirmations() + 1, observer);
        match pass(&plan).context("a further pass")? {
            Checked::Judged(further) => {
                confirm(&mut judged.comparison, &further.comparison);
                judged
                    .comparison
                    .further_passes
                    .push(further.run.measurements);
            }
            broken @ Checked::Broken(_) => return Ok(broken),
        }
    }

    Ok(Checked::Judged(judged))
}

/// A stored run and the plan that repeats it.
pub(super) struct Repeat<'a> {
    pub(super) baseline: &'a Run,
    /// What messages call it.
    pub(super) name: &'a str,
    pub(super) plan: Plan,
}

impl Repeat<'_> {
    /// Repeats the stored run and judges; what looks worse is measured again.
    pub(super) fn checked(
        &self,
        strictness: &Strictness,
        conditions: Conditions<'_>,
    ) -> Result<Checked> {
        let plan = self.comparable_plan(strictness)?;

        confirmed(&plan, strictness, conditions.observer, |plan| {
            let run = measured(plan, conditions);
            if run.is_broken() {
                return Ok(Checked::Broken(Box::new(run)));
            }

            let comparison = self.comparison(&run, strictness)?;
            Ok(Checked::Judged(Box::new(Judged { run, comparison })))
        })
    }

    /// The plan, with rounds enough for a statement about the baseline.
    fn comparable_plan(&self, strictness: &Strictness) -> Result<Plan> {
        let measurements = &self.baseline.measurements;
        let pairs = measurements
            .iter()
            .map(|measurement| measurement.pairs().count());
        let question_count = compare::questions(pairs, &strictness.deciding);
        let needed_rounds = measurements.iter().filter_map(|measurement| {
            compare::rounds_needed(measurement.steady().count(), question_count, Pairing::Apart)
        });

        let mut plan = self.plan.clone();
        plan.keep_references(self.baseline);
        if let Some(rounds) = needed_rounds.max() {
            plan.sampling = plan.sampling.with_at_least(rounds);
        } else {
            // No number of rounds is enough: an error now, before an hour is spent on them.
            self.comparison(self.baseline, strictness)?;
        }
        Ok(plan)
    }

    fn comparison(&self, current: &Run, strictness: &Strictness) -> Result<Comparison> {
        let question = Question {
            baseline: self.baseline,
            name: self.name,
            current,
            pairing: Pairing::Apart,
            tolerance: strictness.tolerance,
            deciding: &strictness.deciding,
        };

        Ok(compare(&question)?)
    }
}
