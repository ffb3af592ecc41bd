//! `list`: what this binary knows, from its registries.

use std::io::{self, Write};

use crate::engine::{ENGINES, SERIAL};
use crate::report::{CHARTS, EXPORTERS, lines};

/// The columns of a terminal that is still common.
const WIDTH: usize = 80;

/// A workload as the command line knows it.
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its parameters: the flag with its value's name, and what it means with its default.
    pub parameters: Vec<(String, String)>,
}

/// Writes every workload with its parameters, every engine and every format, in lines of at most 80 columns.
pub fn list(workloads: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Workloads:")?;
    for workload in workloads {
        entry(out, &format!("  {:<8}", workload.name), workload.about)?;
        for (flag, help) in &workload.parameters {
            entry(out, &format!("    {flag:<22}"), help)?;
        }
    }

    writeln!(out, "\nEngines:")?;
    for engine in std::iter::once(&SERIAL).chain(ENGINES) {
        entry(out, &format!("  {:<8}", engine.name), engine.about)?;
    }

    for (title, formats) in [
        ("Formats (--export)", EXPORTERS),
        ("Charts (--chart)", CHARTS),
    ] {
        writeln!(out, "\n{title}:")?;
        for format in formats {
            entry(out, &format!("  {:<11}", format.name), format.about)?;
        }
    }
    Ok(())
}

/// What is listed, and behind it in a column of its own what it is.
fn entry(out: &mut dyn Write, name: &str, meaning: &str) -> io::Result<()> {
    let indent = name.chars().count() + 1;

    for (number, line) in lines(meaning, WIDTH - indent).into_iter().enumerate() {
        let margin = if number == 0 { name } else { "" };
        writeln!(out, "{margin:<indent$}{line}")?;
    }
    Ok(())
}
