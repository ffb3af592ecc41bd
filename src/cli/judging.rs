//! The flags of what judges: `check`, `compare`, `noise`, and of saving a baseline.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, FromArgMatches};

use super::args::{self, MeasureArgs, OutputArgs};
use super::{values, workloads};
use crate::commands::against::Other;
use crate::commands::baseline::Baseline;
use crate::commands::check::{self, Reference, Source, Strictness};
use crate::commands::output::Target;
use crate::commands::{compare, noise};
use crate::plan::Plan;
use crate::report::NOISE_EXPORTERS;
use crate::results::{Metric, Noise};
use crate::units::{Bounded, Share};
use crate::workload::WORKLOADS;

/// The change that is tolerated, unless the user says otherwise.
const TOLERANCE: f64 = 0.1;

/// Flags of a measurement that `check --baseline` takes, too: the rest of the plan is the baseline's.
const NOT_THE_BASELINES: [&str; 8] = [
    "max_time",
    "rounds",
    "memory",
    "inject_slowdown",
    "ray_address",
    "python",
    "task_timeout",
    "start_timeout",
];

/// `--save-baseline`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct BaselineArgs {
    /// Run a second pass, and if both agree, store them as the baseline of later checks
    #[arg(long, value_name = "FILE.json")]
    save_baseline: Option<PathBuf>,
    /// How much two passes, or a run and its baseline, may differ [default: 10%]
    #[arg(
        long,
        value_name = "PERCENT",
        requires = "save_baseline",
        allow_hyphen_values = true
    )]
    tolerance: Option<Share>,
    /// Save it although other programs used the CPUs meanwhile
    #[arg(long, requires = "save_baseline")]
    force: bool,
}

impl BaselineArgs {
    pub(super) fn baseline(self) -> Option<Baseline> {
        let tolerance = self.tolerance.map_or(TOLERANCE, Share::get);
        self.save_baseline.map(|path| Baseline {
            path,
            tolerance,
            force: self.force,
        })
    }
}

/// `check`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Check")]
pub(super) struct CheckArgs {
    /// Repeat the plan stored in this run and compare with it
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// Compare with another parbench binary, run in turns with this one: the best way
    #[arg(long, value_name = "BINARY")]
    against: Option<PathBuf>,
    /// The change that is tolerated; measured noise counts where it is more [default: 10%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    tolerance: Option<Share>,
    /// What the verdict depends on: serial, distributed, speed-up, task-overhead [default: all but the last]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = metrics())]
    metrics: Vec<String>,
    /// Check these workloads only
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names())]
    only: Vec<String>,
    /// Do not measure suspects again
    #[arg(long)]
    no_confirm: bool,
    /// Exit with 3 when a question stays open, or the baseline is from another machine
    #[arg(long)]
    strict: bool,
    /// The most time that the other binary may take for one step [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = values::duration, allow_hyphen_values = true)]
    timeout: Option<Duration>,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(WORKLOADS.iter().map(|workload| workload.name))
}

fn metrics() -> PossibleValuesParser {
    PossibleValuesParser::new(Metric::ALL.map(Metric::flag))
}

/// The metrics of these names, or the default ones.
fn deciding(names: &[String]) -> Vec<Metric> {
    if names.is_empty() {
        return Metric::DECIDING.to_vec();
    }
    Metric::ALL
        .into_iter()
        .filter(|metric| names.iter().any(|name| name == metric.flag()))
        .collect()
}

impl CheckArgs {
    /// The request of these matches, which hold a measurement's and the workloads' flags as well.
    pub(super) fn request(matches: &ArgMatches) -> Result<check::Request> {
        let own = Self::from_arg_matches(matches)?;
        let output = OutputArgs::from_arg_matches(matches)?;
        let measure = MeasureArgs::from_arg_matches(matches)?;
        let Self {
            baseline,
            against,
            tolerance,
            metrics,
            only,
            no_confirm,
            strict,
            timeout,
        } = own;
        if baseline.is_some() {
            refuse_plan(matches)?;
        } else if against.is_none() {
            return Err(anyhow!(
                "check needs something to compare with: --baseline FILE.json, a stored run, or --against BINARY, another \
                 parbench"
            ));
        }
        let other = against.map(|path| Other {
            path,
            timeout: timeout.unwrap_or(Duration::from_mins(10)),
        });
        let (max_time, rounds) = (measure.max_time, measure.exact_rounds());
        // The engines may be the baseline's, which is not read yet.
        let (cluster, cluster_trouble) = measure.cluster.clone().cluster_of_variables();
        let mut plan = measure.plan(&workloads::asked("all", matches)?)?;
        let (memory, slowdown) = (plan.memory, plan.slowdown);
        if !only.is_empty() {
            plan.cases
                .retain(|case| only.iter().any(|name| name == case.workload.name));
        }
        let reference = match (other, baseline) {
            (Some(other), Some(path)) => Reference::Binary(other, Source::Baseline(path)),
            (Some(other), None) => Reference::Binary(other, Source::Plan(Box::new(plan))),
            (None, path) => Reference::Baseline(path.unwrap_or_default()),
        };
        let tolerance = tolerance.map_or(TOLERANCE, Share::get);
        Ok(check::Request {
            reference,
            strictness: Strictness {
                tolerance,
                deciding: deciding(&metrics),
                confirm: !no_confirm,
                strict,
            },
            max_time,
            rounds,
            only,
            memory,
            slowdown,
            cluster,
            cluster_trouble,
            targets: output.targets(),
            table: output.table(),
        })
    }
}

