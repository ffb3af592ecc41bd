//! The flags that commands share, and the whole command. Flags of workloads stand with their workload.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Command, ValueEnum};

use super::workloads::{self, Asked};
use crate::commands::output::Target;
use crate::commands::run::Table;
use crate::commands::{doctor, report, run};
use crate::engine;
use crate::machine;
use crate::plan::{Case, Plan, Rounds, Sampling, WorkerCounts};
use crate::report::{CHARTS, EXPORTERS};
use crate::units::{Bounded, Bytes};

/// The least rounds, unless the user says otherwise.
const MIN_ROUNDS: u32 = 5;

/// The time for one workload's rounds, unless the user says otherwise.
const MAX_TIME: Duration = Duration::from_secs(10);

const AFTER_HELP: &str = "\
Exit codes:
  0    done
  2    wrong usage, or something failed: a task, an answer, a file
  130  interrupted (143 by SIGTERM); complete rounds are reported

A first look:
  parbench fib --size 200000
  parbench all --chart out.svg --export run.json";

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// How much to measure.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(super) struct MeasureArgs {
    /// Workers: 4, or 1,2,4 or 1..8 to compare several; 0 and max are the usable CPUs [default: max]
    #[arg(short = 'j', long, value_name = "N", env = "PARBENCH_WORKERS", hide_env_values = true)]
    workers: Option<WorkerCounts>,
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
    /// Exactly so many rounds; with --warmup 0 the first of them is the cold one
    #[arg(short, long, value_name = "N", visible_alias = "runs", conflicts_with_all = ["min_rounds", "max_time"])]
    rounds: Option<Bounded<1, 1_000_000>>,
    /// At least so many rounds; an even number is run [default: 5]
    #[arg(short, long, value_name = "N")]
    min_rounds: Option<Bounded<1, 1_000_000>>,
    /// Go on until so much time is spent after the warm-up: 10s, 2m [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_hyphen_values = true)]
    max_time: Option<Duration>,
    /// Memory that running tasks together may hold: 8GB, 512MiB [default: nine tenths of what is available]
    #[arg(long, value_name = "SIZE", env = "PARBENCH_MEMORY", hide_env_values = true)]
    memory: Option<Bytes>,
}

/// What to show and to store.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Draw the bar chart into FILE, .svg or .png
    #[arg(long, value_name = "FILE", value_parser = |text: &str| Target::parse(text, CHARTS))]
    chart: Vec<Target>,
    /// Store the run: FILE ending in .json, .csv or .md, or FORMAT:FILE; - is stdout. May be repeated
    #[arg(long, value_name = "FILE", value_parser = |text: &str| Target::parse(text, EXPORTERS))]
    export: Vec<Target>,
    /// Print each round, and what each task found
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Print nothing but errors, and exports that go to stdout
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
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
            doctor::Form::Text { color: self.color.on(&std::io::stdout()) }
        }
    }
}

impl Color {
    /// Whether `stream` gets colour.
    fn on(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}

impl MeasureArgs {
    /// The request that these flags and `output` make for the workloads `asked` for.
    pub(super) fn request(self, asked: Vec<Asked>, output: &OutputArgs) -> run::Request {
        let Self { workers, warmup, rounds, min_rounds, max_time, memory } = self;
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let rounds = match rounds {
            Some(rounds) => Rounds::Exactly(count(rounds.get())),
            None => Rounds::Until {
                min: min_rounds.map_or(MIN_ROUNDS, |rounds| count(rounds.get())),
                time: max_time.unwrap_or(MAX_TIME),
            },
        };
        let workers = workers.unwrap_or_else(WorkerCounts::usable);
        let case = |Asked { workload, params, flags }| Case {
            flags,
            workload,
            params,
            engine: engine::default(),
            workers: workers.clone(),
        };
        let plan = Plan {
            cases: asked.into_iter().map(case).collect(),
            sampling: Sampling { warmup: count(warmup.get()), rounds },
            memory: memory.unwrap_or_else(default_memory),
        };
        run::Request { plan, targets: output.targets(), table: output.table() }
    }
}

impl OutputArgs {
    fn targets(&self) -> Vec<Target> {
        self.chart.iter().chain(&self.export).cloned().collect()
    }

    /// The table's style, or none with `--quiet`.
    fn table(&self) -> Option<Table> {
        let taken = self.export.iter().chain(&self.chart).any(Target::is_stdout);
        let color = if taken { self.color.on(&std::io::stderr()) } else { self.color.on(&std::io::stdout()) };
        (!self.quiet).then_some(Table { color })
    }
}

impl ReportArgs {
    pub(super) fn request(self) -> report::Request {
        let Self { run, output } = self;
        report::Request { path: run, targets: output.targets(), table: output.table() }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "must be a time such as 10s, 500ms or 2m".to_owned())
}

/// The whole command line.
pub(super) fn command() -> Command {
    let styles = Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default());
    Command::new("parbench")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Does spreading work over cores pay here, by how much, and with how many workers?")
        .after_help(AFTER_HELP)
        .styles(styles)
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(workloads::subcommands().map(with::<MeasureArgs>).map(with::<OutputArgs>))
        .subcommand(with::<OutputArgs>(with::<MeasureArgs>(workloads::all())))
        .subcommand(with::<ReportArgs>(
            Command::new("report").about("Shows a stored run again: table, charts, exports"),
        ))
        .subcommand(with::<DoctorArgs>(
            Command::new("doctor").about("Tells what this machine is and what of it matters for measuring"),
        ))
        .subcommand(Command::new("list").about("Lists workloads, engines and formats with their parameters"))
}

/// Most of what can be had now; the rest is for the program itself and its neighbours.
fn default_memory() -> Bytes {
    match machine::memory().available {
        // The system does not tell: no limit is better than no memory at all.
        Bytes(0) => Bytes(u64::MAX),
        Bytes(available) => Bytes(available / 10 * 9),
    }
}

/// `command` with the flags of `A`. They would bring their own description along.
fn with<A: Args>(command: Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    // A value such as -1 is a wrong value of its flag, not an unknown flag.
    let allow =
        |arg: clap::Arg| if arg.get_action().takes_values() { arg.allow_negative_numbers(true) } else { arg };
    A::augment_args(command).about(about).mut_args(allow).args_override_self(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definitions_are_sound() {
        super::command().debug_assert();
    }
}
