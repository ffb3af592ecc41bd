//! In what the machine became slower with a change of a history.

use super::slow_downs::named;
use crate::compare::combined;
use crate::history::{Account, Episode, Judged, slow_downs};

/// In what the machine became slower with `episode`: `streaming through its memory by up to 94 %`.
pub(super) fn slower_machine(judged: &Judged, episode: &Episode) -> String {
    named(&slow_downs(&judged.series, &judged.episodes, episode))
}

/// What is to be added to a change for the worse, of which a slower machine explains a part.
pub(super) fn slower_too(account: &Account, judged: &Judged, episode: &Episode) -> String {
    let slow_downs = slow_downs(&judged.series, &judged.episodes, episode);
    if combined(judged.series.metric, &slow_downs) <= 1.0 + account.tolerance {
        return String::new();
    }

    format!(
        "; the machine itself became slower, too, but not by as much: {}",
        named(&slow_downs)
    )
}
