//! From which batches and calls on workers pay for a function, in words.

use super::start_up::time;
use crate::analysis::{BreakEven, Estimate, Series, Summary, Verdict};
use crate::units::{Seconds, count};

/// From how many calls at once on the most workers of `series` pay, and how many of them a job
/// needs that runs once.
pub(in crate::report) fn break_even(series: &Series<'_>) -> Option<String> {
    let pair = series.pairs.last()?;
    let break_even = pair.break_even()?;
    // What was measured is surer than what follows from its parts.
    let pays = |summary: &Summary| matches!(summary.verdict, Verdict::Pays | Verdict::HardlyPays);
    let summary = pair.summary()?;
    let has_paid = pays(&summary);
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
        // Other programs may be all that it costs.
        if summary.busy_machine {
            return None;
        }
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
