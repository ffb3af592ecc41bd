//! What each subcommand does once its request is understood: one verb per file, without clap.

mod against;
mod announcement;
pub mod baseline;
pub mod check;
pub mod compare;
mod consent;
pub mod doctor;
mod github;
pub mod history;
mod judged;
pub mod list;
mod measured;
mod neighbours;
pub mod new;
pub mod noise;
mod opened;
pub mod output;
pub mod overhead;
mod presentation;
pub mod protocol;
pub mod report;
pub mod run;
pub mod streams;
mod strictness;
mod trace;

pub use strictness::{Strictness, TOLERANCE};

/// How a command ended, when it did not fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// A part failed and was reported; the rest was done.
    Trouble,
    /// Something got worse.
    Regressed,
    /// A question stayed open, and the user wants an exit code for that.
    Unsettled,
    /// A reported step took longer than the user allows.
    TimedOut,
    /// This signal ended it; what was complete is reported.
    Interrupted(usize),
}
