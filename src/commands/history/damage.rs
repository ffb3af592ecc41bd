//! What is wrong with a store, line by line, while the rest of it is used.

use anyhow::Result;

use crate::commands::streams::Streams;
use crate::history::History;
use crate::units::count;

/// Damaged lines that are named one by one.
const MOST_NAMED: usize = 5;

/// A line for what could not be read, and for what counts once.
pub(super) fn warn(history: &History, streams: &mut Streams<'_>) -> Result<()> {
    for damage in history.damage.iter().take(MOST_NAMED) {
        streams.warn(&format!(
            "{}:{} {}; it is skipped",
            damage.file, damage.line, damage.why
        ))?;
    }
    if history.damage.len() > MOST_NAMED {
        let more = history.damage.len() - MOST_NAMED;
        streams.warn(&format!(
            "skipped as well: {}",
            count(more, "more damaged line")
        ))?;
    }

    for twice in &history.twice {
        let commits = match &twice.commits[..] {
            [first, _, ..] => format!(
                ", said to be of {}: it counts for {first}",
                twice.commits.join(" and of ")
            ),
            _ => ", and counts once".to_owned(),
        };
        streams.warn(&format!(
            "the run of {} is there {} times{commits}",
            twice.started_at, twice.times
        ))?;
    }
    Ok(())
}
