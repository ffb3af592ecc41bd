//! The speed-up and the efficiency for github-action-benchmark's `customBiggerIsBetter`. The times
//! are in `gab_time`, because that tool takes one direction a file.
//!
//! The range is half the width of the 95 % interval, and absent below 6 steady rounds.

use std::io::{self, Write};

use super::gab_entry::Entry;
use super::pretty::pretty;
use super::tracked::{Tracked, TrackedPair, tracked};
use crate::report::exporter::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "gab-speedup",
    extension: "json",
    about: "Speed-ups for github-action-benchmark, customBiggerIsBetter.",
    write,
    write_several: None,
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&entries(run), to)
}

fn entries(run: &Run) -> Vec<Entry> {
    let mut entries = Vec::new();
    for tracked in tracked(run) {
        if let Some(pair) = &tracked.pair {
            entries.push(speedup(&tracked, pair));
            entries.push(efficiency(&tracked, pair));
        }
    }

    entries
}

fn speedup(tracked: &Tracked<'_>, pair: &TrackedPair<'_>) -> Entry {
    Entry::new(
        tracked,
        format!("{}/speed-up", tracked.identity),
        "x",
        pair.summary.speedup,
        pair.speedup_bounds(),
    )
}

fn efficiency(tracked: &Tracked<'_>, pair: &TrackedPair<'_>) -> Entry {
    let bounds = pair.efficiency_bounds();

    Entry::new(
        tracked,
        format!("{}/efficiency", tracked.identity),
        "%",
        pair.summary.efficiency * 100.0,
        bounds.map(|bounds| bounds.scaled(100.0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::gab_entry::assert_sound;
    use crate::report::fixture;

    #[test]
    fn the_speed_up_and_the_efficiency() {
        let mut run = fixture::run();
        run.measurements.truncate(2);
        run.measurements[1].rounds.truncate(6);
        insta::assert_snapshot!(serde_json::to_string_pretty(&entries(&run)).unwrap(), @r#"
        [
          {
            "name": "fib/pool-2/speed-up",
            "unit": "x",
            "value": 1.8905,
            "range": "± 0.0349",
            "extra": "10000 terms in 8 tasks, 10 steady rounds, AMD EPYC 7B13"
          },
          {
            "name": "fib/pool-2/efficiency",
            "unit": "%",
            "value": 94.527,
            "range": "± 1.75",
            "extra": "10000 terms in 8 tasks, 10 steady rounds, AMD EPYC 7B13"
          },
          {
            "name": "pi/pool-2/speed-up",
            "unit": "x",
            "value": 1.9359,
            "extra": "60000000 samples in 8 tasks, 4 steady rounds, AMD EPYC 7B13"
          },
          {
            "name": "pi/pool-2/efficiency",
            "unit": "%",
            "value": 96.793,
            "extra": "60000000 samples in 8 tasks, 4 steady rounds, AMD EPYC 7B13"
          }
        ]
        "#);
    }

    #[test]
    fn every_run_has_sound_entries() {
        for run in fixture::every_run() {
            let entries = entries(&run);
            let pairs = tracked(&run)
                .iter()
                .filter(|arm| arm.pair.is_some())
                .count();
            assert_eq!(entries.len(), 2 * pairs);
            assert_sound(&entries);
        }
    }
}
