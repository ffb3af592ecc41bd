//! How strictly a comparison is judged, and which exit code its verdict leads to.

use super::Ending;
use crate::results::{Comparison, MachineMatch, Metric, Outcome, Run};

/// The change that is tolerated, unless the user says another one.
pub const TOLERANCE: f64 = 0.1;

/// How a comparison is judged.
#[derive(Clone, Debug)]
pub struct Strictness {
    /// The change that is tolerated: 0.1 for 10 %.
    pub tolerance: f64,
    /// What the verdict depends on.
    pub deciding: Vec<Metric>,
    /// Whether suspects are measured again.
    pub confirm: bool,
    /// Whether an open question is an exit code of its own.
    pub strict: bool,
}

impl Strictness {
    /// How often suspects are measured again. Twice, because what withholds CPUs from one pass
    /// often still does so in the next one.
    pub(super) fn confirmations(&self) -> usize {
        if self.confirm { 2 } else { 0 }
    }

    pub(super) fn ending(&self, run: &Run) -> Ending {
        let Some(comparison) = &run.comparison else {
            return Ending::Trouble;
        };
        match comparison.outcome() {
            Outcome::Regressed => Ending::Regressed,
            Outcome::Inconclusive if self.strict => Ending::Unsettled,
            _ if self.strict && is_foreign(comparison) => Ending::Unsettled,
            Outcome::Ok | Outcome::Inconclusive => Ending::Done,
        }
    }

    /// What the verdict on `run` leads to, where the verdict's word does not say it.
    pub(super) fn consequence(&self, run: &Run) -> Option<&'static str> {
        let comparison = run.comparison.as_ref()?;
        match comparison.outcome() {
            Outcome::Inconclusive if self.strict => Some("exit 3, because the check is strict"),
            Outcome::Inconclusive => Some("passes, exit 0; a strict check exits with 3"),
            Outcome::Ok if self.strict && is_foreign(comparison) => {
                Some("exit 3, because the check is strict and the baseline is from another machine")
            }
            Outcome::Regressed | Outcome::Ok => None,
        }
    }
}

/// Whether the baseline was measured on another machine, as far as can be told.
fn is_foreign(comparison: &Comparison) -> bool {
    !matches!(
        comparison.machine,
        MachineMatch::Interleaved | MachineMatch::Same
    )
}
