//! What further passes over the suspects make of a comparison, and at which tolerances a judgement
//! would have accused.

use super::ALPHA;
use crate::results::{Comparison, Judgement, Outcome, Reason};

/// Keeps as regressed only what `again`, a further pass over the suspects, found so too; the rest
/// is open.
pub fn confirm(comparison: &mut Comparison, again: &Comparison) {
    let suspects = comparison
        .judgements
        .iter_mut()
        .filter(|judgement| !judgement.informational && judgement.outcome == Outcome::Regressed);

    for suspect in suspects {
        // A pass that did not measure it confirms nothing.
        let counterpart = counterpart(suspect, again).cloned();
        let is_measured = counterpart.is_some();
        suspect.again.extend(counterpart);

        if !is_measured || !is_confirmed(suspect) {
            suspect.outcome = Outcome::Inconclusive;
            suspect.reason = Reason::NotConfirmed;
        }
    }
}

/// The judgement of `again` that is about the same as `suspect`. A further pass measures less, so
/// that fewer parameters may tell its measurements apart.
fn counterpart<'a>(suspect: &Judgement, again: &'a Comparison) -> Option<&'a Judgement> {
    let known = parameters(suspect);
    let has_fewer = |other: &&Judgement| {
        let subject = (&other.workload, &other.engine, other.workers, other.metric);

        subject
            == (
                &suspect.workload,
                &suspect.engine,
                suspect.workers,
                suspect.metric,
            )
            && parameters(other)
                .iter()
                .all(|parameter| known.contains(parameter))
    };

    let mut judgements = again.judgements.iter();
    let same = judgements.find(|other| other.is_about_the_same(suspect));
    same.or_else(|| again.judgements.iter().find(has_fewer))
}

/// The parameters in the name of a judgement's measurement, without its engines.
fn parameters(judgement: &Judgement) -> Vec<&str> {
    let parts = judgement
        .variant
        .iter()
        .flat_map(|variant| variant.split(", "));

    parts.filter(|part| !part.starts_with("on ")).collect()
}

/// Whether there were further passes, and every one of them agreed that it regressed.
fn is_confirmed(judgement: &Judgement) -> bool {
    let agrees = |again: &Judgement| agrees_above(again, again.tolerance);

    !judgement.again.is_empty() && judgement.again.iter().all(agrees)
}

/// Whether `further`, of a further pass, agrees with a judgement that found a regression at
/// `tolerance`: worse for certain, and typically by more than counts. It need not prove that alone,
/// or each pass more would multiply the misses; chance is what the first pass has excluded, and a
/// passing disturbance of the machine is what the further ones are for.
fn agrees_above(further: &Judgement, tolerance: f64) -> bool {
    further.low > 1.0
        && further.change > 1.0 + tolerance.max(further.noise)
        && !further.reason.is_faster_serial()
}

/// The tolerance below which `judgement` would have been confirmed as regressed, on the machine of
/// the baseline: 0 when at none.
#[must_use]
pub fn regresses_below(judgement: &Judgement) -> f64 {
    let accused = judgement.p_value < ALPHA && judgement.low > 1.0 + judgement.noise;
    let harmless = judgement.informational || judgement.reason.is_faster_serial();
    if !accused || harmless || judgement.again.is_empty() {
        return 0.0;
    }

    let confirmed_below = |further: &Judgement| {
        if agrees_above(further, 0.0) {
            further.change - 1.0
        } else {
            0.0
        }
    };
    judgement
        .again
        .iter()
        .map(confirmed_below)
        .fold(judgement.low - 1.0, f64::min)
}
