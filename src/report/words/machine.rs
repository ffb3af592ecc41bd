//! A machine in words: what it is, and what all findings about it come to.

use crate::compare::{MachineFinding, Mark};
use crate::machine::topology::Cache;
use crate::results::Environment;
use crate::units::{Bytes, count};

/// What the machine is, without judgement: subjects and their values.
pub(in crate::report) fn facts(environment: &Environment) -> Vec<(&'static str, String)> {
    let cpu = &environment.cpu;
    let build = &environment.build;
    let caches: Vec<String> = cpu.topology.caches.iter().map(cache).collect();
    let compiler = build.compiler.as_deref().unwrap_or("unknown compiler");
    let commit = build.commit.as_deref().unwrap_or("unknown");

    vec![
        (
            "CPU",
            format!(
                "{} ({}, {} kernels)",
                environment.cpu_model, environment.arch, cpu.isa
            ),
        ),
        (
            "CPUs",
            format!(
                "{} logical, {} cores, {} usable here",
                known(cpu.topology.logical),
                known(cpu.topology.physical),
                environment.usable_cpus
            ),
        ),
        ("caches", joined(&caches)),
        ("memory", joined(&memory(environment))),
        (
            "system",
            format!("{}, kernel {}", environment.os, environment.kernel),
        ),
        ("built by", format!("{compiler} for {}", build.target)),
        ("commit", commit.to_owned()),
    ]
}

fn known(number: Option<usize>) -> String {
    number.map_or_else(|| "unknown".to_owned(), |number| number.to_string())
}

fn joined(parts: &[String]) -> String {
    if parts.is_empty() {
        "unknown".to_owned()
    } else {
        parts.join(", ")
    }
}

fn memory(environment: &Environment) -> Vec<String> {
    let memory = &environment.memory;
    let installed = memory.installed_bytes.map(|bytes| bytes.to_string());
    let limit = memory
        .limit_bytes
        .map(|bytes| format!("{bytes} allowed by the cgroup"));

    installed.into_iter().chain(limit).collect()
}

/// `2 x 48 KiB L1 data`.
fn cache(cache: &Cache) -> String {
    let Bytes(bytes) = cache.bytes;
    let size = match bytes {
        bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    };
    let kind = if cache.kind == "unified" {
        String::new()
    } else {
        format!(" {}", cache.kind)
    };

    format!("{} x {size} L{}{kind}", cache.instances, cache.level)
}

/// How much a finding matters, in a word.
pub(in crate::report) fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => "ok",
        Mark::Unknown => "?",
        Mark::Note => "note",
        Mark::Warn => "warn",
    }
}

/// What all findings come to.
pub(in crate::report) fn sum(findings: &[MachineFinding]) -> String {
    let number = |mark| {
        findings
            .iter()
            .filter(|finding| finding.mark == mark)
            .count()
    };
    let warnings = number(Mark::Warn);
    let notes = number(Mark::Note);

    let meaning = match (warnings, notes) {
        (0, 0) => "nothing found that would spoil figures.",
        (0, _) => "fit to measure; keep the notes in mind.",
        _ => "deal with the warnings before you trust any figure.",
    };
    format!(
        "{}, {}: {meaning}",
        count(warnings, "warning"),
        count(notes, "note")
    )
}
