//! `all`, and the subcommands of single workloads.

use anyhow::Result;
use clap::Args;

use crate::cli::flags::{
    BaselineArgs, KernelArgs, MeasureArgs, OutputArgs, QuickArgs, TraceArgs, VerboseArgs,
};
use crate::cli::running::{Setup, measuring};
use crate::cli::workloads::EveryParameter;
use crate::commands::Ending;
use crate::commands::run::{Request, run};

/// The flags of a workload's own subcommand, beside the workload's.
#[derive(Debug, Args)]
pub(in crate::cli) struct MeasuringArgs {
    #[command(flatten)]
    quick: QuickArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    kernel: KernelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    trace: TraceArgs,
    #[command(flatten)]
    verbose: VerboseArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
}

/// `all`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AllArgs {
    #[command(flatten)]
    measuring: MeasuringArgs,
    #[command(flatten)]
    parameters: EveryParameter,
}

impl AllArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        self.measuring.run(setup)
    }
}

impl MeasuringArgs {
    /// Measures the workloads of `selections`.
    pub(in crate::cli) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let Self {
            quick,
            measure,
            kernel,
            output,
            trace,
            verbose,
            baseline,
        } = self;
        kernel.apply();

        let mut plan = measure.plan(&setup.parts.engines, setup.selections)?;
        plan.store_spans |= trace.rounds().is_some();
        let quick = quick.shorten(&mut plan, setup.selections);
        let request = Request {
            plan,
            quick,
            baseline: baseline.baseline(),
            targets: output.targets().into_iter().chain(trace.target()).collect(),
            trace: trace.rounds(),
            table: output.table(verbose),
        };
        let progress = verbose.progress(&output, setup.stdout);

        measuring(&progress, |conditions| {
            setup.on_streams(output.destination(), |streams| {
                run(&request, conditions, streams)
            })
        })
    }
}
