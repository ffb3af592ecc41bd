//! `history`, with subcommands of its own.

mod noise;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use self::noise::NoiseArgs;
use crate::cli::flags::values::target;
use crate::cli::flags::{ColorArgs, MetricsArgs, QuietArgs};
use crate::cli::history_formats::history_exporters;
use crate::cli::running::Setup;
use crate::commands::Ending;
use crate::commands::history::{AccountRequest, AddRequest, Store, View, account, add};
use crate::commands::output::{Target, destination_beside};
use crate::report::CHARTS;
use crate::units::Share;

const CHECK_AFTER_HELP: &str = "\
Each figure of the machine of the latest run is tested once for being in no
order, by a permutation test of its greatest step, corrected for all that
decide. A change counts if all of its 99 % interval is beyond the tolerance.

Exit codes:
  0  nothing that decides got worse, or it cannot be told
  1  something got worse, and still is
  2  nothing could be read
  3  with --strict: it cannot be told";

/// `history`.
#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArgs {
    /// The history: a folder with a file for each month, or a file ending in .jsonl [default: that
    /// of parbench.toml]
    #[arg(long, value_name = "DIR|FILE.jsonl", global = true)]
    store: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Keeps stored runs: a line for each at the end of a file
    Add(AddArgs),
    /// Shows the levels that each figure had, and since when
    Show(ShowArgs),
    /// Judges whether something got worse, when and by how much
    #[command(after_help = CHECK_AFTER_HELP)]
    Check(CheckArgs),
    /// Simulates how often `history check` is wrong
    Noise(NoiseArgs),
}

/// `history add`.
#[derive(Debug, Args)]
struct AddArgs {
    /// Runs stored with --export FILE.json
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    /// The commit that was measured [default: the one that parbench was built from, if its own
    /// workloads were measured]
    #[arg(long, value_name = "COMMIT", value_parser = commit)]
    commit: Option<String>,
    #[command(flatten)]
    quiet: QuietArgs,
}

/// `--tolerance`, which is less than that of `check`.
#[derive(Debug, Args)]
struct ToleranceArgs {
    /// The change that is tolerated
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "5%",
        allow_hyphen_values = true
    )]
    tolerance: Share,
}

/// What both views of a history have.
#[derive(Debug, Args)]
struct AccountArgs {
    #[command(flatten)]
    tolerance: ToleranceArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
    /// Look at each machine, and not only at that of the latest run
    #[arg(long)]
    all_machines: bool,
    /// Draw each figure over the runs into FILE, .svg or .png. May be repeated
    #[arg(
        long,
        value_name = "FILE",
        value_parser = target(CHARTS.iter().collect()),
        help_heading = "Output"
    )]
    chart: Vec<Target>,
    /// Store what was found: FILE ending in .json, .md or .html, or FORMAT:FILE; FORMAT:- is
    /// stdout. May be repeated
    #[arg(
        long,
        value_name = "FILE",
        value_parser = target(history_exporters()),
        help_heading = "Output"
    )]
    export: Vec<Target>,
    #[command(flatten)]
    quiet: QuietArgs,
    #[command(flatten)]
    color: ColorArgs,
}

/// `history show`.
#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    account: AccountArgs,
}

/// `history check`.
#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    account: AccountArgs,
    /// Accept the changes up to this commit, or before this day: 2026-01-31
    #[arg(long, value_name = "COMMIT|DAY", value_parser = commit)]
    since: Option<String>,
    /// Exit with 3 when a question stays open
    #[arg(long)]
    strict: bool,
}

/// A name that nobody takes for nothing.
fn commit(text: &str) -> Result<String, &'static str> {
    let is_sound = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());

    if is_sound {
        Ok(text.to_owned())
    } else {
        Err("must be a word, such as the digits of a commit")
    }
}

impl HistoryArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let store = self.store;

        match self.action {
            Action::Add(arguments) => arguments.run(known(store)?, setup),
            Action::Show(arguments) => {
                let account = arguments.account;
                account.run(known(store)?, View::Levels, None, setup)
            }
            Action::Check(arguments) => {
                let view = View::Verdict {
                    strict: arguments.strict,
                };
                let account = arguments.account;
                account.run(known(store)?, view, arguments.since, setup)
            }
            Action::Noise(arguments) => arguments.run(store, setup),
        }
    }
}

/// What the workloads are called whose tasks are code of this program.
fn own_workloads(setup: &Setup<'_>) -> Vec<String> {
    let workloads = setup.parts.workloads.iter();

    workloads
        .filter(|workload| workload.runs_in_process())
        .map(|workload| workload.name().to_owned())
        .collect()
}

/// The history, which one of its two places has to name.
fn known(store: Option<PathBuf>) -> Result<Store> {
    store.map(Store::new).context(
        "no history is named: give --store DIR or --store FILE.jsonl, or set store in parbench.toml",
    )
}

impl AddArgs {
    fn run(self, store: Store, setup: &mut Setup<'_>) -> Result<Ending> {
        let destination = destination_beside(&[]);
        let request = AddRequest {
            runs: self.runs,
            store,
            commit: self.commit,
            own_workloads: own_workloads(setup),
            quiet: self.quiet.table(ColorArgs::AUTO, destination).is_none(),
        };

        setup.on_streams(destination, |streams| add(&request, streams))
    }
}

impl AccountArgs {
    fn run(
        self,
        store: Store,
        view: View,
        since: Option<String>,
        setup: &mut Setup<'_>,
    ) -> Result<Ending> {
        let targets: Vec<Target> = self.chart.into_iter().chain(self.export).collect();
        let destination = destination_beside(&targets);
        let request = AccountRequest {
            store,
            view,
            tolerance: self.tolerance.tolerance.get(),
            deciding: self.metrics.deciding(),
            since,
            all_machines: self.all_machines,
            targets,
            table: self.quiet.table(self.color, destination),
        };

        setup.on_streams(destination, |streams| account(&request, streams))
    }
}
