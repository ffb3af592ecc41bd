//! `compare`: what changed between stored runs.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::Ending;
use super::output::{Outputs, Target, spare};
use super::streams::{Streams, Table};
use crate::compare::{Pairing, Question, compare as judge};
use crate::printable;
use crate::report;
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
    /// Charts and exports, of the last run with its comparison.
    pub targets: Vec<Target>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// Compares each newer run with the old one.
pub fn compare(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    for path in request.new.iter().chain([&request.old]) {
        spare(&request.targets, path)?;
    }
    let outputs = Outputs::open(&request.targets)?;

    let baseline = load(&request.old)?;
    let runs = request
        .new
        .iter()
        .map(|path| compared(path, &baseline, request))
        .collect::<Result<Vec<_>>>()?;
    let Some(last) = runs.last() else {
        bail!("name at least one newer run")
    };

    let written = outputs.write(last, streams.stdout);
    if let Some(table) = request.table {
        show(&runs, request, table, streams)?;
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

fn show(runs: &[Run], request: &Request, table: Table, streams: &mut Streams<'_>) -> Result<()> {
    for (number, (run, path)) in runs.iter().zip(&request.new).enumerate() {
        if number > 0 {
            streams.show("\n")?;
        }
        // Which run the figures below are of.
        if runs.len() > 1 {
            streams.show(&format!("{}\n", printable::path(path)))?;
        }
        streams.show(&report::judgements(run, table.color, None))?;
    }

    Ok(())
}
