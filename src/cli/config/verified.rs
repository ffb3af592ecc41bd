//! Whether every table, key and value of a file is right, whatever subcommand it is read for.

use clap::Command;

use super::document::{Table, Trouble};
use super::entry;
use super::given::key_of;
use super::keys::{SETTINGS, VERBS, applies_to};
use super::setting::settings;
use crate::cli::parts::Parts;
use crate::commands::output::is_misspelt;

/// `tables`, unless something is wrong with them.
pub(super) fn tables(
    tables: Vec<Table>,
    parts: &Parts,
    plain: &Command,
) -> Result<Vec<Table>, Trouble> {
    for table in &tables {
        has_known_keys(table, parts, plain)?;
    }

    let names = plain.get_subcommands().map(Command::get_name);
    for name in names.filter(|name| applies_to(name, parts)) {
        for command in plain.find_subcommand(name).into_iter().flat_map(with_inner) {
            settings(&tables, name, command, parts)?;
        }
    }
    for table in &tables {
        if let Some(workload) = parts.workloads.find(&table.name) {
            entry::verified(table, &workload, plain)?;
        }
    }
    Ok(tables)
}

fn has_known_keys(table: &Table, parts: &Parts, plain: &Command) -> Result<(), Trouble> {
    let known = known_keys(table, parts, plain)?;

    for item in &table.items {
        if known.contains(&item.key) {
            continue;
        }
        let place = if table.name.is_empty() {
            String::new()
        } else {
            format!(" in [{}]", table.name)
        };
        let tables = table_names(parts);
        let message = if table.name.is_empty() && tables.contains(&item.key) {
            format!("'{0}' is a table: write [{0}]", item.key)
        } else {
            format!(
                "unknown key '{}'{place}; {}",
                item.key,
                advice(&item.key, &known)
            )
        };
        return Err(Trouble {
            line: item.line,
            message,
        });
    }
    Ok(())
}

/// The keys that may stand in `table`.
fn known_keys(table: &Table, parts: &Parts, plain: &Command) -> Result<Vec<String>, Trouble> {
    let wrong = |message: String| Trouble {
        line: table.line,
        message,
    };
    let name = table.name.as_str();
    if name.is_empty() {
        return Ok(SETTINGS.map(str::to_owned).to_vec());
    }

    let workload = parts.workloads.find(name);
    let is_once = workload
        .as_ref()
        .is_none_or(|workload| workload.belongs_to_all());
    let subcommand = plain.find_subcommand(name);
    let keys = match (&workload, subcommand) {
        (Some(workload), Some(subcommand)) => {
            let flags = entry::flags(workload, subcommand);
            flags.iter().map(key_of).collect()
        }
        (None, Some(subcommand)) if VERBS.contains(&name) => settings_of(subcommand),
        _ => {
            let known = table_names(parts);
            return Err(wrong(format!(
                "unknown table [{name}]; {}",
                advice(name, &known)
            )));
        }
    };

    if table.is_one_of_several && is_once {
        return Err(wrong(format!(
            "[[{name}]] can stand only once: write [{name}]"
        )));
    }
    Ok(keys)
}

/// `subcommand` and those that it has.
fn with_inner(subcommand: &Command) -> impl Iterator<Item = &Command> {
    std::iter::once(subcommand).chain(subcommand.get_subcommands())
}

fn settings_of(subcommand: &Command) -> Vec<String> {
    let arguments = || with_inner(subcommand).flat_map(Command::get_arguments);
    let has = |key: &&str| arguments().any(|arg| arg.get_long() == Some(*key));

    SETTINGS
        .into_iter()
        .filter(has)
        .map(str::to_owned)
        .collect()
}

/// What tables are called: subcommands and workloads.
fn table_names(parts: &Parts) -> Vec<String> {
    let workloads = parts.workloads.names().into_iter();

    VERBS
        .into_iter()
        .chain(workloads)
        .map(str::to_owned)
        .collect()
}

/// The name that was probably meant by `word`, or all of the `known` ones.
fn advice(word: &str, known: &[String]) -> String {
    match known.iter().find(|name| is_misspelt(word, name)) {
        Some(name) => format!("tip: write '{name}'"),
        None => format!("known are {}", known.join(", ")),
    }
}
