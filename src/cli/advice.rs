//! What somebody may have meant with words that mean nothing: the flag of a subcommand that has
//! another name for it, and which of clap's own suggestions are too far from what was typed.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::workloads::is_parameter;
use crate::commands::output::is_misspelt;

/// What to add to `error` of the subcommand `command`: empty, or a tip behind a semicolon.
pub(super) fn for_error(error: &clap::Error, command: &Command) -> String {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return String::new();
    };
    if error.kind() != ErrorKind::UnknownArgument {
        return String::new();
    }

    let tips = match argument.strip_prefix("--") {
        Some(flag) => prefixed(flag, command),
        None if argument.starts_with('-') => Vec::new(),
        None => named(argument, command).into_iter().collect(),
    };
    if tips.is_empty() {
        String::new()
    } else {
        format!("; tip: write {}", tips.join(" or "))
    }
}

/// Whether `line` is a suggestion for the word that `message` quotes first, and is not near to it.
pub(super) fn is_far_fetched(message: &str, line: &str) -> bool {
    let quoted = |text: &str| {
        text.split('\'')
            .nth(1)
            .map(|word| word.trim_start_matches('-').to_owned())
    };
    let (Some(typed), Some(suggested)) = (quoted(message), quoted(line)) else {
        return false;
    };

    line.starts_with("tip: ")
        && line.contains("similar")
        && !is_misspelt(&typed, &suggested)
        && !suggested.contains(typed.as_str())
}

/// A workload's own flag as a subcommand with several workloads has it: `--fib-size` for `--size`.
fn prefixed(flag: &str, command: &Command) -> Vec<String> {
    let suffix = format!("-{flag}");

    command
        .get_arguments()
        .filter(|arg| is_parameter(arg))
        .filter_map(Arg::get_long)
        .filter(|long| long.ends_with(&suffix))
        .map(|long| format!("--{long}"))
        .collect()
}

/// The flag that a bare word was probably meant for.
fn named(word: &str, command: &Command) -> Option<String> {
    let flag = ["baseline", "input", "image-input"]
        .into_iter()
        .find(|&flag| {
            command
                .get_arguments()
                .any(|arg| arg.get_long() == Some(flag))
        })?;

    Some(format!("--{flag} {word}"))
}
