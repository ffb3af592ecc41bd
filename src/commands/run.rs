//! `fib`, `pi`, `image` and `all`: measures a plan, shows the table, writes charts and exports.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::baseline::Baseline;
use super::output::{Outputs, Target};
use super::{Ending, neighbours};
use crate::measure::{Conditions, measure};
use crate::plan::Plan;
use crate::printable;
use crate::report;
use crate::results::{Environment, Run, SCHEMA_VERSION};

/// The first second of the year 10000, which a time stamp cannot say: seconds since 1970.
const END_OF_TIME_STAMPS: u64 = 253_402_300_800;

/// What to measure and what to make of it.
pub struct Request {
    /// The measurements.
    pub plan: Plan,
    /// Where to save a baseline, if two passes agree.
    pub baseline: Option<Baseline>,
    /// Charts and exports.
    pub targets: Vec<Target>,
    /// The table's style, or no table.
    pub table: Option<Table>,
}

/// How the table is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Whether with colour.
    pub color: bool,
}

/// Where text goes.
pub struct Streams<'a> {
    /// Results.
    pub stdout: &'a mut dyn Write,
    /// Everything else; the table too, when an export has stdout for itself.
    pub stderr: &'a mut dyn Write,
}

impl Streams<'_> {
    /// One line about a failure; `message` may hold text from outside.
    pub(super) fn error(&mut self, message: &str) -> io::Result<()> {
        writeln!(self.stderr, "error: {}", printable::line(message))
    }

    /// One line about something that the user should know.
    pub(super) fn warn(&mut self, message: &str) -> io::Result<()> {
        writeln!(self.stderr, "warning: {}", printable::line(message))
    }
}

/// Measures and reports.
pub fn run(
    request: &Request,
    conditions: Conditions<'_>,
    streams: &mut Streams<'_>,
) -> Result<Ending> {
    let outputs = Outputs::open(&request.targets)?;
    let baseline = match &request.baseline {
        Some(baseline) => Some((baseline, baseline.open(&request.targets)?)),
        None => None,
    };
    let plan = if baseline.is_some() {
        Baseline::plan(&request.plan)
    } else {
        request.plan.again()
    };
    let others = match request.table {
        Some(_) => neighbours::warn(plan.most_workers(), streams.stderr)?,
        None => None,
    };
    let mut run = measured(&plan, conditions);
    run.environment.cpu.other_programs = others;
    if run.interrupted || !run.measurements.is_empty() {
        show(&run, request.table, &request.targets, outputs, streams)?;
    } else {
        outputs.leave(streams)?;
    }
    for problem in &run.problems {
        streams.error(&format!("{}: {}", problem.workload, problem.message))?;
    }
    if !run.problems.is_empty() && !run.measurements.is_empty() && !run.interrupted {
        streams.warn(
            "everything else was measured; the exit code is 2 because of what is named above",
        )?;
    }
    Ok(match conditions.stop.signal() {
        Some(signal) => Ending::Interrupted(signal),
        None if !run.problems.is_empty() => Ending::Trouble,
        None => match baseline {
            Some((baseline, opened)) => baseline.save(&run, &plan, opened, conditions, streams)?,
            None => Ending::Done,
        },
    })
}

/// Measures `plan` into a run with its environment.
pub(super) fn measured(plan: &Plan, conditions: Conditions<'_>) -> Run {
    let environment = Environment::probe();
    let started_at = started_at();
    let outcome = measure(plan, conditions);
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at,
        interrupted: outcome.interrupted,
        environment,
        sampling: plan.sampling,
        measurements: outcome.measurements,
        comparison: None,
        problems: outcome.problems,
    }
}

/// Shows the table and writes every output.
pub(super) fn show(
    run: &Run,
    table: Option<Table>,
    targets: &[Target],
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
    if let Some(Table { color }) = table {
        let taken = targets.iter().any(Target::is_stdout);
        write_all(streams, taken, &report::table(run, color))?;
    }
    written
}

/// The time stamp of a run that begins now.
pub(super) fn started_at() -> String {
    time_stamp(now())
}

/// `time` in the form of RFC 3339. A clock that was never set may be anywhere: what the form cannot say becomes the nearest
/// second that it can.
fn time_stamp(time: SystemTime) -> String {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let since = since.min(Duration::from_secs(END_OF_TIME_STAMPS - 1));

    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

/// Writes `text` where results go: to stderr when an export has `taken` stdout for itself.
pub(super) fn write_all(streams: &mut Streams<'_>, taken: bool, text: &str) -> Result<()> {
    let stream = if taken {
        &mut *streams.stderr
    } else {
        &mut *streams.stdout
    };
    Ok(stream.write_all(text.as_bytes())?)
}

/// The time of day, or what `SOURCE_DATE_EPOCH` says it is, so that a build can be repeated to the byte.
fn now() -> SystemTime {
    let fixed = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    let fixed = fixed
        .filter(|&seconds: &u64| seconds < END_OF_TIME_STAMPS)
        .map(Duration::from_secs);
    fixed.map_or_else(SystemTime::now, |since| SystemTime::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_gives_a_time_stamp_all_the_same() {
        let epoch = SystemTime::UNIX_EPOCH;
        let day = Duration::from_hours(24);
        assert_eq!(time_stamp(epoch + day), "1970-01-02T00:00:00Z");
        assert_eq!(time_stamp(epoch - day), "1970-01-01T00:00:00Z");
        assert_eq!(time_stamp(epoch + 10_000_000 * day), "9999-12-31T23:59:59Z");
    }
}
