//! The machine in words: what it is, then what of it matters for measuring. A pure function of the stored
//! environment, in 80 columns.

use anstyle::AnsiColor;

use super::findings::{Finding, Mark, findings};
use super::text::{Paint, WIDTH};
use super::words::count;
use crate::machine::topology::Cache;
use crate::printable::printable;
use crate::results::Environment;
use crate::units::Bytes;

/// Columns before the text: a mark or blanks, then what is spoken of.
const MARK: usize = 6;
const SUBJECT: usize = 12;

/// The environment as text of at most 80 columns, with ANSI styles if `color`.
#[must_use]
pub fn machine(environment: &Environment, color: bool) -> String {
    let paint = Paint { color };
    let found = findings(environment);
    let facts = facts(environment)
        .into_iter()
        .map(|(subject, value)| block("", subject, &value));
    let checks = found.iter().map(|finding| checked(finding, paint));
    format!(
        "{}\n{}\n{}\n{}\n{}\n",
        paint.heading("What this machine is"),
        facts.collect::<String>(),
        paint.heading("What matters for measuring"),
        checks.collect::<String>(),
        sum(&found)
    )
}

/// What all findings come to.
fn sum(found: &[Finding]) -> String {
    let number = |mark| found.iter().filter(|finding| finding.mark == mark).count();
    let (warnings, notes) = (number(Mark::Warn), number(Mark::Note));
    let meaning = match (warnings, notes) {
        (0, 0) => "nothing found that would spoil figures.",
        (0, _) => "fit to measure; keep the notes in mind.",
        _ => "see to the warnings before you believe any figure.",
    };
    format!(
        "{}, {}: {meaning}",
        count(warnings, "warning"),
        count(notes, "note")
    )
}

/// One finding: its mark and state, and below them what it means.
fn checked(finding: &Finding, paint: Paint) -> String {
    let (mark, colour) = match finding.mark {
        Mark::Ok => ("ok", AnsiColor::Green),
        Mark::Unknown => ("?", AnsiColor::Cyan),
        Mark::Note => ("note", AnsiColor::Yellow),
        Mark::Warn => ("warn", AnsiColor::Red),
    };
    let styled = paint.paint(colour.on_default().bold(), mark);
    let mut text = block(mark, finding.subject, &finding.state).replacen(mark, &styled, 1);
    if !finding.meaning.is_empty() {
        text += &block("", "", &finding.meaning);
    }
    text
}

/// What the machine is, without judgement.
fn facts(environment: &Environment) -> Vec<(&'static str, String)> {
    let (cpu, build) = (&environment.cpu, &environment.build);
    let known =
        |number: Option<usize>| number.map_or("unknown".to_owned(), |number| number.to_string());
    let (logical, cores) = (known(cpu.topology.logical), known(cpu.topology.physical));
    let caches = cpu
        .topology
        .caches
        .iter()
        .map(cache)
        .collect::<Vec<_>>()
        .join(", ");
    let or_unknown = |text: String| {
        if text.is_empty() {
            "unknown".to_owned()
        } else {
            text
        }
    };
    let compiler = build
        .compiler
        .clone()
        .unwrap_or_else(|| "unknown compiler".to_owned());
    let commit = build.commit.clone().unwrap_or_else(|| "unknown".to_owned());
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
                "{logical} logical, {cores} cores, {} usable here",
                environment.usable_cpus
            ),
        ),
        ("caches", or_unknown(caches)),
        ("memory", or_unknown(cpu_memory(environment))),
        (
            "system",
            format!("{}, kernel {}", environment.os, environment.kernel),
        ),
        ("built by", format!("{compiler} for {}", build.target)),
        ("commit", commit),
    ]
}

fn cpu_memory(environment: &Environment) -> String {
    let installed = environment
        .memory
        .installed_bytes
        .map(|bytes| bytes.to_string());
    let limit = environment
        .memory
        .limit_bytes
        .map(|bytes| format!("{bytes} allowed by the cgroup"));
    installed
        .into_iter()
        .chain(limit)
        .collect::<Vec<_>>()
        .join(", ")
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

/// `text` beside its mark and subject, broken between words, and inside one that is too long for a line.
fn block(mark: &str, subject: &str, text: &str) -> String {
    let room = usize::from(WIDTH) - MARK - SUBJECT;
    let mut lines: Vec<String> = vec![String::new()];
    for word in printable(text).split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(room) {
            let used = lines.last().map_or(0, |line| line.chars().count());
            if used > 0 && used + 1 + piece.len() > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.extend(piece);
            }
        }
    }
    let mut block = format!("{mark:<MARK$}{subject:<SUBJECT$}");
    block += &lines.join(&format!("\n{}", " ".repeat(MARK + SUBJECT)));
    block.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    /// The quiet one, and two whose every property is wrong or unknown.
    fn machines() -> [Environment; 3] {
        [
            fixture::environment(),
            fixture::crowded(),
            fixture::unknown(),
        ]
    }

    #[test]
    fn eighty_columns_hold_every_machine_and_colour_changes_no_letter() {
        let mut all = machines().to_vec();
        all.push(fixture::extreme().environment);
        for environment in all {
            let text = machine(&environment, false);
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= 80 && line == line.trim_end()),
                "{text}"
            );
            let coloured = machine(&environment, true);
            assert!(coloured.contains('\u{1b}') && !text.contains('\u{1b}'));
            assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
        }
    }

    #[test]
    fn the_sum_follows_the_marks() {
        let last = |environment| {
            machine(&environment, false)
                .lines()
                .last()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            last(fixture::environment()),
            "0 warnings, 2 notes: fit to measure; keep the notes in mind."
        );
        assert!(
            last(fixture::crowded())
                .ends_with("see to the warnings before you believe any figure.")
        );
        assert_eq!(
            last(fixture::unknown()),
            "0 warnings, 0 notes: nothing found that would spoil figures."
        );
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        let text = block("ok", "CPU", &"x".repeat(100));
        assert_eq!(
            text.lines().map(str::len).collect::<Vec<_>>(),
            [80, 18 + 38]
        );
    }
}
