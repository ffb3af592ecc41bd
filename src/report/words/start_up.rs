//! That starting a process is most of what a task does, in words.

use serde_json::Value;

use crate::results::{Measurement, Pair};
use crate::units::{Percent, Seconds};

/// The share of a task from which its start is worth a sentence.
const MOST: f64 = 0.5;
/// The share that the start should have instead.
const LITTLE: f64 = 0.1;

/// Processes for each worker that a batch of inputs should leave.
const TASKS_FOR_EACH: usize = 4;

/// That starting a process is most of a task, and how many inputs of one process would change that.
pub(in crate::report) fn start_up(measurement: &Measurement) -> Option<String> {
    let params = measurement.params.as_object()?;
    if !params.contains_key("command") || !measurement.reference_arm().is_serial() {
        return None;
    }

    let fewest = measurement.pairs().min_by_key(|pair| pair.workers())?;
    let start_s = start_s(fewest)?;
    let task_s = measurement.figures(measurement.reference)?.median_s / measurement.tasks as f64;
    let share = (start_s / task_s).min(1.0);
    if share < MOST {
        return None;
    }

    let inputs = params.get("inputs").and_then(Value::as_array);
    let remedy = match inputs.map(Vec::len).filter(|&inputs| inputs > 1) {
        Some(inputs) => {
            let most_workers = measurement.pairs().map(Pair::workers).max().unwrap_or(1);
            let most = inputs / (TASKS_FOR_EACH * most_workers);
            let batch = batch(start_s, task_s).saturating_mul(today(params));
            remedy(batch.min(most), params)
        }
        None => String::new(),
    };
    Some(format!(
        "starting a process is about {} of a task ({} of {}){remedy}",
        Percent(share),
        Seconds(start_s.min(task_s)),
        Seconds(task_s)
    ))
}

/// What to do about it; nothing where fewer processes would leave workers without one.
fn remedy(batch: usize, params: &serde_json::Map<String, Value>) -> String {
    if batch > today(params) {
        format!(": give several inputs to one process, as with --batch {batch}")
    } else {
        String::new()
    }
}

/// Inputs of one process as it was measured.
fn today(params: &serde_json::Map<String, Value>) -> usize {
    let batch = params.get("batch").and_then(Value::as_u64);

    batch
        .and_then(|batch| usize::try_from(batch).ok())
        .unwrap_or(1)
}

/// Seconds that a CPU takes to start a program that does nothing.
fn start_s(pair: Pair<'_>) -> Option<f64> {
    let summary = pair.summary()?;
    let at_once = summary.granted_cores.unwrap_or(pair.workers() as f64);

    Some(summary.dispatch_median_s? * at_once)
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
            round.times[1].dispatch_s = Some(0.0004);
        }
        assert_eq!(start_up(&short), None, "it is no command");

        let inputs: Vec<String> = (0..100).map(|input| input.to_string()).collect();
        short.params = json!({"command": ["touch"], "inputs": inputs});
        let said = start_up(&short).unwrap();
        assert!(said.starts_with("starting a process is about "), "{said}");
        assert!(
            said.ends_with(" to one process, as with --batch 12"),
            "{said}"
        );

        short.params = json!({"command": ["true"], "repeat": 100});
        assert!(start_up(&short).unwrap().ends_with(')'));

        short.tasks = 2;
        assert_eq!(start_up(&short), None, "a task is long beside its start");
    }

    #[test]
    fn the_batch_makes_the_start_a_tenth() {
        // 0.8 ms of 1 ms: nine times the start for inputs of 0.2 ms are 36.
        assert_eq!(batch(0.0008, 0.001), 50);
        assert_eq!(batch(0.0005, 0.001), 10);
        assert_eq!(batch(0.001, 0.001), 100);
    }
}
