//! Other programs on this machine: named before anything is measured beside them, and no baseline
//! is made of it.

use std::io;

use super::streams::Streams;
use crate::machine::OtherPrograms;
use crate::results::{Pair, Run};
use crate::units::count;

/// Warns when other programs are in the way of `workers`, and returns what they use.
pub(super) fn warn(workers: usize, streams: &mut Streams<'_>) -> io::Result<Option<OtherPrograms>> {
    let others = OtherPrograms::now();

    if let Some(OtherPrograms { cores, cpus }) =
        others.filter(|others| others.are_in_the_way_of(workers))
    {
        let cpus = count(cpus, "CPU");
        streams.warn(&format!(
            "other programs use {cores:.1} of the {cpus} just now: figures will say what you get beside them, not \
             what the machine can do (see `parbench doctor`)"
        ))?;
    }

    Ok(others)
}

/// What other programs used while `run` was measured, if they were in the way of any measurement:
/// the most.
pub(super) fn in_the_way(run: &Run) -> Option<OtherPrograms> {
    let summaries = run.pairs().filter_map(Pair::summary);
    let busy = summaries
        .filter(|summary| summary.busy_machine)
        .filter_map(|summary| summary.other_programs);

    busy.max_by(|a, b| a.cores.total_cmp(&b.cores))
}
