//! Text for a terminal of 80 columns: plain tables, lines broken between words, styles. The only
//! home of comfy-table. It knows nothing of runs.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::printable::printable;
use crate::report::tone::Tone;

/// The narrowest terminal that is still common; a pipe or a log has no better number.
pub(in crate::report) const WIDTH: u16 = 80;

/// Blank columns between two columns.
const GAP: u16 = 2;

/// An empty table with these headings: words left, numbers right, no lines but the one below the
/// heading.
pub(in crate::report) fn plain(headings: &[&str], paint: Paint) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('-')));
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header(
        headings
            .iter()
            .map(|heading| Cell::new(paint.heading(heading))),
    );

    let last = headings.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
        column.set_cell_alignment(if index == 0 {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        });
    }

    table
}

/// A line with its label, broken between words where it would be too wide. Both may hold text from
/// outside.
pub(in crate::report) fn wrapped(label: &str, tone: Tone, line: &str, paint: Paint) -> String {
    let label = printable(label);
    let indent = label.chars().count() + 2;
    let room = usize::from(WIDTH).saturating_sub(indent);
    let lines = lines(&printable(line), room);

    format!(
        "{} {}",
        paint.paint(style(tone).bold(), format_args!("{label}:")),
        lines.join(&format!("\n{}", " ".repeat(indent)))
    )
}

/// `line` broken between words so that each line fits into `width` columns, unless a single word
/// does not.
#[must_use]
pub fn lines(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();

    for word in unbreakable(line) {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => lines.push(word),
        }
    }

    lines
}

/// The words of `line`; a number and the word behind it, its unit, are one.
fn unbreakable(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_number = false;

    for word in line.split_whitespace() {
        match words.last_mut() {
            Some(last) if after_number => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
        after_number = is_number(word);
    }

    words
}

/// Whether `word` is a number alone, with a sign or brackets: `104`, `+1.5`, `±45`, `0.97]`.
fn is_number(word: &str) -> bool {
    let digits = word
        .trim_start_matches(['[', '(', '+', '-', '±', '~'])
        .trim_end_matches(']');

    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The style that stands for a tone.
fn style(tone: Tone) -> Style {
    match tone {
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Doubtful => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Neutral => Style::new(),
        Tone::Faint => Style::new().dimmed(),
    }
}

/// Whether text has styles.
#[derive(Clone, Copy)]
pub(in crate::report) struct Paint {
    pub(in crate::report) color: bool,
}

impl Paint {
    pub(in crate::report) fn paint(self, style: Style, text: impl Display) -> String {
        if self.color && !style.is_plain() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    pub(in crate::report) fn tone(self, tone: Tone, text: impl Display) -> String {
        self.paint(style(tone), text)
    }

    pub(in crate::report) fn dim(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Bold, line by line: a style must not reach over the padding into the next column.
    pub(in crate::report) fn heading(self, text: &str) -> String {
        text.lines()
            .map(|line| self.paint(Style::new().bold(), line))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Paint = Paint { color: false };

    #[test]
    fn a_number_stands_on_the_line_of_its_unit() {
        let sentence = "x ".repeat(34) + "of 104 µs beyond a perfect split";
        let text = wrapped("pi", Tone::Bad, &sentence, PLAIN);
        assert!(text.contains("\n    104 µs beyond"), "{text}");

        assert_eq!(
            unbreakable("between [-1.2, +3] % of 5 workers)"),
            ["between", "[-1.2,", "+3] %", "of", "5 workers)"]
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn text_from_outside_stays_on_its_line() {
        let text = wrapped("a\u{1b}[2J", Tone::Bad, "b\nerror: forged\u{202e}", PLAIN);
        assert_eq!(text, "a\\u{1b}[2J: b\\nerror: forged\\u{202e}");
    }

    #[test]
    fn lines_fit_where_words_do() {
        assert_eq!(lines("one two three 4 s", 9), ["one two", "three 4 s"]);
        assert_eq!(lines("", 9), [""; 0]);
    }
}
