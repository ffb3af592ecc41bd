//! Errors as one line on stderr: `error: a: b: c`.

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use clap::Command;
use clap::error::ErrorKind;

use super::stdout::Stdout;
use super::{advice, exit, variables};
use crate::printable;

/// Prints `message` as the one line that a failure gets.
pub(super) fn print(message: &str) {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let line = printable::line(message);
    // There is nowhere left to report that stderr is gone.
    let _ = writeln!(anstream::stderr(), "{style}error:{style:#} {line}");
}

/// Prints something that the user should know and that stops nothing.
pub(super) fn warn(message: &str) {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    let _ = writeln!(
        anstream::stderr(),
        "{style}warning:{style:#} {}",
        printable::line(message)
    );
}

/// Prints something that the user may want to know.
pub(super) fn note(message: &str) {
    // As above.
    let _ = writeln!(anstream::stderr(), "note: {}", printable::line(message));
}

/// Prints clap's answer: help and version whole and on stdout, anything else as one line. `command`
/// is the subcommand that was asked for, if it exists.
pub(super) fn usage(error: &clap::Error, command: Option<&Command>, stdout: &mut Stdout) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let is_coloured =
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
            let text = error.render();
            let text = if is_coloured {
                text.ansi().to_string()
            } else {
                text.to_string()
            };

            match stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.finish())
            {
                Ok(()) => exit::OK,
                Err(error) => {
                    print(&error.to_string());
                    exit::TROUBLE
                }
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // The whole help is the best answer to a bare `parbench`.
            let _ = error.print();
            exit::TROUBLE
        }
        ErrorKind::InvalidUtf8 => {
            print(&not_utf8());
            exit::TROUBLE
        }
        _ => {
            let line = one_line(&error.to_string());
            let tip = advice::for_error(error, &line, command);
            print(&(line + &tip));
            exit::TROUBLE
        }
    }
}

/// Which argument or variable is not UTF-8, where clap does not say: the first that may be meant.
fn not_utf8() -> String {
    let arguments = std::env::args_os().skip(1).map(|word| (None, word));
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        name.starts_with("PARBENCH_").then_some((Some(name), value))
    });
    let found = arguments
        .chain(variables)
        .find(|(_, value)| value.to_str().is_none());

    let Some((name, value)) = found else {
        return "an argument is not UTF-8: only file names may have other bytes".to_owned();
    };
    let value = printable::path(Path::new(&value));
    match name {
        Some(name) => format!("the variable {name} is not UTF-8: {value}"),
        None => format!("the argument {value} is not UTF-8: only file names may have other bytes"),
    }
}

/// clap's message without its heading, usage and pointer to the help, in one line.
pub(super) fn one_line(text: &str) -> String {
    let message = text.strip_prefix("error:").unwrap_or(text);
    let lines = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let lines = lines.take_while(|line| {
        !line.starts_with("Usage:") && !line.starts_with("For more information")
    });
    // clap suggests whatever is a little like a word: `compare` for `completions`.
    let lines = lines.filter(|line| !advice::is_far_fetched(message, line));

    lines.collect::<Vec<_>>().join("; ").replace(":; ", ": ")
}

/// Panics reach the user as errors of the task they happened in, not as a second message beside it.
/// `RUST_BACKTRACE` brings the usual message back.
pub(super) fn silence_panics() {
    if variables::set("RUST_BACKTRACE").is_none_or(|value| value == "0") {
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
        assert_eq!(
            one_line(text),
            "unrecognized subcommand 'fob'; tip: a similar subcommand exists: 'fib'"
        );
        let far = "error: unrecognized subcommand 'completions'\n\n  tip: a similar subcommand exists: 'compare'\n";
        assert_eq!(one_line(far), "unrecognized subcommand 'completions'");
    }
}
