//! `report`: renders a stored run again.

use std::path::PathBuf;

use anyhow::Result;

use super::Ending;
use super::output::{Outputs, Target};
use super::run::{Streams, Table, show};
use crate::results;

/// Which run, and what to make of it.
pub struct Request {
    /// The stored run.
    pub path: PathBuf,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// Loads and reports. What went wrong in the stored run is shown, but it is not this command's failure.
pub fn report(request: &Request, streams: &mut Streams<'_>) -> Result<Ending> {
    let run = results::load(&request.path)?;
    let outputs = Outputs::open(&request.targets)?;
    show(&run, request.table, &request.targets, outputs, streams)?;
    if let Some(Table { color }) = request.table {
        streams
            .stderr
            .write_all(crate::report::problems(&run, color).as_bytes())?;
    }
    Ok(Ending::Done)
}
