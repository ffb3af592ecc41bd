//! What a measurement of a command measured, in words.

use super::command::Command;
use super::functions;
use crate::results::{Arm, Measurement};
use crate::units::count;

/// What was run: `one process for each of 16 inputs: sha256sum`; `None` for a workload that is no
/// command.
pub(in crate::report) fn shape(measurement: &Measurement) -> Option<String> {
    if let Some(calls) = functions::shape(measurement) {
        return Some(calls);
    }
    let shape = Command::of(measurement)?;
    let Command {
        line: command,
        inputs,
        batch,
        ..
    } = &shape;

    let what = if measurement.has_own_workers() {
        let runs = match measurement.tasks {
            1 => "one process that starts its own workers".to_owned(),
            runs => format!("{runs} runs of a process that starts its own workers"),
        };
        format!("{runs}: {command}")
    } else if *inputs == 0 {
        match measurement.tasks {
            1 => format!("one run of {command}"),
            runs => format!("{runs} equal runs of {command}"),
        }
    } else if measurement.tasks == 1 {
        format!("one process with {}: {command}", count(*inputs, "input"))
    } else if *batch == 1 {
        format!(
            "one process for each of {}: {command}",
            count(*inputs, "input")
        )
    } else {
        format!(
            "{} processes with up to {batch} of {}: {command}",
            measurement.tasks,
            count(*inputs, "input")
        )
    };

    // Those that would take more cores than there are were left out.
    let measured = |threads: &&u64| {
        let mut splits = measurement.arms.iter().filter_map(Arm::split);
        splits.any(|(_, of_arm)| of_arm as u64 == **threads)
    };
    let mut counts: Vec<u64> = shape.threads.iter().filter(measured).copied().collect();
    if counts.is_empty() {
        counts.clone_from(&shape.threads);
    }
    let what = match threads(&counts) {
        Some(threads) => format!("with {threads} in each, {what}"),
        None => what,
    };
    let serial = shape.serial().map_or_else(String::new, |serial| {
        format!(", beside the serial {serial}")
    });
    let other = shape
        .other()
        .map_or_else(String::new, |other| format!(", compared with {other}"));
    Some(what + &serial + &other)
}

/// The numbers of threads in each process; `None` where there is nothing to say.
fn threads(numbers: &[u64]) -> Option<String> {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();

    match &texts[..] {
        [] => None,
        [_] => Some(count(usize::try_from(numbers[0]).ok()?, "thread")),
        [first @ .., last] => Some(format!("{} or {last} threads", first.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn what_was_run_is_said_for_each_shape() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        assert_eq!(shape(&measurement), None);

        measurement.tasks = 3;
        let mut description = |params: Value| {
            measurement.params = params;
            shape(&measurement).unwrap()
        };
        assert_eq!(
            description(
                json!({"command": ["sleep", "1"], "variables": [["A", "2"]], "repeat": 3, "batch": 1})
            ),
            "3 equal runs of A=2 sleep 1"
        );
        assert_eq!(
            description(json!({"command": ["wc"], "inputs": ["a", "b", "c"], "batch": 1})),
            "one process for each of 3 inputs: wc"
        );
        assert_eq!(
            description(
                json!({"command": ["wc"], "inputs": ["a", "b", "c", "d", "e"], "batch": 2})
            ),
            "3 processes with up to 2 of 5 inputs: wc"
        );
        let split = |threads: Value| json!({"command": ["x", "{workers}"], "inputs": ["a", "b"], "batch": 1, "threads": threads});
        assert_eq!(
            description(split(json!([1, 2, 4]))),
            "with 1, 2 or 4 threads in each, one process for each of 2 inputs: x {workers}"
        );
        assert_eq!(
            description(split(json!([1]))),
            "with 1 thread in each, one process for each of 2 inputs: x {workers}"
        );
        let long = description(json!({"command": ["echo", "a\nb".repeat(50)], "batch": 1}));
        assert!(
            long.starts_with("3 equal runs of echo a\\nba\\nb"),
            "{long}"
        );
        assert!(long.ends_with('…') && long.chars().count() < 80, "{long}");

        measurement.arms[1].engine = "own".to_owned();
        measurement.tasks = 1;
        let mut description = |params: Value| {
            measurement.params = params;
            shape(&measurement).unwrap()
        };
        assert_eq!(
            description(json!({"command": ["make", "-j{workers}"], "batch": 1})),
            "one process that starts its own workers: make -j{workers}"
        );
        assert_eq!(
            description(json!({
                "command": ["zstd", "-T{workers}"],
                "serial": {"command": ["zstd", "--single-thread"]},
                "vs": {"command": ["pigz", "-p{workers}"]},
            })),
            "one process that starts its own workers: zstd -T{workers}, beside the serial zstd --single-thread, \
             compared with pigz -p{workers}"
        );
    }
}
