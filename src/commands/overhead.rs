//! `overhead`: what a task costs on each engine, and how long one should be. What follows from the times is
//! derived in `results`.

use anyhow::Result;

use super::Ending;
use super::output::{Outputs, Target};
use super::run::{Streams, Table, started_at, write_all};
use crate::measure::{self, Conditions, Question};
use crate::report;
use crate::results::{Environment, Overhead};

/// What to find out and what to make of it.
pub struct Request {
    /// Engines, workers, rounds.
    pub question: Question,
    /// The chart and the exports.
    pub targets: Vec<Target<Overhead>>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// Finds out and reports.
pub fn overhead(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    let outputs = Outputs::open(&request.targets)?;
    let (started_at, environment) = (started_at(), Environment::probe());
    let (engines, problems) = measure::overhead(&request.question, conditions);
    let signal = conditions.stop.signal();
    if engines.is_empty() {
        if signal.is_some() {
            streams.warn("interrupted before a round was complete")?;
        }
        outputs.leave(streams)?;
    } else {
        let overhead = Overhead {
            parbench_version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at,
            interrupted: signal.is_some(),
            environment,
            engines,
        };
        // Files first: a terminal that is gone must not cost a measurement.
        let written = outputs.write(&overhead, streams.stdout);
        if let Some(Table { color }) = request.table {
            let taken = request.targets.iter().any(Target::is_stdout);
            write_all(streams, taken, &report::overhead(&overhead, color))?;
        }
        written?;
    }
    for problem in &problems {
        streams.error(problem)?;
    }
    Ok(match signal {
        Some(signal) => Ending::Interrupted(signal),
        None if !problems.is_empty() => Ending::Trouble,
        None => Ending::Done,
    })
}
