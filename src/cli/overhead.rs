//! The flags of `overhead`. They share nothing with those of a measurement but the engines and the workers.

use anyhow::Result;
use clap::Args;

use super::args::{Color, default_memory};
use super::engines::{ClusterArgs, EngineArgs};
use super::values::target;
use crate::commands::output::Target;
use crate::commands::overhead;
use crate::commands::run::Table;
use crate::measure::Question;
use crate::plan::WorkerCounts;
use crate::report::{OVERHEAD_CHARTS, OVERHEAD_EXPORTERS};
use crate::results::Overhead;
use crate::units::Bounded;

/// `overhead`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(super) struct OverheadArgs {
    #[command(flatten)]
    engines: EngineArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// Workers, such as 4 or 1,2,4 or 1..8 (both included) or max: as many as there are usable CPUs, those of the cluster
    /// where only Ray is used [default: max]
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        env = "PARBENCH_WORKERS",
        hide_env_values = true
    )]
    workers: Option<WorkerCounts>,
    /// Rounds for each engine; an interval needs 6
    #[arg(
        short,
        long,
        value_name = "N",
        visible_alias = "runs",
        default_value = "12"
    )]
    rounds: Bounded<1, 100_000>,
    /// Draw efficiency against the work in a task into FILE, .svg or .png
    #[arg(long, value_name = "FILE", help_heading = "Output", value_parser = target(OVERHEAD_CHARTS))]
    chart: Vec<Target<Overhead>>,
    /// Store every round and what follows: FILE.json; json:- is stdout
    #[arg(long, value_name = "FILE", help_heading = "Output", value_parser = target(OVERHEAD_EXPORTERS))]
    export: Vec<Target<Overhead>>,
    /// Print nothing but errors, and exports that go to stdout
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, help_heading = "Output")]
    color: Color,
}

impl OverheadArgs {
    pub(super) fn request(self) -> Result<overhead::Request> {
        let Self {
            engines,
            cluster,
            workers,
            rounds,
            chart,
            export,
            quiet,
            color,
        } = self;
        let targets: Vec<_> = chart.into_iter().chain(export).collect();
        let taken = targets.iter().any(Target::is_stdout);
        let color = if taken {
            color.on(&std::io::stderr())
        } else {
            color.on(&std::io::stdout())
        };
        let engines = engines.engines();
        let question = Question {
            cluster: cluster.cluster(&engines)?,
            engines,
            workers: workers.unwrap_or_else(WorkerCounts::usable),
            rounds: u32::try_from(rounds.get()).unwrap_or(u32::MAX),
            memory: default_memory(),
        };
        Ok(overhead::Request {
            question,
            targets,
            table: (!quiet).then_some(Table { color }),
        })
    }
}
