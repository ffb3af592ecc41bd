//! Errors as one line on stderr, `error: a: b: c`, whoever found them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::error::ErrorKind;

use super::exit;

/// Prints `message` as the one line that a failure gets.
pub(super) fn print(message: &str) {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let line = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    // There is nowhere left to report that stderr is gone.
    let _ = writeln!(anstream::stderr(), "{style}error:{style:#} {line}");
}

/// Prints something that the user should know and that stops nothing.
pub(super) fn warn(message: &str) {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    let _ = writeln!(anstream::stderr(), "{style}warning:{style:#} {message}");
}

/// Prints what clap found: help and version whole and on stdout, anything else as one line.
pub(super) fn usage(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let written = error.print();
            let quiet = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
            if written.as_ref().is_err_and(|error| !quiet(error)) { exit::TROUBLE } else { exit::OK }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // The whole help is the best answer to a bare `parbench`.
            let _ = error.print();
            exit::TROUBLE
        }
        _ => {
            print(&one_line(&error.to_string()));
            exit::TROUBLE
        }
    }
}

/// clap's message without its heading, usage and pointer to the help, in one line.
fn one_line(text: &str) -> String {
    let message = text.strip_prefix("error:").unwrap_or(text);
    let told = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let told =
        told.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    told.collect::<Vec<_>>().join("; ").replace(":; ", ": ")
}

/// Panics reach the user as errors of the task they happened in, not as a second message beside it.
/// `RUST_BACKTRACE` brings the usual message back.
pub(super) fn silence_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|value| value == "0") {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claps_paragraphs_become_one_line() {
        let text = "error: unrecognized subcommand 'fob'\n\n  tip: a similar subcommand exists: 'fib'\n\n\
                    Usage: parbench <COMMAND>\n\nFor more information, try '--help'.\n";
        assert_eq!(one_line(text), "unrecognized subcommand 'fob'; tip: a similar subcommand exists: 'fib'");
    }
}
