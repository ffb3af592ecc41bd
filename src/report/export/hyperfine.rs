//! The JSON that `hyperfine --export-json` writes, so that its scripts and whatever else reads it
//! (such as Bencher's `shell_hyperfine`) work on our rounds. It takes the steady rounds and derives
//! nothing beyond that form; a measurement without a steady round is left out.
//!
//! Each arm is a result, with times in seconds; its parameters say what it is.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::pretty::pretty;
use crate::report::exporter::Exporter;
use crate::report::words::names::{name, numbered};
use crate::report::words::varying::exit_code;
use crate::results::{Arm, ArmTime, Measurement, Run};
use crate::stats::{Spread, mean, standard_deviation};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "hyperfine",
    extension: "json",
    about: "hyperfine's JSON with all arms as commands, for its scripts.",
    write,
    write_several: None,
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
    /// `null` where there is no code for a round: tasks ended in several ways, or by a signal.
    exit_codes: Vec<Option<i32>>,
    parameters: BTreeMap<&'static str, String>,
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    pretty(&document(run), to)
}

fn document(run: &Run) -> Document {
    let mut results = Vec::new();
    for measurement in &run.measurements {
        for (index, arm) in measurement.arms.iter().enumerate() {
            let command = format!("{} {}", name(run, measurement), arm.label());
            let parameters = parameters(measurement, arm);
            results.extend(arm_result(command, measurement, index, parameters));
        }
    }

    let names = numbered(results.iter().map(|result| result.command.clone()));
    for (result, name) in results.iter_mut().zip(names) {
        result.command = name;
    }
    Document { results }
}

fn arm_result(
    command: String,
    measurement: &Measurement,
    index: usize,
    parameters: BTreeMap<&'static str, String>,
) -> Option<ArmResult> {
    let steady: Vec<&ArmTime> = measurement
        .steady()
        .map(|round| &round.times[index])
        .collect();
    // The form cannot leave CPU times out: they are zeros where the system does not report them.
    let user: Vec<f64> = steady
        .iter()
        .map(|time| time.cpu.map_or(0.0, |cpu| cpu.user_s))
        .collect();
    let system: Vec<f64> = steady
        .iter()
        .map(|time| time.cpu.map_or(0.0, |cpu| cpu.system_s))
        .collect();
    let times: Vec<f64> = steady.iter().map(|time| time.wall_s).collect();
    let spread = Spread::of(&times)?;

    Some(ArmResult {
        command,
        mean: mean(&times)?,
        stddev: standard_deviation(&times),
        median: spread.median,
        user: mean(&user)?,
        system: mean(&system)?,
        min: spread.min,
        max: spread.max,
        exit_codes: vec![exit_code(measurement, index); times.len()],
        times,
        parameters,
    })
}

fn parameters(measurement: &Measurement, arm: &Arm) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("workload", measurement.workload.clone()),
        ("engine", arm.engine.clone()),
        ("workers", arm.workers.to_string()),
        ("tasks", measurement.tasks.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn all_arms_are_commands() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        run.measurements[0].rounds.truncate(3);
        insta::assert_snapshot!(serde_json::to_string_pretty(&document(&run)).unwrap(), @r#"
        {
          "results": [
            {
              "command": "fib serial",
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
                "engine": "serial",
                "tasks": "8",
                "workers": "1",
                "workload": "fib"
              }
            },
            {
              "command": "fib pool 2",
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
    fn names_are_distinct_and_figures_are_finite() {
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
    fn each_arm_is_written_once() {
        let commands: Vec<String> = document(&fixture::nine())
            .results
            .into_iter()
            .map(|result| result.command)
            .collect();
        assert_eq!(
            commands[..5],
            [
                "fib serial",
                "fib pool 1",
                "fib pool 2",
                "fib pool 4",
                "pi serial"
            ]
        );
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
