//! What several reports say in the same words: how a measurement is called, and what a reader must know
//! before believing the figures. Plain text; escaping and colour are the reports'.

use std::collections::HashMap;

use super::grade::Grade;
use super::interference::{self, bound, ratio};
use crate::printable::printable;
use crate::results::{Loss, Measurement, Placement, Run, Summary, Verdict};
use crate::units::{Ratio, Seconds};

/// Whether the engines are worth naming: the built-in pool alone goes without saying.
pub(super) fn names_engines(run: &Run) -> bool {
    run.measurements
        .iter()
        .any(|measurement| measurement.engine != "pool")
}

/// Whether the numbers of workers differ, so that a measurement needs its own to be told apart.
pub(super) fn names_workers(run: &Run) -> bool {
    run.measurements
        .windows(2)
        .any(|pair| pair[0].workers != pair[1].workers)
}

/// What tells a measurement apart from the run's others on the same workload: `4 workers, ray`, or nothing.
pub(super) fn variant(run: &Run, measurement: &Measurement) -> String {
    let mut parts = Vec::new();
    if names_workers(run) {
        parts.push(count(measurement.workers, "worker"));
    }
    if names_engines(run) {
        parts.push(printable(&measurement.engine).into_owned());
    }
    parts.join(", ")
}

/// A measurement's workload with its variant: `fib (4 workers, ray)`.
pub(super) fn name(run: &Run, measurement: &Measurement) -> String {
    let (workload, variant) = (printable(&measurement.workload), variant(run, measurement));
    if variant.is_empty() {
        workload.into_owned()
    } else {
        format!("{workload} ({variant})")
    }
}

/// What each measurement is called in tools that follow figures from run to run: `fib/pool-2`, which stays
/// the same whatever else is measured.
pub(super) fn identities(run: &Run) -> Vec<String> {
    let identity = |one: &Measurement| format!("{}/{}-{}", one.workload, one.engine, one.workers);
    numbered(run.measurements.iter().map(identity))
}

/// `names` without a name twice: one that was there before gets a number, `fib/pool-2 #2`.
pub(super) fn numbered(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let told_apart = names.map(|name| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 {
            name
        } else {
            format!("{name} #{times}")
        }
    });
    told_apart.collect()
}

/// The measurements whose figures are worth following from run to run, each with its identity. One with
/// nothing but the cold round is left out: beside steady rounds it would look like a regression.
pub(super) fn steady(run: &Run) -> impl Iterator<Item = (String, &Measurement, Summary)> {
    let named = identities(run).into_iter().zip(&run.measurements);
    named.filter_map(|(identity, measurement)| {
        let summary = measurement.summary().filter(|summary| summary.steady)?;
        Some((identity, measurement, summary))
    })
}

/// `1 worker`, `2 workers`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// What limits all figures, a sentence each.
pub(super) fn limits(run: &Run) -> Vec<String> {
    let mut limits = Vec::new();
    if run.interrupted && run.measurements.is_empty() {
        limits.push("interrupted before a round was complete.".to_owned());
    } else if run.interrupted {
        limits.push(
            "interrupted: the figures are those of the rounds that were complete.".to_owned(),
        );
    }
    if run.environment.build_profile == "debug" {
        limits.push("debug build: its times say nothing; measure with a release build.".to_owned());
    }
    limits
}

