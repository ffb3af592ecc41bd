//! `history add`: keeps runs.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use super::files::{Added, Store};
use crate::commands::Ending;
use crate::commands::streams::Streams;
use crate::history::Record;
use crate::printable;
use crate::results::Measurement;
use crate::run_file::load;
use crate::units::count;

/// Which runs, and where to.
pub struct Request {
    /// The stored runs.
    pub runs: Vec<PathBuf>,
    /// Where they are kept.
    pub store: Store,
    /// The commit that was measured, where the runs do not know it.
    pub commit: Option<String>,
    /// The workloads whose work is this program's own: it was built from the commit that they
    /// measure.
    pub own_workloads: Vec<String>,
    /// Whether there is to be no text.
    pub quiet: bool,
}

/// Adds each of the runs, or none of them if one is no part of a history.
pub fn add(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    if request.commit.as_deref() == Some("HEAD") {
        bail!(
            "--commit HEAD is another commit tomorrow: give its digits, as $(git rev-parse HEAD)"
        );
    }
    let records = request
        .runs
        .iter()
        .map(|path| {
            let run = load(path)?;
            let is_own =
                |measurement: &Measurement| request.own_workloads.contains(&measurement.workload);
            let built_from = run.environment.build.commit.clone();
            let commit = request
                .commit
                .clone()
                .or_else(|| built_from.filter(|_| run.measurements.iter().all(is_own)));

            Record::of(&run, commit).map_err(|why| anyhow!("{} {why}", printable::path(path)))
        })
        .collect::<Result<Vec<_>>>()?;

    let mut adder = request.store.adder();
    for (record, path) in records.iter().zip(&request.runs) {
        let run = printable::path(path);
        let line = match adder.add(record)? {
            Added::To(file) => {
                let figures: usize = record
                    .measurements
                    .iter()
                    .map(|kept| kept.metrics.len())
                    .sum();
                let commit = record
                    .commit
                    .as_deref()
                    .unwrap_or("no commit (give --commit)");
                format!(
                    "{run}: added to {}, {commit}, {}",
                    printable::path(&file),
                    count(figures, "figure")
                )
            }
            Added::Before(file, commit) => {
                let file = printable::path(&file);
                match (commit, &record.commit) {
                    (Some(kept), Some(commit)) if kept != *commit => format!(
                        "{run}: is in {file} already, as one of {kept}, and counts once; to make it one of {commit}, change its line"
                    ),
                    _ => format!("{run}: is in {file} already, and counts once"),
                }
            }
        };
        if !request.quiet {
            streams.show(&format!("{}\n", printable::line(&line)))?;
        }
    }
    Ok(Ending::Done)
}