/// Refuses flags that would make another plan than the baseline's: the comparison would be of two things.
fn refuse_plan(matches: &ArgMatches) -> Result<(), clap::Error> {
    let measure = MeasureArgs::augment_args(clap::Command::new(""));
    let all = workloads::all();
    let plan = measure
        .get_arguments()
        .chain(all.get_arguments())
        .filter(|arg| {
            !NOT_THE_BASELINES.contains(&arg.get_id().as_str()) && arg.get_long().is_some()
        });
    for arg in plan {
        let id = arg.get_id().as_str();
        if matches.try_contains_id(id).is_ok()
            && matches.value_source(id) == Some(ValueSource::CommandLine)
        {
            let flag = arg.get_long().unwrap_or_default();
            let message = format!(
                "--{flag} cannot be used with --baseline: the plan is the one stored there"
            );
            return Err(clap::Error::raw(ErrorKind::ArgumentConflict, message));
        }
    }
    Ok(())
}

/// `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// The run that the others are compared with
    #[arg(value_name = "OLD.json")]
    old: PathBuf,
    /// Newer runs
    #[arg(value_name = "NEW.json", required = true)]
    new: Vec<PathBuf>,
    /// The change that counts; measured noise counts where it is more [default: 10%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    tolerance: Option<Share>,
    /// What the verdict depends on: serial, distributed, speed-up, task-overhead [default: all but the last]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = metrics())]
    metrics: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl CompareArgs {
    pub(super) fn request(self) -> compare::Request {
        let Self {
            old,
            new,
            tolerance,
            metrics,
            output,
        } = self;
        let deciding = deciding(&metrics);
        let tolerance = tolerance.map_or(TOLERANCE, Share::get);
        compare::Request {
            old,
            new,
            tolerance,
            deciding,
            targets: output.targets(),
            table: output.table(),
        }
    }
}

/// `noise`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Noise")]
pub(super) struct NoiseArgs {
    /// Checks without a change, and as many with each slow-down
    #[arg(long, value_name = "N", default_value = "20")]
    checks: Bounded<1, 100_000>,
    /// The slow-downs to inject, or none
    #[arg(long, value_name = "PERCENTS", default_value = "10%,20%", value_parser = slowdowns)]
    slowdowns: Slowdowns,
    /// Measure these workloads only
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names())]
    only: Vec<String>,
    /// Store every check and the rates: FILE.json; json:- is stdout. May be repeated
    #[arg(long, value_name = "FILE", value_parser = values::target(NOISE_EXPORTERS))]
    export: Vec<Target<Noise>>,
    /// Print nothing but errors, and exports that go to stdout
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Factors above 1.
#[derive(Clone, Debug)]
struct Slowdowns(Vec<f64>);

fn slowdowns(text: &str) -> Result<Slowdowns, &'static str> {
    if text == "none" {
        return Ok(Slowdowns(Vec::new()));
    }
    let shares = text
        .split(',')
        .map(|share| Ok(1.0 + share.parse::<Share>()?.get()));
    shares.collect::<Result<_, _>>().map(Slowdowns)
}

impl NoiseArgs {
    /// The request of these matches, which hold a measurement's and the workloads' flags as well.
    pub(super) fn request(matches: &ArgMatches) -> Result<noise::Request> {
        let Self {
            checks,
            slowdowns,
            only,
            export,
            quiet,
        } = Self::from_arg_matches(matches)?;
        let mut plan: Plan =
            MeasureArgs::from_arg_matches(matches)?.plan(&workloads::asked("all", matches)?)?;
        if !only.is_empty() {
            plan.cases
                .retain(|case| only.iter().any(|name| name == case.workload.name));
        }
        Ok(noise::Request {
            plan,
            checks: u32::try_from(checks.get()).unwrap_or(u32::MAX),
            slowdowns: slowdowns.0,
            table: args::plain_table(quiet, export.iter().any(Target::is_stdout)),
            targets: export,
        })
    }
}
