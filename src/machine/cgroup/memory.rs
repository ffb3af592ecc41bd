//! The memory that control groups allow.

use super::folder::{Folder, figure, folders};
use crate::machine::tree::Tree;
use crate::units::Bytes;

/// How much memory a group may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit {
    /// At most.
    pub limit: Bytes,
    /// What is left of it. A group around it may have less left than the group with the narrowest
    /// limit.
    pub available: Bytes,
}

/// The narrowest limit among this process's groups, and the least that any of them has left.
pub(super) fn narrowest(tree: &Tree) -> Option<MemoryLimit> {
    let limits: Vec<MemoryLimit> = folders(tree, "memory")
        .iter()
        .filter_map(memory_limit)
        .collect();

    Some(MemoryLimit {
        limit: limits.iter().map(|memory| memory.limit).min()?,
        available: limits.iter().map(|memory| memory.available).min()?,
    })
}

/// The files of one version.
struct Files {
    limits: &'static [&'static str],
    usage: &'static str,
    /// The figure in `memory.stat` of files in memory that nobody has looked at lately.
    idle: &'static str,
}

/// Above `memory.high` the kernel makes processes wait until it has reclaimed what they took, so
/// that is a limit as well.
const VERSION_2: Files = Files {
    limits: &["memory.max", "memory.high"],
    usage: "memory.current",
    idle: "inactive_file",
};

const VERSION_1: Files = Files {
    limits: &["memory.limit_in_bytes"],
    usage: "memory.usage_in_bytes",
    idle: "total_inactive_file",
};

/// The memory that the group in `folder` may hold, if it is limited.
fn memory_limit(folder: &Folder<'_>) -> Option<MemoryLimit> {
    let files = if folder.unified { VERSION_2 } else { VERSION_1 };
    let limits = files
        .limits
        .iter()
        .filter_map(|file| limited_bytes(&folder.text(file)?));
    let limit = limits.min()?;

    // The kernel drops idle files before it refuses any memory.
    let usage = folder
        .text(files.usage)
        .and_then(|bytes| bytes.parse().ok());
    let idle = folder
        .text("memory.stat")
        .and_then(|stat| figure(&stat, files.idle));
    let in_use = usage.unwrap_or(0_u64).saturating_sub(idle.unwrap_or(0));

    Some(MemoryLimit {
        limit,
        available: Bytes(limit.0.saturating_sub(in_use)),
    })
}

/// A limit in bytes. `max`, and the huge number that version 1 writes instead, mean no limit.
fn limited_bytes(text: &str) -> Option<Bytes> {
    let bytes: u64 = text.trim().parse().ok()?;

    (bytes < 1 << 62).then_some(Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_and_the_largest_number_are_no_limits() {
        assert_eq!(limited_bytes("max"), None);
        assert_eq!(limited_bytes("9223372036854771712\n"), None);
        assert_eq!(limited_bytes("65536\n"), Some(Bytes(65_536)));
    }
}
