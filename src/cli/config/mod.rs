//! `parbench.toml`: settings that stand in for flags, and the workloads of a repository. Its values
//! become the usual values of the flags and are read by their parsers.

mod document;
#[cfg(test)]
mod documented;
mod entry;
mod given;
#[cfg(test)]
mod inner;
mod keys;
mod place;
mod setting;
#[cfg(test)]
mod tests;
mod verified;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use self::document::{Table, Trouble};
use self::keys::LISTED_BY;
use self::setting::{Setting, settings};
use super::flags::ConfigArgs;
use super::parts::Parts;
use super::selection::Selection;
use super::variables::is_typed;
use super::workloads::{EveryParameter, parameters, prefixed_id};
use crate::printable;
use crate::units::Bytes;
use crate::whole_file;

pub(super) use self::keys::applies_to;

/// More than the settings of any repository take.
const LONGEST: Bytes = Bytes(1 << 24);

/// A file that was read, whose every key and value is right.
pub(super) struct Config {
    path: PathBuf,
    /// Where its paths begin; empty for the current folder.
    folder: PathBuf,
    tables: Vec<Table>,
}

impl Config {
    /// The file for the subcommand in `matches`, of the command line `command`: the one that the
    /// user names, or the nearest one.
    pub(super) fn find(
        parts: &Parts,
        command: &Command,
        matches: &ArgMatches,
    ) -> Result<Option<Self>> {
        let Some((name, matches)) = matches.subcommand() else {
            return Ok(None);
        };
        let flags = ConfigArgs::of(matches);
        if !applies_to(name, parts) || !flags.is_wanted() {
            return Ok(None);
        }

        match flags.file().or_else(place::nearest) {
            Some(path) => Self::read(parts, command, path).map(Some),
            None => Ok(None),
        }
    }

    fn read(parts: &Parts, command: &Command, path: PathBuf) -> Result<Self> {
        let cannot = || format!("cannot read {}", printable::path(&path));
        let bytes = whole_file::read(&path, LONGEST, "parbench.toml").with_context(cannot)?;
        if let Some(what) = printable::other_encoding(&bytes) {
            let name = printable::path(&path);
            bail!("{name} {what}; store it as UTF-8 without such a mark");
        }
        let text = String::from_utf8(bytes).with_context(cannot)?;

        Self::parse(parts, command, path, &text)
    }

    fn parse(parts: &Parts, command: &Command, path: PathBuf, text: &str) -> Result<Self> {
        let tables = document::tables(text)
            .and_then(|tables| verified::tables(tables, parts, command))
            .map_err(|trouble| located(&path, &trouble))?;

        Ok(Self {
            folder: place::folder_of(&path),
            path,
            tables,
        })
    }

    /// `command` with the settings for the subcommand in `typed` as usual values, but for those
    /// that contradict what was typed.
    pub(super) fn applied_to(
        &self,
        command: Command,
        parts: &Parts,
        typed: &ArgMatches,
    ) -> Result<Applied> {
        let mut applied = Applied {
            command,
            keys: Vec::new(),
        };
        let Some((name, typed)) = typed.subcommand() else {
            return Ok(applied);
        };

        self.apply(&mut applied, &[name], parts, typed)?;
        if let Some((inner, typed)) = typed.subcommand() {
            self.apply(&mut applied, &[name, inner], parts, typed)?;
        }
        Ok(applied)
    }

    /// Sets the flags of the subcommand at `path`, whose table goes by the first of its names, of
    /// which this was `typed`.
    fn apply(
        &self,
        applied: &mut Applied,
        path: &[&str],
        parts: &Parts,
        typed: &ArgMatches,
    ) -> Result<()> {
        let command = path.iter().try_fold(&applied.command, |command, name| {
            command.find_subcommand(name)
        });
        let Some((command, name)) = command.zip(path.first()) else {
            return Ok(());
        };

        let settings = settings(&self.tables, name, command, parts)
            .map_err(|trouble| located(&self.path, &trouble))?;
        let mut in_force = Vec::new();
        for setting in settings {
            if setting.gives_way_to(typed, command) {
                continue;
            }
            if setting.depends_on_the_folder() && !self.is_here() {
                bail!(
                    "{}:{}: '{}' is a path in the file's folder: run this there",
                    printable::path(&self.path),
                    setting.line,
                    setting.key
                );
            }
            in_force.push(setting.placed(&self.folder));
        }

        let command = std::mem::take(&mut applied.command);
        applied.command = with_defaults(command, path, &in_force);
        applied
            .keys
            .extend(in_force.into_iter().map(|setting| setting.key));
        Ok(())
    }

