//! Flags for what is shown and stored.

use clap::{Args, ValueEnum};

use super::values::target;
use crate::cli::progress::{Progress, Shown};
use crate::cli::stdout::Stdout;
use crate::cli::terminal;
use crate::commands::output::{Target, destination_beside};
use crate::commands::streams::Destination;
use crate::report::{CHARTS, EXPORTERS, Layout};

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// `--color`.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct ColorArgs {
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

impl ColorArgs {
    /// What holds without `--color`.
    pub(in crate::cli) const AUTO: Self = Self { color: Color::Auto };

    /// How text that goes to `destination` is laid out.
    pub(in crate::cli) fn layout(self, destination: Destination) -> Layout {
        Layout {
            width: terminal::width(destination),
            color: self.colors(destination),
            verbose: false,
        }
    }

    fn colors(self, destination: Destination) -> bool {
        match (self.color, destination) {
            (Color::Always, _) => true,
            (Color::Never, _) => false,
            (Color::Auto, Destination::Stdout) => is_colored(&std::io::stdout()),
            (Color::Auto, Destination::Stderr) => is_colored(&std::io::stderr()),
        }
    }
}

fn is_colored(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// `--quiet`.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct QuietArgs {
    /// Print only errors, and exports that go to stdout
    #[arg(short, long)]
    quiet: bool,
}

impl QuietArgs {
    /// How the text about results is laid out, unless there is to be no such text.
    pub(in crate::cli) fn table(
        self,
        color: ColorArgs,
        destination: Destination,
    ) -> Option<Layout> {
        (!self.quiet).then(|| color.layout(destination))
    }

    /// What is shown while something is measured.
    pub(in crate::cli) fn progress(self) -> Progress {
        Progress::new(Shown::to(!self.quiet), None)
    }
}

/// What to show and to store of a run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs {
    /// Draw the results into FILE, .svg or .png. May be repeated
    #[arg(
        long = "chart",
        value_name = "FILE",
        id = "run_chart",
        value_parser = target(CHARTS.iter().collect())
    )]
    chart: Vec<Target>,
    /// Store the run: FILE ending in .json, .csv, .md, .html or .xml (junit), or FORMAT:FILE;
    /// FORMAT:- is stdout. May be repeated
    #[arg(
        long = "export",
        value_name = "FILE",
        id = "run_export",
        value_parser = target(EXPORTERS.iter().collect())
    )]
    export: Vec<Target>,
    #[command(flatten)]
    quiet: QuietArgs,
    #[command(flatten)]
    color: ColorArgs,
}

impl OutputArgs {
    /// Charts and exports.
    pub(in crate::cli) fn targets(&self) -> Vec<Target> {
        self.chart.iter().chain(&self.export).cloned().collect()
    }

    /// Where the text about results goes.
    pub(in crate::cli) fn destination(&self) -> Destination {
        destination_beside(&self.targets())
    }

    /// How the text about results is laid out, unless there is to be no such text.
    pub(in crate::cli) fn table(&self, verbose: VerboseArgs) -> Option<Layout> {
        let layout = self.quiet.table(self.color, self.destination())?;

        Some(Layout {
            verbose: verbose.verbose,
            ..layout
        })
    }
}

/// What to show besides the table.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct VerboseArgs {
    /// Print each round, further figures, and while measuring the result of each task
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

impl VerboseArgs {
    /// What is shown while a run is measured. The lines that `--verbose` asks for go where the
    /// table goes.
    pub(in crate::cli) fn progress(self, output: &OutputArgs, stdout: &Stdout) -> Progress {
        let lines = self
            .verbose
            .then(|| Progress::writer(stdout, output.destination()));

        // Verbose lines say more than a line now and then would.
        let display = match Shown::to(!output.quiet.quiet) {
            Shown::Lines if lines.is_some() => Shown::Nowhere,
            display => display,
        };
        Progress::new(display, lines)
    }
}
