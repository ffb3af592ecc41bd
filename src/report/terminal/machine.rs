//! The machine in words: what it is, then what of it matters for measuring. A pure function of the
//! stored environment.

use anstyle::AnsiColor;

use super::options::Layout;
use super::text::lines;
use crate::compare::{MachineFinding, Mark, machine_findings};
use crate::printable::printable;
use crate::report::words::machine::{facts, mark, sum};
use crate::results::Environment;

/// Columns before the text: a mark or blanks, then the subject.
const MARK: usize = 6;
const SUBJECT: usize = 12;
/// Terminals of at least as many columns have room for the subjects.
const ROOMY: usize = 60;

/// The environment in words.
#[must_use]
pub fn machine(environment: &Environment, layout: Layout) -> String {
    let paint = layout.paint();
    let findings = machine_findings(environment);
    let facts = facts(environment)
        .into_iter()
        .map(|(subject, value)| block("", subject, &value, layout));
    let checks = findings.iter().map(|finding| checked(finding, layout));

    format!(
        "{}\n{}\n{}\n{}\n{}\n",
        paint.heading("What this machine is"),
        facts.collect::<String>(),
        paint.heading("What matters for measuring"),
        checks.collect::<String>(),
        lines(&sum(&findings), layout.sentence_width()).join("\n")
    )
}

/// One finding: its mark and state, and below them what it means.
fn checked(finding: &MachineFinding, layout: Layout) -> String {
    let mark = mark(finding.mark);
    let colour = match finding.mark {
        Mark::Ok => AnsiColor::Green,
        Mark::Unknown => AnsiColor::Cyan,
        Mark::Note => AnsiColor::Yellow,
        Mark::Warn => AnsiColor::Red,
    };
    let styled = layout.paint().paint(colour.on_default().bold(), mark);
    let mut text = block(mark, finding.subject, &finding.state, layout).replacen(mark, &styled, 1);

    if !finding.meaning.is_empty() {
        text += &block("", "", &finding.meaning, layout);
    }
    text
}

/// `text` beside its mark and subject, broken between words, and inside one that is too long for a
/// line.
fn block(mark: &str, subject: &str, text: &str, layout: Layout) -> String {
    let width = layout.sentence_width();
    let text = printable(text);
    // On a narrow terminal the subject stands in line with the text.
    let (subject, subject_width, text) = match subject {
        _ if width >= ROOMY => (subject, SUBJECT, text.into_owned()),
        "" => ("", 0, text.into_owned()),
        subject => ("", 0, format!("{subject}: {text}")),
    };
    let room = width - MARK - subject_width;
    let lines = lines(&cut(&text, room), room);
    let margin = " ".repeat(MARK + subject_width);

    let block = format!(
        "{mark:<MARK$}{subject:<subject_width$}{}",
        lines.join(&format!("\n{margin}"))
    );
    block.trim_end().to_owned() + "\n"
}

/// `text` with a blank wherever a word is as long as `room`.
fn cut(text: &str, room: usize) -> String {
    let pieces: Vec<String> = text
        .split_whitespace()
        .flat_map(|word| {
            let letters: Vec<char> = word.chars().collect();
            letters
                .chunks(room)
                .map(|piece| piece.iter().collect())
                .collect::<Vec<String>>()
        })
        .collect();

    pieces.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::terminal::text::columns;
    use crate::results::machines;

    /// The quiet one, and two whose every property is wrong or unknown.
    fn environments() -> [Environment; 3] {
        [machines::quiet(), machines::crowded(), machines::unknown()]
    }

    #[test]
    fn a_terminal_holds_every_machine_and_colour_changes_no_letter() {
        let mut all = environments().to_vec();
        all.push(fixture::extreme().environment);
        for (environment, width) in all
            .iter()
            .flat_map(|environment| (30..=120).map(move |width| (environment, width)))
        {
            let plain = Layout {
                width,
                ..Layout::PLAIN
            };
            let text = machine(environment, plain);
            assert!(
                text.lines()
                    .all(|line| columns(line) <= width && line == line.trim_end()),
                "{text}"
            );
            let coloured = machine(
                environment,
                Layout {
                    color: true,
                    ..plain
                },
            );
            assert!(coloured.contains('\u{1b}') && !text.contains('\u{1b}'));
            assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
        }
    }

    #[test]
    fn the_sum_follows_the_marks() {
        let last = |environment| {
            machine(&environment, Layout::PLAIN)
                .lines()
                .last()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            last(machines::quiet()),
            "0 warnings, 2 notes: fit to measure; keep the notes in mind."
        );
        assert!(
            last(machines::crowded())
                .ends_with("deal with the warnings before you trust any figure.")
        );
        assert_eq!(
            last(machines::unknown()),
            "0 warnings, 0 notes: nothing found that would spoil figures."
        );
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        let text = block("ok", "CPU", &"x".repeat(100), Layout::PLAIN);
        assert_eq!(
            text.lines().map(str::len).collect::<Vec<_>>(),
            [80, 18 + 38]
        );
    }
}
