//! What a format is.

use std::io::{self, Write};

use crate::results::Run;

/// One way to write a run.
pub struct Exporter {
    /// Its name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// One sentence for `--help` and `parbench list`.
    pub about: &'static str,
    /// Writes it, whole.
    pub write: fn(&Run, &mut dyn Write) -> io::Result<()>,
    /// Writes several runs that were compared with one another run into one; `None` for a format
    /// that holds a single run.
    pub write_several: Option<WriteSeveral>,
}

/// Writes runs that were compared with one another run.
pub type WriteSeveral = fn(&[NamedRun<'_>], &mut dyn Write) -> io::Result<()>;

/// A run among several.
#[derive(Clone, Copy)]
pub struct NamedRun<'a> {
    /// What it is called, as the path of its file; empty where it is the only one.
    pub name: &'a str,
    /// The run.
    pub run: &'a Run,
}
