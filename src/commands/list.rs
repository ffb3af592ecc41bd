//! `list`: what a program knows, from its registries.

use std::io::{self, Write};

use crate::engine::{self, serial};
use crate::report::{Exporter, lines};
use crate::workload::HostedEngine;

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
/// The columns that a meaning needs beside its name; below it otherwise.
const LEAST_MEANING: usize = 30;
/// How far a meaning below its name is indented.
const BELOW: usize = 6;

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
    /// The engines that it brings along, in place of the others.
    pub engines: &'static [HostedEngine],
}

/// A workload's parameter as the command line has it.
pub struct Parameter {
    /// The flag with its value's name: `--size N`.
    pub flag: String,
    /// What it means, with its default.
    pub meaning: String,
}

/// Writes every workload with its parameters, every engine and every format, in lines of at most
/// `width` columns.
pub fn list(known: Known<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let entry = |out: &mut dyn Write, name: &str, meaning: &str| {
        entry(out, width.min(WIDEST), name, meaning)
    };

    writeln!(out, "Workloads:")?;
    for workload in known.workloads {
        entry(out, &format!("  {:<8}", workload.name), &workload.about)?;
        for Parameter { flag, meaning } in &workload.parameters {
            entry(out, &format!("    {flag:<22}"), meaning)?;
        }
    }

    let plain_loop = serial();
    let engines = format!(
        "Engines (--engine), each beside the plain loop `{}`:",
        plain_loop.name()
    );
    writeln!(out, "\n{}", lines(&engines, width).join("\n"))?;
    for engine in known.engines.iter() {
        entry(out, &format!("  {:<8}", engine.name()), engine.about())?;
    }
    for workload in known.workloads {
        if !workload.engines.is_empty() {
            writeln!(out, "\nEngines of {}:", workload.name)?;
        }
        for engine in workload.engines {
            entry(out, &format!("  {:<12}", engine.name), engine.about)?;
        }
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

/// A name, and behind it in a column of its own what it means; below it in a narrow terminal.
fn entry(out: &mut dyn Write, width: usize, name: &str, meaning: &str) -> io::Result<()> {
    let column = name.chars().count() + 1;
    if width < column + LEAST_MEANING {
        writeln!(out, "{}", name.trim_end())?;
        for line in lines(meaning, width.saturating_sub(BELOW)) {
            writeln!(out, "{:BELOW$}{line}", "")?;
        }
        return Ok(());
    }

    for (number, line) in lines(meaning, width - column).into_iter().enumerate() {
        let margin = if number == 0 { name } else { "" };
        writeln!(out, "{margin:<column$}{line}")?;
    }
    Ok(())
}
