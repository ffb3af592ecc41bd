//! Bencher Metric Format, for tracking figures over time. It takes no measurement without a steady round,
//! and no figure from the cold one.
//!
//! The serial and the distributed arm are a benchmark each, `fib/pool-2/serial` and
//! `fib/pool-2/distributed`. Their `latency` is the median time of a round in nanoseconds, with the least
//! and the greatest as lower and upper value. The distributed one has four measures more: `speedup` and
//! `efficiency` (1 is perfect) with their 95 % interval, from 6 steady rounds on, `task-overhead` in nanoseconds, and
//! `throughput` in the workload's units a second, whose bounds would only repeat those of the latency.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::exporter::Exporter;
use super::pretty::pretty;
use super::tracked::{Bounds, Tracked, tracked};
use crate::results::{Run, Summary};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "bmf",
    extension: "json",
    about: "Bencher Metric Format: latency, speed-up, efficiency, throughput.",
    write,
};

const NS_PER_S: f64 = 1e9;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&benchmarks(run), to)
}

fn benchmarks(run: &Run) -> Map<String, Value> {
    let arms = tracked(run).flat_map(|tracked| {
        let identity = &tracked.identity;
        [
            (format!("{identity}/serial"), serial(&tracked.summary)),
            (format!("{identity}/distributed"), distributed(&tracked)),
        ]
    });

    arms.collect()
}

fn serial(summary: &Summary) -> Value {
    let bounds = Bounds {
        low: summary.serial_min_s,
        high: summary.serial_max_s,
    };

    json!({"latency": latency(summary.serial_median_s, bounds)})
}

fn distributed(tracked: &Tracked<'_>) -> Value {
    let summary = &tracked.summary;
    let bounds = Bounds {
        low: summary.distributed_min_s,
        high: summary.distributed_max_s,
    };

    json!({
        "latency": latency(summary.distributed_median_s, bounds),
        "speedup": metric(summary.speedup, tracked.speedup_bounds()),
        "efficiency": metric(summary.efficiency, tracked.efficiency_bounds()),
        "throughput": metric(summary.distributed_throughput_per_s, None),
        "task-overhead": metric(whole_ns(summary.task_overhead_median_s), None),
    })
}

fn latency(median_s: f64, bounds: Bounds) -> Value {
    let bounds = Bounds {
        low: whole_ns(bounds.low),
        high: whole_ns(bounds.high),
    };

    metric(whole_ns(median_s), Some(bounds))
}

/// Seconds as whole nanoseconds: no clock resolves less.
fn whole_ns(seconds: f64) -> f64 {
    (seconds * NS_PER_S).round()
}

fn metric(value: f64, bounds: Option<Bounds>) -> Value {
    match bounds {
        Some(Bounds { low, high }) => {
            json!({"value": value, "lower_value": low, "upper_value": high})
        }
        None => json!({"value": value}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_benchmark_for_each_arm() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        insta::assert_snapshot!(serde_json::to_string_pretty(&benchmarks(&run)).unwrap(), @r#"
        {
          "fib/pool-2/serial": {
            "latency": {
              "value": 1230298000.0,
              "lower_value": 1196980000.0,
              "upper_value": 1263616000.0
            }
          },
          "fib/pool-2/distributed": {
            "latency": {
              "value": 647953320.0,
              "lower_value": 639282000.0,
              "upper_value": 651000000.0
            },
            "speedup": {
              "value": 1.8905374696202157,
              "lower_value": 1.8723818283636953,
              "upper_value": 1.942250916507324
            },
            "efficiency": {
              "value": 0.9452687348101079,
              "lower_value": 0.9361909141818476,
              "upper_value": 0.971125458253662
            },
            "throughput": {
              "value": 15433.210528190517
            },
            "task-overhead": {
              "value": 310.0
            }
          }
        }
        "#);
    }

    #[test]
    fn every_metric_is_a_number_between_its_bounds() {
        for run in fixture::every_run() {
            let benchmarks = benchmarks(&run);
            assert_eq!(
                benchmarks.len(),
                2 * tracked(&run).count(),
                "a name stands twice"
            );
            for metric in benchmarks
                .values()
                .flat_map(|measures| measures.as_object().unwrap().values())
            {
                let value = metric["value"].as_f64().unwrap();
                for bound in ["lower_value", "upper_value"] {
                    assert!(metric.get(bound).is_none_or(Value::is_f64), "{metric}");
                }
                assert!(
                    metric
                        .get("lower_value")
                        .is_none_or(|lower| lower.as_f64().unwrap() <= value)
                );
                assert!(
                    metric
                        .get("upper_value")
                        .is_none_or(|upper| upper.as_f64().unwrap() >= value)
                );
            }
        }
    }

    #[test]
    fn too_few_rounds_have_no_interval() {
        let mut run = fixture::run();
        run.measurements[0].rounds.truncate(6);
        let benchmarks = benchmarks(&run);
        assert_eq!(
            benchmarks["fib/pool-2/distributed"]["speedup"]
                .as_object()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            benchmarks["pi/pool-2/distributed"]["speedup"]
                .as_object()
                .unwrap()
                .len(),
            3
        );
    }
}
