//! What follows from all judgements together: p-values corrected for their number, outcomes, and
//! the one reason of each.

use super::ALPHA;
use super::estimate::advice;
use super::judge::Draft;
use crate::results::{Judgement, MachineMatch, Metric, Outcome, Reason};
use crate::stats::holm;

/// The judgements with their outcomes and reasons. Holm's family is what the verdict depends on:
/// what is only shown keeps its own p-value.
pub(super) fn decided(drafts: Vec<Draft>, machine: MachineMatch) -> Vec<Judgement> {
    let deciding = drafts.iter().filter(|draft| !draft.judgement.informational);
    let p_values: Vec<f64> = deciding.map(|draft| draft.judgement.p_value).collect();
    let mut corrected = holm(&p_values).into_iter();

    let mut judgements = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        if !draft.judgement.informational {
            draft.judgement.p_value = corrected.next().unwrap_or(1.0);
        }
        judgements.push(settled(draft, machine));
    }

    explain_speedups(&mut judgements);
    judgements
}

/// The judgement with its outcome and its reason, but for what others explain.
fn settled(draft: Draft, machine: MachineMatch) -> Judgement {
    let Draft {
        mut judgement,
        basis,
        own_noise,
        slow_downs,
    } = draft;
    let above_tolerance = judgement.low > 1.0 + judgement.tolerance;
    let above_threshold = judgement.low > 1.0 + judgement.threshold;

    let (outcome, reason) = if above_threshold && judgement.p_value < ALPHA {
        (Outcome::Regressed, Reason::Worse)
    } else if judgement.high <= 1.0 + judgement.tolerance {
        // Not the threshold: noise is a reason not to accuse, and none to acquit.
        (Outcome::Ok, Reason::WithinTolerance)
    } else if above_tolerance && judgement.low <= 1.0 + own_noise {
        (Outcome::Inconclusive, Reason::WithinNoise)
    } else if above_tolerance && !above_threshold {
        judgement.slow_downs = slow_downs;
        (Outcome::Inconclusive, Reason::SlowerMachine)
    } else {
        (Outcome::Inconclusive, advice(&judgement, basis, machine))
    };

    judgement.outcome = outcome;
    judgement.reason = reason;
    judgement
}

/// A speed-up is a quotient: where only the serial loop changed, nobody is slower and nobody is
/// better.
fn explain_speedups(judgements: &mut [Judgement]) {
    let explained: Vec<Option<(Outcome, Reason)>> = judgements
        .iter()
        .map(|judgement| explained_by_serial(judgement, judgements))
        .collect();
    for (judgement, explained) in judgements.iter_mut().zip(explained) {
        if let Some((outcome, reason)) = explained {
            judgement.outcome = outcome;
            judgement.reason = reason;
        }
    }
}

fn explained_by_serial(speedup: &Judgement, all: &[Judgement]) -> Option<(Outcome, Reason)> {
    if speedup.metric != Metric::Speedup {
        return None;
    }
    let serial = all
        .iter()
        .find(|other| other.metric == Metric::SerialTime && other.is_beside(speedup))?;
    let distributed = all.iter().find(|other| {
        other.metric == Metric::DistributedTime && other.is_of_the_same_arm(speedup)
    })?;

    let fell_with_serial = speedup.outcome != Outcome::Ok && serial.high < 1.0;
    if fell_with_serial && distributed.outcome == Outcome::Ok {
        Some((Outcome::Ok, Reason::FasterSerial))
    } else if fell_with_serial
        && speedup.outcome == Outcome::Regressed
        && distributed.outcome == Outcome::Inconclusive
    {
        Some((Outcome::Inconclusive, Reason::PerhapsFasterSerial))
    } else if speedup.improved() && serial.low > 1.0 && distributed.high >= 1.0 {
        Some((Outcome::Ok, Reason::SlowerSerial))
    } else {
        None
    }
}
