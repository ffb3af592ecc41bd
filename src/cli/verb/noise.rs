//! `noise`.

use anyhow::Result;
use clap::Args;

use crate::cli::flags::values::target;
use crate::cli::flags::{ColorArgs, KernelArgs, MeasureArgs, OnlyArgs, QuietArgs, count};
use crate::cli::running::{Setup, measuring};
use crate::cli::workloads::EveryParameter;
use crate::commands::Ending;
use crate::commands::noise::{Request, noise};
use crate::commands::output::{Target, destination_beside};
use crate::report::STORED;
use crate::units::{Bounded, Share};

/// `noise`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Noise")]
pub(in crate::cli) struct NoiseArgs {
    /// Checks without a change, and as many with each slow-down
    #[arg(long, value_name = "N", default_value = "20")]
    checks: Bounded<1, 100_000>,
    /// The slow-downs to inject, or none
    #[arg(long, value_name = "PERCENTS", default_value = "10%,20%", value_parser = slowdowns)]
    slowdowns: Slowdowns,
    #[command(flatten)]
    only: OnlyArgs,
    /// Store every check and the rates: FILE.json; json:- is stdout. May be repeated
    #[arg(long, value_name = "FILE", value_parser = target(vec![&STORED]))]
    export: Vec<Target>,
    #[command(flatten)]
    quiet: QuietArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    kernel: KernelArgs,
    #[command(flatten)]
    parameters: EveryParameter,
}

/// Factors above 1.
#[derive(Clone, Debug)]
struct Slowdowns(Vec<f64>);

fn slowdowns(text: &str) -> Result<Slowdowns, &'static str> {
    if text == "none" {
        return Ok(Slowdowns(Vec::new()));
    }

    let factors = text
        .split(',')
        .map(|share| Ok(1.0 + share.parse::<Share>()?.get()));
    factors.collect::<Result<_, _>>().map(Slowdowns)
}

impl NoiseArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        self.kernel.apply();

        let destination = destination_beside(&self.export);
        let progress = self.quiet.progress();
        let plan = self
            .only
            .plan(self.measure, &setup.parts.engines, setup.selections)?;
        let request = Request {
            plan,
            checks: count(self.checks),
            slowdowns: self.slowdowns.0,
            targets: self.export,
            table: self.quiet.table(ColorArgs::AUTO, destination),
        };

        measuring(&progress, |conditions| {
            setup.on_streams(destination, |streams| noise(&request, conditions, streams))
        })
    }
}
