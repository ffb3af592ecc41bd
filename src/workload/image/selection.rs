//! Pictures that become tasks, and what they must satisfy.

use std::path::PathBuf;

use parbench_pictures::Facts;

use super::tensor::Transform;
use super::unusable::Unusable;
use crate::failure::Failure;
use crate::units::Bytes;

/// A file to work on, known to be sound.
pub(super) struct Picture {
    pub path: PathBuf,
    pub facts: Facts,
}

/// The pictures that become tasks, in the order of the tasks.
pub(super) struct Selection {
    pub pictures: Vec<Picture>,
    /// Why files were left out.
    pub problems: Vec<Failure>,
}

/// What a picture must satisfy to become a task.
pub(super) struct Requirements<'a> {
    /// The window must fit into the padded picture.
    pub transform: &'a Transform,
    /// What a task holds besides its picture.
    pub tensors: Bytes,
    /// What all running tasks together may hold.
    pub memory: Bytes,
}

impl Requirements<'_> {
    /// Refuses a picture whose header says `facts`.
    pub(super) fn check(&self, facts: &Facts) -> Result<(), Unusable> {
        let &Facts { width, height, .. } = facts;
        if !self.transform.fits(width, height) {
            return Err(Unusable::Small(self.transform.too_small(width, height)));
        }

        let held = facts.held().0.saturating_add(facts.kept.0);
        let needed = Bytes(held.saturating_add(self.tensors.0));
        if needed > self.memory {
            return Err(Unusable::Costly {
                needed,
                memory: self.memory,
            });
        }

        Ok(())
    }
}
