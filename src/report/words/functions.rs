//! What is known of a function of another language, in words: what was called, what travels with a
//! call, and from how many calls at once on going parallel pays.

use serde_json::Value;

use super::start_up::time;
use crate::analysis::{ArmFigures, BreakEven, Estimate, Series, Summary, Verdict};
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

        format!(
            "{}a call to another process sends {} and returns {}, {} of pickling{function}; importing the function \
             took {}{cores}{longest}",
            interpreter(measurement, facts),
            average(facts.sent_bytes),
            average(facts.returned_bytes),
            Seconds(facts.pickle_s / calls as f64),
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

/// From how many calls at once on the most workers of `series` pay, and how many of them a job
/// needs that runs once.
pub(in crate::report) fn break_even(series: &Series<'_>) -> Option<String> {
    let pair = series.pairs.last()?;
    let break_even = pair.break_even()?;
    // What was measured is surer than what follows from its parts.
    let pays = |summary: Summary| matches!(summary.verdict, Verdict::Pays | Verdict::HardlyPays);
    let has_paid = pair.summary().is_some_and(pays);
    if break_even.from_chunk.is_none() && has_paid {
        return None;
    }

    let handing_out = match break_even.chunk {
        1 => "handing one out".to_owned(),
        chunk => format!("handing out {chunk} at once"),
    };
    let costs = format!(
        "a call takes {}, {handing_out} {}",
        time(break_even.call_s),
        time(break_even.dispatch_s)
    );

    if !has_paid && break_even.pays_as_measured() {
        return Some(format!(
            "{costs}: by these, batches of this size should pay, so a pass costs more than they say"
        ));
    }
    Some(format!(
        "{costs}; {}{}",
        steady(&break_even, pair.measurement.tasks, pair.workers()),
        once(&break_even, pair.startup_s())
    ))
}

/// The size of a batch that pays in the long run.
fn steady(break_even: &BreakEven, calls: usize, workers: usize) -> String {
    let Some(least) = break_even.from_chunk else {
        return format!(
            "no batch pays: moving the data of a call takes {}, which is more than workers save",
            Seconds(break_even.transfer_s)
        );
    };
    let batch = least.median.ceil().max(1.0);

    if batch > (calls / workers.max(1)) as f64 {
        return format!(
            "it would pay from batches of {}{} on, more than {} give each worker",
            whole(batch),
            range(least),
            count(calls, "call")
        );
    }
    if break_even.pays_as_measured() {
        let manner = match break_even.chunk {
            1 => "call by call".to_owned(),
            chunk => format!("with {chunk} calls at once (--chunk)"),
        };
        return format!("it pays {manner}");
    }
    let how = if break_even.takes_chunks {
        "(--chunk)"
    } else {
        "in one item: this engine hands out items one by one"
    };
    format!(
        "it should pay from batches of {}{} on {how}",
        whole(batch),
        range(least)
    )
}

/// The calls of a job that runs once.
fn once(break_even: &BreakEven, startup_s: f64) -> String {
    match break_even.from_calls {
        Some(calls) => format!(
            ", and a job that runs once makes up for {} of start-up with {}{}",
            Seconds(startup_s),
            calls_of(calls.median),
            range(calls)
        ),
        None => String::new(),
    }
}

/// `1 call`, `125 calls`.
fn calls_of(number: f64) -> String {
    let number = number.ceil().max(1.0);

    format!(
        "{} {}",
        whole(number),
        if number > 1.0 { "calls" } else { "call" }
    )
}

fn range(estimate: Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!(" [{}, {}]", whole(low.ceil()), whole(high.ceil())),
        (Some(low), None) => format!(" [{}, no upper end]", whole(low.ceil())),
        _ => String::new(),
    }
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

#[cfg(test)]
mod tests;
