//! The styles of text for a terminal.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::report::tone::Tone;

/// The style that stands for a tone.
pub(super) fn style(tone: Tone) -> Style {
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
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    /// No styles.
    pub(super) const PLAIN: Self = Self { color: false };

    pub(super) fn paint(self, style: Style, text: impl Display) -> String {
        if self.color && !style.is_plain() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    pub(super) fn tone(self, tone: Tone, text: impl Display) -> String {
        self.paint(style(tone), text)
    }

    /// Bold, line by line: a style must not reach over the padding into the next column.
    pub(super) fn heading(self, text: &str) -> String {
        let line = |line: &str| {
            if line.is_empty() {
                String::new()
            } else {
                self.paint(Style::new().bold(), line)
            }
        };

        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}
