//! What is known of a function of another language, in words: what was called, and what travels with
//! a call.

use serde_json::Value;

use crate::analysis::ArmFigures;
use crate::printable::printable;
use crate::results::{FunctionFacts, Measurement};
use crate::units::{Bytes, Seconds, count};

/// How many times as long as the mean call the longest one is that is worth a word, where it is
/// this much of all of them.
const UNEQUAL: f64 = 2.0;
const MUCH: f64 = 0.1;
/// How many times as long as later passes the first one is that is worth a word.
const FIRST: f64 = 4.0;
/// And the seconds: one interruption is longer than a short pass.
const FIRST_S: f64 = 0.02;
/// Seconds from which the CPU time of an arm is more than what starting to measure it takes.
const LONG_S: f64 = 0.001;
/// Bytes of a function from which it counts beside the items.
const LARGE: u64 = 1024;

/// What was called, as the first line of a report: `300 calls of f.py:root on CPython 3.11.7,
/// libraries limited to 1 thread`.
pub(super) fn shape(measurement: &Measurement) -> Option<String> {
    let function = measurement.params.get("function").and_then(Value::as_str);
    let interpreters: Vec<String> = measurement
        .functions
        .iter()
        .map(|facts| with_lock(measurement, facts))
        .collect();

    (!interpreters.is_empty()).then(|| {
        format!(
            "{} of {} on {}{}",
            count(measurement.tasks, "call"),
            printable(function.unwrap_or("a function")),
            interpreters.join(" and "),
            threads(measurement)
        )
    })
}

/// An interpreter and whether it has a global lock, where that is worth a word; of several, what
/// arms call it.
fn with_lock(measurement: &Measurement, facts: &FunctionFacts) -> String {
    let is_single = measurement.functions.len() < 2;
    let lock = match facts.takes_turns {
        true if is_single => "",
        true => " with a global lock",
        false => " without a global lock",
    };
    let label = if is_single {
        String::new()
    } else {
        format!(" ({})", printable(&facts.label))
    };

    format!("{}{lock}{label}", printable(&facts.interpreter))
}

/// What limits the threads of libraries: a flag, or variables of the environment.
fn threads(measurement: &Measurement) -> String {
    let limit = measurement.params.get("threads_per_task");

    match limit.and_then(Value::as_str) {
        Some("1") => ", libraries limited to 1 thread in every arm".to_owned(),
        Some("keep") | None => {
            let variables = measurement.functions.first().map(|facts| &facts.variables);
            let words: Vec<String> = variables
                .into_iter()
                .flatten()
                .map(|(name, value)| printable(&format!("{name}={value}")).into_owned())
                .collect();
            match &words[..] {
                [] => ", libraries with as many threads as they choose".to_owned(),
                words => format!(", libraries with threads by {}", words.join(" ")),
            }
        }
        Some(number) => format!(", libraries limited to {number} threads in every arm"),
    }
}

/// How an engine's workers run, where there is more to say than its name: `processes: start method
/// fork; ray: Ray 2.9.0, tasks`.
fn workers(measurement: &Measurement) -> Option<String> {
    let mut words = Vec::new();
    for arm in &measurement.arms {
        let word = arm.detail.as_ref().map(|detail| {
            let (engine, detail) = (printable(&arm.engine), printable(detail));
            format!("{engine}: {detail}")
        });
        words.extend(word.filter(|word| !words.contains(word)));
    }

    (!words.is_empty()).then(|| words.join("; "))
}

/// That the first pass over all items took much longer than those that are measured, where it did.
pub(in crate::report) fn first_pass(measurement: &Measurement) -> Option<String> {
    measurement.functions.iter().find_map(|facts| {
        let later_s = measurement.figures(measurement.loop_of(facts)?)?.median_s;
        let is_much_longer = facts.first_pass_s > FIRST * later_s;

        (is_much_longer && facts.first_pass_s > FIRST_S).then(|| {
            format!(
                "the first pass over all items took {}, later ones of the plain loop take {}: its calls import or \
                 compile something, or the function keeps results (a cache) that every later pass only looks up",
                Seconds(facts.first_pass_s),
                Seconds(later_s)
            )
        })
    })
}

/// That results vary by themselves, where they do.
pub(in crate::report) fn varying_results(measurement: &Measurement) -> Option<String> {
    let varies = measurement
        .functions
        .iter()
        .find_map(|facts| facts.varies.as_ref())?;

    Some(format!(
        "results vary from pass to pass, so they are not compared: {}",
        printable(varies)
    ))
}

/// How workers run, and what travels with a call, for each interpreter: `a call sends 5 B and returns 312 B,
/// 4.1 µs of pickling; importing took 1.2 ms`.
pub(in crate::report) fn travelling(measurement: &Measurement) -> Vec<String> {
    let calls = measurement.tasks.max(1);
    let sentence = |facts: &FunctionFacts| {
        let average = |bytes: u64| Bytes(bytes / calls as u64);
        let is_much_longer = facts.longest_s > UNEQUAL * facts.total_s / calls as f64;
        let longest = if is_much_longer && facts.longest_s > MUCH * facts.total_s {
            format!(
                "; the longest call, {}, takes {}",
                printable(&facts.longest),
                Seconds(facts.longest_s)
            )
        } else {
            String::new()
        };

        let function = if facts.function_bytes > LARGE {
            format!(
                "; the function itself takes {}, {} of pickling",
                Bytes(facts.function_bytes),
                Seconds(facts.function_pickle_s)
            )
        } else {
            String::new()
        };
        let cores = measurement
            .loop_of(facts)
            .filter(|&index| measurement.figures(index).is_some_and(is_long))
            .and_then(|index| measurement.cores_of(index))
            .map_or_else(String::new, |cores| {
                format!("; the plain loop uses {cores:.1} cores")
            });

        let data = match &facts.cannot_travel {
            Some(what) => format!(
                "no call can go to another process: {} cannot be pickled",
                printable(what)
            ),
            None => format!(
                "a call to another process sends {} and returns {}, {} of pickling{function}",
                average(facts.sent_bytes),
                average(facts.returned_bytes),
                Seconds(facts.pickle_s / calls as f64),
            ),
        };

        format!(
            "{}{data}; importing the function took {}{cores}{longest}",
            interpreter(measurement, facts),
            Seconds(facts.import_s),
        )
    };

    let facts = measurement.functions.iter().map(sentence);
    facts.chain(workers(measurement)).collect()
}

/// Whether an arm takes long enough for its cores to be known.
fn is_long(figures: ArmFigures) -> bool {
    figures.median_s > LONG_S
}

/// The name of the interpreter before a sentence, where there are several.
fn interpreter(measurement: &Measurement, facts: &FunctionFacts) -> String {
    match measurement.functions.len() {
        0 | 1 => String::new(),
        _ => format!("with {}, ", printable(&facts.label)),
    }
}
