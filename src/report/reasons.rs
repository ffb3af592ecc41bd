//! What a comparison found, in sentences: each line's one reason, what got better, and what could not have been seen.
//! Terminal, Markdown, `JUnit`, charts and annotations all use these.

use super::change::{bound, detectable, interval, share};
use super::words::count;
use crate::results::{Comparison, Judgement, Metric, Outcome, Reason};
use crate::units::{Ratio, Seconds};

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What it is about.
    pub outcome: Outcome,
    /// The sentence, without a full stop.
    pub text: String,
}

/// What was found: a sentence for each metric that regressed, that stayed open or whose outcome needs a word, and one
/// for the rest.
#[must_use]
pub fn sentences(comparison: &Comparison) -> Vec<Sentence> {
    let names = Names::of(comparison);
    let mut sentences = Vec::new();
    for outcome in [Outcome::Regressed, Outcome::Inconclusive] {
        for judgement in comparison.with(outcome) {
            let text = format!("{}: {}", names.name(judgement), because(judgement));
            sentences.push(Sentence { outcome, text });
        }
    }

    let (explained, fine): (Vec<&Judgement>, Vec<&Judgement>) = comparison
        .with(Outcome::Ok)
        .partition(|judgement| is_explained(judgement));
    for judgement in explained {
        let text = format!("{}: {}", names.name(judgement), because(judgement));
        sentences.push(Sentence {
            outcome: Outcome::Ok,
            text,
        });
    }
    sentences.extend(summary(&names, &fine));

    sentences
}

/// What is so of everything else that is ok.
fn summary(names: &Names, fine: &[&Judgement]) -> Option<Sentence> {
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
    let metrics = count(fine.len(), "metric");
    let text = format!(
        "{metrics} did not get worse by more than the tolerated {}{better}",
        share(most)
    );
    Some(Sentence {
        outcome: Outcome::Ok,
        text,
    })
}

/// What a slow-down that was not found could still be: `cannot see changes below 34 % (fib distributed)`.
#[must_use]
pub(super) fn blind_spot(comparison: &Comparison) -> Option<String> {
    let weakest = comparison
        .deciding()
        .max_by(|a, b| a.detectable.total_cmp(&b.detectable))?;
    let name = Names::of(comparison).name(weakest);
    Some(match detectable(weakest) {
        limit if limit.starts_with('>') => {
            format!(
                "this comparison can hardly see any change in {name}: only above {}",
                &limit[1..]
            )
        }
        limit => format!("this comparison cannot see changes below {limit} in {name}"),
    })
}

/// The same of checks to come: `checks against it can see changes from 34 % up (fib distributed)`.
#[must_use]
pub fn sensitivity(comparison: &Comparison) -> Option<String> {
    let weakest = comparison
        .deciding()
        .max_by(|a, b| a.detectable.total_cmp(&b.detectable))?;
    let name = Names::of(comparison).name(weakest);
    let limit = detectable(weakest);
    let limit = limit.trim_start_matches('>');
    Some(format!(
        "checks against it can see changes from {limit} up ({name} is the least certain)"
    ))
}

/// The reason of a judgement's outcome: what changed, and why that counts or does not.
pub(super) fn because(judgement: &Judgement) -> String {
    let change = format!("{} %", interval(judgement));
    let tolerated = share(judgement.tolerance);
    let above = format!("{change} is worse than the tolerated {tolerated}, but");
    let counts = share(judgement.threshold);
    let open = if judgement.low > 1.0 + judgement.tolerance {
        format!("{above} chance is not excluded")
    } else {
        format!("{change} may be within the tolerated {tolerated} or not")
    };
    match judgement.explanation() {
        _ if judgement.informational => {
            format!("{change}; shown only, the verdict does not depend on it")
        }
        Reason::WithinTolerance => format!("{change} is within the tolerated {tolerated}"),
        Reason::Worse => format!(
            "{}, {change}; all of it beyond the {} that counts{}",
            medians(judgement),
            bound(judgement, 1.0 + judgement.threshold),
            passes(judgement)
        ),
        Reason::WithinNoise => format!("{above} within this run's own noise of {counts}"),
        Reason::SlowerMachine => {
            format!("{above} the machine itself was slower, by up to {counts}")
        }
        Reason::NotConfirmed => {
            format!(
                "{above} the {} pass did not confirm it",
                ordinal(judgement.again.len() + 1)
            )
        }
        Reason::TooFewRounds {
            needed: Some(needed),
        } => {
            format!("{open}: too few rounds, about {needed} needed")
        }
        Reason::TooFewRounds { needed: None } => format!("{open}: more rounds would hardly tell"),
        Reason::ShortBaseline { needed } => {
            format!("{open}: too few rounds, about {needed} needed in both runs")
        }
        Reason::FasterSerial => format!(
            "{}, {change}; the serial loop became faster, and the distributed time is within the tolerated {tolerated}",
            medians(judgement)
        ),
        Reason::SlowerSerial => format!(
            "{}, {change}; the serial loop became slower, and the distributed time did not become faster",
            medians(judgement)
        ),
    }
}

