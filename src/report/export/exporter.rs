//! What a format is.

use std::io::{self, Write};

use crate::results::Run;

/// One way to write a run, or something else that was found out.
pub struct Exporter<T: 'static = Run> {
    /// Its name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// One sentence for `--help` and `parbench list`.
    pub about: &'static str,
    /// Writes it, whole.
    pub write: fn(&T, &mut dyn Write) -> io::Result<()>,
}
