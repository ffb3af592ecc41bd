//! One verb per file: what each subcommand does once its request is understood. They know nothing of
//! clap and write to a given writer.

pub mod against;
pub mod baseline;
pub mod check;
pub mod compare;
pub mod doctor;
mod github;
pub mod list;
mod neighbours;
pub mod noise;
pub mod output;
pub mod overhead;
mod partner;
pub mod report;
pub mod run;
mod strictness;
pub mod turns;

/// How a command ended, when it did not fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// A part failed and was reported; the rest was done.
    Trouble,
    /// Something got worse.
    Regressed,
    /// A question stayed open, and the user asked to be told.
    Unsettled,
    /// Something took longer than the user allows; it was said what.
    TimedOut,
    /// This signal ended it; what was complete is reported.
    Interrupted(usize),
}
