//! Where all work runs on a cluster, the usual numbers of workers and of tasks are those of its
//! CPUs, not of this machine's. They are asked for before the flags become typed values: the usual
//! values depend on them.

use std::num::NonZeroUsize;

use anyhow::Result;
use clap::{ArgMatches, Command, FromArgMatches};

use super::flags::{ClusterArgs, EngineArgs};
use super::parts::Parts;
use super::{signals, variables};
use crate::stop::Stop;

/// This signal came while the cluster was asked.
#[derive(Debug, thiserror::Error)]
#[error("interrupted by signal {0}")]
pub(super) struct AskedToStop(pub(super) usize);

/// The CPUs of the cluster, where the flags in `matches` of the subcommand `command` leave a number
/// to them.
pub(super) fn ask(
    parts: &Parts,
    command: &Command,
    matches: &ArgMatches,
) -> Result<Option<NonZeroUsize>> {
    let flags = Flags { command, matches };
    if !flags.choose_engines() || !flags.leave_a_number() {
        return Ok(None);
    }

    let engines = EngineArgs::from_arg_matches(matches)?.engines(&parts.engines);
    let [engine] = &engines[..] else {
        return Ok(None);
    };
    if !engine.uses_cluster() {
        return Ok(None);
    }
    let cluster = ClusterArgs::from_arg_matches(matches)?.cluster(&engines)?;
    let stop = Stop::new();
    signals::install(&stop)?;

    let cpus = engine.cpus(&cluster, &stop);
    match stop.signal() {
        Some(signal) => Err(AskedToStop(signal).into()),
        None => Ok(cpus?),
    }
}

/// A subcommand's flags.
struct Flags<'a> {
    command: &'a Command,
    matches: &'a ArgMatches,
}

impl Flags<'_> {
    /// Whether the engines are those of `--engine`: a baseline has its own, and without anything to
    /// compare with, `check` measures nothing.
    fn choose_engines(&self) -> bool {
        let compares = self.exists("against");

        self.exists("engine") && !self.is_set("baseline") && (!compares || self.is_set("against"))
    }

    /// Whether the number of workers, or of some workload's tasks, is the usual one.
    fn leave_a_number(&self) -> bool {
        let workers = self
            .matches
            .get_raw("workers")
            .and_then(|mut values| values.next_back())
            .map(|value| value.to_string_lossy().into_owned());
        let names_the_usual = |text: String| {
            text.split([',', '.', '-'])
                .any(|part| matches!(part.trim(), "max" | "sweep"))
        };
        if workers.is_none_or(names_the_usual) {
            return true;
        }

        // The tasks of a single workload, or those of one of several.
        let mut ids = self
            .command
            .get_arguments()
            .map(|arg| arg.get_id().as_str());
        ids.any(|id| (id == "tasks" || id.ends_with("-tasks")) && !self.is_set(id))
    }

    fn exists(&self, id: &str) -> bool {
        self.command.get_arguments().any(|arg| arg.get_id() == id)
    }

    /// Whether the user set the flag, or its variable.
    fn is_set(&self, id: &str) -> bool {
        self.exists(id) && variables::is_typed(self.matches, id)
    }
}
