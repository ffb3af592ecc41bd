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
}
