//! What a figure, a run, a machine and a change of a history are called.

use super::change::{between, percent};
use super::names::with_variant;
use crate::history::{Account, Episode, Judged, Machine, Record, Shape};
use crate::printable::printable;
use crate::results::{Metric, arm_label};
use crate::units::count;

/// As many digits of a commit as tell it from others.
const COMMIT: usize = 10;

/// What a series is about: `fib serial`, `fib pool 2 speed-up`. A time goes by its arm alone.
pub(in crate::report) fn name(account: &Account, judged: &Judged) -> String {
    match judged.series.metric {
        Metric::SerialTime | Metric::DistributedTime => arm(account, judged),
        metric @ (Metric::Speedup | Metric::TaskOverhead) => format!(
            "{} {}{}",
            plain_arm(judged),
            metric.name(),
            on_machine(account, judged)
        ),
    }
}

/// The arm that a series belongs to, and its machine where several are judged.
pub(in crate::report) fn arm(account: &Account, judged: &Judged) -> String {
    plain_arm(judged) + &on_machine(account, judged)
}

fn plain_arm(judged: &Judged) -> String {
    let series = &judged.series;
    let workload = with_variant(&series.workload, series.variant.as_deref());

    format!("{workload} {}", arm_label(&series.engine, series.workers))
}

fn on_machine(account: &Account, judged: &Judged) -> String {
    let own_machine = account.machines.get(judged.series.machine);

    match own_machine.filter(|_| account.judged_machines > 1) {
        Some(own_machine) => format!(" on {}", machine(own_machine)),
        None => String::new(),
    }
}

/// A run by its commit and day, or by its date alone.
pub(in crate::report) fn run(record: &Record) -> String {
    match commit(record) {
        Some(commit) => format!("{commit} ({})", day(record)),
        None => record.started_at.clone(),
    }
}

/// The day of a run.
pub(in crate::report) fn day(record: &Record) -> String {
    record.started_at.chars().take(10).collect()
}

/// The commit of a run in few digits, if it has one. What is no digest stays as it is.
pub(in crate::report) fn commit(record: &Record) -> Option<String> {
    let commit = record.commit.as_deref()?;
    let digits = commit.strip_suffix("-dirty").unwrap_or(commit);
    let is_digest = digits.len() > COMMIT && digits.bytes().all(|byte| byte.is_ascii_hexdigit());

    Some(if is_digest {
        format!("{}{}", &digits[..COMMIT], &commit[digits.len()..])
    } else {
        printable(commit).into_owned()
    })
}

/// The machine: `AMD EPYC 7B13, 2 CPUs`.
pub(in crate::report) fn machine(machine: &Machine) -> String {
    let processor = &machine.processor;
    let build = if processor.build_profile == "release" {
        String::new()
    } else {
        format!(", {} build", printable(&processor.build_profile))
    };

    format!(
        "{}, {}{build}",
        printable(&processor.cpu_model),
        count(processor.usable_cpus, "CPU")
    )
}

/// Which runs an account is about.
pub(in crate::report) fn subject(account: &Account) -> String {
    let machines: Vec<String> = account.machines[..account.judged_machines]
        .iter()
        .map(|judged_machine| {
            let ends = judged_machine.runs.first().zip(judged_machine.runs.last());
            let ends = ends.and_then(|(first, last)| {
                Some((account.records.get(*first)?, account.records.get(*last)?))
            });
            let days = match ends.map(|(first, last)| (day(first), day(last))) {
                Some((first, last)) if first == last => format!(", {first}"),
                Some((first, last)) => format!(", {first} to {last}"),
                None => String::new(),
            };
            format!(
                "{} on {}{days}",
                count(judged_machine.runs.len(), "run"),
                machine(judged_machine)
            )
        })
        .collect();

    machines.join("; ")
}

/// A change in per cent with its interval: `+12.0 [+9.1, +15.2] %`.
pub(in crate::report) fn amount(metric: Metric, episode: &Episode) -> String {
    format!(
        "{} {} %",
        change(metric, episode),
        interval(metric, episode)
    )
}

/// A change in per cent: `+12.0`.
pub(in crate::report) fn change(metric: Metric, episode: &Episode) -> String {
    percent(metric, episode.amount.change)
}

/// The interval of a change in per cent: `[+9.1, +15.2]`.
pub(in crate::report) fn interval(metric: Metric, episode: &Episode) -> String {
    between(metric, episode.amount.low, episode.amount.high)
}

/// What a change was: `step`, `drift`, `3 steps`.
pub(in crate::report) fn shape(episode: &Episode) -> String {
    match episode.shape {
        Shape::Step => "step".to_owned(),
        Shape::Drift { .. } => "drift".to_owned(),
        Shape::Stairs { steps, .. } => count(steps, "step"),
    }
}
