//! How wide the terminal is.

use std::ffi::OsString;

use terminal_size::{Width, terminal_size_of};

use super::variables;
use crate::commands::streams::Destination;
use crate::report::Layout;

/// What the width of a terminal can be; anything else in `COLUMNS` is a mistake.
const SENSIBLE: std::ops::RangeInclusive<usize> = Layout::NARROWEST..=10_000;

/// The columns that text for `destination` may use: those of `COLUMNS`, else the terminal's, else
/// as many as suit a pipe or a log.
pub(super) fn width(destination: Destination) -> usize {
    let terminal = match destination {
        Destination::Stdout => terminal_size_of(std::io::stdout()),
        Destination::Stderr => terminal_size_of(std::io::stderr()),
    };

    chosen(
        variables::set("COLUMNS"),
        terminal.map(|(Width(columns), _)| usize::from(columns)),
    )
}

fn chosen(variable: Option<OsString>, terminal: Option<usize>) -> usize {
    let typed = variable.and_then(|text| text.to_str()?.trim().parse().ok());
    let is_sensible = |columns: &usize| SENSIBLE.contains(columns);

    typed
        .filter(is_sensible)
        .or(terminal.filter(is_sensible))
        .unwrap_or(Layout::PLAIN.width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_comes_before_the_terminal_and_a_pipe_has_eighty_columns() {
        let columns = |text: &str| Some(OsString::from(text));

        assert_eq!(chosen(columns("45"), Some(120)), 45);
        assert_eq!(chosen(None, Some(120)), 120);
        assert_eq!(chosen(None, None), 80);
    }

    #[test]
    fn what_cannot_be_a_width_is_ignored() {
        for text in ["0", "-5", "wide", "3", "99999999"] {
            assert_eq!(chosen(Some(OsString::from(text)), Some(120)), 120, "{text}");
        }
        assert_eq!(chosen(None, Some(0)), 80);
    }
}
