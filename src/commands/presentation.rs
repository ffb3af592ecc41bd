//! A run, presented: written to every output and shown as a table.

use anyhow::Result;

use super::output::Outputs;
use super::streams::Streams;
use crate::report::{self, Layout};
use crate::results::Run;

/// Shows the table, if there is one to show, and writes every output.
pub(super) fn present(
    run: &Run,
    table: Option<Layout>,
    outputs: Outputs,
    streams: &mut Streams<'_>,
) -> Result<()> {
    // Files first: a terminal that is gone must not cost a long measurement. A run without a single
    // complete round leaves the files of an earlier one alone.
    let written = if run.measurements.is_empty() {
        outputs.leave(streams).map_err(anyhow::Error::from)
    } else {
        outputs.write(run, streams.stdout)
    };

    if let Some(layout) = table {
        streams.show(&report::table(run, layout))?;
    }
    written
}
