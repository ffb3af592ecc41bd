//! `report`: renders a stored run again.

use std::path::PathBuf;

use anyhow::Result;

use super::Ending;
use super::output::{Outputs, Target};
use super::presentation::present;
use super::streams::{Streams, Table};
use crate::run_file::load;

/// Which run, and what to make of it.
pub struct Request {
    /// The stored run.
    pub path: PathBuf,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// Loads and reports. What went wrong in the stored run is shown, but it is not this command's
/// failure.
pub fn report(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    let run = load(&request.path)?;
    let outputs = Outputs::open(&request.targets)?;

    present(&run, request.table, outputs, streams)?;
    if let Some(Table { color }) = request.table {
        streams
            .stderr
            .write_all(crate::report::problems(&run, color).as_bytes())?;
    }

    Ok(Ending::Done)
}
