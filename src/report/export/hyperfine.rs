//! The JSON that `hyperfine --export-json` writes, so that its scripts and whatever else reads it (such as
//! Bencher's `shell_hyperfine`) work on our rounds. It takes the steady rounds and derives nothing beyond
//! that form; a measurement that has none is left out.
//!
//! Each arm is a result, with times in seconds. The parameters are the measurement's in both, so that a
//! reader can pair them; `arm` tells them apart.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::exporter::Exporter;
use super::pretty::pretty;
use crate::event::Arm;
use crate::report::words::names::numbered;
use crate::results::{Measurement, Round, Run};
use crate::stats::{Spread, mean, standard_deviation};
use crate::units::count;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "hyperfine",
    extension: "json",
    about: "hyperfine's JSON with both arms as commands, for its scripts.",
    write,
};

#[derive(Serialize)]
struct Document {
    results: Vec<ArmResult>,
}

/// One arm in the shape of a command of hyperfine's: its names, in its order.
#[derive(Serialize)]
struct ArmResult {
    command: String,
    mean: f64,
    stddev: Option<f64>,
    median: f64,
    user: f64,
    system: f64,
    min: f64,
    max: f64,
    times: Vec<f64>,
    exit_codes: Vec<i32>,
    parameters: BTreeMap<&'static str, String>,
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&document(run), to)
}

fn document(run: &Run) -> Document {
    let arms = run
        .measurements
        .iter()
        .flat_map(|one| [(one, Arm::Serial), (one, Arm::Distributed)]);
    let mut results: Vec<ArmResult> = arms
        .filter_map(|(measurement, arm)| arm_result(run, measurement, arm))
        .collect();
    let names = numbered(results.iter().map(|result| result.command.clone()));
    for (result, name) in results.iter_mut().zip(names) {
        result.command = name;
    }
    Document { results }
}

fn arm_result(run: &Run, measurement: &Measurement, arm: Arm) -> Option<ArmResult> {
    let steady = || measurement.steady();
    let times: Vec<f64> = steady().map(|round| wall_s(round, arm)).collect();
    let (user, system): (Vec<f64>, Vec<f64>) = steady().map(|round| cpu_s(round, arm)).unzip();
    let spread = Spread::of(&times)?;
    Some(ArmResult {
        command: name(run, measurement, arm),
        mean: mean(&times)?,
        stddev: standard_deviation(&times),
        median: spread.median,
        user: mean(&user)?,
        system: mean(&system)?,
        min: spread.min,
        max: spread.max,
        exit_codes: vec![0; times.len()],
        times,
        parameters: parameters(measurement, arm),
    })
}

fn wall_s(round: &Round, arm: Arm) -> f64 {
    match arm {
        Arm::Serial => round.serial_s,
        Arm::Distributed => round.distributed_s,
    }
}

/// An arm's CPU seconds, user and system; zeros where the system did not tell, as the form cannot leave them out.
fn cpu_s(round: &Round, arm: Arm) -> (f64, f64) {
    let cpu = match arm {
        Arm::Serial => round.serial_cpu,
        Arm::Distributed => round.distributed_cpu,
    };
    cpu.map_or((0.0, 0.0), |cpu| (cpu.user_s, cpu.system_s))
}

/// `parbench fib (pool, 2 workers)`, `parbench fib (serial)`. Where a workload has several serial arms, each
/// says beside what it ran.
fn name(run: &Run, measurement: &Measurement, arm: Arm) -> String {
    let engine = format!(
        "{}, {}",
        measurement.engine,
        count(measurement.workers, "worker")
    );
    let of_workload = run
        .measurements
        .iter()
        .filter(|other| other.workload == measurement.workload);
    let variant = match arm {
        Arm::Distributed => engine,
        Arm::Serial if of_workload.count() > 1 => format!("serial beside {engine}"),
        Arm::Serial => "serial".to_owned(),
    };
    format!("parbench {} ({variant})", measurement.workload)
}

fn parameters(measurement: &Measurement, arm: Arm) -> BTreeMap<&'static str, String> {
    let arm = match arm {
        Arm::Serial => "serial",
        Arm::Distributed => "distributed",
    };
    BTreeMap::from([
        ("workload", measurement.workload.clone()),
        ("arm", arm.to_owned()),
        ("engine", measurement.engine.clone()),
        ("workers", measurement.workers.to_string()),
        ("tasks", measurement.tasks.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn both_arms_are_commands() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        run.measurements[0].rounds.truncate(3);
        insta::assert_snapshot!(serde_json::to_string_pretty(&document(&run)).unwrap(), @r#"
        {
          "results": [
            {
              "command": "parbench fib (serial)",
              "mean": 1.200682,
              "stddev": 0.005235418607905174,
              "median": 1.200682,
              "user": 1.16466154,
              "system": 0.02401364,
              "min": 1.19698,
              "max": 1.204384,
              "times": [
                1.19698,
                1.204384
              ],
              "exit_codes": [
                0,
                0
              ],
              "parameters": {
                "arm": "serial",
                "engine": "pool",
                "tasks": "8",
                "workers": "2",
                "workload": "fib"
              }
            },
            {
              "command": "parbench fib (pool, 2 workers)",
              "mean": 0.64139124,
              "stddev": 0.002982915814299844,
              "median": 0.64139124,
              "user": 1.2442990056,
              "system": 0.025655649600000004,
              "min": 0.639282,
              "max": 0.64350048,
              "times": [
                0.639282,
                0.64350048
              ],
              "exit_codes": [
                0,
                0
              ],
              "parameters": {
                "arm": "distributed",
                "engine": "pool",
                "tasks": "8",
                "workers": "2",
                "workload": "fib"
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn names_are_told_apart_and_figures_are_finite() {
        for mut run in fixture::every_run() {
            run.measurements.extend(run.measurements.clone());
            let results = document(&run).results;
            let names: HashSet<&str> = results
                .iter()
                .map(|result| result.command.as_str())
                .collect();
            assert_eq!(names.len(), results.len(), "{names:?}");
            for result in &results {
                let figures = [
                    result.mean,
                    result.median,
                    result.user,
                    result.system,
                    result.min,
                    result.max,
                ];
                assert!(
                    figures
                        .iter()
                        .chain(&result.times)
                        .all(|figure| figure.is_finite())
                );
                assert!(
                    result.min <= result.mean * (1.0 + 1e-12)
                        && result.mean <= result.max * (1.0 + 1e-12)
                );
                assert_eq!(result.times.len(), result.exit_codes.len());
            }
        }
    }

    #[test]
    fn several_serial_arms_say_beside_what_they_ran() {
        let results = document(&fixture::nine()).results;
        assert_eq!(
            results[0].command,
            "parbench fib (serial beside pool, 1 worker)"
        );
        assert_eq!(results[5].command, "parbench fib (pool, 4 workers)");
    }

    #[test]
    fn one_round_has_no_deviation_and_a_cold_one_is_no_result() {
        let mut run = fixture::run();
        run.measurements[0].rounds.truncate(2);
        run.measurements[1].rounds.truncate(1);
        let results = document(&run).results;
        assert_eq!(results.len(), 4);
        assert_eq!((results[0].stddev, results[0].times.len()), (None, 1));
    }
}
