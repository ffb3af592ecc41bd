//! The figures of a history as series: one for each workload, parameters, engine, number of workers
//! and metric on one machine. Times are divided by the calibration arithmetic of their own round,
//! so that a machine that is slower for a while is no change; they are shown in seconds at the
//! machine's typical speed. Speed-ups are ratios already.

use std::collections::HashMap;

use serde_json::Value;

use super::conditions::Conditions;
use super::fingerprint::Processor;
use super::record::{Kept, KeptMetric, Record};
use crate::results::Metric;
use crate::stats::median;

/// A machine that runs were measured on.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// What it is.
    pub processor: Processor,
    /// Its runs, as indices of the history's records.
    pub runs: Vec<usize>,
}

/// One figure of one machine over many runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The workload, or the function that it calls.
    pub workload: String,
    /// The parameters that tell it from others of the same workload, as `size 50000`.
    pub variant: Option<String>,
    /// The engine of the arm.
    pub engine: String,
    /// The arm's workers.
    pub workers: usize,
    /// Which figure.
    pub metric: Metric,
    /// The index of its machine.
    pub machine: usize,
    /// By rising date.
    pub points: Vec<Point>,
    /// Runs whose figure is not a positive number.
    pub left_out: usize,
}

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The index of the history's record.
    pub run: usize,
    /// Seconds at the machine's typical speed, or a ratio.
    pub value: f64,
    /// What the machine gave to it, of times in units of the calibration arithmetic; `None` where
    /// an earlier version did not keep it.
    pub conditions: Option<Conditions>,
}

impl Series {
    /// Whether both are of the same measurement on the same machine.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.machine == other.machine
            && self.workload == other.workload
            && self.variant == other.variant
    }

    /// The logarithms of the values, such that more is worse.
    #[must_use]
    pub fn worseness(&self) -> Vec<f64> {
        let sign = if self.metric.is_time() { 1.0 } else { -1.0 };

        self.points
            .iter()
            .map(|point| sign * point.value.ln())
            .collect()
    }
}

/// The machines of `records`, the one of the latest run first, and all series, in the order of the
/// latest run that has them.
#[must_use]
pub fn series(records: &[Record]) -> (Vec<Machine>, Vec<Series>) {
    let machines = machines(records);
    let place_of: HashMap<usize, usize> = machines
        .iter()
        .enumerate()
        .flat_map(|(place, machine)| machine.runs.iter().map(move |run| (*run, place)))
        .collect();

    let mut growing: HashMap<String, Growing> = HashMap::new();
    for (run, record) in records.iter().enumerate() {
        let machine = place_of.get(&run).copied().unwrap_or_default();
        for (place, kept) in record.measurements.iter().enumerate() {
            let params = canonical(&kept.params);
            for (order, metric) in kept.metrics.iter().enumerate() {
                let key = identity(machine, kept, &params, metric);
                let growing = growing
                    .entry(key)
                    .or_insert_with(|| Growing::new(machine, kept, metric));
                growing.place = (std::cmp::Reverse(run), place, order);
                growing.push(run, kept, metric);
            }
        }
    }

    let mut growing: Vec<Growing> = growing.into_values().collect();
    growing.sort_by_key(|growing| (growing.series.machine, growing.place));
    let variants: Vec<Option<String>> = growing
        .iter()
        .map(|series| variant(series, &growing))
        .collect();
    let finished = growing.into_iter().zip(variants);
    (
        machines,
        finished
            .map(|(growing, variant)| growing.finished(variant))
            .collect(),
    )
}

fn machines(records: &[Record]) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();

    for (run, record) in records.iter().enumerate() {
        let processor = &record.machine.processor;
        match machines
            .iter_mut()
            .find(|machine| machine.processor == *processor)
        {
            Some(machine) => machine.runs.push(run),
            None => machines.push(Machine {
                processor: processor.clone(),
                runs: vec![run],
            }),
        }
    }

    machines.sort_by_key(|machine| std::cmp::Reverse(machine.runs.last().copied()));
    machines
}

