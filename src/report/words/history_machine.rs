//! In what the machine became slower with a change of a history.

use super::change::share;
use crate::history::{Account, Condition, Episode, Judged, SlowDown, combined, slow_downs};

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

fn named(slow_downs: &[SlowDown]) -> String {
    let mut parts: Vec<(&str, f64)> = Vec::new();
    for SlowDown { condition, factor } in slow_downs {
        let name = match condition {
            Condition::Cores => "the cores that it grants",
            Condition::Crowding => "what other programs leave of its CPUs",
            Condition::Memory => "its memory beyond the caches of a core",
            Condition::Update | Condition::Write => "streaming through its memory",
            Condition::Handoff => "the way from one thread to another",
        };
        match parts.last_mut().filter(|(last, _)| *last == name) {
            Some((_, largest)) => *largest = largest.max(*factor),
            None => parts.push((name, *factor)),
        }
    }

    let parts: Vec<String> = parts
        .iter()
        .map(|(name, factor)| format!("{name} by up to {}", share(factor - 1.0)))
        .collect();
    parts.join(", ")
}
