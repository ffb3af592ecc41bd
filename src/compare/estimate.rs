//! How many rounds would probably have decided what stayed open. An estimate for advice: no verdict
//! depends on it.

use crate::results::{Judgement, MachineMatch, Reason};

/// Advice to run more rounds than this would not help anybody.
const MOST_SENSIBLE: f64 = 1000.0;

/// The steady rounds that a judgement rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    /// Of the baseline.
    pub(super) old: usize,
    /// Of the current run.
    pub(super) new: usize,
}

/// The advice for a judgement that stayed open: an interval's width shrinks with the root of the
/// rounds, so this many would take it off the tolerance if the change stays what it is.
pub(super) fn advice(judgement: &Judgement, basis: Basis, machine: MachineMatch) -> Reason {
    let (old, new) = (basis.old.max(1) as f64, basis.new.max(1) as f64);
    let bound = 1.0 + judgement.tolerance;

    if judgement.low > 1.0 + judgement.threshold {
        // All of it is above, but chance is not excluded: that takes about twice as many.
        return Reason::TooFewRounds {
            needed: sensible(2.0 * new, new),
        };
    }

    let above = judgement.change > bound;
    let width = if above {
        judgement.change / judgement.low
    } else {
        judgement.high / judgement.change
    }
    .ln();
    let distance = if above {
        judgement.change / bound
    } else {
        bound / judgement.change
    }
    .ln();
    // By how much the variance must shrink.
    let share = (distance / width).powi(2);

    if machine == MachineMatch::Interleaved {
        return Reason::TooFewRounds {
            needed: sensible(new / share, new),
        };
    }

    // Both samples add to the variance: 1 / old + 1 / new in units of a round's.
    let wanted = share * (1.0 / old + 1.0 / new);
    let left_for_new = wanted - 1.0 / old;
    match (
        sensible(1.0 / left_for_new, new),
        sensible(2.0 / wanted, old.max(new)),
    ) {
        (Some(needed), _) if left_for_new > 0.0 => Reason::TooFewRounds {
            needed: Some(needed),
        },
        (_, Some(needed)) => Reason::ShortBaseline { needed },
        _ => Reason::TooFewRounds { needed: None },
    }
}

/// The next even number above what there is already, up to [`MOST_SENSIBLE`].
fn sensible(rounds: f64, present: f64) -> Option<u32> {
    let even = 2.0 * (rounds.max(present + 1.0) / 2.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000"
    )]
    (0.0..=MOST_SENSIBLE).contains(&even).then_some(even as u32)
}
