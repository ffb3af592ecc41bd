//! A plan, measured into a run.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::measure::{Conditions, measure};
use crate::plan::Plan;
use crate::results::{Environment, Run, SCHEMA_VERSION, Sampling, StoredPath};

/// The first second of the year 10000, which a time stamp cannot say: seconds since 1970.
const END_OF_TIME_STAMPS: u64 = 253_402_300_800;

/// Measures `plan` into a run with its environment.
pub(super) fn measured(plan: &Plan, conditions: Conditions<'_>) -> Run {
    let run = empty_run(plan.sampling);
    let outcome = measure(plan, conditions);

    Run {
        interrupted: outcome.interrupted,
        measurements: outcome.measurements,
        problems: outcome.problems,
        ..run
    }
}

/// A run that begins now, on this machine.
pub(super) fn empty_run(sampling: Sampling) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: started_at(),
        command: command(),
        interrupted: false,
        quick: None,
        environment: Environment::probe(),
        sampling,
        measurements: Vec::new(),
        comparison: None,
        problems: Vec::new(),
    }
}

/// The words of this process's command line.
fn command() -> Vec<StoredPath> {
    let words = std::env::args_os();

    words.map(|word| PathBuf::from(word).into()).collect()
}

/// The time stamp of a run that begins now.
pub(super) fn started_at() -> String {
    time_stamp(now())
}

/// `time` in the form of RFC 3339. A clock that was never set may be anywhere: what the form cannot
/// say becomes the nearest second that it can.
fn time_stamp(time: SystemTime) -> String {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let since = since.min(Duration::from_secs(END_OF_TIME_STAMPS - 1));

    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

/// The time of day, or the one in `SOURCE_DATE_EPOCH`, so that a build can be repeated to the byte.
fn now() -> SystemTime {
    let fixed = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
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
