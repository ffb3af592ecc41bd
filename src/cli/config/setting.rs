//! The settings that a file has for one subcommand.

use std::path::Path;

use clap::{Arg, ArgMatches, Command};

use super::document::{Item, Table, Trouble};
use super::given::{Given, is_relative_path, key_of};
use super::keys::{GIVES_WAY, LISTED_BY, NOT_SHARED, OF_A_WORKLOAD, SETTINGS};
use crate::cli::parts::Parts;
use crate::cli::variables::is_typed;
use crate::cli::workloads::{parameters, prefixed_id};

/// What one flag is set to.
pub(super) struct Setting {
    /// The flag's value in the subcommand's definition.
    pub(super) id: String,
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) given: Given,
    /// The flag, which may have a prefix in the subcommand.
    arg: Arg,
    is_relative_path: bool,
    scope: Scope,
}

/// How near a table is to the subcommand: the nearest counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Outside of tables.
    Shared,
    /// In the subcommand's table.
    Own,
    /// In the table of a workload, which is one of several in the subcommand.
    Listed,
}

/// The settings of `tables` for `subcommand`, whose table goes by `name`: its own, or that of the
/// subcommand which it belongs to.
pub(super) fn settings(
    tables: &[Table],
    name: &str,
    subcommand: &Command,
    parts: &Parts,
) -> Result<Vec<Setting>, Trouble> {
    let mut settings = Vec::new();
    for table in tables {
        for item in &table.items {
            let Some((arg, id, scope)) = flag(table, item, name, subcommand, parts) else {
                continue;
            };
            let value = Given::of(&arg, item).and_then(|value| match value {
                Given::Alone => Err(format!("'{}' takes a value, not true or false", item.key)),
                other => Ok(other),
            });
            settings.push(Setting {
                id,
                key: item.key.clone(),
                line: item.line,
                given: value.map_err(|message| Trouble {
                    line: item.line,
                    message,
                })?,
                is_relative_path: is_relative_path(&arg, item),
                arg,
                scope,
            });
        }
    }

    let own_ids: Vec<String> = settings
        .iter()
        .filter(|setting| setting.scope == Scope::Own)
        .map(|setting| setting.id.clone())
        .collect();
    let is_overruled = |setting: &Setting| {
        setting.scope == Scope::Shared
            && own_ids
                .iter()
                .any(|id| *id == setting.id || are_conflicting(subcommand, id, &setting.id))
    };
    settings.retain(|setting| !is_overruled(setting));

    first_conflict(&settings, subcommand).map_or(Ok(settings), Err)
}

/// The flag that `item` of `table` is about, with its name in `subcommand`.
fn flag(
    table: &Table,
    item: &Item,
    name: &str,
    subcommand: &Command,
    parts: &Parts,
) -> Option<(Arg, String, Scope)> {
    let workload = parts.workloads.find(&table.name);
    let workload = workload.filter(|workload| workload.belongs_to_all());
    let is_setting = SETTINGS.contains(&item.key.as_str());
    let scope = match &workload {
        None if table.name.is_empty() && NOT_SHARED.contains(&(name, &item.key)) => return None,
        None if table.name.is_empty() && is_setting => Scope::Shared,
        None if table.name == name && is_setting => Scope::Own,
        Some(_) if table.name == name => Scope::Own,
        Some(_) if LISTED_BY.contains(&name) => Scope::Listed,
        _ => return None,
    };

    if let (Some(workload), Scope::Listed) = (&workload, scope) {
        if OF_A_WORKLOAD.contains(&item.key.as_str()) {
            return None;
        }
        let arg = parameters(workload)
            .into_iter()
            .find(|arg| key_of(arg) == item.key)?;
        let id = prefixed_id(workload, &arg);
        return Some((arg, id, scope));
    }
    let arg = subcommand
        .get_arguments()
        .find(|arg| key_of(arg) == item.key)?;
    Some((arg.clone(), arg.get_id().to_string(), scope))
}

fn first_conflict(settings: &[Setting], subcommand: &Command) -> Option<Trouble> {
    settings.iter().enumerate().find_map(|(at, later)| {
        let earlier = settings[..at]
            .iter()
            .find(|earlier| are_conflicting(subcommand, &earlier.id, &later.id))?;
        Some(Trouble {
            line: later.line,
            message: format!(
                "'{}' cannot be used with '{}' in line {}",
                later.key, earlier.key, earlier.line
            ),
        })
    })
}

/// Whether the flags `a` and `b` of `command` cannot be used together.
fn are_conflicting(command: &Command, a: &str, b: &str) -> bool {
    let refuses = |first: &str, second: &str| {
        let mut arguments = command.get_arguments();
        arguments
            .find(|arg| arg.get_id() == first)
            .is_some_and(|arg| {
                let mut conflicts = command.get_arg_conflicts_with(arg).into_iter();
                conflicts.any(|conflict| conflict.get_id() == second)
            })
    };

    refuses(a, b) || refuses(b, a)
}

impl Setting {
    /// Whether something was typed in `matches` of `subcommand`, or set by a variable, that cannot
    /// be combined with this.
    pub(super) fn gives_way_to(&self, matches: &ArgMatches, subcommand: &Command) -> bool {
        let typed = subcommand
            .get_arguments()
            .map(|arg| arg.get_id().as_str())
            .filter(|id| is_typed(matches, id));

        typed.into_iter().any(|typed| {
            GIVES_WAY.contains(&(self.id.as_str(), typed))
                || are_conflicting(subcommand, &self.id, typed)
        })
    }

    /// Whether this is a workload's path: it is stored with a run as it stands in the file, so that
    /// runs from other folders would be of other parameters.
    pub(super) fn depends_on_the_folder(&self) -> bool {
        self.is_relative_path && !SETTINGS.contains(&self.key.as_str())
    }

    /// The same with paths that begin in `folder`.
    pub(super) fn placed(self, folder: &Path) -> Self {
        let value = self.given.placed(&self.arg, folder);

        Self {
            given: value,
            ..self
        }
    }
}
