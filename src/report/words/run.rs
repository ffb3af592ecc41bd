//! A run in words: what limits its figures, what each measurement shows, and why distributing does not pay where it
//! does not.

use super::grade::Grade;
use super::names::names_engines;
use super::ratio::{bound, ratio};
use crate::results::{Loss, Measurement, Node, Phase, Run, Summary, Verdict};
use crate::units::{Ratio, Seconds, count};

/// Of a measurement without a complete round.
pub(in crate::report) const NO_FIGURES: &str = "no round is complete, so there are no figures";

/// Of a measurement whose first round alone is complete.
pub(in crate::report) const COLD_ONLY: &str =
    "only the cold first round is complete; its figures are shown";

/// What limits all figures, a sentence each.
pub(in crate::report) fn limits(run: &Run) -> Vec<String> {
    let mut limits = Vec::new();

    if run.interrupted && run.measurements.is_empty() {
        limits.push("interrupted before a round was complete".to_owned());
    } else if run.interrupted {
        limits
            .push("interrupted: the figures are those of the rounds that were complete".to_owned());
    }
    if run.environment.build_profile == "debug" {
        limits.push("debug build: its times say nothing; measure with a release build".to_owned());
    }

    limits
}

/// That the memory holds fewer tasks than the workers could run, where it does.
pub(in crate::report) fn memory(measurement: &Measurement) -> Option<String> {
    let fitting = measurement.at_once_by_memory()?;

    Some(format!(
        "memory lets {} of {} run at once, whatever the workers; grant more with --memory",
        count(fitting, "task"),
        measurement.task_bytes
    ))
}

/// Where a measurement's engine came up and ran tasks: a sentence each.
pub(in crate::report) fn places(measurement: &Measurement) -> Vec<String> {
    let placement = &measurement.placement;
    let mut sentences = Vec::new();

    if !placement.startup.is_empty() {
        let phases: Vec<String> = placement.startup.iter().map(phase).collect();
        sentences.push(format!("start-up was {}", phases.join(", ")));
    }
    if !placement.nodes.is_empty() {
        let nodes: Vec<String> = placement.nodes.iter().map(node).collect();
        sentences.push(format!(
            "it ran on {}: {}",
            count(nodes.len(), "node"),
            nodes.join("; ")
        ));
    }

    sentences
}

fn phase(phase: &Phase) -> String {
    format!("{} {}", phase.name, Seconds(phase.seconds))
}

fn node(node: &Node) -> String {
    format!(
        "{} ({}, {})",
        node.name,
        count(node.slots, "slot"),
        count_of(node.tasks, "task")
    )
}

/// What was lost while it was measured, and what was done again: a sentence each.
pub(in crate::report) fn losses(measurement: &Measurement) -> Vec<String> {
    let placement = &measurement.placement;
    let was = |number: u64| if number == 1 { "was" } else { "were" };

    let lost = placement.lost_slots.iter().map(|lost| {
        format!(
            "{} {} lost and replaced: {}",
            count_of(lost.slots, "slot"),
            was(lost.slots),
            lost.why
        )
    });
    let reruns = placement.reruns.iter().map(|rerun| {
        format!(
            "{} {} done again: {}",
            count_of(rerun.tasks, "task"),
            was(rerun.tasks),
            rerun.why
        )
    });
    lost.chain(reruns).collect()
}

fn count_of(number: u64, thing: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), thing)
}

/// What a measurement shows, in a sentence: `distributed is 1.97x as fast [1.95, 1.98] on 2 workers: pays`.
pub(in crate::report) fn verdict(
    run: &Run,
    measurement: &Measurement,
    summary: &Summary,
) -> String {
    let engine = if names_engines(run) {
        format!(" ({})", measurement.engine)
    } else {
        String::new()
    };
    let interval = match (summary.speedup_low, summary.speedup_high) {
        (Some(low), Some(high)) => format!(" [{}, {}]", bound(low), bound(high)),
        _ => String::new(),
    };
    let verdict = match summary.verdict {
        Verdict::Pays => pays(measurement, summary),
        Verdict::DoesNotPay => format!("does not pay{}", now(summary)),
        Verdict::NotResolved if interval.is_empty() => {
            "not resolved, fewer than 6 steady rounds".to_owned()
        }
        Verdict::NotResolved => "not resolved".to_owned(),
    };

    format!(
        "distributed is {} as fast{interval} on {}{engine}: {verdict}",
        ratio(summary.speedup),
        count(measurement.workers, "worker")
    )
}

