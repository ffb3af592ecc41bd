//! The speed-up and the efficiency for github-action-benchmark's `customBiggerIsBetter`. The times are in
//! `gab_time`, because that tool takes one direction a file.
//!
//! The range is half the width of the 95 % interval, and absent below 6 steady rounds.

use std::io::{self, Write};

use super::exporter::Exporter;
use super::gab_entry::Entry;
use super::pretty::pretty;
use super::tracked::{Tracked, tracked};
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "gab-speedup",
    extension: "json",
    about: "Speed-ups for github-action-benchmark, customBiggerIsBetter.",
    write,
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&entries(run), to)
}

fn entries(run: &Run) -> Vec<Entry> {
    tracked(run)
        .flat_map(|tracked| [speedup(&tracked), efficiency(&tracked)])
        .collect()
}

fn speedup(tracked: &Tracked<'_>) -> Entry {
    let bounds = tracked.speedup_bounds();

    Entry::new(tracked, "speed-up", "x", tracked.summary.speedup, bounds)
}

fn efficiency(tracked: &Tracked<'_>) -> Entry {
    let percent = tracked.summary.efficiency * 100.0;
    let bounds = tracked.efficiency_bounds();
    let bounds = bounds.map(|bounds| bounds.scaled(100.0));

    Entry::new(tracked, "efficiency", "%", percent, bounds)
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
            assert_eq!(entries.len(), 2 * tracked(&run).count());
            assert_sound(&entries);
        }
    }
}
