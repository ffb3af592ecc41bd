//! `check --against`: judges this program by another one that took turns with it.

use anyhow::Result;

use super::judged::{Checked, Judged, confirmed};
use super::measured::empty_run;
use super::strictness::Strictness;
use crate::compare::{Pairing, Question, compare, questions, rounds_alike};
use crate::measure::Conditions;
use crate::plan::{Case, Plan};
use crate::results::Run;
use crate::turns::{self, Both, Other};

/// Runs both programs in turns and judges; what looks worse is measured again, in fresh processes.
pub(super) fn in_turns(
    other: &Other,
    plan: &Plan,
    strictness: &Strictness,
    conditions: Conditions<'_>,
) -> Result<Checked> {
    let name = other.path.display().to_string();
    let plan = comparable_plan(plan, strictness);

    confirmed(&plan, strictness, conditions.observer, |plan| {
        // Made first: a run's time stamp is that of its beginning.
        let run = empty_run(plan.sampling);
        let both = turns::measure(other, plan, conditions)?;
        let (baseline, run) = runs_of(both, run);

        let comparison = compare(&Question {
            baseline: &baseline,
            name: &name,
            current: &run,
            pairing: Pairing::Interleaved,
            tolerance: strictness.tolerance,
            deciding: &strictness.deciding,
        })?;
        Ok(Checked::Judged(Box::new(Judged { run, comparison })))
    })
}

/// `plan` with rounds enough for a statement about two programs.
fn comparable_plan(plan: &Plan, strictness: &Strictness) -> Plan {
    let mut plan = plan.clone();
    let question_count = questions(plan.cases.iter().map(Case::pairs), &strictness.deciding);

    plan.sampling = plan
        .sampling
        .with_at_least(rounds_alike(question_count, Pairing::Interleaved));
    plan
}

/// What both programs measured as runs like `run`, which is empty: the other program's first.
fn runs_of(both: Both, run: Run) -> (Run, Run) {
    let mut theirs = Run {
        parbench_version: both.version,
        measurements: both.theirs,
        ..run.clone()
    };
    theirs.environment.build_profile = both.build_profile;
    let ours = Run {
        measurements: both.ours,
        ..run
    };

    (theirs, ours)
}
