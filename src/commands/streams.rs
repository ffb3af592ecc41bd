//! Where a command's text goes.

use std::io::{self, Write};

use crate::failure::Wording;
use crate::printable;
use crate::results::Problem;

/// Where the text about results goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To stdout, as a rule.
    Stdout,
    /// To stderr, because an export has stdout for itself.
    Stderr,
}

/// The streams of one command.
pub struct Streams<'a> {
    /// Exports, and the text about results unless one of them has stdout for itself.
    pub stdout: &'a mut dyn Write,
    /// Errors and warnings.
    pub stderr: &'a mut dyn Write,
    /// Where the text about results goes.
    pub destination: Destination,
    /// What the user types for settings.
    pub wording: &'a dyn Wording,
}

impl Streams<'_> {
    /// Shows `text` about results.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        let stream = match self.destination {
            Destination::Stdout => &mut *self.stdout,
            Destination::Stderr => &mut *self.stderr,
        };

        stream.write_all(text.as_bytes())?;
        // What is said on stderr next comes behind it, also on a terminal and in a log of both.
        stream.flush()
    }

    /// One line about a failure; `message` may hold text from outside.
    pub(super) fn error(&mut self, message: &str) -> io::Result<()> {
        writeln!(self.stderr, "error: {}", printable::line(message))
    }

    /// One line about a failure of `workload`, with what may be changed, and then `consequence`.
    pub(super) fn problem(&mut self, problem: &Problem, consequence: &str) -> io::Result<()> {
        let Problem { workload, failure } = problem;
        let line = failure.worded(workload, self.wording);

        self.error(&format!("{workload}: {line}{consequence}"))
    }

    /// One line about something that the user may want to know.
    pub(super) fn note(&mut self, message: &str) -> io::Result<()> {
        writeln!(self.stderr, "note: {}", printable::line(message))
    }

    /// One line about something that the user should know.
    pub(super) fn warn(&mut self, message: &str) -> io::Result<()> {
        writeln!(self.stderr, "warning: {}", printable::line(message))
    }
}
