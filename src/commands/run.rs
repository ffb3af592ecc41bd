//! `fib`, `pi`, `image` and `all`: measures a plan, shows the table, writes charts and exports.

use anyhow::Result;

use super::Ending;
use super::opened::Opened;
use super::streams::Streams;
use crate::measure::Conditions;

pub use super::opened::Request;

/// Measures and reports.
pub fn run(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    let opened = Opened::of(request, conditions, streams)?;

    opened.run(&request.plan, Vec::new(), conditions, streams)
}
