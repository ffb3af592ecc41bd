//! A comparison in words: with what and under which conditions, what it cannot see, and the verdict on everything.

use super::change::{detectable, share};
use crate::printable::printable;
use crate::results::{Comparison, Judgement, MachineMatch, Metric, Origin, Outcome};
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
    let asked = comparison.deciding().count();

    match comparison.outcome() {
        Outcome::Inconclusive => format!("cannot tell ({decided} of {asked} decided)"),
        outcome if decided < asked => format!("{} ({decided} of {asked} decided)", outcome.name()),
        outcome => outcome.name().to_owned(),
    }
}

/// What is so of all of `fine`, which are ok for no reason that needs a sentence of its own.
pub(in crate::report) fn unchanged(names: &Names, fine: &[&Judgement]) -> Option<String> {
    let most = fine
        .iter()
        .map(|judgement| judgement.tolerance)
        .reduce(f64::max)?;
    let improved: Vec<String> = fine
        .iter()
        .filter(|judgement| judgement.improved())
        .map(|judgement| names.name(judgement))
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

/// What a slow-down that was not found could still be: `cannot see changes below 34 % in fib distributed`.
pub(in crate::report) fn blind_spot(comparison: &Comparison) -> Option<String> {
    let weakest = weakest(comparison)?;
    let name = Names::of(comparison).name(weakest);
    let limit = detectable(weakest);

    Some(match limit.strip_prefix('>') {
        Some(limit) => {
            format!("this comparison can hardly see any change in {name}: only above {limit}")
        }
        None => format!("this comparison cannot see changes below {limit} in {name}"),
    })
}

/// The same of checks to come: `checks against it can see changes from 34 % up (fib distributed is the least certain)`.
#[must_use]
pub fn sensitivity(comparison: &Comparison) -> Option<String> {
    let weakest = weakest(comparison)?;
    let name = Names::of(comparison).name(weakest);
    let limit = detectable(weakest);

    Some(format!(
        "checks against it can see changes from {} up ({name} is the least certain)",
        limit.trim_start_matches('>')
    ))
}

/// The judgement that the verdict depends on and that could see the least.
fn weakest(comparison: &Comparison) -> Option<&Judgement> {
    comparison
        .deciding()
        .max_by(|a, b| a.detectable.total_cmp(&b.detectable))
}

/// How metrics are called: engines and workers are named where there are several of them.
pub(in crate::report) struct Names {
    several_engines: bool,
    several_workers: bool,
}

impl Names {
    pub(in crate::report) fn of(comparison: &Comparison) -> Self {
        let neighbours = || comparison.judgements.windows(2);

        Self {
            several_engines: neighbours().any(|pair| pair[0].engine != pair[1].engine),
            several_workers: neighbours().any(|pair| pair[0].workers != pair[1].workers),
        }
    }

    /// `fib distributed`, or `fib distributed on pool with 2 workers`.
    pub(in crate::report) fn name(&self, judgement: &Judgement) -> String {
        let metric = format!("{} {}", judgement.workload, judgement.metric.name());
        // The serial loop runs on no engine; it is measured beside one.
        let relation = if judgement.metric == Metric::SerialTime {
            "beside"
        } else {
            "on"
        };

        match self.place(judgement) {
            Some(place) => format!("{metric} {relation} {place}"),
            None => metric,
        }
    }

    /// The workload, and where it ran as far as that must be named: `fib, pool with 2 workers`.
    pub(in crate::report) fn measurement(&self, judgement: &Judgement) -> String {
        match self.place(judgement) {
            Some(place) => format!("{}, {place}", judgement.workload),
            None => judgement.workload.clone(),
        }
    }

    /// The engine and the workers, as far as they must be named.
    fn place(&self, judgement: &Judgement) -> Option<String> {
        let workers = count(judgement.workers, "worker");

        match (self.several_engines, self.several_workers) {
            (false, false) => None,
            (false, true) => Some(workers),
            (true, false) => Some(judgement.engine.clone()),
            (true, true) => Some(format!("{} with {workers}", judgement.engine)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn engines_and_workers_are_named_where_there_are_several() {
        let mut comparison = fixture::compared().comparison.unwrap();
        let name = |comparison: &Comparison| {
            let names = Names::of(comparison);
            [0, 1].map(|place| names.name(&comparison.judgements[place]))
        };
        assert_eq!(name(&comparison), ["fib serial", "fib distributed"]);

        comparison.judgements[3].workers = 4;
        assert_eq!(
            name(&comparison),
            [
                "fib serial beside 2 workers",
                "fib distributed on 2 workers"
            ]
        );

        comparison.judgements[3].engine = "process".to_owned();
        assert_eq!(
            name(&comparison)[1],
            "fib distributed on pool with 2 workers"
        );
    }
}
