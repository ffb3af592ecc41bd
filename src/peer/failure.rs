//! Why a child process gave no answer.

use std::fmt;

use super::streams::LONGEST_LINE;
use crate::stop::Interrupted;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The deadline has passed. The child still runs.
    #[error("it does not answer")]
    TimedOut,
    /// It has ended or closed its output, and what was left of it was killed: how, with its last
    /// words.
    #[error("{0}")]
    Ended(Ended),
    /// The message cannot be written as JSON.
    #[error("{0}")]
    Unwritable(String),
    /// It wrote more than any line of a protocol has.
    #[error("it wrote {} MiB without an end of line", LONGEST_LINE >> 20)]
    Endless,
}

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `exit status: 2`, `signal: 9 (SIGKILL)`.
    pub status: String,
    /// The last line that it wrote to its standard error, if it wrote any.
    pub last_words: Option<String>,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it ended with {}", self.status)?;

        match &self.last_words {
            // Quoted, which makes control characters in it visible.
            Some(words) => write!(f, ", saying {words:?}"),
            None => Ok(()),
        }
    }
}
