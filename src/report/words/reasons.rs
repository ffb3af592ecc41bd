//! Why a judgement came out as it did: one sentence, and one word for a table.

use super::change::{bound, interval, share, size};
use super::ordinal::ordinal;
use super::slow_downs;
use crate::results::{Judgement, Metric, Reason};
use crate::units::{Ratio, Seconds};

/// The reason of a judgement's outcome: what changed, and why that counts or does not.
pub(in crate::report) fn because(judgement: &Judgement) -> String {
    let change = format!("{} %", interval(judgement));
    let tolerated = size(judgement, 1.0 + judgement.tolerance);
    let above = format!("{change} is worse than the tolerated {tolerated}, but");
    let counts = size(judgement, 1.0 + judgement.threshold);
    let open = if judgement.low > 1.0 + judgement.tolerance {
        format!("{above} chance is not excluded")
    } else {
        format!("{change} may be within the tolerated {tolerated} or not")
    };

    match judgement.reason {
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
            let named = match &judgement.slow_downs[..] {
                [] => format!(", by up to {counts}"),
                slow_downs => format!(": {}", slow_downs::named(slow_downs)),
            };
            format!("{above} the machine itself was slower{named}")
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
            "{}, {change}; the serial loop became faster, and the engine's time is within the tolerated {}",
            medians(judgement),
            share(judgement.tolerance)
        ),
        Reason::PerhapsFasterSerial => format!(
            "{above} the serial loop became faster, and it is unclear whether the engine itself became slower"
        ),
        Reason::SlowerSerial => format!(
            "{}, {change}; the serial loop became slower, and the engine's time did not become shorter",
            medians(judgement)
        ),
    }
}

/// Whether an outcome without trouble still needs its sentence.
pub(in crate::report) fn is_explained(judgement: &Judgement) -> bool {
    matches!(
        judgement.reason,
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

fn medians(judgement: &Judgement) -> String {
    let Judgement {
        metric,
        current,
        baseline,
        ..
    } = *judgement;

    format!(
        "{} instead of {}",
        value(metric, current),
        value(metric, baseline)
    )
}

/// A metric's value in its unit.
pub(in crate::report) fn value(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Speedup => Ratio(value).to_string(),
        Metric::SerialTime | Metric::DistributedTime | Metric::TaskOverhead => {
            Seconds(value).to_string()
        }
    }
}

/// A judgement's outcome in a word or two: its reason where it stayed open.
pub(in crate::report) fn verdict(judgement: &Judgement) -> &'static str {
    if judgement.informational {
        "shown only"
    } else if judgement.improved() {
        "better"
    } else {
        judgement.reason.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::results::{Condition, Outcome, SlowDown};

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
    fn a_slower_machine_is_named_by_what_was_slower() {
        let text = sentence(|judgement| {
            judgement.reason = Reason::SlowerMachine;
            let slow_down = |condition, factor| SlowDown { condition, factor };
            judgement.slow_downs = vec![
                slow_down(Condition::Cores, 1.25),
                slow_down(Condition::Memory, 1.1),
            ];
        });

        assert!(
            text.ends_with(
                "but the machine itself was slower: the cores that it grants by up to 25 %, its \
                 memory beyond the caches of a core by up to 10 %"
            ),
            "{text}"
        );
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
                (judgement.outcome, judgement.reason) = (Outcome::Inconclusive, reason);
            });
            let expected = "+25.0 [+22.5, +27.5] % is worse than the tolerated 10 %, but ";
            assert!(text.starts_with(expected), "{reason:?}: {text}");
        }
    }
}
