//! A run in words: what limits its figures, what each arm shows, and why distributing does not pay
//! where it does not.

use super::cause::shortfall;
use super::ratio::{interval, ratio, spaced};
use crate::analysis::{Series, Summary, Verdict};
use crate::results::{Arm, Measurement, Node, Pair, Phase, Placement, Run};
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
        limits.push(
            "debug build: its times are meaningless; measure with a release build".to_owned(),
        );
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
    let interval = interval(summary);
    let verdict = match summary.verdict {
        Verdict::NotResolved if interval.is_empty() => {
            "not resolved, fewer than 6 steady rounds".to_owned()
        }
        _ => grade(pair, summary),
    };

    format!(
        "{} is {} as fast as {}{}{}: {verdict}",
        pair.arm().label(),
        ratio(summary.speedup),
        pair.measurement.reference_arm().label(),
        spaced(&interval),
        price(pair, summary)
    )
}

/// The verdict in a word or two: `hardly pays`.
pub(in crate::report) fn grade(pair: Pair<'_>, summary: &Summary) -> String {
    let verdict = match (summary.verdict, asks_whether_it_pays(pair)) {
        (Verdict::Pays, true) => "pays",
        (Verdict::HardlyPays, true) => "hardly pays",
        (Verdict::DoesNotPay, true) => "does not pay",
        (Verdict::Pays | Verdict::HardlyPays, false) => "faster",
        (Verdict::DoesNotPay, false) => "not faster",
        (Verdict::NotResolved, _) => "not resolved",
    };

    format!("{verdict}{}", now(summary))
}

/// What the speed-up costs: ` for 1.02x the CPU time`, or the cores that are reserved where the CPU
/// time is not known.
pub(in crate::report) fn price(pair: Pair<'_>, summary: &Summary) -> String {
    match summary.cpu_ratio {
        Some(times) => format!(" for {} the CPU time", Ratio(times)),
        None if pair.workers() > 1 => format!(" for {} times the cores", pair.workers()),
        None => String::new(),
    }
}

/// Whether the reference is the plain loop of the same command, or one worker of it: only then is
/// the question whether more workers pay.
fn asks_whether_it_pays(pair: Pair<'_>) -> bool {
    let reference = pair.measurement.reference_arm();

    let is_same = !pair.arm().is_of_other_command();
    is_same
        && (reference.is_serial() || (reference.workers == 1 && reference.engine == pair.engine()))
}

/// What keeps a verdict from being one on the machine: beside other programs it holds for this
/// moment.
pub(super) fn now(summary: &Summary) -> &'static str {
    if summary.busy_machine { " now" } else { "" }
}

/// Beside other programs, what is said of a series holds for this moment: ` now`.
pub(super) fn busy(series: &Series<'_>) -> &'static str {
    let summaries = series.pairs.iter().filter_map(|pair| pair.summary());

    summaries.map(|summary| now(&summary)).max().unwrap_or("")
}

/// Which factor kept an arm from paying: the largest of what it took beyond a perfect split of the
/// serial time. `None` when it pays, where that is not known, and for one worker beside the plain
/// loop, which has nothing to gain.
pub(in crate::report) fn reason(run: &Run, pair: Pair<'_>, summary: &Summary) -> Option<String> {
    let is_decided = summary.verdict != Verdict::Pays && summary.speedup_low.is_some();
    let is_one_beside_the_loop =
        pair.workers() == 1 && pair.measurement.reference_arm().is_serial();
    if !is_decided || !asks_whether_it_pays(pair) || is_one_beside_the_loop {
        return None;
    }

    Some(shortfall(run, pair, &pair.shortfall(summary)?))
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

    fn reason_of(run: &Run, place: usize) -> Option<String> {
        let pair = run.measurements[place].pairs().next().unwrap();
        reason(run, pair, &pair.summary().unwrap())
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

        assert!(verdict_of(&run.measurements[0]).ends_with(": pays now"));
        assert!(verdict_of(&run.measurements[2]).ends_with("does not pay now"));
        assert_eq!(reason_of(&run, 2), None);
    }

    #[test]
    fn a_small_gain_hardly_pays_and_says_what_it_costs() {
        let mut measurement = fixture::measurement("fib", 2, 1.0, 0.97);
        measurement.worth = 1.2;
        let verdict = verdict_of(&measurement);
        assert!(
            verdict.ends_with("x the CPU time: hardly pays"),
            "{verdict}"
        );

        for round in &mut measurement.rounds {
            round.times[1].cpu = None;
        }
        let verdict = verdict_of(&measurement);
        assert!(
            verdict.ends_with(" for 2 times the cores: hardly pays"),
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
        assert!(verdict.ends_with("x the CPU time: faster"), "{verdict}");
    }
}