/// What limits all figures, then what limits those of single measurements, a sentence each.
pub(super) fn caveats(run: &Run) -> Vec<String> {
    let mut caveats = limits(run);
    caveats.extend(interference::other_programs(run));
    for measurement in &run.measurements {
        let name = name(run, measurement);
        if let Some(fitting) = measurement.at_once_by_memory() {
            let (tasks, each) = (count(fitting, "task"), measurement.task_bytes);
            caveats.push(format!(
                "{name}: memory lets {tasks} of {each} run at once, whatever the workers; grant more with --memory."
            ));
        }
        caveats.extend(
            placed(measurement)
                .into_iter()
                .map(|sentence| format!("{name}: {sentence}.")),
        );
        match measurement.summary() {
            None => caveats.push(format!(
                "{name}: no round is complete, so there are no figures."
            )),
            Some(summary) if !summary.steady => {
                caveats.push(format!(
                    "{name}: only the cold first round is complete; its figures are shown."
                ));
            }
            Some(summary) => {
                let disturbances = interference::disturbances(run, measurement, &summary);
                caveats.extend(
                    disturbances
                        .into_iter()
                        .map(|sentence| format!("{name}: {sentence}.")),
                );
            }
        }
    }
    caveats
}

/// Where a measurement's engine came up and ran tasks, and what it did again: a sentence each, without a stop.
fn placed(measurement: &Measurement) -> Vec<String> {
    let Placement { startup, nodes, .. } = &measurement.placement;
    let mut sentences = Vec::new();
    if !startup.is_empty() {
        let phases: Vec<_> = startup
            .iter()
            .map(|phase| format!("{} {}", phase.name, Seconds(phase.seconds)))
            .collect();
        sentences.push(format!("start-up was {}", phases.join(", ")));
    }
    if !nodes.is_empty() {
        let used: Vec<_> = nodes
            .iter()
            .map(|node| {
                format!(
                    "{} ({}, {})",
                    node.name,
                    count(node.slots, "slot"),
                    count_of(node.tasks, "task")
                )
            })
            .collect();
        sentences.push(format!(
            "it ran on {}: {}",
            count(nodes.len(), "node"),
            used.join("; ")
        ));
    }
    sentences.extend(losses(measurement));
    sentences
}

/// What was lost while it was measured, and what was done again: a sentence each, without a stop.
pub(super) fn losses(measurement: &Measurement) -> Vec<String> {
    let mut sentences = Vec::new();
    for lost in &measurement.placement.lost_slots {
        let verb = if lost.slots == 1 { "was" } else { "were" };
        sentences.push(format!(
            "{} {verb} lost and replaced: {}",
            count_of(lost.slots, "slot"),
            lost.why
        ));
    }
    for rerun in &measurement.placement.reruns {
        let verb = if rerun.tasks == 1 { "was" } else { "were" };
        sentences.push(format!(
            "{} {verb} done again: {}",
            count_of(rerun.tasks, "task"),
            rerun.why
        ));
    }
    sentences
}

fn count_of(number: u64, thing: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), thing)
}

/// What a row means, in a sentence: `distributed is 1.97x as fast [1.95, 1.98] on 2 workers: pays`.
pub(super) fn verdict(run: &Run, measurement: &Measurement, summary: &Summary) -> String {
    let engine = if names_engines(run) {
        format!(" ({})", measurement.engine)
    } else {
        String::new()
    };
    let workers = count(measurement.workers, "worker") + &engine;
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
        "distributed is {} as fast{interval} on {workers}: {verdict}",
        ratio(summary.speedup)
    )
}

