//! The median times of both arms for github-action-benchmark's `customSmallerIsBetter`. That tool takes one
//! direction a file, so the speed-up has a format of its own, which shares the shape of an entry. Neither
//! takes a measurement without a steady round.
//!
//! Times are in milliseconds, because rounds take from one to some thousands of them. The range is half
//! the way from the least to the greatest time.

use std::io::{self, Write};

use serde::Serialize;

use super::{Exporter, json, words};
use crate::results::{Measurement, Run, Summary};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "gab-time",
    extension: "json",
    about: "Times for github-action-benchmark, customSmallerIsBetter.",
    write,
};

/// One line of github-action-benchmark's charts.
#[derive(Serialize)]
pub(super) struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

impl Entry {
    /// An entry whose values spread from the first to the second of `range`. Its tooltip says what was
    /// measured in how many rounds, and where.
    pub(super) fn new(
        name: String,
        (value, unit): (f64, &'static str),
        range: Option<(f64, f64)>,
        (run, measurement, summary): (&Run, &Measurement, &Summary),
    ) -> Self {
        let extra = format!(
            "{} {} in {}, {}, {}",
            measurement.work.amount,
            measurement.work.unit,
            words::count(measurement.tasks, "task"),
            words::count(summary.steady_rounds, "steady round"),
            run.environment.cpu_model,
        );
        let range = range.map(|(low, high)| format!("± {}", significant((high - low) / 2.0, 3)));
        Self {
            name,
            unit,
            value: significant(value, 5),
            range,
            extra,
        }
    }
}

/// `value` to so many significant digits, which is what people read in a chart.
fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    json::pretty(&entries(run), to)
}

fn entries(run: &Run) -> Vec<Entry> {
    let both = words::steady(run).flat_map(|(identity, measurement, summary)| {
        let time = |arm: &str, median_s: f64, min_s: f64, max_s: f64| {
            let range = Some((min_s * 1e3, max_s * 1e3));
            Entry::new(
                format!("{identity}/{arm}"),
                (median_s * 1e3, "ms"),
                range,
                (run, measurement, &summary),
            )
        };
        [
            time(
                "serial",
                summary.serial_median_s,
                summary.serial_min_s,
                summary.serial_max_s,
            ),
            time(
                "distributed",
                summary.distributed_median_s,
                summary.distributed_min_s,
                summary.distributed_max_s,
            ),
        ]
    });
    both.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::report::fixture;

    /// What the tool insists on: names of their own, finite numbers, a range that it can parse.
    pub(in crate::report) fn assert_sound(entries: &[Entry]) {
        let names: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names.len(), entries.len());
        for entry in entries {
            assert!(
                entry.value.is_finite() && entry.value >= 0.0,
                "{}",
                entry.name
            );
            let half = entry
                .range
                .as_ref()
                .map(|range| range.strip_prefix("± ").unwrap().parse::<f64>());
            assert!(
                half.is_none_or(|half| half.unwrap().is_finite()),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn both_medians_in_milliseconds() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        insta::assert_snapshot!(serde_json::to_string_pretty(&entries(&run)).unwrap(), @r#"
        [
          {
            "name": "fib/pool-2/serial",
            "unit": "ms",
            "value": 1230.3,
            "range": "± 33.3",
            "extra": "10000 terms in 8 tasks, 10 steady rounds, AMD EPYC 7B13"
          },
          {
            "name": "fib/pool-2/distributed",
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
            assert_eq!(entries.len(), 2 * words::steady(&run).count());
            assert_sound(&entries);
        }
    }

    #[test]
    fn five_digits_are_kept_of_any_magnitude() {
        assert_eq!(significant(1_234_567.8, 5), 1_234_600.0);
        assert_eq!(significant(0.001_234_567, 5), 0.001_234_6);
        assert_eq!(significant(0.0, 3), 0.0);
    }
}
