//! Where progress is shown, depending on what stderr is.

use crate::cli::variables;

/// Where progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Shown {
    /// In a bar that moves.
    Bar,
    /// In a line now and then.
    Lines,
    Nowhere,
}

impl Shown {
    /// Where people look who want to see any, if they do.
    pub(in crate::cli) fn to(is_wanted: bool) -> Self {
        match (is_wanted, animation_is_welcome()) {
            (false, _) => Self::Nowhere,
            (true, true) => Self::Bar,
            (true, false) => Self::Lines,
        }
    }
}

/// Whether stderr is a place for animation: a terminal that can move its cursor, and not a log.
fn animation_is_welcome() -> bool {
    use std::io::IsTerminal;

    let is_dumb = variables::set("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && variables::set("CI").is_none() && !is_dumb
}
