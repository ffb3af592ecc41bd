//! Flags for judging: what is tolerated, which figures decide, which workloads are looked at, what
//! becomes a baseline.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::measuring::MeasureArgs;
use crate::cli::selection::Selection;
use crate::commands::TOLERANCE;
use crate::commands::baseline::Baseline;
use crate::engine::Registry;
use crate::plan::Plan;
use crate::results::Metric;
use crate::units::Share;

/// `--save-baseline`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct BaselineArgs {
    /// Run a second pass, or a third, and when two in a row agree, store them as FILE, a run in
    /// JSON: the baseline of later checks
    #[arg(long, value_name = "FILE")]
    save_baseline: Option<PathBuf>,
    /// How much two passes may differ [default: 10%]
    #[arg(
        long,
        value_name = "PERCENT",
        requires = "save_baseline",
        allow_hyphen_values = true
    )]
    tolerance: Option<Share>,
    /// Save the baseline although other programs used the CPUs meanwhile
    #[arg(long, requires = "save_baseline")]
    force: bool,
}

impl BaselineArgs {
    pub(in crate::cli) fn baseline(self) -> Option<Baseline> {
        let tolerance = self.tolerance.map_or(TOLERANCE, Share::get);

        self.save_baseline.map(|path| Baseline {
            path,
            tolerance,
            force: self.force,
        })
    }
}

/// How changes are judged.
#[derive(Debug, Args)]
pub(in crate::cli) struct JudgeArgs {
    /// The change that is tolerated; the measured noise counts where it is larger [default: 10%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    tolerance: Option<Share>,
    #[command(flatten)]
    metrics: MetricsArgs,
}

/// `--metrics`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MetricsArgs {
    /// What the verdict depends on: serial, distributed, speed-up, task-overhead [default: all but
    /// the last]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = metric_names())]
    metrics: Vec<String>,
}

impl JudgeArgs {
    /// The change that is tolerated: 0.1 for 10 %.
    pub(in crate::cli) fn tolerance(&self) -> f64 {
        self.tolerance.map_or(TOLERANCE, Share::get)
    }

    /// The metrics that decide.
    pub(in crate::cli) fn deciding(&self) -> Vec<Metric> {
        self.metrics.deciding()
    }
}

impl MetricsArgs {
    /// The metrics that decide.
    pub(in crate::cli) fn deciding(&self) -> Vec<Metric> {
        if self.metrics.is_empty() {
            return Metric::DECIDING.to_vec();
        }

        Metric::ALL
            .into_iter()
            .filter(|metric| self.metrics.iter().any(|name| name == metric.flag()))
            .collect()
    }
}

fn metric_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Metric::ALL.map(Metric::flag))
}

/// `--only`.
#[derive(Debug, Args)]
pub(in crate::cli) struct OnlyArgs {
    // Which names there are is for the program's registry to say.
    /// Only these workloads
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
}

impl OnlyArgs {
    /// The names; empty for all workloads.
    pub(in crate::cli) fn names(self) -> Vec<String> {
        self.only
    }

    /// The plan that `measure` makes for the workloads of `selections`, without the others.
    pub(in crate::cli) fn plan(
        &self,
        measure: MeasureArgs,
        known: &Registry,
        selections: &[Selection],
    ) -> Result<Plan> {
        let mut plan = measure.plan(known, selections)?;
        self.select(&mut plan)?;

        Ok(plan)
    }

    /// Takes the other workloads out of `plan`, which has those of `all`.
    fn select(&self, plan: &mut Plan) -> Result<()> {
        let has = |name: &String| plan.cases.iter().any(|case| case.workload.name() == name);
        if let Some(name) = self.only.iter().find(|name| !has(name)) {
            let cases = plan.cases.iter();
            let checked: Vec<&str> = cases.map(|case| case.workload.name()).collect();
            bail!(
                "--only {name}: this is not among what is checked: {}",
                checked.join(", ")
            );
        }

        if !self.only.is_empty() {
            plan.cases
                .retain(|case| self.only.iter().any(|name| name == case.workload.name()));
        }
        Ok(())
    }
}
