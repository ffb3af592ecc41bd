//! Bencher Metric Format, for tracking figures over time. It takes no measurement without a steady
//! round, and no figure from the cold one.
//!
//! Each arm is a benchmark, `fib/serial` and `fib/pool-2`. Its `latency` is the median time of a
//! round in nanoseconds, with the least and the greatest as lower and upper value; its `throughput`
//! is in the workload's units a second, and bounds would only repeat those of the latency. Arms
//! beside the serial loop have `speedup` and `efficiency` (1 is perfect) with their 95 % interval,
//! from 6 steady rounds on, and `task-overhead` in nanoseconds.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::pretty::pretty;
use super::tracked::{Bounds, Tracked, tracked};
use crate::report::exporter::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "bmf",
    extension: "json",
    about: "Bencher Metric Format: latency, speed-up, efficiency, throughput.",
    write,
    write_several: None,
};

const NS_PER_S: f64 = 1e9;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&benchmarks(run), to)
}

fn benchmarks(run: &Run) -> Map<String, Value> {
    tracked(run)
        .into_iter()
        .map(|tracked| (tracked.identity.clone(), measures(&tracked)))
        .collect()
}

fn measures(tracked: &Tracked<'_>) -> Value {
    let latency = latency(tracked.figures.median_s, tracked.time_bounds());
    let throughput = metric(tracked.figures.throughput_per_s, None);
    let Some(pair) = &tracked.pair else {
        return json!({"latency": latency, "throughput": throughput});
    };

    let mut measures = json!({
        "latency": latency,
        "speedup": metric(pair.summary.speedup, pair.speedup_bounds()),
        "efficiency": metric(pair.summary.efficiency, pair.efficiency_bounds()),
        "throughput": throughput,
    });
    if let Some(dispatch_s) = pair.summary.dispatch_median_s {
        measures["task-overhead"] = metric(whole_ns(dispatch_s), None);
    }
    measures
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
          "fib/serial": {
            "latency": {
              "value": 1230298000.0,
              "lower_value": 1196980000.0,
              "upper_value": 1263616000.0
            },
            "throughput": {
              "value": 8128.11205090149
            }
          },
          "fib/pool-2": {
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
            assert_eq!(benchmarks.len(), tracked(&run).len(), "a name stands twice");
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
            benchmarks["fib/pool-2"]["speedup"]
                .as_object()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            benchmarks["pi/pool-2"]["speedup"]
                .as_object()
                .unwrap()
                .len(),
            3
        );
    }
}
