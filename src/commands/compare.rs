//! `compare`: what changed between stored runs.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::Ending;
use super::output::{Outputs, Target, spare};
use super::streams::Streams;
use crate::compare::{Pairing, Question, compare as judge};
use crate::printable;
use crate::report::{self, Layout, NamedRun};
use crate::results::{Metric, Run};
use crate::run_file::load;

/// Which runs, and what to make of them.
pub struct Request {
    /// The stored run that the others are compared with.
    pub old: PathBuf,
    /// One or more newer runs.
    pub new: Vec<PathBuf>,
    /// The change that is tolerated: 0.1 for 10 %.
    pub tolerance: f64,
    /// What the verdict depends on.
    pub deciding: Vec<Metric>,
    /// Charts, of all runs with their comparisons, and exports, of the last one.
    pub targets: Vec<Target>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// Compares each newer run with the old one.
pub fn compare(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    spare(&request.targets, &request.old, "the baseline")?;
    for path in &request.new {
        spare(&request.targets, path, "a run to compare")?;
    }
    let outputs = Outputs::open(&request.targets)?;

    let baseline = load(&request.old)?;
    // Of the newer ones the table says it.
    if baseline.quick.is_some() && request.table.is_some() {
        streams.warn(&format!(
            "{} was measured with --quick: it is a first answer only",
            printable::path(&request.old)
        ))?;
    }
    let runs = request
        .new
        .iter()
        .map(|path| compared(path, &baseline, request))
        .collect::<Result<Vec<_>>>()?;
    for (run, path) in std::iter::zip(&runs, &request.new).chain([(&baseline, &request.old)]) {
        if let Some(flaw) = run.flaw().filter(|_| request.table.is_some()) {
            let path = printable::path(path);
            streams.warn(&format!("{path} is incomplete, because {flaw}"))?;
        }
    }
    if runs.is_empty() {
        bail!("name at least one newer run");
    }

    let names: Vec<String> = request
        .new
        .iter()
        .map(|path| printable::path(path))
        .collect();
    let compared: Vec<NamedRun<'_>> = std::iter::zip(&names, &runs)
        .map(|(name, run)| NamedRun { name, run })
        .collect();
    if let ([_, .., last], Some(_)) = (&names[..], request.table) {
        for output in outputs.holding_one() {
            streams.warn(&format!(
                "{output} holds the last comparison only, that of {last}; html, svg and png hold all of them"
            ))?;
        }
    }
    let written = outputs.write_several(&compared, streams.stdout);
    if let Some(layout) = request.table {
        show(&runs, request, layout, streams)?;
        if layout.verbose {
            show_rounds(&baseline, &request.old, layout, streams)?;
            for (run, path) in runs.iter().zip(&request.new) {
                show_rounds(run, path, layout, streams)?;
            }
        }
    }
    written?;

    Ok(Ending::Done)
}

/// The run at `path` with its comparison.
fn compared(path: &Path, baseline: &Run, request: &Request) -> Result<Run> {
    let run = load(path)?;
    let question = Question {
        baseline,
        name: &request.old.display().to_string(),
        current: &run,
        pairing: Pairing::Apart,
        tolerance: request.tolerance,
        deciding: &request.deciding,
    };

    let comparison =
        judge(&question).map_err(|refusal| anyhow!("{}: {refusal}", path.display()))?;
    Ok(Run {
        comparison: Some(comparison),
        ..run
    })
}

fn show(runs: &[Run], request: &Request, layout: Layout, streams: &mut Streams<'_>) -> Result<()> {
    for (number, (run, path)) in runs.iter().zip(&request.new).enumerate() {
        if number > 0 {
            streams.show("\n")?;
        }
        // Which run the figures below are of.
        if runs.len() > 1 {
            streams.show(&format!("{}\n", printable::path(path)))?;
        }
        streams.show(&report::judgements(run, layout, None))?;
    }

    Ok(())
}

/// Shows each round of the run at `path`.
fn show_rounds(run: &Run, path: &Path, layout: Layout, streams: &mut Streams<'_>) -> Result<()> {
    streams.show(&format!("\n{}\n", printable::path(path)))?;

    Ok(streams.show(&report::rounds(run, layout))?)
}
