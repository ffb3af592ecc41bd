//! The hidden subcommands, which other processes talk to.

use std::io::{BufReader, stdin};

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::flags::{ClusterArgs, ClusterOfVariables, KernelArgs};
use crate::cli::running::{Setup, measuring};
use crate::cli::signals;
use crate::commands::Ending;
use crate::event::Silent;
use crate::own_executable;
use crate::stop::Stop;
use crate::turns::{self, Served};
use crate::worker;

/// `worker`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WorkerArgs {
    #[command(flatten)]
    kernel: KernelArgs,
    /// Do no tasks: wait for the end of the input, then end the worker with this mark and what it
    /// has started
    #[arg(long, value_name = "MARK")]
    guard: Option<String>,
}

/// `turns`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TurnsArgs {
    #[command(flatten)]
    kernel: KernelArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
}

impl WorkerArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        if let Some(mark) = &self.guard {
            worker::guard(stdin(), mark)?;
            return Ok(Ending::Done);
        }

        self.kernel.apply();
        own_executable::restore_name();
        let stop = Stop::new();
        signals::install_in_worker(&stop)?;

        worker::serve(
            BufReader::new(stdin()),
            setup.stdout,
            &setup.parts.workloads,
            &stop,
        )?;
        Ok(Ending::Done)
    }
}

impl TurnsArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        self.kernel.apply();
        own_executable::restore_name();
        let ClusterOfVariables { cluster, trouble } = self.cluster.cluster_of_variables();
        if let Some(trouble) = trouble {
            bail!("{trouble}");
        }

        measuring(&Silent, |conditions| {
            let asks = BufReader::new(stdin());

            let served = turns::serve(
                asks,
                setup.stdout,
                setup.parts.known(),
                &cluster,
                conditions,
            )?;

            Ok(match served {
                Served::Done => Ending::Done,
                Served::Failed => Ending::Trouble,
                Served::Interrupted(signal) => Ending::Interrupted(signal),
            })
        })
    }
}
