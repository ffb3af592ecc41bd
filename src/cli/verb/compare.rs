//! `compare`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::cli::flags::{JudgeArgs, OutputArgs, VerboseArgs};
use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::commands::compare::{Request, compare};

/// `compare`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompareArgs {
    /// The run that the others are compared with
    #[arg(value_name = "OLD.json")]
    old: PathBuf,
    /// Newer runs
    #[arg(value_name = "NEW.json", required = true)]
    new: Vec<PathBuf>,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    verbose: VerboseArgs,
}

impl CompareArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let Self {
            old,
            new,
            judge,
            output,
            verbose,
        } = self;
        let request = Request {
            old,
            new,
            tolerance: judge.tolerance(),
            deciding: judge.deciding(),
            targets: output.targets(),
            table: output.table(verbose),
        };

        setup.on_streams(output.destination(), |streams| compare(&request, streams))
    }
}
