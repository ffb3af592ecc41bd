//! `list`: what this binary knows, from its registries.

use std::io::{self, Write};

use crate::engine::{ENGINES, SERIAL};
use crate::report::{CHARTS, EXPORTERS};

/// A workload as the command line knows it.
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its parameters: the flag with its value's name, and what it means with its default.
    pub parameters: Vec<(String, String)>,
}

/// Writes every workload with its parameters, every engine and every format.
pub fn list(workloads: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Workloads:")?;
    for workload in workloads {
        writeln!(out, "  {:<8} {}", workload.name, workload.about)?;
        for (flag, help) in &workload.parameters {
            writeln!(out, "    {flag:<22} {help}")?;
        }
    }
    writeln!(out, "\nEngines:")?;
    for engine in std::iter::once(&SERIAL).chain(ENGINES) {
        writeln!(out, "  {:<8} {}", engine.name, engine.about)?;
    }
    for (title, formats) in [("Formats (--export)", EXPORTERS), ("Charts (--chart)", CHARTS)] {
        writeln!(out, "\n{title}:")?;
        for format in formats {
            writeln!(out, "  {:<11} {}", format.name, format.about)?;
        }
    }
    Ok(())
}
