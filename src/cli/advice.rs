//! What somebody may have meant with words that mean nothing: the flag of a subcommand that has
//! another name for it, and which of clap's own suggestions are too far from what was typed.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::workloads::{QUICK, is_parameter};
use crate::commands::output::is_misspelt;
use crate::results::SERIAL;

/// What to add to `error`, which is `line`, of the subcommand `command`, if it exists: empty, or a
/// tip behind a semicolon.
pub(super) fn for_error(error: &clap::Error, line: &str, command: Option<&Command>) -> String {
    let tip = match (
        error.kind(),
        context(error, ContextKind::InvalidArg),
        command,
    ) {
        (ErrorKind::InvalidSubcommand, _, _) if !line.contains("tip: ") => {
            Some("`help` lists the subcommands".to_owned())
        }
        (ErrorKind::UnknownArgument, Some(argument), Some(command)) => {
            for_unknown(argument, command)
        }
        (ErrorKind::UnknownArgument, Some(argument), None) if argument.starts_with("--") => {
            Some("options follow a subcommand, such as `all`".to_owned())
        }
        (ErrorKind::MissingRequiredArgument, _, Some(command)) if ends_in_words(command) => {
            Some(format!(
                "the words of the command stand at the end, as in `{} -- PROGRAM ARGUMENT`",
                command.get_name()
            ))
        }
        (ErrorKind::InvalidValue, Some(argument), _)
            if context(error, ContextKind::InvalidValue) == Some(SERIAL)
                && is_about_engines(argument) =>
        {
            Some(format!(
                "the plain loop `{SERIAL}` is measured beside every engine, so it is not named"
            ))
        }
        _ => None,
    };

    tip.map_or_else(String::new, |tip| format!("; tip: {tip}"))
}

/// The text that `error` holds of this `kind`.
fn context(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

/// Whether the words of another command end the line of `command`.
fn ends_in_words(command: &Command) -> bool {
    command.get_positionals().any(Arg::is_trailing_var_arg_set)
}

/// Whether `argument` is the flag for engines, or its variable.
fn is_about_engines(argument: &str) -> bool {
    argument.starts_with("--engine ") || argument == "PARBENCH_ENGINE"
}

/// What `argument`, which `command` does not have, was probably meant for.
fn for_unknown(argument: &str, command: &Command) -> Option<String> {
    let tips = match argument.strip_prefix("--") {
        Some(QUICK) => return Some(no_first_answer(command)),
        Some("only") => return Some("each workload is a subcommand of its own".to_owned()),
        Some(flag) => {
            unprefixed(flag, command).map_or_else(|| prefixed(flag, command), |flag| vec![flag])
        }
        None if argument.starts_with('-') => Vec::new(),
        None => named(argument, command).into_iter().collect(),
    };

    (!tips.is_empty()).then(|| format!("write {}", tips.join(" or ")))
}

/// What `command` has, which measures and has no `--quick`.
fn no_first_answer(command: &Command) -> String {
    let has = |flag: &str| {
        let mut arguments = command.get_arguments();
        arguments.any(|arg| arg.get_long() == Some(flag))
    };
    let instead = ["max-time", "rounds"].into_iter().find(|flag| has(flag));
    let instead = instead.map_or_else(String::new, |flag| format!("; there is --{flag}"));

    format!("only workloads and `all` give a first answer{instead}")
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

/// The flag of `all` as the workload's own subcommand has it: `--samples` for `--pi-samples` of
/// `pi`.
fn unprefixed(flag: &str, command: &Command) -> Option<String> {
    let long = flag.strip_prefix(command.get_name())?.strip_prefix('-')?;
    let mut arguments = command.get_arguments();

    arguments
        .any(|arg| arg.get_long() == Some(long))
        .then(|| format!("--{long}"))
}

fn looks_like_path(word: &str) -> bool {
    word.contains(['/', '.', '~', std::path::MAIN_SEPARATOR])
}

/// The flag that a bare word was probably meant for.
fn named(word: &str, command: &Command) -> Option<String> {
    // A name of a workload behind `all` is no folder.
    let has_every = command.get_name() == "all";
    let flag = ["baseline", "input", "image-input"]
        .into_iter()
        .filter(|flag| !(has_every && *flag == "image-input" && !looks_like_path(word)))
        .find(|&flag| {
            command
                .get_arguments()
                .any(|arg| arg.get_long() == Some(flag))
        })?;

    Some(format!("--{flag} {word}"))
}
