//! The flags that commands share, and the whole command. Flags of workloads stand with their workload.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::engines::{ClusterArgs, EngineArgs};
use super::progress::{self, Progress};
use super::stdout::Stdout;
use super::values::{duration, isa, memory, slowdown, target};
use super::workloads::Asked;
use crate::commands::baseline::Baseline;
use crate::commands::output::Target;
use crate::commands::run::Table;
use crate::commands::{doctor, report, run};
use crate::compare::{Pairing, rounds_alike};
use crate::engine::Cluster;
use crate::kernel::isa::Isa;
use crate::machine;
use crate::plan::{Case, Plan, WorkerCounts};
use crate::report::{CHARTS, EXPORTERS};
use crate::results::{Metric, Precision, Rounds, Sampling};
use crate::units::{Bounded, Bytes, Share};

/// Unless the user says otherwise: until the speed-up is known to 2 %, but six rounds, the fewest that give an
/// interval, or more where a later comparison needs them, and half a second, so that short rounds do not all fall
/// into one moment; at most 10 seconds.
const PRECISION: Precision = Precision {
    min_rounds: 6,
    min_time: Duration::from_millis(500),
    max_time: Duration::from_secs(10),
    half_width: 0.02,
};

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// How much to measure.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(super) struct MeasureArgs {
    /// Workers, such as 4 or 1,2,4 or 1..8 (both included) or max: as many as there are usable CPUs, those of the cluster
    /// where only Ray is used [default: max]
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        env = "PARBENCH_WORKERS",
        hide_env_values = true
    )]
    workers: Option<WorkerCounts>,
    #[command(flatten)]
    engines: EngineArgs,
    #[command(flatten)]
    pub(super) cluster: ClusterArgs,
    /// Rounds before those that count; the first of them is reported as the cold one
    #[arg(
        short,
        long,
        value_name = "N",
        default_value = "1",
        env = "PARBENCH_WARMUP",
        hide_env_values = true
    )]
    warmup: Bounded<0, 1000>,
    /// Exactly N rounds; figures leave the last of an odd number out; with --warmup 0 the first is the cold one
    #[arg(short, long, value_name = "N", visible_alias = "runs", conflicts_with_all = ["min_rounds", "max_time", "precision"])]
    rounds: Option<Bounded<1, 1_000_000>>,
    /// At least N rounds; an even number is run [default: 6, or more where `compare` needs them]
    #[arg(short, long, value_name = "N")]
    min_rounds: Option<Bounded<1, 1_000_000>>,
    /// Go on until the 95 % interval of the speed-up is within this of it on both sides [default: 2%]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    precision: Option<Share>,
    /// But no longer than this after the warm-up: 10s, 2m [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    pub(super) max_time: Option<Duration>,
    /// Seed of the random order of the arms, stored with the run [default: from the clock]
    #[arg(long, value_name = "N")]
    order_seed: Option<u64>,
    /// Memory that running tasks together may hold, on each machine: 8GB, 512MiB [default: nine tenths of what is available]
    #[arg(long, value_name = "SIZE", env = "PARBENCH_MEMORY", hide_env_values = true, value_parser = memory)]
    memory: Option<Bytes>,
    /// Make every task FACTOR times as long, such as 1.10. To see that a regression is found
    #[arg(long, value_name = "FACTOR", hide = true, value_parser = slowdown)]
    inject_slowdown: Option<f64>,
}

/// What the kernels run on.
#[derive(Debug, Args)]
pub(super) struct KernelArgs {
    /// Instruction set of the fib and pi kernels: auto, avx512, avx2, neon or portable [default: auto]
    #[arg(long, value_name = "NAME", env = "PARBENCH_ISA", hide_env_values = true, value_parser = isa, help_heading = "Measuring")]
    pub(super) isa: Option<Isa>,
}

/// What to show and to store.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Draw the bar chart into FILE, .svg or .png
    #[arg(long, value_name = "FILE", value_parser = target(CHARTS))]
    chart: Vec<Target>,
    /// Store the run: FILE ending in .json, .csv, .md or .xml (junit), or FORMAT:FILE; FORMAT:- is stdout. May be repeated
    #[arg(long, value_name = "FILE", value_parser = target(EXPORTERS))]
    export: Vec<Target>,
    /// Print nothing but errors, and exports that go to stdout
    #[arg(short, long)]
    quiet: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

/// What to show while measuring.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct VerboseArgs {
    /// Print each round, and what each task found
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

/// `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A run stored with --export FILE.json
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print the stored form instead, as in a run's `environment`
    #[arg(long)]
    json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

impl DoctorArgs {
    pub(super) fn form(&self) -> doctor::Form {
        if self.json {
            doctor::Form::Json
        } else {
            doctor::Form::Text {
                color: self.color.on(&std::io::stdout()),
            }
        }
    }
}

