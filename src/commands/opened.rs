//! A plan whose outputs have been tried, so that a bad path fails before anything is measured; then
//! measured and reported.

use anyhow::{Error, Result};

use super::announcement::announce_plan;
use super::baseline::Baseline;
use super::measured::measured;
use super::output::{Outputs, Target, try_stdout};
use super::presentation::present;
use super::streams::Streams;
use super::{Ending, neighbours, trace};
use crate::machine::OtherPrograms;
use crate::measure::Conditions;
use crate::plan::Plan;
use crate::printable;
use crate::report::{Layout, TraceRounds};
use crate::results::{Problem, Quick, Run};

/// What to measure and what to make of it.
pub struct Request {
    /// The measurements.
    pub plan: Plan,
    /// That they are a first answer only, if they are.
    pub quick: Option<Quick>,
    /// Where to save a baseline, if two passes agree.
    pub baseline: Option<Baseline>,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The rounds of the trace, where one of the targets is one.
    pub trace: Option<TraceRounds>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// A request whose outputs have been tried, so that a bad path fails before anything is measured.
pub(super) struct Opened<'a> {
    request: &'a Request,
    outputs: Outputs,
    baseline: Option<OpenedBaseline<'a>>,
    /// What other programs used just before, if anybody looked.
    others: Option<OtherPrograms>,
}

struct OpenedBaseline<'a> {
    baseline: &'a Baseline,
    output: Outputs,
}

impl<'a> Opened<'a> {
    /// Tries the outputs of `request`, stdout included, and warns when other programs are in the
    /// way of its workers.
    pub(super) fn of(
        request: &'a Request,
        conditions: Conditions<'_>,
        streams: &mut Streams<'_>,
    ) -> Result<Self> {
        request.plan.check_pairs().map_err(Error::msg)?;
        try_stdout(&request.targets, request.table.is_some(), streams)?;
        let outputs = Outputs::open_unless_stopped(&request.targets, conditions.stop)?;
        let opened = |baseline: &'a Baseline| {
            let output = conditions
                .stop
                .at_once(|| baseline.open(&request.targets))??;
            anyhow::Ok(OpenedBaseline { baseline, output })
        };
        let baseline = request.baseline.as_ref().map(opened).transpose()?;
        if request.table.is_some() {
            for omission in &request.plan.left_out {
                streams.note(omission)?;
            }
        }

        Ok(Self {
            request,
            outputs,
            baseline,
            others: match request.table {
                Some(_) => neighbours::warn(request.plan.most_workers().get(), streams)?,
                None => None,
            },
        })
    }

    /// Measures `plan` and reports, also the `problems` that there are already.
    pub(super) fn run(
        self,
        plan: &Plan,
        problems: Vec<Problem>,
        conditions: Conditions<'_>,
        streams: &mut Streams<'_>,
    ) -> Result<Ending> {
        let Self {
            request,
            outputs,
            baseline,
            others,
        } = self;
        let plan = if baseline.is_some() {
            Baseline::plan(plan)
        } else {
            plan.clone()
        };

        announce_plan(&plan, conditions.observer);
        let mut run = measured(&plan, conditions);
        run.quick.clone_from(&request.quick);
        run.environment.cpu.other_programs = others;
        run.problems.splice(..0, problems);

        if run.interrupted || !run.measurements.is_empty() {
            present(&run, request.table, outputs, streams)?;
            if request.table.is_some() {
                trace::note_left_out(&run, request.trace, streams)?;
            }
        } else {
            outputs.leave(streams)?;
        }
        let signal = conditions.stop.signal();
        report_problems(&run, signal, streams)?;

        match (signal, baseline) {
            (Some(signal), opened) => {
                if !run.interrupted && request.table.is_some() {
                    streams.note("interrupted while cleaning up: every round is complete")?;
                }
                if let Some(OpenedBaseline { baseline, .. }) = opened {
                    let path = printable::path(&baseline.path);
                    streams.error(&format!("interrupted; {path} is not saved"))?;
                }
                Ok(Ending::Interrupted(signal))
            }
            (None, Some(OpenedBaseline { baseline, output })) => {
                baseline.save(run, &plan, output, conditions, streams)
            }
            (None, None) if !run.problems.is_empty() => Ok(Ending::Trouble),
            (None, None) => Ok(Ending::Done),
        }
    }
}

/// A line for each problem, and one that says that the rest stands.
fn report_problems(run: &Run, signal: Option<usize>, streams: &mut Streams<'_>) -> Result<()> {
    for problem in &run.problems {
        streams.problem(problem, "")?;
    }

    if !run.problems.is_empty() && !run.measurements.is_empty() && signal.is_none() {
        streams.warn("the rest was measured; the exit code is 2 because of the errors above")?;
    }
    Ok(())
}
