//! Why a file cannot become a task: it is no sound picture, or none for this run.

use std::path::Path;

use parbench_pictures::Broken;

use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::units::Bytes;

/// Why a file cannot become a task. The text is written after the file's name.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// It cannot be decoded.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A task with it would take more memory than this run may use.
    #[error("is too large: a task with it needs {needed} of memory, this run may use {memory}")]
    Costly {
        /// What the task would hold.
        needed: Bytes,
        /// What all tasks together may hold.
        memory: Bytes,
    },
    /// The padded picture is smaller than the window.
    #[error("{0}")]
    Small(Failure),
}

impl Unusable {
    /// The failure of the file at `path`.
    pub(super) fn failure(self, path: &Path) -> Failure {
        let name = printable::path(path);

        match self {
            Self::Small(failure) => Failure {
                message: format!("{name} {}", failure.message),
                ..failure
            },
            Self::Costly { .. } => {
                Failure::new(format!("{name} {self}")).or(Setting::Memory, Change::Larger)
            }
            Self::Broken(broken) => Failure::new(format!("{name} {broken}")),
        }
    }
}
