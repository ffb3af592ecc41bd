//! `history noise`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::ToleranceArgs;
use crate::cli::flags::values::target;
use crate::cli::flags::{ColorArgs, QuietArgs};
use crate::cli::running::{Setup, measuring};
use crate::commands::Ending;
use crate::commands::history::{NoiseRequest, Origin, Store, noise};
use crate::commands::output::{Target, destination_beside};
use crate::history::Scheme;
use crate::report::STORED;
use crate::units::{Bounded, Share};

/// `history noise`.
#[derive(Debug, Args)]
pub(super) struct NoiseArgs {
    /// Runs whose rounds have the noise, instead of those of a history
    #[arg(value_name = "RUN.json", conflicts_with = "store")]
    runs: Vec<PathBuf>,
    /// Series of each kind
    #[arg(long, value_name = "N", default_value = "2000")]
    series: Bounded<1, 1_000_000>,
    /// Runs of each series
    #[arg(long, value_name = "N", default_value = "200")]
    length: Bounded<6, 100_000>,
    /// How much worse a step makes it
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "10%",
        allow_hyphen_values = true
    )]
    step: Share,
    /// Runs after the step
    #[arg(long, value_name = "N", default_value = "5")]
    after: Bounded<1, 100_000>,
    /// How much worse a drift makes it from the first run to the last
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "10%",
        allow_hyphen_values = true
    )]
    drift: Share,
    #[command(flatten)]
    tolerance: ToleranceArgs,
    /// Seed of the series
    #[arg(long, value_name = "N", default_value = "1")]
    seed: Bounded<0, { u64::MAX }>,
    /// Write the series into FILE, a column each, for other programs to judge
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    write_series: Option<PathBuf>,
    /// Store the rates: FILE.json; json:- is stdout. May be repeated
    #[arg(
        long,
        value_name = "FILE",
        value_parser = target(vec![&STORED]),
        help_heading = "Output"
    )]
    export: Vec<Target>,
    #[command(flatten)]
    quiet: QuietArgs,
}

impl NoiseArgs {
    /// Without runs, the noise is that of the history in `store`.
    pub(super) fn run(self, store: Option<PathBuf>, setup: &mut Setup<'_>) -> Result<Ending> {
        let origin = match store {
            _ if !self.runs.is_empty() => Origin::Runs(self.runs),
            Some(path) => Origin::Store(Store::new(path)),
            None => bail!("name runs whose noise is to be drawn from, or a history by --store"),
        };
        let (length, after) = (self.length.count(), self.after.count());
        if after >= length {
            bail!("--after {after}: must be below --length {length}");
        }

        let destination = destination_beside(&self.export);
        let progress = self.quiet.progress();
        let request = NoiseRequest {
            origin,
            scheme: Scheme {
                series: self.series.count(),
                runs: length,
                step: 1.0 + self.step.get(),
                after,
                drift: 1.0 + self.drift.get(),
                tolerance: self.tolerance.tolerance.get(),
                family: 1,
                seed: self.seed.get(),
            },
            series: self.write_series,
            targets: self.export,
            table: self.quiet.table(ColorArgs::AUTO, destination),
        };

        measuring(&progress, |conditions| {
            setup.on_streams(destination, |streams| noise(&request, conditions, streams))
        })
    }
}
