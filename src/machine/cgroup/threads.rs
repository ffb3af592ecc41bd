//! The threads that control groups allow.

use super::folder::{Folder, folders};
use crate::machine::tree::Tree;

/// The most threads that a group may have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadLimit {
    /// The limit, `pids.max`.
    pub limit: u64,
    /// How many there are, where that can be read.
    pub threads: Option<u64>,
}

/// The limits of those of this process's groups that have one, from the outermost inwards.
#[must_use]
pub fn thread_limits(tree: &Tree) -> Vec<ThreadLimit> {
    folders(tree, "pids")
        .iter()
        .filter_map(thread_limit)
        .collect()
}

/// The limit of the group in `folder`. The files have the same names in both versions, and `max`
/// means no limit.
fn thread_limit(folder: &Folder<'_>) -> Option<ThreadLimit> {
    let number = |file: &str| folder.text(file)?.parse().ok();

    Some(ThreadLimit {
        limit: number("pids.max")?,
        threads: number("pids.current"),
    })
}