/// How well it pays.
fn pays(measurement: &Measurement, summary: &Summary) -> String {
    let now = now(summary);
    match Grade::of(summary, measurement.workers) {
        Some(Grade::Barely) => {
            let gained = (summary.speedup - 1.0) * 100.0;
            let gained = if gained < 0.95 {
                format!("{gained:.1}")
            } else {
                format!("{gained:.0}")
            };
            format!(
                "barely pays{now}, {gained} % faster for {} times the CPUs",
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

/// Which factor kept a measurement from paying: the largest of what the distributed arm took beyond a perfect
/// split of the serial time. `None` when it pays, where the engine does not tell, and where other programs were in the
/// way: what they took would be blamed on the tasks.
pub(super) fn reason(measurement: &Measurement, summary: &Summary) -> Option<String> {
    if summary.verdict == Verdict::Pays || summary.speedup_low.is_none() || summary.busy_machine {
        return None;
    }
    let Loss {
        dispatch_s,
        imbalance_s,
        inflation_s,
    } = summary.loss?;
    let over =
        summary.distributed_median_s - summary.serial_median_s / measurement.workers.max(1) as f64;
    let factors = [
        (
            dispatch_s,
            "dispatch: submitting, waking workers, fetching".to_owned(),
        ),
        (imbalance_s, imbalance(measurement)),
        (inflation_s, inflation(measurement, summary)),
    ];
    let (largest, name) = factors.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let told = largest > 0.0 && over > 0.0;
    told.then(|| {
        format!(
            "of {} beyond a perfect split, {} is {name}",
            Seconds(over),
            Seconds(largest.min(over))
        )
    })
}

fn imbalance(measurement: &Measurement) -> String {
    let (tasks, workers) = (measurement.tasks, measurement.workers);
    if tasks < workers {
        format!("imbalance: {} for {workers} workers", count(tasks, "task"))
    } else {
        "imbalance: one worker works longer than the others".to_owned()
    }
}

fn inflation(measurement: &Measurement, summary: &Summary) -> String {
    let Some(Loss { inflation_s, .. }) = summary.loss else {
        return String::new();
    };
    let ratio = 1.0 + inflation_s * measurement.workers as f64 / summary.serial_median_s.max(1e-9);
    format!(
        "work inflation: tasks take {} as long when others run (memory bandwidth, SMT, clock, neighbours)",
        Ratio(ratio)
    )
}

/// What failed, a line each.
pub(super) fn problems(run: &Run) -> Vec<String> {
    run.problems
        .iter()
        .map(|problem| format!("{}: {}", problem.workload, problem.message))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::fixture;

    #[test]
    fn a_name_says_what_tells_measurements_apart() {
        let mut run = fixture::run();
        assert_eq!(name(&run, &run.measurements[0]), "fib");
        run.measurements[1].workers = 1;
        assert_eq!(name(&run, &run.measurements[1]), "pi (1 worker)");
        run.measurements[2].engine = "ray".to_owned();
        assert_eq!(name(&run, &run.measurements[2]), "image (2 workers, ray)");
    }

    #[test]
    fn an_identity_stays_when_another_measurement_joins() {
        let mut run = fixture::run();
        let alone = identities(&run);
        assert_eq!(alone, ["fib/pool-2", "pi/pool-2", "image/pool-2"]);
        run.measurements
            .push(fixture::measurement("fib", 4, 1.0, 0.3));
        run.measurements
            .push(fixture::measurement("fib", 2, 1.0, 0.5));
        assert_eq!(identities(&run)[..3], alone);
        assert_eq!(identities(&run)[3..], ["fib/pool-4", "fib/pool-2 #2"]);
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
        let said = |index: usize| {
            let measurement = &run.measurements[index];
            let summary = measurement.summary().unwrap();
            (
                verdict(&run, measurement, &summary),
                reason(measurement, &summary),
            )
        };
        assert!(
            said(0).0.ends_with("pays almost in full now"),
            "{:?}",
            said(0)
        );
        assert!(said(2).0.ends_with("does not pay now"), "{:?}", said(2));
        assert_eq!(said(2).1, None);
        assert_eq!(caveats(&run).len(), 1, "one sentence for the run");
    }

    #[test]
    fn a_small_gain_says_what_it_costs() {
        let run = fixture::of(vec![fixture::measurement("fib", 2, 1.0, 0.93)]);
        let summary = run.measurements[0].summary().unwrap();
        let said = verdict(&run, &run.measurements[0], &summary);
        assert!(
            said.ends_with("barely pays, 7 % faster for 2 times the CPUs"),
            "{said}"
        );
    }

    #[test]
    fn a_cold_round_alone_is_not_followed() {
        let run = fixture::broken();
        assert_eq!(
            steady(&run)
                .map(|(identity, ..)| identity)
                .collect::<Vec<_>>(),
            ["fib/pool-2"]
        );
    }
}
