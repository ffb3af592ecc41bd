//! One verb per file: what each subcommand does once its request is understood. They know nothing of
//! clap and write to a given writer.

pub mod doctor;
pub mod list;
pub mod output;
pub mod report;
pub mod run;

/// How a command ended, when it did not fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// A part failed and was reported; the rest was done.
    Trouble,
    /// This signal ended it; what was complete is reported.
    Interrupted(usize),
}
