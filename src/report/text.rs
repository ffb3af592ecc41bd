//! Text for a terminal of 80 columns: plain tables, lines broken between words, styles or none. The only home
//! of comfy-table. It knows nothing of runs.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// The narrowest terminal that is still common; a pipe or a log has no better number.
pub(super) const WIDTH: u16 = 80;
/// Blank columns between two columns.
const GAP: u16 = 2;

/// An empty table with these headings: words left, numbers right, no lines but the one below the heading.
pub(super) fn plain(headings: &[&str], paint: Paint) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('-')));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(headings.iter().map(|heading| Cell::new(paint.heading(heading))));
    let last = headings.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
        column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}

/// A line with its label, broken between words where it would be too wide.
pub(super) fn wrapped(label: &str, colour: AnsiColor, line: &str, paint: Paint) -> String {
    let indent = " ".repeat(label.len() + 2);
    let mut text = paint.paint(colour.on_default().bold(), format_args!("{label}:"));
    let mut column = label.len() + 1;
    for word in line.split_whitespace() {
        let width = word.chars().count();
        if column + 1 + width > usize::from(WIDTH) {
            text.push('\n');
            text.push_str(&indent);
            column = indent.len();
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    text
}

/// Styles, or none of them.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    pub(super) fn paint(self, style: Style, text: impl Display) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    pub(super) fn dim(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Bold, line by line: a style must not reach over the padding into the next column.
    pub(super) fn heading(self, text: &str) -> String {
        text.lines().map(|line| self.paint(Style::new().bold(), line)).collect::<Vec<_>>().join("\n")
    }
}