/// Whether an outcome without trouble still needs its sentence.
fn is_explained(judgement: &Judgement) -> bool {
    matches!(
        judgement.explanation(),
        Reason::FasterSerial | Reason::SlowerSerial
    )
}

fn passes(judgement: &Judgement) -> String {
    match judgement.again.len() {
        0 => String::new(),
        1 => ", and confirmed by a second pass".to_owned(),
        more => format!(", and confirmed by {more} further passes"),
    }
}

fn ordinal(pass: usize) -> String {
    match pass {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        more => format!("{more}th"),
    }
}

/// Both medians, in the metric's unit.
fn medians(judgement: &Judgement) -> String {
    match judgement.metric {
        Metric::Speedup => {
            format!(
                "{} instead of {}",
                Ratio(judgement.current),
                Ratio(judgement.baseline)
            )
        }
        _ => format!(
            "{} instead of {}",
            Seconds(judgement.current),
            Seconds(judgement.baseline)
        ),
    }
}

/// The outcome in a word or two: its reason where it stayed open.
pub(super) fn verdict(judgement: &Judgement) -> &'static str {
    if judgement.informational {
        "shown only"
    } else if judgement.improved() {
        "better"
    } else {
        judgement.explanation().name()
    }
}

/// How metrics are called: engines and workers are named where there are several of them.
pub(super) struct Names {
    several_engines: bool,
    several_workers: bool,
}

impl Names {
    pub(super) fn of(comparison: &Comparison) -> Self {
        let neighbours = || comparison.judgements.windows(2);
        Self {
            several_engines: neighbours().any(|pair| pair[0].engine != pair[1].engine),
            several_workers: neighbours().any(|pair| pair[0].workers != pair[1].workers),
        }
    }

    /// `fib distributed`, or `fib distributed on pool with 2 workers`.
    pub(super) fn name(&self, judgement: &Judgement) -> String {
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

    /// The engine and the workers, as far as they must be named.
    pub(super) fn place(&self, judgement: &Judgement) -> Option<String> {
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

    /// The fixture's regression of 25 %, changed.
    fn sentence(change: impl FnOnce(&mut Judgement)) -> String {
        let mut judgement = fixture::compared()
            .comparison
            .unwrap()
            .judgements
            .swap_remove(0);
        change(&mut judgement);
        because(&judgement)
    }

    #[test]
    fn what_is_all_above_the_tolerance_is_never_called_open() {
        for reason in [
            Reason::WithinNoise,
            Reason::SlowerMachine,
            Reason::NotConfirmed,
            Reason::TooFewRounds { needed: None },
            Reason::TooFewRounds { needed: Some(24) },
            Reason::ShortBaseline { needed: 24 },
        ] {
            let text = sentence(|judgement| {
                (judgement.outcome, judgement.reason) = (Outcome::Inconclusive, Some(reason));
            });
            let expected = "+25.0 [+22.5, +27.5] % is worse than the tolerated 10 %, but ";
            assert!(text.starts_with(expected), "{reason:?}: {text}");
        }
    }

    #[test]
    fn runs_that_stored_no_reason_get_the_one_of_their_figures() {
        let text = sentence(|judgement| {
            (judgement.outcome, judgement.threshold) = (Outcome::Inconclusive, 0.3);
            judgement.again.clear();
        });
        assert!(
            text.ends_with("but within this run's own noise of 30 %"),
            "{text}"
        );
        let text = sentence(|judgement| {
            judgement.outcome = Outcome::Inconclusive;
            judgement.again[0].low = 0.9;
        });
        assert!(
            text.ends_with("but the second pass did not confirm it"),
            "{text}"
        );
    }

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
