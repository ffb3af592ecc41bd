//! What a comparison found, as findings.

use super::{Finding, Kind, Subject};
use crate::report::tone::Tone;
use crate::report::words::comparison::{self, blind_spot, unchanged, whole};
use crate::report::words::reasons::{because, is_explained};
use crate::results::{Comparison, Judgement, Outcome};

/// Everything that `comparison` found: what limits it, what became of each metric, beginning with
/// what regressed, and the verdict.
#[must_use]
pub fn comparison_findings(comparison: &Comparison) -> Vec<Finding> {
    let limit = |text: String| Finding::of_comparison(Kind::Comparability, text, Tone::Doubtful);
    let differences = comparison.machine_differences.iter().cloned();
    let left_out = comparison.left_out.iter().cloned();
    let mut findings: Vec<Finding> = differences
        .chain(left_out)
        .chain(blind_spot(comparison))
        .map(limit)
        .collect();

    findings.extend(judged(comparison));
    let outcome = comparison.outcome();
    findings.push(Finding::of_comparison(
        Kind::Whole(outcome),
        whole(comparison),
        outcome.into(),
    ));

    findings
}

/// A finding for each judgement: what regressed, what stayed open, what is ok but needs a word, the
/// rest; and one sentence on those of the rest that the verdict depends on.
fn judged(comparison: &Comparison) -> Vec<Finding> {
    let mut findings: Vec<Finding> = comparison
        .judgements
        .iter()
        .enumerate()
        .map(|(place, judgement)| Finding {
            kind: kind_of(judgement),
            subject: Subject::Judgement(place),
            name: comparison::name(judgement),
            text: because(judgement),
            tone: Tone::of_judgement(judgement),
        })
        .collect();
    findings.sort_by_key(|finding| match finding.kind {
        Kind::Judged(Outcome::Regressed) => 0,
        Kind::Judged(Outcome::Inconclusive) => 1,
        Kind::Judged(Outcome::Ok) => 2,
        _ => 3,
    });

    let fine: Vec<&Judgement> = comparison
        .with(Outcome::Ok)
        .filter(|judgement| !is_explained(judgement))
        .collect();
    findings.extend(unchanged(&fine).map(|text| {
        Finding::of_comparison(Kind::Judged(Outcome::Ok), text, Tone::from(Outcome::Ok))
    }));

    findings
}

fn kind_of(judgement: &Judgement) -> Kind {
    let is_fine = judgement.outcome == Outcome::Ok && !is_explained(judgement);

    if judgement.informational || is_fine {
        Kind::Unremarkable
    } else {
        Kind::Judged(judgement.outcome)
    }
}