/// The figures of both arms, with their ranges in brackets: `serial 1.23 s (1.20 s to 1.26 s), ...`.
pub(in crate::report) fn figures(summary: &Summary) -> String {
    format!(
        "serial {} ({} to {}), distributed {} ({} to {}), speed-up {} ({} to {})",
        Seconds(summary.serial_median_s),
        Seconds(summary.serial_min_s),
        Seconds(summary.serial_max_s),
        Seconds(summary.distributed_median_s),
        Seconds(summary.distributed_min_s),
        Seconds(summary.distributed_max_s),
        Ratio(summary.speedup),
        Ratio(summary.speedup_min),
        Ratio(summary.speedup_max),
    )
}

/// How well it pays.
fn pays(measurement: &Measurement, summary: &Summary) -> String {
    let now = now(summary);

    match Grade::of(summary, measurement.workers) {
        Some(Grade::Barely) => {
            let gain = (summary.speedup - 1.0) * 100.0;
            let decimals = usize::from(gain < 0.95);
            format!(
                "barely pays{now}, {gain:.decimals$} % faster for {} times the CPUs",
                measurement.workers
            )
        }
        Some(Grade::AlmostInFull) => format!("pays almost in full{now}"),
        Some(Grade::Well) | None => format!("pays{now}"),
    }
}

/// What keeps a verdict from being one on the machine: beside other programs it holds for this moment.
fn now(summary: &Summary) -> &'static str {
    if summary.busy_machine { " now" } else { "" }
}

/// A part of the time that the distributed arm takes beyond a perfect split of the serial time.
struct Factor {
    seconds: f64,
    name: String,
}

/// Which factor kept a measurement from paying: the largest of what the distributed arm took beyond a perfect split of
/// the serial time. `None` when it pays, where the engine does not report its workers' time, and where other programs
/// were in the way: what they took would be blamed on the tasks.
pub(in crate::report) fn reason(measurement: &Measurement, summary: &Summary) -> Option<String> {
    if summary.verdict == Verdict::Pays || summary.speedup_low.is_none() || summary.busy_machine {
        return None;
    }

    let split = summary.serial_median_s / measurement.workers.max(1) as f64;
    let beyond = summary.distributed_median_s - split;
    let largest = factors(measurement, summary, summary.loss?)
        .into_iter()
        .max_by(|a, b| a.seconds.total_cmp(&b.seconds))?;
    if largest.seconds <= 0.0 || beyond <= 0.0 {
        return None;
    }

    Some(format!(
        "of {} beyond a perfect split, {} is {}",
        Seconds(beyond),
        Seconds(largest.seconds.min(beyond)),
        largest.name
    ))
}

fn factors(measurement: &Measurement, summary: &Summary, loss: Loss) -> [Factor; 3] {
    [
        Factor {
            seconds: loss.dispatch_s,
            name: "dispatch: submitting, waking workers, fetching".to_owned(),
        },
        Factor {
            seconds: loss.imbalance_s,
            name: imbalance(measurement),
        },
        Factor {
            seconds: loss.inflation_s,
            name: inflation(measurement, summary, loss.inflation_s),
        },
    ]
}

fn imbalance(measurement: &Measurement) -> String {
    let workers = measurement.workers;

    if measurement.tasks < workers {
        format!(
            "imbalance: {} for {workers} workers",
            count(measurement.tasks, "task")
        )
    } else {
        "imbalance: one worker works longer than the others".to_owned()
    }
}

fn inflation(measurement: &Measurement, summary: &Summary, inflation_s: f64) -> String {
    let serial_s = summary.serial_median_s.max(1e-9);
    let ratio = 1.0 + inflation_s * measurement.workers as f64 / serial_s;

    format!(
        "work inflation: tasks take {} as long when others run (memory bandwidth, SMT, clock, neighbours)",
        Ratio(ratio)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;

    #[test]
    fn beside_other_programs_a_verdict_is_of_now_and_names_no_cause() {
        let mut run = fixture::run();
        for round in run
            .measurements
            .iter_mut()
            .flat_map(|measurement| &mut measurement.rounds)
        {
            round.machine.other_programs = Some(OtherPrograms {
                cores: 1.3,
                cpus: 2,
            });
        }
        let verdict_of = |index: usize| {
            let measurement = &run.measurements[index];
            verdict(&run, measurement, &measurement.summary().unwrap())
        };
        let image = &run.measurements[2];

        assert!(verdict_of(0).ends_with("pays almost in full now"));
        assert!(verdict_of(2).ends_with("does not pay now"));
        assert_eq!(reason(image, &image.summary().unwrap()), None);
    }

    #[test]
    fn a_small_gain_says_what_it_costs() {
        let run = fixture::of(vec![fixture::measurement("fib", 2, 1.0, 0.93)]);
        let summary = run.measurements[0].summary().unwrap();
        let verdict = verdict(&run, &run.measurements[0], &summary);

        assert!(
            verdict.ends_with("barely pays, 7 % faster for 2 times the CPUs"),
            "{verdict}"
        );
    }
}
