//! The environment variables that stand in for flags: an empty one is unset, and an error in one
//! names the variable, not a flag that nobody typed.

use std::ffi::OsString;

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

/// The value of variable `name`, unless it is empty.
pub(super) fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether the flag `id` was typed in `matches`, or set by its variable.
pub(super) fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    matches!(
        matches.value_source(id),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    )
}

/// What `arguments`, and the variables behind them, mean to `command`.
pub(super) fn matches(
    command: &Command,
    arguments: &[OsString],
) -> Result<ArgMatches, clap::Error> {
    let is_empty = |arg: &Arg| {
        arg.get_env()
            .and_then(|name| name.to_str())
            .and_then(set)
            .is_none()
    };
    let mut all = without(command, is_empty);

    all.try_get_matches_from_mut(arguments).or_else(|error| {
        if matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ) {
            return Err(error);
        }

        // An error in the words alone has nothing to do with variables.
        without(command, |_| true).try_get_matches_from(arguments)?;
        Err(named(error, &all))
    })
}

/// `command` without the variables of those arguments.
fn without(command: &Command, is_meant: impl Fn(&Arg) -> bool) -> Command {
    let strip = |arg: Arg| {
        if is_meant(&arg) {
            without_variable(arg)
        } else {
            arg
        }
    };

    command
        .clone()
        .mut_subcommands(|subcommand| subcommand.mut_args(&strip))
}

/// `arg` without its variable.
pub(super) fn without_variable(arg: Arg) -> Arg {
    arg.env(Resettable::<OsStr>::Reset)
}

/// `error` about the variable that the flag's value came from.
fn named(mut error: clap::Error, command: &Command) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let long = flag
        .split([' ', '='])
        .next()
        .and_then(|flag| flag.strip_prefix("--"));
    let arguments = command.get_subcommands().flat_map(Command::get_arguments);
    let variable = arguments
        .filter(|arg| arg.get_long().is_some() && arg.get_long() == long)
        .find_map(Arg::get_env)
        .map(|name| name.to_string_lossy().into_owned());

    if let Some(variable) = variable {
        error.insert(ContextKind::InvalidArg, ContextValue::String(variable));
    }
    error
}
