//! `report`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::cli::flags::{OutputArgs, TraceArgs, VerboseArgs};
use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::commands::report::{Request, report};

/// `report`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReportArgs {
    /// A run stored with --export FILE.json; several, of one machine, are reported as one
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    trace: TraceArgs,
    #[command(flatten)]
    verbose: VerboseArgs,
}

impl ReportArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let Self {
            runs,
            output,
            trace,
            verbose,
        } = self;
        let request = Request {
            paths: runs,
            targets: output.targets().into_iter().chain(trace.target()).collect(),
            trace: trace.rounds(),
            table: output.table(verbose),
        };

        setup.on_streams(output.destination(), |streams| report(&request, streams))
    }
}
