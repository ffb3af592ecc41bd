//! A run in words: what limits its figures, what each arm shows, and why distributing does not pay
//! where it does not.

use super::grade::Grade;
use super::ratio::{bound, ratio};
use crate::results::{
    Arm, ArmFigures, Loss, Measurement, Node, Pair, Phase, Placement, Run, SERIAL, Summary, Verdict,
};
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

/// That the memory holds fewer tasks than the workers of some arm could run, where it does.
pub(in crate::report) fn memory(measurement: &Measurement) -> Option<String> {
    let fitting = measurement.pairs().find_map(Pair::at_once_by_memory)?;

    Some(format!(
        "memory lets {} of {} run at once, whatever the workers; more memory would let more tasks run",
        count(fitting, "task"),
        measurement.task_bytes
    ))
}

/// The first arm of each engine: what an engine reports of itself, it reports for all of its arms.
pub(in crate::report) fn engines(measurement: &Measurement) -> Vec<&Arm> {
    let mut engines: Vec<&Arm> = Vec::new();
    for arm in &measurement.arms {
        if engines.iter().all(|known| known.engine != arm.engine) {
            engines.push(arm);
        }
    }

    engines
}

/// Where an engine came up and ran tasks: a sentence each.
pub(in crate::report) fn places(engine: &Arm) -> Vec<String> {
    let Arm {
        engine: name,
        placement: Placement { startup, nodes, .. },
        ..
    } = engine;
    let mut sentences = Vec::new();

    if !startup.is_empty() {
        let phases: Vec<String> = startup.iter().map(phase).collect();
        sentences.push(format!("start-up of {name} was {}", phases.join(", ")));
    }
    if !nodes.is_empty() {
        let used: Vec<String> = nodes.iter().map(node).collect();
        sentences.push(format!(
            "{name} ran on {}: {}",
            count(nodes.len(), "node"),
            used.join("; ")
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

/// What an engine lost while it was measured, and what it did again: a sentence each.
pub(in crate::report) fn losses(engine: &Arm) -> Vec<String> {
    let Arm {
        engine: name,
        placement,
        ..
    } = engine;
    let was = |number: u64| if number == 1 { "was" } else { "were" };

    let lost = placement.lost_slots.iter().map(|lost| {
        format!(
            "{} of {name} {} lost and replaced: {}",
            count_of(lost.slots, "slot"),
            was(lost.slots),
            lost.why
        )
    });
    let reruns = placement.reruns.iter().map(|rerun| {
        format!(
            "{} of {name} {} done again: {}",
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

/// What an arm shows, in a sentence: `pool 2 is 1.97x as fast as serial [1.95, 1.98]: pays`.
pub(in crate::report) fn verdict(pair: Pair<'_>, summary: &Summary) -> String {
    let interval = match (summary.speedup_low, summary.speedup_high) {
        (Some(low), Some(high)) => format!(" [{}, {}]", bound(low), bound(high)),
        _ => String::new(),
    };
    let now = now(summary);
    let verdict = match summary.verdict {
        Verdict::Pays if is_beside_serial(pair) => pays(pair, summary),
        Verdict::Pays => format!("faster{now}"),
        Verdict::DoesNotPay if is_beside_serial(pair) => format!("does not pay{now}"),
        Verdict::DoesNotPay => format!("not faster{now}"),
        Verdict::NotResolved if interval.is_empty() => {
            "not resolved, fewer than 6 steady rounds".to_owned()
        }
        Verdict::NotResolved => "not resolved".to_owned(),
    };

    format!(
        "{} is {} as fast as {}{interval}: {verdict}",
        pair.arm().label(),
        ratio(summary.speedup),
        pair.measurement.reference_arm().label()
    )
}

/// Whether the reference is the plain loop: only then is the question whether distributing pays.
fn is_beside_serial(pair: Pair<'_>) -> bool {
    pair.measurement.reference_arm().engine == SERIAL
}

/// The figures of all arms, with their ranges in brackets: `serial 1.23 s (1.20 s to 1.26 s); pool
/// 2 648 ms ...`.
pub(in crate::report) fn figures(measurement: &Measurement) -> Option<String> {
    let reference = measurement.figures(measurement.reference)?;
    let mut parts = vec![times(measurement.reference_arm(), &reference)];
    for pair in measurement.pairs() {
        let summary = pair.summary()?;
        parts.push(format!(
            "{}, speed-up {} ({} to {})",
            times(pair.arm(), &summary.arm),
            Ratio(summary.speedup),
            Ratio(summary.speedup_min),
            Ratio(summary.speedup_max),
        ));
    }

    Some(parts.join("; "))
}

fn times(arm: &Arm, figures: &ArmFigures) -> String {
    format!(
        "{} {} ({} to {})",
        arm.label(),
        Seconds(figures.median_s),
        Seconds(figures.min_s),
        Seconds(figures.max_s)
    )
}

/// How well it pays.
fn pays(pair: Pair<'_>, summary: &Summary) -> String {
    let now = now(summary);

    match Grade::of(summary, pair.workers()) {
        Some(Grade::Barely) => {
            let gain = (summary.speedup - 1.0) * 100.0;
            let decimals = usize::from(gain < 0.95);
            format!(
                "barely pays{now}, {gain:.decimals$} % faster for {} times the CPUs",
                pair.workers()
            )
        }
        Some(Grade::AlmostInFull) => format!("pays almost in full{now}"),
        Some(Grade::Well) | None => format!("pays{now}"),
    }
}

/// What keeps a verdict from being one on the machine: beside other programs it holds for this
/// moment.
fn now(summary: &Summary) -> &'static str {
    if summary.busy_machine { " now" } else { "" }
}

/// A part of the time that an arm takes beyond a perfect split of the serial time.
struct Factor {
    seconds: f64,
    name: String,
}

/// Which factor kept an arm from paying: the largest of what it took beyond a perfect split of the
/// serial time. `None` when it pays, where the engine does not report its workers' time, and where
/// other programs were in the way: what they took would be blamed on the tasks.
pub(in crate::report) fn reason(pair: Pair<'_>, summary: &Summary) -> Option<String> {
    let is_decided = summary.verdict != Verdict::Pays && summary.speedup_low.is_some();
    if !is_decided || summary.busy_machine || !is_beside_serial(pair) {
        return None;
    }

    let split = summary.reference.median_s / pair.workers().max(1) as f64;
    let beyond = summary.arm.median_s - split;
    let largest = factors(pair, summary, summary.loss?)
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

fn factors(pair: Pair<'_>, summary: &Summary, loss: Loss) -> [Factor; 3] {
    [
        Factor {
            seconds: loss.dispatch_s,
            name: "dispatch: submitting, waking workers, fetching".to_owned(),
        },
        Factor {
            seconds: loss.imbalance_s,
            name: imbalance(pair),
        },
        Factor {
            seconds: loss.inflation_s,
            name: inflation(pair, summary, loss.inflation_s),
        },
    ]
}

fn imbalance(pair: Pair<'_>) -> String {
    let tasks = pair.measurement.tasks;
    let workers = pair.workers();

    if tasks < workers {
        format!("imbalance: {} for {workers} workers", count(tasks, "task"))
    } else {
        "imbalance: one worker works longer than the others".to_owned()
    }
}

fn inflation(pair: Pair<'_>, summary: &Summary, inflation_s: f64) -> String {
    let serial_s = summary.reference.median_s.max(1e-9);
    let ratio = 1.0 + inflation_s * pair.workers() as f64 / serial_s;

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

    fn verdict_of(measurement: &Measurement) -> String {
        let pair = measurement.pairs().next().unwrap();
        verdict(pair, &pair.summary().unwrap())
    }

    fn reason_of(measurement: &Measurement) -> Option<String> {
        let pair = measurement.pairs().next().unwrap();
        reason(pair, &pair.summary().unwrap())
    }

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

        assert!(verdict_of(&run.measurements[0]).ends_with("pays almost in full now"));
        assert!(verdict_of(&run.measurements[2]).ends_with("does not pay now"));
        assert_eq!(reason_of(&run.measurements[2]), None);
    }

    #[test]
    fn a_small_gain_says_what_it_costs() {
        let verdict = verdict_of(&fixture::measurement("fib", 2, 1.0, 0.93));

        assert!(
            verdict.ends_with("barely pays, 7 % faster for 2 times the CPUs"),
            "{verdict}"
        );
    }

    #[test]
    fn beside_another_engine_the_question_is_which_is_faster() {
        let mut measurement = fixture::measurement("fib", 2, 1.0, 0.5);
        measurement.arms[0].engine = "process".to_owned();
        measurement.arms[0].workers = 2;

        let verdict = verdict_of(&measurement);
        assert!(
            verdict.starts_with("pool 2 is ") && verdict.contains(" as fast as process 2 ["),
            "{verdict}"
        );
        assert!(verdict.ends_with("]: faster"), "{verdict}");
    }
}
