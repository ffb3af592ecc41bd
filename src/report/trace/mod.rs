//! When each task ran, as Chrome trace events: what ui.perfetto.dev and `chrome://tracing` open.
//!
//! Each arm is a process, or one for each node of a cluster that it ran on; each worker is a thread
//! with a slice for each task. The arms of a round ran one after another. Here all of them begin at
//! the same time, so that they can be compared by eye; rounds follow one another.

mod arm;
mod event;
mod missing;
mod slots;

use std::io::{self, Write};

use serde_json::{Value, json};

use self::arm::{Shown, add_arm};
use self::event::{Event, Events, Ns, ns};
use super::exporter::Exporter;
use super::words::names;
use crate::printable;
use crate::results::{Measurement, Round, Run};

/// Which rounds a trace shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceRounds {
    /// Of each measurement the one whose arms together took the median time.
    Median,
    /// All of them.
    All,
}

/// The median round.
static MEDIAN: Exporter = Exporter {
    name: "trace",
    extension: "json",
    about: "Chrome trace events: when each task of the median round ran.",
    write: |run, to| Trace::of(run, TraceRounds::Median).write(to),
    write_several: None,
};

/// All rounds.
static ALL: Exporter = Exporter {
    name: "trace-all",
    extension: "json",
    about: "Chrome trace events: when each task of all rounds ran.",
    write: |run, to| Trace::of(run, TraceRounds::All).write(to),
    write_several: None,
};

/// The format of a trace of these rounds.
#[must_use]
pub fn trace_format(rounds: TraceRounds) -> &'static Exporter {
    match rounds {
        TraceRounds::Median => &MEDIAN,
        TraceRounds::All => &ALL,
    }
}

/// What a trace of `run` leaves out, in sentences without a full stop.
#[must_use]
pub fn left_out_of_trace(run: &Run, rounds: TraceRounds) -> Vec<String> {
    Trace::of(run, rounds).left_out
}

/// Whether tasks of `run` were timed one by one, and no such time was stored.
#[must_use]
pub fn lacks_spans(run: &Run) -> bool {
    let rounds = run
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.rounds);
    let times = || rounds.clone().flat_map(|round| &round.times);

    times().any(|time| time.busy.is_some()) && times().all(|time| time.spans.is_empty())
}

struct Trace {
    events: Vec<Event>,
    left_out: Vec<String>,
    metadata: Value,
}

impl Trace {
    fn of(run: &Run, rounds: TraceRounds) -> Self {
        let mut events = Events::default();
        let mut left_out = Vec::new();

        for measurement in &run.measurements {
            let name = names::name(run, measurement);
            let shown_rounds = shown_rounds(measurement, rounds);
            if let ([round], 2..) = (shown_rounds.as_slice(), measurement.rounds.len()) {
                left_out.push(format!(
                    "{name}: of {} rounds only the median one is shown, round {}",
                    measurement.rounds.len(),
                    round.number
                ));
            }
            for index in 0..measurement.arms.len() {
                let notes = add_arm(&mut events, &name, measurement, index, &shown_rounds);
                left_out.extend(notes.into_iter().map(|note| format!("{name}: {note}")));
            }
        }

        Self {
            events: events.finish(),
            metadata: metadata(run, &left_out),
            left_out,
        }
    }

    /// Writes an event a line, which is short and can be searched.
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        writeln!(to, "{{\"displayTimeUnit\":\"ms\",")?;
        writeln!(to, "\"otherData\":{},", line(&self.metadata)?)?;
        writeln!(to, "\"traceEvents\":[")?;
        for (index, event) in self.events.iter().enumerate() {
            let end = if index + 1 < self.events.len() {
                ","
            } else {
                ""
            };
            writeln!(to, "{}{end}", line(event)?)?;
        }
        writeln!(to, "]}}")
    }
}

fn line(value: &impl serde::Serialize) -> io::Result<String> {
    Ok(printable::json(serde_json::to_string(value)?))
}

fn metadata(run: &Run, left_out: &[String]) -> Value {
    json!({
        "program": format!("parbench {}", run.parbench_version),
        "started_at": run.started_at,
        "time": "The arms of a round ran one after another; here each of them begins where its round does.",
        "left_out": left_out,
    })
}

/// The rounds to show, each with the time at which it begins.
fn shown_rounds(measurement: &Measurement, rounds: TraceRounds) -> Vec<Shown<'_>> {
    let all = measurement.rounds.iter().enumerate();
    let chosen: Vec<(usize, &Round)> = match rounds {
        TraceRounds::All => all.collect(),
        TraceRounds::Median => {
            let median = median_round(measurement);
            all.filter(|(_, round)| median.is_some_and(|median| std::ptr::eq(*round, median)))
                .collect()
        }
    };

    let mut begin = 0;
    let with_begin = chosen.into_iter().map(|(index, round)| {
        let shown_round = Shown {
            round,
            number: index + 1,
            begin,
        };
        begin = begin.saturating_add(length(round));
        shown_round
    });
    with_begin.collect()
}

/// The round whose arms together took the median time, of those that figures are taken over; the
/// shorter one of two.
fn median_round(measurement: &Measurement) -> Option<&Round> {
    let total_s = |round: &Round| round.times.iter().map(|time| time.wall_s).sum::<f64>();
    let mut counted = measurement.counted();
    counted.sort_by(|a, b| total_s(a).total_cmp(&total_s(b)));

    counted.get(counted.len().checked_sub(1)? / 2).copied()
}

/// The time until the last of the arms and tasks of `round` ends, where all arms begin at once.
fn length(round: &Round) -> Ns {
    let spans = round.times.iter().flat_map(|time| &time.spans);
    let ends = spans.map(|span| span.end_s);
    let walls = round.times.iter().map(|time| time.wall_s);

    ends.chain(walls).map(ns).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
