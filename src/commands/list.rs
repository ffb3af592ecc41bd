//! `list`: what a program knows, from its registries.

use std::io::{self, Write};

use crate::engine::{self, serial};
use crate::report::{Exporter, lines};

/// The columns of a terminal that is still common.
const WIDTH: usize = 80;

/// What a program knows.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Its workloads as its command line has them.
    pub workloads: &'a [Listed],
    /// The engines that distribute tasks.
    pub engines: &'a engine::Registry,
    /// What runs can be stored as.
    pub exporters: &'a [&'static Exporter],
    /// What runs can be drawn as.
    pub charts: &'a [&'static Exporter],
}

/// A workload as the command line has it.
pub struct Listed {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub about: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
}

/// A workload's parameter as the command line has it.
pub struct Parameter {
    /// The flag with its value's name: `--size N`.
    pub flag: String,
    /// What it means, with its default.
    pub meaning: String,
}

/// Writes every workload with its parameters, every engine and every format, in lines of at most 80
/// columns.
pub fn list(known: Known<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Workloads:")?;
    for workload in known.workloads {
        entry(out, &format!("  {:<8}", workload.name), &workload.about)?;
        for Parameter { flag, meaning } in &workload.parameters {
            entry(out, &format!("    {flag:<22}"), meaning)?;
        }
    }

    writeln!(out, "\nEngines:")?;
    for engine in std::iter::once(&serial()).chain(known.engines.iter()) {
        entry(out, &format!("  {:<8}", engine.name()), engine.about())?;
    }

    for (title, formats) in [
        ("Formats (--export)", known.exporters),
        ("Charts (--chart)", known.charts),
    ] {
        writeln!(out, "\n{title}:")?;
        for format in formats {
            entry(out, &format!("  {:<11}", format.name), format.about)?;
        }
    }
    Ok(())
}

/// A name, and behind it in a column of its own what it means.
fn entry(out: &mut dyn Write, name: &str, meaning: &str) -> io::Result<()> {
    let indent = name.chars().count() + 1;

    for (number, line) in lines(meaning, WIDTH - indent).into_iter().enumerate() {
        let margin = if number == 0 { name } else { "" };
        writeln!(out, "{margin:<indent$}{line}")?;
    }
    Ok(())
}