/// What makes two figures ones of the same series.
fn identity(machine: usize, kept: &Kept, params: &str, metric: &KeptMetric) -> String {
    let KeptMetric {
        metric,
        engine,
        workers,
        scale,
        cluster,
        ..
    } = metric;

    format!(
        "{machine}\n{}\n{params}\n{engine}\n{workers}\n{scale}\n{cluster:?}\n{metric:?}",
        kept.workload
    )
}

/// `value` with the fields of its objects in the order of their names.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name:?}:{}", canonical(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}

/// A series that is being put together.
struct Growing {
    series: Series,
    params: Value,
    cluster: Option<String>,
    /// The calibration's median in each run.
    calibrations: Vec<f64>,
    /// Where it stands in the latest run that has it.
    place: (std::cmp::Reverse<usize>, usize, usize),
}

impl Growing {
    fn new(machine: usize, kept: &Kept, metric: &KeptMetric) -> Self {
        Self {
            series: Series {
                workload: kept.workload.clone(),
                variant: None,
                engine: metric.engine.clone(),
                workers: metric.workers,
                metric: metric.metric,
                machine,
                points: Vec::new(),
                left_out: 0,
            },
            params: kept.params.clone(),
            cluster: metric.cluster.clone(),
            calibrations: Vec::new(),
            place: (std::cmp::Reverse(0), 0, 0),
        }
    }

    fn push(&mut self, run: usize, kept: &Kept, metric: &KeptMetric) {
        let value = if metric.metric.is_time() {
            let per_calibration = metric.rounds.iter().zip(&kept.arithmetic_s);
            let ratios: Vec<f64> = per_calibration
                .map(|(seconds, arithmetic_s)| seconds / arithmetic_s)
                .collect();
            median(&ratios)
        } else {
            Some(metric.median)
        };

        match value.filter(|value| value.is_finite() && *value > 0.0) {
            Some(value) => {
                let arithmetic_s = median(&kept.arithmetic_s);
                let unit = arithmetic_s.filter(|_| metric.metric.is_time());
                self.series.points.push(Point {
                    run,
                    value,
                    conditions: metric.conditions.map(|all| all.per(unit.unwrap_or(1.0))),
                });
                self.calibrations.extend(arithmetic_s);
            }
            None => self.series.left_out += 1,
        }
    }

    fn finished(self, variant: Option<String>) -> Series {
        let mut series = self.series;
        series.variant = variant;
        if series.metric.is_time()
            && let Some(typical) = median(&self.calibrations)
        {
            for point in &mut series.points {
                point.value *= typical;
            }
        }

        series
    }
}

