//! What starting a process costs, or a request to one, beside what a task does, in words.

use super::command::Command;
use crate::analysis::Estimate;
use crate::results::{Measurement, PROGRAM, Pair};
use crate::units::{Percent, Seconds};

/// The share of a task from which its start is worth a sentence.
const MOST: f64 = 0.5;
/// The share that the start should have instead.
const LITTLE: f64 = 0.1;

/// Processes for each worker that a batch of inputs should leave.
const TASKS_FOR_EACH: usize = 4;

/// What starting a process costs, which is part of every time; where it is most of a task, how many
/// inputs of one process would change that. `None` for a workload that is no command.
pub(in crate::report) fn start_up(measurement: &Measurement) -> Option<String> {
    if measurement.workload == PROGRAM {
        return round_trip(measurement);
    }
    let command = Command::of(measurement)?;
    let alone = measurement.start_alone()?;
    let together =
        together(measurement).map_or_else(String::new, |together| format!(", and {together}"));
    let starting = format!(
        "starting a process that does nothing takes {} here{together}",
        time(alone)
    );

    let task_s = measurement.figures(measurement.reference)?.median_s / measurement.tasks as f64;
    let share = (alone.median / task_s).min(1.0);
    if share < MOST {
        return Some(starting);
    }
    Some(format!(
        "{starting}: that is about {} of a task{}",
        Percent(share),
        advice(measurement, &command, alone.median, task_s)
    ))
}

/// What a request to another program costs that does no work, which is part of every task's time.
fn round_trip(measurement: &Measurement) -> Option<String> {
    let alone = measurement.start_alone()?;
    let task_s = measurement.figures(measurement.reference)?.median_s / measurement.tasks as f64;
    let trip = format!(
        "a request to the program that asks for no work takes {} there and back",
        time(alone)
    );

    let share = (alone.median / task_s).min(1.0);
    if share < MOST {
        return Some(trip);
    }
    Some(format!(
        "{trip}: that is about {} of a task, and larger tasks would pay more",
        Percent(share)
    ))
}

/// What a start takes beside others: `1.20 ms [1.10 ms, 1.25 ms] with 2 at a time`.
fn together(measurement: &Measurement) -> Option<String> {
    let pairs = measurement.pairs().filter(|pair| !pair.arm().is_variant());
    let most = pairs.max_by_key(|pair| pair.workers())?;
    let is_one_by_one = measurement.has_own_workers() || !measurement.reference_arm().is_serial();
    if is_one_by_one || most.workers() < 2 {
        return None;
    }

    let start = measurement.start_on(most.index)?;
    Some(format!("{} with {} at a time", time(start), most.workers()))
}

/// Seconds with their interval, where there is one.
pub(super) fn time(seconds: Estimate) -> String {
    let median = Seconds(seconds.median);

    match (seconds.low, seconds.high) {
        (Some(low), Some(high)) => format!("{median} [{}, {}]", Seconds(low), Seconds(high)),
        _ => median.to_string(),
    }
}

/// How many inputs of one process would make its start little of what it does.
fn advice(measurement: &Measurement, command: &Command<'_>, start_s: f64, task_s: f64) -> String {
    let most_workers = measurement.pairs().map(Pair::workers).max().unwrap_or(1);
    // Fewer processes would leave workers without one.
    let most = command.inputs / (TASKS_FOR_EACH * most_workers);
    let batch = batch(start_s, task_s)
        .saturating_mul(command.batch)
        .min(most);

    // A script has "$1" and no further input.
    if batch > command.batch && !command.has_shell() {
        format!(": give several inputs to one process, as with --batch {batch}")
    } else {
        String::new()
    }
}

/// Inputs of one process at which its start is little of what it does.
fn batch(start_s: f64, task_s: f64) -> usize {
    let input_s = (task_s - start_s).max(LITTLE * task_s);
    let least = (start_s / LITTLE - start_s) / input_s;

    // Round figures: the work of an input is a difference of two that are nearly the same.
    [2, 5, 10, 20, 50, 100, 200, 500]
        .into_iter()
        .find(|&round| f64::from(round) >= least)
        .unwrap_or(1000)
        .try_into()
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn a_start_that_is_most_of_a_task_is_named_with_how_to_avoid_it() {
        let mut short = measurement("pi", 2, 0.1, 0.05);
        short.tasks = 100;
        for round in &mut short.rounds {
            round.times[0].dispatch_s = Some(0.0008);
            round.times[1].dispatch_s = Some(0.0005);
        }
        assert_eq!(start_up(&short), None, "it is no command");

        let inputs: Vec<String> = (0..100).map(|input| input.to_string()).collect();
        short.params = json!({"command": ["touch"], "inputs": inputs});
        let sentence = start_up(&short).unwrap();
        assert!(
            sentence.starts_with(
                "starting a process that does nothing takes 800 µs [800 µs, 800 µs] here, and 1.00 ms \
                 [1.00 ms, 1.00 ms] with 2 at a time: that is about "
            ),
            "{sentence}"
        );
        assert!(
            sentence.ends_with(" to one process, as with --batch 12"),
            "{sentence}"
        );

        short.params = json!({"command": ["true"], "repeat": 100});
        assert!(start_up(&short).unwrap().ends_with(" of a task"));

        short.tasks = 2;
        let long = start_up(&short).unwrap();
        assert!(
            long.ends_with(" at a time"),
            "a task is long beside its start: {long}"
        );
    }

    #[test]
    fn a_request_without_work_is_named_beside_the_tasks_of_a_program() {
        let mut short = measurement("program", 2, 0.1, 0.05);
        for round in &mut short.rounds {
            round.times[0].dispatch_s = Some(0.000_02);
        }
        let long = start_up(&short).unwrap();
        assert_eq!(
            long,
            "a request to the program that asks for no work takes 20.0 µs [20.0 µs, 20.0 µs] there and back"
        );

        short.tasks = 4000;
        assert!(
            start_up(&short)
                .unwrap()
                .starts_with(&format!("{long}: that is about "))
        );
    }

    #[test]
    fn the_batch_makes_the_start_a_tenth() {
        // 0.8 ms of 1 ms: nine times the start for inputs of 0.2 ms are 36.
        assert_eq!(batch(0.0008, 0.001), 50);
        assert_eq!(batch(0.0005, 0.001), 10);
        assert_eq!(batch(0.001, 0.001), 100);
    }
}
