//! The median times of all arms for github-action-benchmark's `customSmallerIsBetter`. That tool
//! takes one direction a file, so the speed-up has a format of its own. Neither takes a measurement
//! without a steady round.
//!
//! Times are in milliseconds, because rounds take from one to some thousands of them. The range is
//! half the way from the least to the greatest time.

use std::io::{self, Write};

use super::gab_entry::Entry;
use super::pretty::pretty;
use super::tracked::{Tracked, tracked};
use crate::report::exporter::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "gab-time",
    extension: "json",
    about: "Times for github-action-benchmark, customSmallerIsBetter.",
    write,
    write_several: None,
};

const MS_PER_S: f64 = 1e3;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&entries(run), to)
}

fn entries(run: &Run) -> Vec<Entry> {
    tracked(run).iter().map(time).collect()
}

fn time(tracked: &Tracked<'_>) -> Entry {
    let median_ms = tracked.figures.median_s * MS_PER_S;
    let bounds_ms = tracked.time_bounds().scaled(MS_PER_S);

    Entry::new(
        tracked,
        tracked.identity.clone(),
        "ms",
        median_ms,
        Some(bounds_ms),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::gab_entry::assert_sound;
    use crate::report::fixture;

    #[test]
    fn both_medians_in_milliseconds() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        insta::assert_snapshot!(serde_json::to_string_pretty(&entries(&run)).unwrap(), @r#"
        [
          {
            "name": "fib/serial",
            "unit": "ms",
            "value": 1230.3,
            "range": "± 33.3",
            "extra": "10000 terms in 8 tasks, 10 steady rounds, AMD EPYC 7B13"
          },
          {
            "name": "fib/pool-2",
            "unit": "ms",
            "value": 647.95,
            "range": "± 5.86",
            "extra": "10000 terms in 8 tasks, 10 steady rounds, AMD EPYC 7B13"
          }
        ]
        "#);
    }

    #[test]
    fn every_run_has_sound_entries() {
        for run in fixture::every_run() {
            let entries = entries(&run);
            assert_eq!(entries.len(), tracked(&run).len());
            assert_sound(&entries);
        }
    }
}
