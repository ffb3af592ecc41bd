//! The input and the output of a child process, so that neither can make it or the caller wait
//! forever: a wait for one of them serves the other meanwhile.
//!
//! On Unix the waiting thread asks the system for both pipes at once. A thread for each pipe would
//! pass every line on to another thread, which costs as much as a small task; elsewhere it is the
//! only way.

#[cfg(not(unix))]
mod threads;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use threads::Streams;
#[cfg(unix)]
pub(super) use unix::Streams;

/// No line of a protocol is longer; more than this is the output of a program that speaks none.
pub(super) const LONGEST_LINE: usize = 1 << 26;

/// The result of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A line, without its end. What is not UTF-8 in it is replaced, and cannot be JSON any more.
    Line(String),
    /// The wait is over.
    Nothing,
    /// Too much for a line.
    Endless,
    /// There will be no more lines.
    End,
}
