//! What was measured, by which program, on which machine: the lines at the foot of a chart. All of
//! them are the stored run's.

use serde_json::Value;

use crate::results::{Measurement, Run};
use crate::units::count;

/// The lines on `run`.
pub(in crate::report) fn facts(run: &Run) -> Vec<String> {
    let mut facts = parameters(run);
    facts.push(machine(run));
    facts.push(program(run));

    facts
}

/// `pi: samples 10000000, tasks 2, seed 42; 24 rounds`: a line for each workload. What differs
/// between its measurements is said where each is drawn.
fn parameters(run: &Run) -> Vec<String> {
    let mut workloads: Vec<&str> = Vec::new();
    for measurement in &run.measurements {
        if !workloads.contains(&measurement.workload.as_str()) {
            workloads.push(&measurement.workload);
        }
    }

    workloads
        .into_iter()
        .map(|workload| {
            let of_workload = |measurement: &&Measurement| measurement.workload == workload;
            let measurements: Vec<_> = run.measurements.iter().filter(of_workload).collect();
            let parts = [shared(&measurements), rounds(&measurements)];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();

            format!("{workload}: {}", parts.join("; "))
        })
        .collect()
}

/// Parameters that say where interpreters are.
const INTERPRETERS: [&str; 2] = ["pythons", "labels"];

/// The parameters that all of `measurements` have.
fn shared(measurements: &[&Measurement]) -> String {
    let Some((first, others)) = measurements.split_first() else {
        return String::new();
    };
    // Which interpreter it is says more than where it lies.
    let is_shown = |name: &str| !INTERPRETERS.contains(&name) || first.functions.is_empty();
    let interpreters = first
        .functions
        .iter()
        .map(|facts| facts.interpreter.clone());

    let params = first.params.as_object().into_iter().flatten();
    let common = params.filter(|(name, value)| {
        let has_it = |other: &&Measurement| other.params.get(name.as_str()) == Some(*value);
        is_shown(name) && others.iter().all(has_it)
    });
    let words = common.map(|(name, value)| shown(name, value));

    words.chain(interpreters).collect::<Vec<_>>().join(", ")
}

/// A parameter with its value; a long list is counted.
fn shown(name: &str, value: &Value) -> String {
    /// Characters of a list that are shown.
    const LONGEST: usize = 60;

    match value {
        Value::String(text) => format!("{name} {text}"),
        Value::Object(_) if value.get("command").is_some() => shown(name, &value["command"]),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            let text = texts.join(" ");
            if text.chars().count() <= LONGEST {
                format!("{name} {text}")
            } else {
                format!("{} {name}", items.len())
            }
        }
        _ => format!("{name} {}", value.to_string().replace(',', ", ")),
    }
}

/// How many rounds the figures are of.
fn rounds(measurements: &[&Measurement]) -> String {
    let numbers = || {
        measurements
            .iter()
            .map(|measurement| measurement.steady().count())
    };
    let (least, most) = (numbers().min(), numbers().max());

    match (least, most) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most} rounds"),
        (Some(rounds), _) => count(rounds, "round"),
        _ => String::new(),
    }
}

fn machine(run: &Run) -> String {
    let environment = &run.environment;

    format!(
        "{}, {}, {}; {}, {}",
        environment.cpu_model.trim(),
        count(environment.usable_cpus, "usable CPU"),
        environment.memory_bytes,
        environment.os,
        environment.cpu.isa
    )
}

/// `parbench 0.1.0 (0123abc), 2026-02-03`.
fn program(run: &Run) -> String {
    /// A commit's first digits are enough to find it.
    const DIGITS: usize = 9;

    let commit = run.environment.build.commit.as_deref().map(|commit| {
        let (digits, state) = commit.split_once('-').unwrap_or((commit, ""));
        let short: String = digits.chars().take(DIGITS).collect();
        let state = if state.is_empty() {
            ""
        } else {
            ", changed since"
        };
        format!(" ({short}{state})")
    });
    let day: String = run.started_at.chars().take(10).collect();

    format!(
        "parbench {}{}, measured on {day}",
        run.parbench_version,
        commit.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_foot_of_a_chart_says_what_was_measured_where() {
        let mut run = fixture::run();
        run.environment.build.commit = Some("0123456789abcdef-dirty".to_owned());

        assert_eq!(
            facts(&run),
            [
                "fib: n 10000, tasks 8; 10 rounds",
                "pi: samples 60000000, seed 1; 10 rounds",
                "image: images 40; 10 rounds",
                "AMD EPYC 7B13, 2 usable CPUs, 8.00 GB; Debian GNU/Linux 13, avx2",
                "parbench 0.1.0 (012345678, changed since), measured on 2026-02-03"
            ]
        );
    }

    #[test]
    fn measurements_of_one_workload_share_a_line() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        let mut longer = run.measurements[0].clone();
        longer.params = json!({"n": 20_000, "tasks": 8});
        longer.rounds.truncate(7);
        run.measurements.push(longer);

        assert_eq!(facts(&run)[0], "fib: tasks 8; 6 to 10 rounds");
    }
}
