//! `report`: renders a stored run again.

use std::path::PathBuf;

use anyhow::Result;

use super::Ending;
use super::output::{Outputs, Target};
use super::presentation::present;
use super::streams::Streams;
use crate::report::{self, Layout};
use crate::run_file::load;

/// Which run, and what to make of it.
pub struct Request {
    /// The stored run.
    pub path: PathBuf,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// How the text about results is laid out, or that there is none.
    pub table: Option<Layout>,
}

/// Loads and reports. What went wrong in the stored run is shown, but it is not this command's
/// failure.
pub fn report(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    let run = load(&request.path)?;
    let outputs = Outputs::open(&request.targets)?;

    present(&run, request.table, outputs, streams)?;
    if let Some(layout) = request.table {
        if layout.verbose {
            streams.show(&format!("\n{}", report::rounds(&run, layout)))?;
        }
        streams
            .stderr
            .write_all(report::problems(&run, layout).as_bytes())?;
    }

    Ok(Ending::Done)
}
