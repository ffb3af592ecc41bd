//! A comparison in words: with what and under which conditions, what it cannot see, and the verdict
//! on everything.

use super::change::{detectable, least_seen, share};
use super::names::with_variant;
use crate::printable::printable;
use crate::results::{Comparison, Judgement, MachineMatch, Metric, Origin, Outcome, arm_label};
use crate::units::count;

/// What the run was compared with: `main.json (parbench 0.1.0, 2026-01-27)`.
pub(in crate::report) fn origin(comparison: &Comparison) -> String {
    let Origin {
        name,
        parbench_version,
        started_at,
    } = &comparison.baseline;
    let day: String = started_at.chars().take(10).collect();

    format!(
        "{} (parbench {}, {})",
        printable(name),
        printable(parbench_version),
        printable(&day)
    )
}

/// How the two runs came to be comparable.
pub(in crate::report) fn conditions(comparison: &Comparison) -> &'static str {
    match comparison.machine {
        MachineMatch::Interleaved => "in turns on this machine",
        MachineMatch::Same => "measured on the same kind of machine",
        MachineMatch::SameModel => {
            "same processor, other set-up: times per calibration, wider bounds"
        }
        MachineMatch::Different => "measured on another processor: only the speed-up is compared",
        MachineMatch::OtherInstructions => {
            "measured with another instruction set: only the speed-up is compared"
        }
    }
}

/// The verdict on everything, with how much of it was decided.
pub(in crate::report) fn whole(comparison: &Comparison) -> String {
    let decided = comparison.decided();
    let question_count = comparison.deciding().count();

    match comparison.outcome() {
        Outcome::Inconclusive => format!("cannot tell ({decided} of {question_count} decided)"),
        outcome if decided < question_count => {
            format!("{} ({decided} of {question_count} decided)", outcome.name())
        }
        outcome => outcome.name().to_owned(),
    }
}

/// What is so of all of `fine`, which are ok for no reason that needs a sentence of its own.
pub(in crate::report) fn unchanged(fine: &[&Judgement]) -> Option<String> {
    let most = fine
        .iter()
        .map(|judgement| judgement.tolerance)
        .reduce(f64::max)?;
    let improved: Vec<String> = fine
        .iter()
        .filter(|judgement| judgement.improved())
        .map(|judgement| name(judgement))
        .collect();

    let better = if improved.is_empty() {
        String::new()
    } else {
        format!("; better: {}", improved.join(", "))
    };
    Some(format!(
        "{} did not get worse by more than the tolerated {}{better}",
        count(fine.len(), "metric"),
        share(most)
    ))
}

/// What a slow-down that was not found could still be: `cannot see changes below 34 % in fib pool
/// 2`.
pub(in crate::report) fn blind_spot(comparison: &Comparison) -> Option<String> {
    let weakest = weakest(comparison)?;
    let name = name(weakest);
    let limit = detectable(weakest);

    Some(match limit.strip_prefix('>') {
        Some(limit) => {
            format!("this comparison can hardly see any change in {name}: only above {limit}")
        }
        None => format!("this comparison cannot see changes below {limit} in {name}"),
    })
}

/// The same of checks to come: `checks against it can see changes from 34 % up (fib pool 2 is the
/// least certain)`.
#[must_use]
pub fn sensitivity(comparison: &Comparison) -> Option<String> {
    let weakest = weakest(comparison)?;
    let name = name(weakest);
    let limit = detectable(weakest);

    let changes = match limit.strip_prefix('>') {
        Some(limit) => format!("hardly see any change: only above {limit}"),
        None => format!("see changes from {limit} up"),
    };

    Some(format!(
        "checks against it can {changes} ({name} is the least certain)"
    ))
}

/// The judgement that the verdict depends on and that could see the least: its figure is the largest
/// of those that are shown.
fn weakest(comparison: &Comparison) -> Option<&Judgement> {
    comparison
        .deciding()
        .max_by(|a, b| least_seen(a).total_cmp(&least_seen(b)))
}

/// What a judgement is about: `fib serial`, `fib pool 2 speed-up`. A time goes by its arm alone.
pub(in crate::report) fn name(judgement: &Judgement) -> String {
    let arm = arm(judgement);

    match judgement.metric {
        Metric::SerialTime | Metric::DistributedTime => arm,
        Metric::Speedup | Metric::TaskOverhead => format!("{arm} {}", figure(judgement.metric)),
    }
}

/// The arm that a judgement belongs to, with its measurement: `fib pool 2`, or
/// `busy (steps 1024) pool 2` where there are several of a workload.
pub(in crate::report) fn arm(judgement: &Judgement) -> String {
    let measurement = with_variant(&judgement.workload, judgement.variant.as_deref());
    let arm = arm_label(&judgement.engine, judgement.workers);

    format!("{measurement} {arm}")
}

/// What a metric is called beside the arm that it belongs to.
pub(in crate::report) fn figure(metric: Metric) -> &'static str {
    match metric {
        Metric::SerialTime | Metric::DistributedTime => "time",
        Metric::Speedup | Metric::TaskOverhead => metric.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn times_go_by_their_arms_and_everything_else_is_named() {
        let mut comparison = fixture::compared().comparison.unwrap();
        let names: Vec<String> = comparison.judgements.iter().map(name).collect();
        assert_eq!(
            names,
            [
                "fib serial",
                "fib pool 2",
                "fib pool 2 speed-up",
                "pi pool 2",
                "pi pool 2 speed-up",
                "pi pool 2 task overhead"
            ]
        );

        comparison.judgements[0].variant = Some("n 10000".to_owned());
        assert_eq!(name(&comparison.judgements[0]), "fib (n 10000) serial");
    }

    #[test]
    fn the_least_certain_metric_has_the_largest_figure_that_is_shown() {
        let mut comparison = fixture::compared().comparison.unwrap();
        for judgement in &mut comparison.judgements {
            judgement.detectable = if judgement.metric == Metric::Speedup {
                // A loss of 81 % is a factor of 5.3.
                4.3
            } else {
                4.13
            };
        }

        let blind = blind_spot(&comparison).unwrap();
        assert!(
            blind.starts_with("this comparison cannot see changes below 413 % in "),
            "{blind}"
        );
    }

    #[test]
    fn a_limit_that_is_too_large_to_name_is_not_said_to_be_seen() {
        let with_limit = |detectable: f64| {
            let mut comparison = fixture::compared().comparison.unwrap();
            for judgement in &mut comparison.judgements {
                judgement.metric = Metric::SerialTime;
                judgement.detectable = detectable;
            }
            sensitivity(&comparison).unwrap()
        };

        let seen = with_limit(0.34);
        assert!(
            seen.starts_with("checks against it can see changes from 34 % up ("),
            "{seen}"
        );
        let unseen = with_limit(50.0);
        assert!(
            unseen.starts_with("checks against it can hardly see any change: only above 1000 % ("),
            "{unseen}"
        );
    }
}
