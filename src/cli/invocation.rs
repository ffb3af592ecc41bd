//! What the command line asks for: all flags, parsed once, into one typed value for each
//! subcommand.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::{ArgMatches, Command, FromArgMatches};

use super::parts::Parts;
use super::running::Setup;
use super::stdout::Stdout;
use super::verb::{MeasuringArgs, ProtocolArgs, Verb};
use super::wording::{Flags, worded};
use super::workloads::{EveryParameter, Selection, selection};
use super::{cluster_cpus, definition, variables};
use crate::commands::Ending;
use crate::machine;

/// A subcommand with its flags, and the workloads that it is about.
pub(super) struct Invocation {
    subcommand: Subcommand,
    selections: Vec<Selection>,
    /// What the user types for settings.
    flags: Flags,
}

enum Subcommand {
    /// A workload's own.
    Workload(Box<MeasuringArgs>),
    /// The test of a program that brings a workload.
    Protocol(ProtocolArgs),
    /// A fixed one.
    Verb(Box<Verb>),
}

impl Invocation {
    /// What `arguments`, and the variables behind them, ask a program with these `parts` to do.
    pub(super) fn parse(parts: &Parts, arguments: &[OsString]) -> Result<Self> {
        if let Some(clash) = definition::clash(parts) {
            bail!("{clash}");
        }

        let command = definition::command(parts);
        let matches = variables::matches(&command, arguments)?;
        let chosen = Chosen::of(&command, &matches)?;
        let cpus = cluster_cpus::ask(parts, chosen.command, chosen.matches)
            .map_err(|error| worded(error, &chosen.flags()))?;
        let Some(cpus) = cpus else {
            return Ok(chosen.invocation(parts, &matches)?);
        };

        // The usual values are made when the flags are defined, so this is done again.
        machine::plan_for(cpus);
        let command = definition::command(parts);
        let matches = variables::matches(&command, arguments)?;
        Ok(Chosen::of(&command, &matches)?.invocation(parts, &matches)?)
    }

    /// Does what is asked for.
    pub(super) fn run(self, parts: &Parts, stdout: &mut Stdout) -> Result<Ending> {
        let mut setup = Setup {
            parts,
            definition: definition::command,
            binary: &definition::binary(),
            selections: &self.selections,
            flags: &self.flags,
            stdout,
        };

        let ended = match self.subcommand {
            Subcommand::Workload(arguments) => arguments.run(&mut setup),
            Subcommand::Protocol(arguments) => arguments.run(&mut setup),
            Subcommand::Verb(verb) => verb.run(&mut setup),
        };
        ended.map_err(|error| worded(error, &self.flags))
    }
}

/// The subcommand that was chosen.
struct Chosen<'a> {
    command: &'a Command,
    matches: &'a ArgMatches,
}

impl<'a> Chosen<'a> {
    fn of(command: &'a Command, matches: &'a ArgMatches) -> Result<Self, clap::Error> {
        matches
            .subcommand()
            .and_then(|(name, matches)| {
                let command = command.find_subcommand(name)?;
                Some(Self { command, matches })
            })
            // clap has insisted on one already.
            .ok_or_else(|| clap::Error::new(clap::error::ErrorKind::MissingSubcommand))
    }

    fn flags(&self) -> Flags {
        Flags::of(self.command, self.matches)
    }

    /// The typed value of the subcommand; `all` are the matches of the whole command line.
    fn invocation(&self, parts: &Parts, all: &ArgMatches) -> Result<Invocation, clap::Error> {
        let Self { command, matches } = *self;
        let flags = self.flags();

        if let Some(workload) = parts.workloads.find(command.get_name()) {
            let subcommand = if let Some(test) = ProtocolArgs::of(workload.name(), matches) {
                Subcommand::Protocol(test)
            } else {
                let arguments = MeasuringArgs::from_arg_matches(matches)?;
                Subcommand::Workload(Box::new(arguments))
            };
            return Ok(Invocation {
                subcommand,
                selections: vec![selection(&workload, matches)?],
                flags,
            });
        }

        let verb = Verb::from_arg_matches(all)?;
        if let Verb::Check(check) = &verb {
            check.refuse_another_plan(command, matches)?;
        }
        let selections = if EveryParameter::is_in(command) {
            EveryParameter::selections(&parts.workloads, matches)?
        } else {
            Vec::new()
        };
        Ok(Invocation {
            subcommand: Subcommand::Verb(Box::new(verb)),
            selections,
            flags,
        })
    }
}
