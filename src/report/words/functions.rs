//! What is known of a function of another language, in words: what was called, what travels with a
//! call, and from how many calls at once on going parallel pays.

use serde_json::Value;

use super::start_up::time;
use crate::printable::printable;
use crate::results::{BreakEven, Estimate, FunctionFacts, Measurement, Series, Summary, Verdict};
use crate::units::{Bytes, Seconds, count};

/// How many times as long as the mean call the longest one is that is worth a word, where it is this much
/// of all of them.
const UNEQUAL: f64 = 2.0;
const MUCH: f64 = 0.1;

/// What was called, as the first line of a report: `300 calls of f.py:root on CPython 3.11.7, libraries
/// limited to 1 thread`.
pub(super) fn shape(measurement: &Measurement) -> Option<String> {
    let function = measurement.params.get("function").and_then(Value::as_str);
    let interpreters: Vec<&str> = measurement
        .functions
        .iter()
        .map(|facts| facts.interpreter.as_str())
        .collect();
    let lock = match &measurement.functions[..] {
        [single] if !single.takes_turns => " without a global lock",
        _ => "",
    };

    let threads = match measurement
        .params
        .get("threads_per_task")
        .and_then(Value::as_str)
    {
        Some("keep") | None => String::new(),
        Some("1") => ", libraries limited to 1 thread in every arm".to_owned(),
        Some(number) => format!(", libraries limited to {number} threads in every arm"),
    };
    (!interpreters.is_empty()).then(|| {
        format!(
            "{} of {} on {}{lock}{threads}",
            count(measurement.tasks, "call"),
            printable(function.unwrap_or("a function")),
            interpreters.join(" and ")
        )
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

/// What travels with a call, for each interpreter: `a call sends 5 B and returns 312 B, 4.1 µs of
/// pickling; importing took 1.2 ms`.
pub(in crate::report) fn travelling(measurement: &Measurement) -> Vec<String> {
    let calls = measurement.tasks.max(1);
    let each = |facts: &FunctionFacts| {
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

        format!(
            "{}a call to another process sends {} and returns {}, {} of pickling; importing the function took \
             {}{longest}",
            interpreter(measurement, facts),
            average(facts.sent_bytes),
            average(facts.returned_bytes),
            Seconds(facts.pickle_s / calls as f64),
            Seconds(facts.import_s),
        )
    };

    measurement.functions.iter().map(each).collect()
}

/// The name of the interpreter before a sentence, where there are several.
fn interpreter(measurement: &Measurement, facts: &FunctionFacts) -> String {
    match measurement.functions.len() {
        0 | 1 => String::new(),
        _ => format!("on {}, ", printable(&facts.interpreter)),
    }
}

/// From how many calls at once on the most workers of `series` pay, and how many of them a job needs
/// that runs once.
pub(in crate::report) fn break_even(series: &Series<'_>) -> Option<String> {
    let pair = series.pairs.last()?;
    let found = pair.break_even()?;
    // What was measured is surer than what follows from its parts.
    let pays = |summary: Summary| matches!(summary.verdict, Verdict::Pays | Verdict::HardlyPays);
    if found.from_chunk.is_none() && pair.summary().is_some_and(pays) {
        return None;
    }

    let costs = format!(
        "a call takes {}, handing one out {}",
        time(found.call_s),
        time(found.dispatch_s)
    );

    Some(format!(
        "{costs}; {}{}",
        steady(&found, pair.measurement.tasks, pair.workers()),
        once(&found, pair.startup_s())
    ))
}

/// The size of a batch that pays in the long run.
fn steady(found: &BreakEven, calls: usize, workers: usize) -> String {
    let Some(least) = found.from_chunk else {
        return format!(
            "no batch pays: moving the data of a call takes {}, which is more than workers save",
            Seconds(found.transfer_s)
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
    if batch <= found.chunk as f64 {
        let each = match found.chunk {
            1 => "call by call".to_owned(),
            chunk => format!("with {chunk} calls at once (--chunk)"),
        };
        return format!("it pays {each}");
    }
    format!(
        "it pays from batches of {}{} on (--chunk)",
        whole(batch),
        range(least)
    )
}

/// The calls of a job that runs once.
fn once(found: &BreakEven, startup_s: f64) -> String {
    match found.from_calls {
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
