//! The fixed subcommands, one per file: their flags, and how these become a request.

mod check;
mod compare;
mod completions;
mod doctor;
mod history;
mod man;
mod measuring;
mod new;
mod noise;
mod overhead;
mod protocol;
mod report;
mod serving;

use std::io::Write;

use anyhow::Result;
use clap::{Command, Subcommand};

use self::check::CheckArgs;
use self::compare::CompareArgs;
use self::completions::CompletionsArgs;
use self::doctor::DoctorArgs;
use self::history::HistoryArgs;
use self::man::ManArgs;
use self::measuring::AllArgs;
use self::new::NewArgs;
use self::noise::NoiseArgs;
use self::overhead::OverheadArgs;
use self::report::ReportArgs;
use self::serving::{TurnsArgs, WorkerArgs};
use super::running::Setup;
use super::terminal;
use super::workloads::listed;
use crate::commands::Ending;
use crate::commands::list::{Known, list};
use crate::commands::streams::Destination;
use crate::{turns, worker};

pub(super) use self::check::PlanOf;
pub(super) use self::measuring::MeasuringArgs;
pub(super) use self::protocol::ProtocolArgs;

/// A fixed subcommand with its flags.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Runs every workload, each parameter under its workload's prefix
    All(Box<AllArgs>),
    /// Judges whether it got worse than a stored baseline or another binary
    #[command(after_help = check::AFTER_HELP)]
    Check(Box<CheckArgs>),
    /// Shows what changed between stored runs, with intervals and verdicts
    Compare(CompareArgs),
    /// Keeps runs over time, and says what changed, when and by how much
    History(Box<HistoryArgs>),
    /// Measures how often `check` is wrong on this machine
    Noise(Box<NoiseArgs>),
    /// Measures what a task costs on an engine
    Overhead(OverheadArgs),
    /// Runs rounds for `check --against`
    #[command(name = turns::SUBCOMMAND, hide = true)]
    Turns(TurnsArgs),
    /// Does single tasks for engines: JSON lines
    #[command(name = worker::SUBCOMMAND, hide = true)]
    Worker(WorkerArgs),
    /// Shows a stored run again: table, charts, exports
    Report(ReportArgs),
    /// Shows what this machine is and what of it matters for measuring
    Doctor(DoctorArgs),
    /// Writes the beginning of a program with a workload of your own
    New(NewArgs),
    /// Prints the script that completes the command line in a shell
    #[command(after_help = completions::AFTER_HELP)]
    Completions(CompletionsArgs),
    /// Writes the manual pages, one for each subcommand
    Man(ManArgs),
    /// Prints the version, as --version does
    #[command(hide = true)]
    Version,
    /// Lists workloads, engines and formats with their parameters
    List,
}

impl Verb {
    /// Does what is asked for.
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        match self {
            Self::All(arguments) => arguments.run(setup),
            Self::Check(arguments) => arguments.run(setup),
            Self::Compare(arguments) => arguments.run(setup),
            Self::History(arguments) => arguments.run(setup),
            Self::Noise(arguments) => arguments.run(setup),
            Self::Overhead(arguments) => arguments.run(setup),
            Self::Turns(arguments) => arguments.run(setup),
            Self::Worker(arguments) => arguments.run(setup),
            Self::Report(arguments) => arguments.run(setup),
            Self::Doctor(arguments) => arguments.run(setup),
            Self::New(arguments) => arguments.run(setup),
            Self::Completions(arguments) => arguments.run(setup),
            Self::Man(arguments) => arguments.run(setup),
            Self::Version => {
                writeln!(setup.stdout, "parbench {}", env!("CARGO_PKG_VERSION"))?;
                Ok(Ending::Done)
            }
            Self::List => {
                let parts = setup.parts;
                let known = Known {
                    workloads: &listed(&parts.workloads),
                    engines: &parts.engines,
                    exporters: &parts.exporters,
                    charts: &parts.charts,
                };
                list(known, terminal::width(Destination::Stdout), setup.stdout)?;
                Ok(Ending::Done)
            }
        }
    }
}

/// What the fixed subcommands are called: no workload can be called so.
pub(super) fn names() -> Vec<String> {
    let fixed = Verb::augment_subcommands(Command::new(""));
    let names = fixed
        .get_subcommands()
        .map(|subcommand| subcommand.get_name().to_owned());

    names.chain(["help".to_owned()]).collect()
}
