//! The workloads' own flags: each under its subcommand, and all of them under `all` with a prefix. Made
//! from the registry, so a new workload needs nothing here.

use std::ffi::OsString;

use anyhow::Result;
use clap::builder::PossibleValue;
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

use crate::commands::list::Listed;
use crate::workload::{Definition, WORKLOADS};

/// A subcommand for each workload.
pub(super) fn subcommands() -> impl Iterator<Item = Command> {
    WORKLOADS.iter().map(own_command)
}

/// The subcommand `all`.
pub(super) fn all() -> Command {
    let names = WORKLOADS
        .iter()
        .map(|definition| definition.name)
        .collect::<Vec<_>>()
        .join(", ");
    let about = format!(
        "Runs every workload in turn ({names}), each parameter under its workload's prefix"
    );
    with_all(Command::new("all").about(about))
}

/// `command` with every workload's parameters.
pub(super) fn with_all(command: Command) -> Command {
    WORKLOADS.iter().fold(command, |command, definition| {
        let own = own_command(definition);
        let heading = format!("Workload {}", definition.name);
        command.args(
            own.get_arguments()
                .map(|arg| prefixed(definition, arg).help_heading(heading.clone())),
        )
    })
}

/// A workload that the command line asks for.
pub(super) struct Asked {
    pub(super) workload: &'static Definition,
    /// Its complete parameters.
    pub(super) params: Value,
    /// Its flags by their own names, with what the user types for them: nothing where that is the same.
    pub(super) flags: Vec<(String, String)>,
}

/// The workloads that subcommand `name` asks for.
pub(super) fn asked(name: &str, matches: &ArgMatches) -> Result<Vec<Asked>> {
    if name != "all" {
        let own = WORKLOADS
            .iter()
            .filter(|definition| definition.name == name);
        let asked = |workload: &'static Definition| {
            Ok(Asked {
                workload,
                params: (workload.parse)(matches)?,
                flags: Vec::new(),
            })
        };
        return own.map(asked).collect();
    }
    let prefixed_flags = |workload: &'static Definition| {
        let own = own_command(workload);
        let flag = |arg: &Arg| {
            let long = arg.get_long().unwrap_or_default();
            (
                format!("--{long}"),
                format!("--{}", prefixed_long(workload, arg)),
            )
        };
        own.get_arguments().map(flag).collect()
    };
    let asked = |workload: &'static Definition| {
        Ok(Asked {
            workload,
            params: unprefixed(workload, matches)?,
            flags: prefixed_flags(workload),
        })
    };
    WORKLOADS.iter().map(asked).collect()
}

/// What `list` shows of the workloads.
pub(super) fn listed() -> Vec<Listed> {
    let parameter = |arg: &Arg| {
        let value = arg.get_value_names().and_then(|names| names.first());
        let flag = format!(
            "--{} {}",
            arg.get_long().unwrap_or_default(),
            value.map_or("", |name| name.as_str())
        );
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        (flag.trim_end().to_owned(), help + &shown_default(arg))
    };
    let one = |definition: &'static Definition| Listed {
        name: definition.name,
        about: definition.about,
        parameters: own_command(definition)
            .get_arguments()
            .map(parameter)
            .collect(),
    };
    WORKLOADS.iter().map(one).collect()
}

fn own_command(definition: &'static Definition) -> Command {
    let command = Command::new(definition.name).next_help_heading("Workload");
    (definition.arguments)(command).about(definition.about)
}

/// `--size` of `fib` as `all` has it: `--fib-size`, its value unread and without what refers to other flags
/// by their own names.
fn prefixed(definition: &'static Definition, arg: &Arg) -> Arg {
    let mut help =
        arg.get_help().map(ToString::to_string).unwrap_or_default() + &shown_default(arg);
    let choices = arg.get_possible_values();
    if !choices.is_empty() {
        let names = choices
            .iter()
            .map(PossibleValue::get_name)
            .collect::<Vec<_>>()
            .join(", ");
        help = format!("{help} [possible values: {names}]");
    }
    Arg::new(prefixed_id(definition, arg))
        .long(prefixed_long(definition, arg))
        .value_names(arg.get_value_names().unwrap_or_default().to_vec())
        .help(help)
        .allow_hyphen_values(true)
        .value_parser(clap::value_parser!(OsString))
}

/// The default as clap prints it, which it does only for a value that it reads itself.
fn shown_default(arg: &Arg) -> String {
    let default = arg
        .get_default_values()
        .first()
        .filter(|_| !arg.is_hide_default_value_set());
    default
        .map(|value| format!(" [default: {}]", value.to_string_lossy()))
        .unwrap_or_default()
}

fn prefixed_id(definition: &Definition, arg: &Arg) -> String {
    format!("{}-{}", definition.name, arg.get_id())
}

fn prefixed_long(definition: &Definition, arg: &Arg) -> String {
    format!("{}-{}", definition.name, arg.get_long().unwrap_or_default())
}

/// Parses the prefixed flags as the workload's own subcommand would, so that both take the same values and
/// say the same of wrong ones; the flags keep their long names, so that messages name what was typed.
fn unprefixed(definition: &'static Definition, matches: &ArgMatches) -> Result<Value> {
    let own = own_command(definition);
    let given = own.get_arguments().filter_map(|arg| {
        let value = matches.get_one::<OsString>(&prefixed_id(definition, arg))?;
        let mut flag = OsString::from(format!("--{}=", prefixed_long(definition, arg)));
        flag.push(value);
        Some(flag)
    });
    let line = std::iter::once(OsString::from(definition.name))
        .chain(given)
        .collect::<Vec<_>>();
    let own = own.disable_help_flag(true).mut_args(|arg| {
        let long = prefixed_long(definition, &arg);
        arg.long(long)
    });
    Ok((definition.parse)(&own.try_get_matches_from(line)?)?)
}
