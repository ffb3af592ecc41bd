//! What commands do about a trace besides writing it.

use std::io;

use anyhow::{Result, bail};

use super::streams::Streams;
use crate::printable;
use crate::report::{TraceRounds, lacks_spans, left_out_of_trace};
use crate::results::Run;

/// Refuses a trace of a stored `run` that did not keep the times of its tasks. Where an engine has
/// none, a trace shows its arms as a whole, also right after measuring.
pub(super) fn refuse_without_spans(run: &Run) -> Result<()> {
    if lacks_spans(run) {
        bail!(
            "the run does not say when its tasks ran, so that there is no trace of it: measure it again with --store-spans"
        );
    }
    Ok(())
}

/// A line on stderr for everything that a trace of these rounds of `run` leaves out.
pub(super) fn note_left_out(
    run: &Run,
    rounds: Option<TraceRounds>,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let Some(rounds) = rounds else {
        return Ok(());
    };

    for note in left_out_of_trace(run, rounds) {
        writeln!(streams.stderr, "trace: {}", printable::line(&note))?;
    }
    Ok(())
}
