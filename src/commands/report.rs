//! `report`: renders a stored run again, or several as one.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::output::{Outputs, Target};
use super::presentation::present;
use super::streams::Streams;
use super::{Ending, trace};
use crate::compare::set_up_differences;
use crate::printable::{self, printable};
use crate::report::{self, Layout, TraceRounds};
use crate::results::Run;
use crate::run_file::load;

/// Which run, and what to make of it.
pub struct Request {
    /// The stored runs, at least one.
    pub paths: Vec<PathBuf>,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The rounds of the trace, where one of the targets is one.
    pub trace: Option<TraceRounds>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// Loads and reports. What went wrong in the stored run is shown, but it is not this command's
/// failure.
pub fn report(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    let run = joined(&request.paths)?;
    if request.trace.is_some() {
        trace::refuse_without_spans(&run)?;
    }
    let outputs = Outputs::open(&request.targets)?;

    present(&run, request.table, outputs, streams)?;
    if let Some(layout) = request.table {
        trace::note_left_out(&run, request.trace, streams)?;
        if layout.verbose {
            streams.show(&format!("\n{}", report::rounds(&run, layout)))?;
        }
        streams
            .stderr
            .write_all(report::problems(&run, layout).as_bytes())?;
    }

    Ok(Ending::Done)
}

/// The runs at `paths` as one: the first of them with the measurements of all. Figures of several
/// machines, or builds, side by side would be taken for figures of one.
fn joined(paths: &[PathBuf]) -> Result<Run> {
    let Some((first, others)) = paths.split_first() else {
        bail!("there is no run to report");
    };
    let mut joined = load(first)?;

    for path in others {
        let run = load(path)?;
        let differences = set_up_differences(&joined, &run);
        if !differences.is_empty() {
            bail!(
                "{} and {} are of different machines or builds ({}): report them one by one, or see `compare`",
                printable::path(first),
                printable::path(path),
                printable(&differences.join("; "))
            );
        }
        joined.add(run);
        // Else it could be written, and not be read again.
        if let Err(twice) = joined.check_pairs() {
            bail!(
                "with {}, the runs hold {twice}: report them one by one",
                printable::path(path)
            );
        }
    }
    Ok(joined)
}
