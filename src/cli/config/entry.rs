//! A workload's table as the command line of the workload's own subcommand.

use std::ffi::OsString;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use shlex::split;

use super::document::{Item, Table, Trouble, Value};
use super::given::{Given, key_of, word_of};
use super::keys::{NOT_MEASURED, OF_A_WORKLOAD, OF_HOSTED_ENGINES};
use crate::cli::error::one_line;
use crate::cli::selection::Selection;
use crate::cli::variables::{self, is_typed};
use crate::cli::workloads::parameters;
use crate::plan::WorkerCounts;
use crate::workload::Definition;

/// The flag that names interpreters.
const PYTHON: &str = OF_HOSTED_ENGINES;
/// With this parameter, the command is one text for a shell.
const SHELL: &str = "shell";

/// The flags that `table` may give `workload`, whose subcommand is `subcommand`.
pub(super) fn flags(workload: &Arc<dyn Definition>, subcommand: &Command) -> Vec<Arg> {
    let is_hosted = !workload.hosted_engines().is_empty();
    let choices = subcommand
        .get_arguments()
        .filter(|arg| {
            let key = key_of(arg);
            OF_A_WORKLOAD.contains(&key.as_str()) || (is_hosted && key == OF_HOSTED_ENGINES)
        })
        .cloned();

    parameters(workload)
        .into_iter()
        .filter(|arg| !NOT_MEASURED.contains(&key_of(arg).as_str()))
        .chain(choices)
        .collect()
}

/// `workload` with the parameters, engines and workers in `table`; `plain` is the whole command
/// line, and `chosen` what was chosen for all workloads.
pub(super) fn selection(
    table: &Table,
    workload: &Arc<dyn Definition>,
    plain: &Command,
    chosen: &ArgMatches,
) -> Result<Selection, Trouble> {
    let wrong = |message: String| Trouble {
        line: table.line,
        message: format!("[{}]: {message}", table.name),
    };
    let refused = |error: clap::Error| wrong(one_line(&error.to_string()));
    let subcommand = plain
        .find_subcommand(workload.name())
        .ok_or_else(|| wrong("there is no such subcommand".to_owned()))?;

    let mut flags = flags(workload, subcommand);
    if is_typed(chosen, PYTHON) {
        flags.retain(|arg| key_of(arg) != PYTHON);
    }
    if let Some(missing) = missing_key(table, &flags) {
        return Err(Trouble {
            line: table.line,
            message: format!("{} needs the key '{missing}'", table.heading()),
        });
    }
    let mut line = words(table, &flags)?;
    if flags.iter().all(|arg| key_of(arg) != PYTHON) || !has(table, PYTHON) {
        // Before what belongs to the command.
        line.splice(2..2, pythons(chosen));
    }
    let matches = variables::matches(plain, &line).map_err(refused)?;
    let (_, matches) = matches
        .subcommand()
        .ok_or_else(|| wrong("it is not a subcommand".to_owned()))?;

    let mut selection = Selection::of_matches(workload, matches).map_err(refused)?;
    if has(table, "engine") {
        selection.engines = engines(matches);
    }
    if has(table, "workers") {
        selection.workers = matches.get_one::<WorkerCounts>("workers").cloned();
    }
    Ok(selection)
}

/// Whether each value in `table` fits its flag. What they mean together is for `selection`: it may
/// read files of the folder that the command runs in.
pub(super) fn verified(
    table: &Table,
    workload: &Arc<dyn Definition>,
    plain: &Command,
) -> Result<(), Trouble> {
    match plain.find_subcommand(workload.name()) {
        Some(subcommand) => words(table, &flags(workload, subcommand)).map(|_| ()),
        None => Ok(()),
    }
}

/// The first key that a workload cannot do without and that `table` does not have.
fn missing_key(table: &Table, flags: &[Arg]) -> Option<String> {
    let required = flags.iter().filter(|arg| arg.is_required_set());

    required.map(key_of).find(|key| !has(table, key))
}

fn has(table: &Table, key: &str) -> bool {
    table.items.iter().any(|item| item.key == key)
}

/// The interpreters in `matches` as words of a command line: a workload takes them for parameters.
fn pythons(matches: &ArgMatches) -> Vec<OsString> {
    let values = matches.get_raw(PYTHON).into_iter().flatten();

    values.map(|value| word_of(PYTHON, value)).collect()
}

fn engines(matches: &ArgMatches) -> Vec<String> {
    let names = matches.get_many::<String>("engine");

    names.into_iter().flatten().cloned().collect()
}

/// The command line that `table` stands for, of `flags`.
fn words(table: &Table, flags: &[Arg]) -> Result<Vec<OsString>, Trouble> {
    let mut line = vec![OsString::new(), table.name.clone().into()];
    let mut positional = Vec::new();

    for item in &table.items {
        let trouble = |message| Trouble {
            line: item.line,
            message,
        };
        let Some(arg) = flags.iter().find(|arg| key_of(arg) == item.key) else {
            continue;
        };
        if !arg.is_positional() {
            let value = Given::of(arg, item).map_err(trouble)?;
            line.extend(value.words(&item.key));
            continue;
        }
        let words = command(arg, item, has(table, SHELL)).map_err(trouble)?;
        positional.extend(words.into_iter().map(OsString::from));
    }

    if !positional.is_empty() {
        line.push("--".into());
    }
    line.extend(positional);
    Ok(line)
}

/// The words of a value without a flag: a text is split as a shell does, where several are taken.
fn command(arg: &Arg, item: &Item, is_for_a_shell: bool) -> Result<Vec<String>, String> {
    let takes_several = arg
        .get_num_args()
        .is_some_and(|values| values.max_values() > 1);

    match &item.value {
        Value::Switch(_) => Err(format!("'{}' takes a text or a list of words", item.key)),
        Value::Several(words) => Ok(words.clone()),
        Value::Single(text) if is_for_a_shell || !takes_several => Ok(vec![text.clone()]),
        Value::Single(text) => {
            split(text).ok_or_else(|| format!("'{}' holds a quote that is not closed", item.key))
        }
    }
}
