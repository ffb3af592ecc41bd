//! The whole command line, put together from the flags of `args`, `judging` and the workloads. Definitions
//! only; what they mean is decided elsewhere.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Command};

use super::args::{DoctorArgs, KernelArgs, MeasureArgs, OutputArgs, ReportArgs, VerboseArgs};
use super::engines::ClusterArgs;
use super::judging::{BaselineArgs, CheckArgs, CompareArgs, NoiseArgs};
use super::overhead::OverheadArgs;
use super::workloads;
use crate::commands::turns;
use crate::worker;

const AFTER_HELP: &str = "\
Exit codes:
  0    done
  1    `check` found that something got worse
  2    wrong usage, or something failed: a task, an answer, a file
  3    `check --strict` could not tell, or the baseline is from another machine
  124  the other binary of `check --against` took too long
  130  interrupted (129 by SIGHUP, 143 by SIGTERM); complete rounds are reported

A first look:
  parbench fib --size 200000
  parbench all --chart out.svg --export run.json";

const CHECK: &str =
    "Judges whether something got worse since a stored baseline, or against another binary";

const CHECK_AFTER_HELP: &str = "\
A regression is both significant (1 % over all metrics) and larger than the
tolerance and the noise; what looks like one is measured twice more.

Exit codes:
  0    nothing got worse by what counts, or it cannot be told
  1    something got worse
  2    nothing could be compared: a bad baseline, another answer, a failed task
  3    with --strict: it cannot be told, or the baseline is from another machine
  124  the other binary took longer than --timeout";

const NOISE: &str =
    "Measures how often `check` is wrong on this machine, without and with injected slow-downs";

const OVERHEAD: &str = "Measures what a task costs on an engine, and how long one must be to pay";

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
        .subcommands(workloads::subcommands().map(measuring))
        .subcommand(measuring(workloads::all()))
        // What these two are about stands before the flags of what they measure.
        .subcommand(workloads::with_all(planning(changes(with::<VerboseArgs>(
            with::<OutputArgs>(with::<CheckArgs>(
                Command::new("check")
                    .about(CHECK)
                    .after_help(CHECK_AFTER_HELP),
            )),
        )))))
        .subcommand(changes(with::<CompareArgs>(Command::new("compare").about(
            "Shows what changed between stored runs, with intervals and verdicts",
        ))))
        .subcommand(workloads::with_all(planning(with::<NoiseArgs>(
            Command::new("noise").about(NOISE),
        ))))
        .subcommand(with::<OverheadArgs>(
            Command::new("overhead").about(OVERHEAD),
        ))
        .subcommand(with::<ClusterArgs>(with::<KernelArgs>(
            Command::new(turns::SUBCOMMAND)
                .hide(true)
                .about("Runs rounds for `check --against`"),
        )))
        .subcommand(with::<KernelArgs>(
            Command::new(worker::SUBCOMMAND)
                .hide(true)
                .about("Does single tasks for engines: JSON lines"),
        ))
        .subcommand(with::<ReportArgs>(
            Command::new("report").about("Shows a stored run again: table, charts, exports"),
        ))
        .subcommand(with::<DoctorArgs>(with::<KernelArgs>(
            Command::new("doctor")
                .about("Tells what this machine is and what of it matters for measuring"),
        )))
        .subcommand(
            Command::new("version")
                .hide(true)
                .about("Prints the version, as --version does"),
        )
        .subcommand(
            Command::new("list")
                .about("Lists workloads, engines and formats with their parameters"),
        )
}

fn measuring(command: Command) -> Command {
    with::<BaselineArgs>(with::<VerboseArgs>(with::<OutputArgs>(planning(command))))
}

/// `command` whose chart is of what changed.
fn changes(command: Command) -> Command {
    command.mut_arg("chart", |arg| {
        arg.help("Draw the changes with their intervals into FILE, .svg or .png. May be repeated")
    })
}

fn planning(command: Command) -> Command {
    with::<KernelArgs>(with::<MeasureArgs>(command))
}

/// `command` with the flags of `A`. They would bring their own description along.
fn with<A: Args>(command: Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    // A value such as -1 is a wrong value of its flag, not an unknown flag.
    let allow = |arg: clap::Arg| {
        if arg.get_action().takes_values() {
            arg.allow_negative_numbers(true)
        } else {
            arg
        }
    };
    A::augment_args(command)
        .about(about)
        .mut_args(allow)
        .args_override_self(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definitions_are_sound() {
        super::command().debug_assert();
    }
}
