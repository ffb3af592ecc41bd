//! What somebody may have meant with words that mean nothing: the flag of a subcommand that has another name for it,
//! and which of clap's own suggestions are too far from what was typed.

use clap::Arg;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::commands::output::is_misspelt;
use crate::workload::{Definition, WORKLOADS};

/// What to add to `error` of subcommand `command`: empty, or a tip behind a semicolon.
pub(super) fn of(error: &clap::Error, command: &str) -> String {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return String::new();
    };
    if error.kind() != ErrorKind::UnknownArgument {
        return String::new();
    }

    let tips = match argument.strip_prefix("--") {
        Some(flag) => prefixed(flag, command),
        None if argument.starts_with('-') => Vec::new(),
        None => vec![named(argument, command)],
    };
    let tips: Vec<String> = tips.into_iter().filter(|tip| !tip.is_empty()).collect();

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

/// A workload's own flag as the subcommands with all workloads have it: `--fib-size` for `--size`.
fn prefixed(flag: &str, command: &str) -> Vec<String> {
    if !["all", "check", "noise"].contains(&command) {
        return Vec::new();
    }

    let has_flag = |workload: &&Definition| {
        (workload.arguments)(clap::Command::new(""))
            .get_arguments()
            .any(|arg: &Arg| arg.get_long() == Some(flag))
    };
    WORKLOADS
        .iter()
        .filter(has_flag)
        .map(|workload| format!("--{}-{flag}", workload.name))
        .collect()
}

/// The flag that a bare word was probably meant for.
fn named(word: &str, command: &str) -> String {
    let flag = match command {
        "image" => "--input",
        "all" => "--image-input",
        "check" => "--baseline",
        _ => return String::new(),
    };

    format!("{flag} {word}")
}
