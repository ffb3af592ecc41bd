//! `overhead`: finds the batches that show what a task costs on each engine, then measures and
//! reports them like any other plan.

use anyhow::Result;

use super::Ending;
use super::opened::Opened;
use super::streams::Streams;
use crate::measure::{Conditions, Ladders, ladders};

pub use super::opened::Request;

/// Measures the ladders of the cases of `request`.
pub fn overhead(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    let opened = Opened::of(request, conditions, streams)?;
    let Ladders { plan, problems } = ladders(&request.plan, conditions);

    opened.run(&plan, problems, conditions, streams)
}
