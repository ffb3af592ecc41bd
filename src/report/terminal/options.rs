//! What text for a terminal is laid out for.

use super::paint::Paint;

/// How text for a terminal is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The columns that there are.
    pub width: usize,
    /// Whether with ANSI styles.
    pub color: bool,
    /// Whether with the figures that explain the others.
    pub verbose: bool,
}

impl Layout {
    /// What suits a pipe or a log, which have no width of their own.
    pub const PLAIN: Self = Self {
        width: 80,
        color: false,
        verbose: false,
    };

    /// The narrowest terminal that anything is laid out for.
    pub const NARROWEST: usize = 20;

    /// Longer lines are hard to read.
    const LONGEST_LINE: usize = 100;

    /// The columns that sentences use.
    pub(super) fn sentence_width(self) -> usize {
        self.width.clamp(Self::NARROWEST, Self::LONGEST_LINE)
    }

    pub(super) fn paint(self) -> Paint {
        Paint { color: self.color }
    }
}
