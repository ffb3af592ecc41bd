//! `overhead`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::cli::flags::{
    BaselineArgs, ClusterArgs, EngineArgs, OutputArgs, VerboseArgs, WorkersArgs, clock_seed, count,
    default_memory,
};
use crate::cli::running::{Setup, measuring};
use crate::commands::Ending;
use crate::commands::overhead::{Request, overhead};
use crate::engine::Registry;
use crate::plan::{Case, Choice, Plan, Scaling};
use crate::results::{Rounds, Sampling, WORTH};
use crate::units::Bounded;
use crate::workload::busy;

/// `overhead`.
#[derive(Debug, Args)]
pub(in crate::cli) struct OverheadArgs {
    #[command(flatten)]
    engines: EngineArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    workers: WorkersArgs,
    // Enough to compare two runs with three arms.
    /// Rounds of each batch of tasks; an interval needs 6
    #[arg(
        short,
        long,
        value_name = "N",
        visible_alias = "runs",
        default_value = "12"
    )]
    rounds: Bounded<1, 100_000>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    verbose: VerboseArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
}

impl OverheadArgs {
    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        let plan = self.plan(&setup.parts.engines)?;
        let Self {
            output,
            verbose,
            baseline,
            ..
        } = self;

        let request = Request {
            plan,
            quick: None,
            baseline: baseline.baseline(),
            targets: output.targets(),
            trace: None,
            table: output.table(verbose),
        };
        let progress = verbose.progress(&output, setup.stdout);

        measuring(&progress, |conditions| {
            setup.on_streams(output.destination(), |streams| {
                overhead(&request, conditions, streams)
            })
        })
    }

    /// The arms, on tasks that are yet to be found.
    fn plan(&self, known: &Registry) -> Result<Plan> {
        let engines = self.engines.engines(known);
        let workers = self.workers.counts();
        self.cluster.has_one_python()?;
        let cluster = self.cluster.clone().cluster(&engines)?;

        let choice = Choice {
            engines: &engines,
            engines_are_chosen: true,
            workers: &workers,
            workers_are_chosen: true,
            scaling: Scaling::Strong,
            cluster: &cluster,
        };
        Ok(Plan {
            cases: Case::all_of(&busy(), &Value::Null, choice)?,
            sampling: Sampling {
                warmup: 1,
                rounds: Rounds::Exactly(count(self.rounds)),
                order_seed: clock_seed(),
            },
            memory: default_memory(),
            worth: WORTH,
            slowdown: 1.0,
            store_spans: false,
            cluster,
            left_out: Vec::new(),
        })
    }
}
