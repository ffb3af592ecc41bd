//! `check`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command};

use crate::cli::flags::values::duration;
use crate::cli::flags::{
    ClusterOfVariables, JudgeArgs, KernelArgs, MeasureArgs, OnlyArgs, OutputArgs, VerboseArgs,
};
use crate::cli::parts::Parts;
use crate::cli::running::{Setup, measuring};
use crate::cli::selection::Selection;
use crate::cli::workloads::{EveryParameter, is_parameter};
use crate::commands::check::{Reference, Request, Source, check};
use crate::commands::{Ending, Strictness};
use crate::engine::Cluster;
use crate::turns::Other;

pub(super) const AFTER_HELP: &str = "\
A regression is both significant (1 % over all metrics) and larger than the
tolerance and the noise; what looks like one is measured twice more.

With --baseline the plan is the stored one, also beside --against: --rounds,
--max-time and --memory can be given, other flags that change the plan cannot.

Exit codes:
  0    nothing that decides got worse, or it cannot be told
  1    something got worse
  2    nothing could be compared: a bad baseline, another answer, a failed task
  3    with --strict: it cannot be told, or the baseline is from another machine
  124  the other binary took longer than --timeout";

/// The most time that the other binary may take for one step, unless the user gives another one.
const TIMEOUT: Duration = Duration::from_mins(10);

/// Flags of a measurement that fit a baseline, too: the rest of the plan is the baseline's.
const BESIDE_A_BASELINE: [&str; 8] = [
    "max_time",
    "rounds",
    "memory",
    "inject_slowdown",
    "ray_address",
    "python",
    "task_timeout",
    "start_timeout",
];

/// `check`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Check")]
pub(in crate::cli) struct CheckArgs {
    /// Repeat the plan stored in this run and compare with it
    #[arg(long, value_name = "FILE.json")]
    baseline: Option<PathBuf>,
    /// Compare with another parbench binary, run in turns with this one: this sees the smallest
    /// changes
    #[arg(long, value_name = "BINARY")]
    against: Option<PathBuf>,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    only: OnlyArgs,
    /// Run the commands that the baseline holds: without this they are shown and not run
    #[arg(long)]
    allow_commands: bool,
    /// Do not measure again what looks worse
    #[arg(long)]
    no_confirm: bool,
    /// Exit with 3 when a question stays open, or the baseline is from another machine
    #[arg(long)]
    strict: bool,
    /// The most time that the other binary may take for one step [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    timeout: Option<Duration>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    verbose: VerboseArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    kernel: KernelArgs,
    #[command(flatten)]
    parameters: EveryParameter,
    #[arg(skip)]
    pub(in crate::cli) plan_of: PlanOf,
    /// `--max-time` where it was typed: what the file says gives way.
    #[arg(skip)]
    typed_max_time: Option<Duration>,
}

/// Whose plan is measured beside a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) enum PlanOf {
    /// The baseline's.
    #[default]
    Baseline,
    /// That of a file which lists workloads.
    File,
}

impl CheckArgs {
    /// Refuses flags in `matches`, of subcommand `command`, that would make another plan than the
    /// baseline's, where the comparison would be of two things, and flags without a meaning there.
    pub(in crate::cli) fn refuse_another_plan(
        &mut self,
        command: &Command,
        matches: &ArgMatches,
    ) -> Result<(), clap::Error> {
        let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        if self.against.is_none() && is_typed("timeout") {
            return Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                "--timeout is for the other binary of --against: name that, or leave --timeout out",
            ));
        }
        if self.baseline.is_none() || self.plan_of == PlanOf::File {
            return Ok(());
        }
        self.typed_max_time = self.measure.max_time.filter(|_| is_typed("max_time"));
        if is_typed("python") {
            let refused = |error: anyhow::Error| {
                clap::Error::raw(ErrorKind::ArgumentConflict, error.to_string())
            };
            self.measure.cluster.has_one_python().map_err(refused)?;
        }

        let measure = MeasureArgs::augment_args(Command::new(""));
        let is_of_a_plan = |id: &str| {
            let is_of_measure = measure.get_arguments().any(|arg| arg.get_id() == id);
            is_of_measure && !BESIDE_A_BASELINE.contains(&id)
        };

        let typed = command.get_arguments().find(|arg| {
            let id = arg.get_id().as_str();
            (is_of_a_plan(id) || is_parameter(arg)) && is_typed(id)
        });
        match typed.and_then(Arg::get_long) {
            Some(flag) => Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                format!(
                    "--{flag} cannot be used with --baseline: the plan is the one stored there"
                ),
            )),
            None => Ok(()),
        }
    }

    pub(super) fn run(self, setup: &mut Setup<'_>) -> Result<Ending> {
        self.kernel.apply();
        let progress = self.verbose.progress(&self.output, setup.stdout);
        let destination = self.output.destination();
        let request = self.request(setup.parts, setup.selections)?;

        measuring(&progress, |conditions| {
            setup.on_streams(destination, |streams| check(&request, conditions, streams))
        })
    }

    fn request<'a>(self, parts: &'a Parts, selections: &[Selection]) -> Result<Request<'a>> {
        // The engines may be the baseline's, which is not read yet.
        let ClusterOfVariables { cluster, trouble } =
            self.measure.cluster.clone().cluster_of_variables();
        let cluster = Cluster {
            memory: self.measure.memory_limit(),
            ..cluster
        };
        let (max_time, rounds) = (self.measure.max_time, self.measure.exact_rounds());
        let (memory, slowdown) = (self.measure.memory(), self.measure.slowdown());

        let other = self.against.map(|path| Other {
            path,
            timeout: self.timeout.unwrap_or(TIMEOUT),
        });
        let reference = match (other, self.baseline) {
            (Some(other), Some(path)) => Reference::Binary(other, Source::Baseline(path)),
            (None, Some(path)) if self.plan_of == PlanOf::File => {
                let plan = self.only.plan(self.measure, &parts.engines, selections)?;
                Reference::Listed(path, Box::new(plan))
            }
            (None, Some(path)) => Reference::Baseline(path),
            (Some(other), None) => {
                let plan = self.only.plan(self.measure, &parts.engines, selections)?;
                Reference::Binary(other, Source::Plan(Box::new(plan)))
            }
            (None, None) => bail!(
                "check needs something to compare with: --baseline FILE.json repeats a stored run here (`all \
                 --save-baseline FILE.json` stores one), --against BINARY takes turns with another parbench"
            ),
        };

        Ok(Request {
            known: parts.known(),
            reference,
            strictness: Strictness {
                tolerance: self.judge.tolerance(),
                deciding: self.judge.deciding(),
                confirm: !self.no_confirm,
                strict: self.strict,
            },
            allow_commands: self.allow_commands,
            max_time,
            typed_max_time: self.typed_max_time,
            rounds,
            only: self.only.names(),
            memory,
            slowdown,
            cluster,
            cluster_trouble: trouble,
            targets: self.output.targets(),
            table: self.output.table(self.verbose),
        })
    }
}
