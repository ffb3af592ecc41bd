//! Text for a terminal: how many columns it takes, lines broken between words, styles. It knows
//! nothing of runs.

use unicode_width::UnicodeWidthStr;

use super::options::Layout;
use super::paint::style;
use crate::printable::printable;
use crate::report::tone::Tone;
use crate::report::unbreakable::unbreakable;

/// Columns before the further lines of a sentence: as many as its label takes, where that is not
/// more than this.
const LONGEST_MARGIN: usize = 9;
const SHORT_MARGIN: usize = 4;

/// How many columns `text` takes, which must hold no style.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// A line with its label, broken between words where it would be too wide. Both may hold text from
/// outside.
pub(super) fn wrapped(label: &str, tone: Tone, line: &str, layout: Layout) -> String {
    let label = printable(label);
    let room = layout.sentence_width();
    let margin = columns(&label) + 2;
    // Below a long label, lines would get too short.
    let margin = if margin <= LONGEST_MARGIN.min(room / 5) {
        margin
    } else {
        SHORT_MARGIN
    };

    let prefix = Piece {
        styled: layout
            .paint()
            .paint(style(tone).bold(), format_args!("{label}:")),
        text: format!("{label}:"),
    };
    let words = unbreakable(&printable(line)).into_iter().map(Piece::plain);
    let pieces: Vec<Piece> = std::iter::once(prefix).chain(words).collect();

    flowed(&pieces, "", margin, room)
}

/// What is never broken over two lines, unless it is wider than one: as it is, and as it is shown.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) styled: String,
}

impl Piece {
    pub(super) fn plain(text: String) -> Self {
        Self {
            styled: text.clone(),
            text,
        }
    }

    /// The words of a piece that is wider than a line.
    fn words(&self) -> impl Iterator<Item = Self> {
        unbreakable(&self.text).into_iter().map(Self::plain)
    }
}

/// `pieces` with `separator` behind each but the last, in lines of at most `width` columns, of
/// which all but the first begin with a margin.
pub(super) fn flowed(pieces: &[Piece], separator: &str, margin: usize, width: usize) -> String {
    let mut flow = Flow {
        text: String::new(),
        used: 0,
        margin,
        width,
    };
    let last = pieces.len().saturating_sub(1);

    for (place, piece) in pieces.iter().enumerate() {
        let separator = if place < last { separator } else { "" };
        let needed = columns(&piece.text) + columns(separator);
        if margin + needed > width {
            let words: Vec<Piece> = piece.words().collect();
            let last_word = words.len().saturating_sub(1);
            for (place, word) in words.iter().enumerate() {
                flow.push(word, if place < last_word { "" } else { separator });
            }
        } else {
            flow.push(piece, separator);
        }
    }
    flow.text
}

/// Lines under construction.
struct Flow {
    text: String,
    /// Columns of the last line.
    used: usize,
    margin: usize,
    width: usize,
}

impl Flow {
    fn push(&mut self, piece: &Piece, separator: &str) {
        let needed = columns(&piece.text) + columns(separator);

        if self.text.is_empty() {
            self.used = needed;
        } else if self.used + 1 + needed <= self.width {
            self.text.push(' ');
            self.used += 1 + needed;
        } else {
            self.text.push('\n');
            self.text.push_str(&" ".repeat(self.margin));
            self.used = self.margin + needed;
        }
        self.text.push_str(&piece.styled);
        self.text.push_str(separator);
    }
}

/// `line` broken between words so that each line fits into `width` columns, unless a single word
/// does not.
#[must_use]
pub fn lines(line: &str, width: usize) -> Vec<String> {
    let pieces: Vec<Piece> = unbreakable(line).into_iter().map(Piece::plain).collect();

    flowed(&pieces, "", 0, width)
        .lines()
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Layout = Layout::PLAIN;

    #[test]
    fn a_number_stands_on_the_line_of_its_unit() {
        let sentence = "x ".repeat(34) + "of 104 µs beyond a perfect split";
        let text = wrapped("pi", Tone::Bad, &sentence, PLAIN);
        assert!(text.contains("\n    104 µs beyond"), "{text}");

        assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
    }

    #[test]
    fn lines_are_indented_below_a_short_label_and_less_below_a_long_one() {
        let sentence = "word ".repeat(12);
        let narrow = Layout { width: 45, ..PLAIN };

        assert!(wrapped("pi", Tone::Good, &sentence, narrow).contains("\n    word"));
        let below_long = wrapped("image on process", Tone::Good, &sentence, narrow);
        assert!(below_long.contains("\n    word"), "{below_long}");
    }

    #[test]
    fn a_wide_terminal_does_not_make_sentences_unreadable() {
        let wide = Layout {
            width: 200,
            ..PLAIN
        };
        let text = wrapped("pi", Tone::Good, &"word ".repeat(50), wide);

        assert!(text.lines().all(|line| columns(line) <= 100), "{text}");
        assert!(text.lines().any(|line| columns(line) > 90), "{text}");
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
        assert_eq!(lines("画像 画像 画像", 10), ["画像 画像", "画像"]);
    }

    #[test]
    fn a_piece_is_broken_only_where_a_line_cannot_hold_it() {
        let pieces = ["time 1.23 s", "efficiency 95 %"].map(|text| Piece::plain(text.to_owned()));

        assert_eq!(flowed(&pieces, ",", 2, 40), "time 1.23 s, efficiency 95 %");
        assert_eq!(
            flowed(&pieces, ",", 2, 20),
            "time 1.23 s,\n  efficiency 95 %"
        );
        assert_eq!(
            flowed(&pieces, ",", 2, 14),
            "time 1.23 s,\n  efficiency\n  95 %"
        );
    }
}
