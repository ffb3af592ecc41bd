//! `history add`: keeps runs.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use super::files::{Added, Store};
use crate::commands::Ending;
use crate::commands::streams::Streams;
use crate::history::Record;
use crate::printable;
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
            let commit = request
                .commit
                .clone()
                .or_else(|| run.environment.build.commit.clone());

            Record::of(&run, commit).map_err(|why| anyhow!("{} {why}", printable::path(path)))
        })
        .collect::<Result<Vec<_>>>()?;

    for (record, path) in records.iter().zip(&request.runs) {
        let run = printable::path(path);
        let line = match request.store.add(record)? {
            Added::To(file) => {
                let figures: usize = record
                    .measurements
                    .iter()
                    .map(|kept| kept.metrics.len())
                    .sum();
                let commit = record.commit.as_deref().unwrap_or("no commit");
                format!(
                    "{run}: added to {}, {commit}, {}",
                    printable::path(&file),
                    count(figures, "figure")
                )
            }
            Added::Before(file) => {
                format!(
                    "{run}: is in {} already, and counts once",
                    printable::path(&file)
                )
            }
        };
        if !request.quiet {
            streams.show(&format!("{}\n", printable::line(&line)))?;
        }
    }
    Ok(Ending::Done)
}
