//! What the command line asks for: all flags, parsed once, into one typed value for each
//! subcommand.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use anyhow::{Result, bail};
use clap::{ArgMatches, Command, FromArgMatches};

use super::config::{Applied, Config};
use super::parts::Parts;
use super::running::Setup;
use super::selection::Selection;
use super::stdout::Stdout;
use super::verb::{MeasuringArgs, PlanOf, ProtocolArgs, Verb};
use super::wording::{Flags, worded};
use super::workloads::EveryParameter;
use super::{cluster_cpus, definition, error, variables};
use crate::commands::Ending;
use crate::machine;

/// A subcommand with its flags, and the workloads that it is about.
pub(super) struct Invocation {
    subcommand: Subcommand,
    selections: Vec<Selection>,
    /// What the user types for settings.
    flags: Flags,
    /// What came from a file, where somebody is there to read it.
    note: Option<String>,
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

        let plain = definition::command(parts);
        let typed = variables::matches(&plain, arguments)?;
        let config = Config::find(parts, &plain, &typed)?;
        let settled = Settled::of(plain, typed, parts, arguments, config.as_ref())?;
        let chosen = settled.chosen()?;
        let cpus = cluster_cpus::ask(parts, chosen.command, chosen.matches)
            .map_err(|error| worded(error, &chosen.flags()))?;
        let Some(cpus) = cpus else {
            return settled.invocation(parts, config.as_ref());
        };

        // The usual values are made when the flags are defined, so this is done again.
        machine::plan_for(cpus);
        let plain = definition::command(parts);
        let typed = variables::matches(&plain, arguments)?;
        Settled::of(plain, typed, parts, arguments, config.as_ref())?
            .invocation(parts, config.as_ref())
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

        if let Some(note) = &self.note {
            error::note(note);
        }
        let ended = match self.subcommand {
            Subcommand::Workload(arguments) => arguments.run(&mut setup),
            Subcommand::Protocol(arguments) => arguments.run(&mut setup),
            Subcommand::Verb(verb) => verb.run(&mut setup),
        };
        ended.map_err(|error| worded(error, &self.flags))
    }
}

/// The command line with the settings of a file, and what it means.
struct Settled {
    command: Command,
    matches: ArgMatches,
    /// What the file sets.
    keys: Vec<String>,
}

impl Settled {
    /// The command line `plain`, as which the arguments mean `typed`, with the settings of
    /// `config`.
    fn of(
        plain: Command,
        typed: ArgMatches,
        parts: &Parts,
        arguments: &[OsString],
        config: Option<&Config>,
    ) -> Result<Self> {
        let Some(config) = config else {
            return Ok(Self {
                command: plain,
                matches: typed,
                keys: Vec::new(),
            });
        };

        let Applied { command, keys } = config.applied_to(plain, parts, &typed)?;
        Ok(Self {
            matches: variables::matches(&command, arguments)?,
            command,
            keys,
        })
    }

    fn chosen(&self) -> Result<Chosen<'_>, clap::Error> {
        Chosen::of(&self.command, &self.matches)
    }

    fn invocation(&self, parts: &Parts, config: Option<&Config>) -> Result<Invocation> {
        let chosen = self.chosen()?;
        let listed = match config {
            Some(config) => {
                let plain = definition::command(parts);
                config.selections(parts, &plain, chosen.command.get_name(), chosen.matches)?
            }
            None => None,
        };

        let is_set = |id: &str| {
            let flag = chosen.matches.try_get_one::<bool>(id);
            flag.ok().flatten().copied().unwrap_or(false)
        };
        let is_welcome = is_set("verbose") || io::stderr().is_terminal();
        let note = config
            .filter(|_| is_welcome && !is_set("quiet"))
            .and_then(|config| config.note(&self.keys, listed.as_deref().unwrap_or_default()));
        let invocation = chosen.invocation(parts, &self.matches, listed)?;
        Ok(Invocation { note, ..invocation })
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

    /// The typed value of the subcommand; `all` are the matches of the whole command line, and
    /// `listed` are the workloads that a file has for it.
    fn invocation(
        &self,
        parts: &Parts,
        all: &ArgMatches,
        listed: Option<Vec<Selection>>,
    ) -> Result<Invocation, clap::Error> {
        let Self { command, matches } = *self;
        let flags = self.flags();

        if let Some(workload) = parts.workloads.find(command.get_name()) {
            let subcommand = if let Some(test) = ProtocolArgs::of(matches) {
                Subcommand::Protocol(test)
            } else {
                let arguments = MeasuringArgs::from_arg_matches(matches)?;
                Subcommand::Workload(Box::new(arguments))
            };
            return Ok(Invocation {
                subcommand,
                selections: vec![Selection::of_matches(&workload, matches)?],
                flags,
                note: None,
            });
        }

        let mut verb = Verb::from_arg_matches(all)?;
        if let Verb::Check(check) = &mut verb {
            let is_typed = variables::is_typed(matches, "baseline");
            if listed.is_some() && !is_typed {
                check.plan_of = PlanOf::File;
            }
            check.refuse_another_plan(command, matches)?;
        }
        let selections = match listed {
            Some(listed) => listed,
            None if EveryParameter::is_in(command) => {
                EveryParameter::selections(&parts.workloads, matches)?
            }
            None => Vec::new(),
        };
        Ok(Invocation {
            subcommand: Subcommand::Verb(Box::new(verb)),
            selections,
            flags,
            note: None,
        })
    }
}