    /// What the user may want to know where `keys` are in force, and these workloads are `listed`.
    pub(super) fn note(&self, keys: &[String], listed: &[Selection]) -> Option<String> {
        let names: Vec<&str> = listed
            .iter()
            .map(|selection| selection.workload.name())
            .collect();
        let file = printable::path(&self.path);

        match (keys.is_empty(), names.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("{file} sets {}", keys.join(", "))),
            (true, false) => Some(format!("{file} lists {}", names.join(", "))),
            (false, false) => Some(format!(
                "{file} lists {} and sets {}",
                names.join(", "),
                keys.join(", ")
            )),
        }
    }

    /// What `subcommand` measures, if the file lists that: every workload that has a table. `plain`
    /// is the command line without the file, `matches` what was typed for the subcommand, and the
    /// file's settings.
    pub(super) fn selections(
        &self,
        parts: &Parts,
        plain: &Command,
        subcommand: &str,
        matches: &ArgMatches,
    ) -> Result<Option<Vec<Selection>>> {
        if !LISTED_BY.contains(&subcommand) {
            return Ok(None);
        }
        let workload_of = |table: &Table| parts.workloads.find(&table.name);
        let listed = self
            .tables
            .iter()
            .filter_map(|table| Some((table, workload_of(table)?)));

        let in_all = EveryParameter::selections(&parts.workloads, matches)?;
        let typed_selection = |workload: &str| {
            let mut in_all = in_all.iter();
            in_all.find(|selection| selection.workload.name() == workload)
        };
        let mut selections = Vec::new();
        for (table, workload) in listed {
            if !workload.belongs_to_all() && !self.is_here() {
                bail!(
                    "{}:{}: what [{}] runs is run in the file's folder: run this there",
                    printable::path(&self.path),
                    table.line,
                    table.name
                );
            }
            let mut selection = entry::selection(table, &workload, plain, matches)
                .map_err(|trouble| located(&self.path, &trouble))?;
            if let Some(source) = typed_selection(workload.name()) {
                selection.params = source.params.clone();
            }
            if is_typed(matches, "engine") {
                selection.engines.clear();
            }
            if is_typed(matches, "workers") {
                selection.workers = None;
            }
            selections.push(selection);
        }

        if selections.is_empty() {
            return Ok(None);
        }
        self.refuse_other_parameters(parts, matches)?;
        Ok(Some(selections))
    }

    /// Refuses what was typed for a workload that the file does not list: it would do nothing.
    fn refuse_other_parameters(&self, parts: &Parts, matches: &ArgMatches) -> Result<()> {
        let is_listed = |name: &str| self.tables.iter().any(|table| table.name == name);
        let others = parts.workloads.in_all();

        for workload in others.filter(|workload| !is_listed(workload.name())) {
            let typed = parameters(workload).into_iter().find(|arg| {
                let id = prefixed_id(workload, arg);
                matches.value_source(&id) == Some(ValueSource::CommandLine)
            });
            if let Some(arg) = typed {
                let name = workload.name();
                let parameter = arg.get_long().unwrap_or_else(|| arg.get_id().as_str());
                bail!(
                    "--{name}-{parameter} is for {name}, which {} does not list: add [{name}] there, or give --no-config",
                    printable::path(&self.path)
                );
            }
        }
        Ok(())
    }

    /// Whether paths in the file begin where this program runs.
    fn is_here(&self) -> bool {
        self.folder.as_os_str().is_empty()
    }
}

/// `command` with `settings` as usual values of its subcommand at `path`.
fn with_defaults(command: Command, path: &[&str], settings: &[Setting]) -> Command {
    match path.split_first() {
        Some((name, path)) => {
            command.mut_subcommand(*name, |inner| with_defaults(inner, path, settings))
        }
        None => settings.iter().fold(command, |command, setting| {
            command.mut_arg(&setting.id, |arg| setting.given.default_of(arg))
        }),
    }
}

/// The command line with a file's settings.
pub(super) struct Applied {
    pub(super) command: Command,
    /// What the file sets.
    pub(super) keys: Vec<String>,
}

fn located(path: &Path, trouble: &Trouble) -> anyhow::Error {
    let Trouble { line, message } = trouble;

    anyhow!("{}:{line}: {message}", printable::path(path))
}