/// The parameters in which `one` differs from others of its workload on its machine, and the
/// cluster where that differs.
fn variant(one: &Growing, all: &[Growing]) -> Option<String> {
    let others = || {
        all.iter().filter(|other| {
            other.series.machine == one.series.machine
                && other.series.workload == one.series.workload
        })
    };
    let differs =
        |name: &str, value: &Value| others().any(|other| other.params.get(name) != Some(value));

    let params = one.params.as_object().into_iter().flatten();
    let named = params.filter(|(name, value)| differs(name, value));
    let params = named.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name} {text}"),
        None => format!("{name} {value}"),
    });
    let cluster = one.cluster.iter().filter(|_| {
        others().any(|other| {
            other.series.engine == one.series.engine
                && other.cluster.is_some()
                && other.cluster != one.cluster
        })
    });
    let parts: Vec<String> = params
        .chain(cluster.map(|cluster| format!("on {cluster}")))
        .collect();

    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture;
    use crate::history::{History, history};

    fn of_metric(series: &[Series], metric: Metric) -> Vec<&Series> {
        series
            .iter()
            .filter(|series| series.metric == metric)
            .collect()
    }

    /// The history of runs that `change` has changed, each with its number.
    fn changed(runs: usize, change: impl Fn(usize, &mut Record)) -> History {
        let mut records = fixture::of(&vec![1.0; runs]).records;
        let mut text = String::new();
        for (number, record) in records.iter_mut().enumerate() {
            change(number, record);
            text.push_str(&record.text());
            text.push('\n');
        }

        history(&[("x".to_owned(), text.into_bytes())])
    }

    #[test]
    fn a_run_makes_a_point_in_each_of_its_series() {
        let (machines, series) = series(&fixture::of(&[1.0, 1.1, 1.2]).records);

        assert_eq!((machines.len(), machines[0].runs.len()), (1, 3));
        let metrics: Vec<Metric> = series.iter().map(|series| series.metric).collect();
        assert_eq!(
            metrics,
            [Metric::SerialTime, Metric::DistributedTime, Metric::Speedup]
        );
        assert!(series.iter().all(|series| series.points.len() == 3));
        // Half a second on two workers, and a tenth more with each run.
        let values: Vec<f64> = series[1].points.iter().map(|point| point.value).collect();
        assert!((values[0] - 0.5).abs() < 0.02, "{values:?}");
        assert!((values[2] / values[0] - 1.2).abs() < 0.02, "{values:?}");
    }

    #[test]
    fn a_machine_that_is_slower_for_a_while_changes_no_time() {
        let history = changed(4, |number, record| {
            let slower = if number == 2 { 1.5 } else { 1.0 };
            for kept in &mut record.measurements {
                kept.arithmetic_s.iter_mut().for_each(|s| *s *= slower);
                for metric in kept
                    .metrics
                    .iter_mut()
                    .filter(|metric| metric.metric.is_time())
                {
                    metric.rounds.iter_mut().for_each(|s| *s *= slower);
                }
            }
        });
        let (_, series) = series(&history.records);
        let times = of_metric(&series, Metric::SerialTime)[0];

        let ratio = times.points[2].value / times.points[1].value;
        assert!((ratio - 1.0).abs() < 0.05, "{ratio}");
    }

    #[test]
    fn series_are_cut_by_machine_and_the_latest_comes_first() {
        let history = changed(6, |number, record| {
            if number % 2 == 1 {
                record.machine.processor.cpu_model = "another".to_owned();
            }
            // A kernel does not cut.
            record.machine.set_up.kernel = format!("6.{number}");
        });
        let (machines, series) = series(&history.records);

        assert_eq!(machines[0].processor.cpu_model, "another");
        assert_eq!(
            (&machines[0].runs, &machines[1].runs),
            (&vec![1, 3, 5], &vec![0, 2, 4])
        );
        assert_eq!(series.len(), 6);
        assert!(series.iter().all(|series| series.points.len() == 3));
    }

    #[test]
    fn parameters_make_series_and_name_them() {
        let history = changed(4, |number, record| {
            // The order of the fields is no matter.
            let text = match number {
                0 => "{\"size\": 5, \"tasks\": 2}",
                1 => "{\"tasks\": 2, \"size\": 5}",
                _ => "{\"size\": 7, \"tasks\": 2}",
            };
            record.measurements[0].params = serde_json::from_str(text).unwrap();
        });
        let (_, series) = series(&history.records);
        let times = of_metric(&series, Metric::SerialTime);

        let names: Vec<_> = times
            .iter()
            .map(|series| series.variant.as_deref())
            .collect();
        assert_eq!(names, [Some("size 7"), Some("size 5")]);
        assert_eq!(times[1].points.len(), 2);
    }

    #[test]
    fn a_figure_that_is_missing_or_means_nothing_leaves_a_gap() {
        let history = changed(5, |number, record| {
            if number == 2 {
                record.measurements[0].metrics.remove(1);
            }
            if number == 3 {
                record.measurements[0].metrics[2].median = 0.0;
            }
        });
        let (_, series) = series(&history.records);
        let runs = |metric| {
            let points = of_metric(&series, metric)[0].points.iter();
            points.map(|point| point.run).collect::<Vec<_>>()
        };

        assert_eq!(runs(Metric::DistributedTime), [0, 1, 3, 4]);
        assert_eq!(runs(Metric::Speedup), [0, 1, 2, 4]);
        assert_eq!(of_metric(&series, Metric::Speedup)[0].left_out, 1);
    }
}