impl Color {
    /// Whether `stream` gets colour.
    pub(super) fn on(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}

/// Rounds such that a run of `measurements` can be compared with another one of its kind, whatever metrics
/// decide.
fn comparable_rounds(measurements: usize) -> u32 {
    let needed = rounds_alike(measurements * Metric::ALL.len(), Pairing::Apart);
    u32::try_from(needed)
        .unwrap_or(u32::MAX)
        .max(PRECISION.min_rounds)
}

impl MeasureArgs {
    /// The number of `--rounds`, if the user gave one.
    pub(super) fn exact_rounds(&self) -> Option<u32> {
        self.rounds
            .as_ref()
            .map(|rounds| u32::try_from(rounds.get()).unwrap_or(u32::MAX))
    }

    /// The plan that these flags make for the workloads `asked` for.
    pub(super) fn plan(self, asked: &[Asked]) -> Result<Plan> {
        let Self {
            workers,
            engines,
            cluster,
            warmup,
            rounds,
            min_rounds,
            precision,
            max_time,
            order_seed,
            memory,
            inject_slowdown,
        } = self;
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let workers = workers.unwrap_or_else(WorkerCounts::usable);
        let engines = engines.engines();

        let measurements = asked.len() * engines.len() * workers.as_slice().len();
        let comparable = comparable_rounds(measurements);
        let rounds = match rounds {
            Some(rounds) => Rounds::Exactly(count(rounds.get())),
            None => Rounds::Until(Precision {
                min_rounds: min_rounds.map_or(comparable, |rounds| count(rounds.get())),
                min_time: PRECISION.min_time,
                max_time: max_time.unwrap_or(PRECISION.max_time),
                half_width: precision.map_or(PRECISION.half_width, Share::get),
            }),
        };
        let case = |asked: &Asked, engine| Case {
            flags: asked.flags.clone(),
            workload: asked.workload,
            params: asked.params.clone(),
            engine,
            workers: workers.clone(),
        };
        let cases = asked
            .iter()
            .flat_map(|asked| engines.iter().map(|engine| case(asked, engine)));
        Ok(Plan {
            cluster: Cluster {
                memory,
                ..cluster.cluster(&engines)?
            },
            cases: cases.collect(),
            sampling: Sampling {
                warmup: count(warmup.get()),
                rounds,
                order_seed: order_seed.unwrap_or_else(clock_seed),
            },
            memory: memory.unwrap_or_else(default_memory),
            slowdown: inject_slowdown.unwrap_or(1.0),
        })
    }
}

impl OutputArgs {
    /// The request to measure `plan`.
    pub(super) fn request(&self, plan: Plan, baseline: Option<Baseline>) -> run::Request {
        run::Request {
            plan,
            baseline,
            targets: self.targets(),
            table: self.table(),
        }
    }

    /// What is shown meanwhile; the lines that `verbose` asks for keep off stdout when an export has it.
    pub(super) fn progress(&self, verbose: &VerboseArgs, stdout: &Stdout) -> Progress {
        let is_taken = self.export.iter().chain(&self.chart).any(Target::is_stdout);
        let lines = verbose.verbose.then(|| Progress::writer(stdout, is_taken));

        Progress::new(!self.quiet && progress::animation_is_welcome(), lines)
    }

    pub(super) fn targets(&self) -> Vec<Target> {
        self.chart.iter().chain(&self.export).cloned().collect()
    }

    /// The table's style, or none with `--quiet`.
    pub(super) fn table(&self) -> Option<Table> {
        let taken = self.export.iter().chain(&self.chart).any(Target::is_stdout);
        let color = if taken {
            self.color.on(&std::io::stderr())
        } else {
            self.color.on(&std::io::stdout())
        };
        (!self.quiet).then_some(Table { color })
    }
}

/// The table's style where there is no `--color`; it goes to stderr when an export has stdout.
pub(super) fn plain_table(quiet: bool, stdout_is_taken: bool) -> Option<Table> {
    let color = if stdout_is_taken {
        Color::Auto.on(&std::io::stderr())
    } else {
        Color::Auto.on(&std::io::stdout())
    };

    (!quiet).then_some(Table { color })
}

impl ReportArgs {
    pub(super) fn request(self) -> report::Request {
        let Self { run, output } = self;
        report::Request {
            path: run,
            targets: output.targets(),
            table: output.table(),
        }
    }
}

/// A seed that differs from run to run.
fn clock_seed() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    // Milliseconds: a number that people can type again.
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Most of what can be had now; the rest is for the program itself and its neighbours.
pub(super) fn default_memory() -> Bytes {
    match machine::memory().available {
        // The system does not tell: no limit is better than no memory at all.
        Bytes(0) => Bytes(u64::MAX),
        Bytes(available) => Bytes(available / 10 * 9),
    }
}
