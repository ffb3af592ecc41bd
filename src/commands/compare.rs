//! `compare`: what changed between stored runs. It measures nothing and gates nothing: `check` does.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::Ending;
use super::output::{Outputs, Target, spare};
use super::run::{Streams, Table, write_all};
use crate::compare::{Pairing, Question, compare as judge};
use crate::printable;
use crate::report;
use crate::results::{Metric, load};

/// Which runs, and what to make of them.
pub struct Request {
    /// The stored run that the others are compared with.
    pub old: PathBuf,
    /// One or more newer ones.
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
    let Request {
        old,
        new,
        tolerance,
        deciding,
        targets,
        table,
    } = request;
    for path in new.iter().chain([old]) {
        spare(targets, path)?;
    }
    let outputs = Outputs::open(targets)?;
    let baseline = load(old)?;
    let name = old.display().to_string();
    let mut compared = Vec::new();
    for path in new {
        let mut run = load(path)?;
        let (pairing, tolerance) = (Pairing::Apart, *tolerance);
        let question = Question {
            baseline: &baseline,
            name: &name,
            current: &run,
            pairing,
            tolerance,
            deciding,
        };
        let comparison =
            judge(&question).map_err(|refusal| anyhow::anyhow!("{}: {refusal}", path.display()))?;
        run.comparison = Some(comparison);
        compared.push((path, run));
    }
    let Some((_, last)) = compared.last() else {
        bail!("name at least one newer run")
    };
    let written = outputs.write(last, streams.stdout);
    let taken = targets.iter().any(Target::is_stdout);
    if let Some(Table { color }) = table {
        for (number, (path, run)) in compared.iter().enumerate() {
            let gap = if number > 0 { "\n" } else { "" };
            let heading = heading(path, compared.len());
            write_all(
                streams,
                taken,
                &format!("{gap}{heading}{}", report::judgements(run, *color, None)),
            )?;
        }
    }
    written?;
    Ok(Ending::Done)
}

/// Which run the figures below are of, where there are several.
fn heading(path: &Path, runs: usize) -> String {
    if runs > 1 {
        format!("{}\n", printable::path(path))
    } else {
        String::new()
    }
}
