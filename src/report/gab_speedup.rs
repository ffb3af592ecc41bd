//! The speed-up and the efficiency for github-action-benchmark's `customBiggerIsBetter`. The times are in
//! `gab_time`, because that tool takes one direction a file.
//!
//! The range is half the width of the 95 % interval, and absent below 6 steady rounds.

use std::io::{self, Write};

use super::gab_time::Entry;
use super::{Exporter, json, words};
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "gab-speedup",
    extension: "json",
    about: "Speed-ups for github-action-benchmark, customBiggerIsBetter.",
    write,
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    json::pretty(&entries(run), to)
}

fn entries(run: &Run) -> Vec<Entry> {
    let both = words::steady(run).flat_map(|(identity, measurement, summary)| {
        let interval = summary.speedup_low.zip(summary.speedup_high);
        let percent_each = 100.0 / measurement.workers.max(1) as f64;
        let in_percent = interval.map(|(low, high)| (low * percent_each, high * percent_each));
        let from = (run, measurement, &summary);
        [
            Entry::new(
                format!("{identity}/speed-up"),
                (summary.speedup, "x"),
                interval,
                from,
            ),
            Entry::new(
                format!("{identity}/efficiency"),
                (summary.efficiency * 100.0, "%"),
                in_percent,
                from,
            ),
        ]
    });
    both.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::gab_time::tests::assert_sound;

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
            assert_eq!(entries.len(), 2 * words::steady(&run).count());
            assert_sound(&entries);
        }
    }
}
