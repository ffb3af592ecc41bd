//! The whole command line: the subcommands of workloads, made from the registry, and the fixed
//! ones.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, Args, Command, Subcommand};

use super::flags::values::target;
use super::parts::Parts;
use super::verb::{MeasuringArgs, Verb};
use super::workloads::{EveryParameter, subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    `check` found that something got worse
  2    wrong usage, or something failed: a task, an answer, a file
  3    `check --strict` could not tell, or the baseline is from another machine
  124  the other binary of `check --against` took too long
  130  interrupted (129 by SIGHUP, 143 by SIGTERM); complete rounds are reported";

/// The command line of a program with these `parts`.
pub(super) fn command(parts: &Parts) -> Command {
    let styles = Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default());
    let workloads = parts.workloads.iter().map(|workload| {
        // The shared flags would bring their own description along.
        MeasuringArgs::augment_args(subcommand(workload)).about(workload.about().to_owned())
    });

    // So would the fixed subcommands.
    Verb::augment_subcommands(Command::new("parbench").subcommands(workloads))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Does spreading work over cores pay here, by how much, and with how many workers?")
        .after_help(format!("{EXIT_CODES}\n\n{}", first_look(parts)))
        .styles(styles)
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .mut_subcommands(|subcommand| completed(subcommand, parts))
}

/// Two lines to try.
fn first_look(parts: &Parts) -> String {
    let binary = std::env::args_os()
        .next()
        .map(PathBuf::from)
        .and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "parbench".to_owned());
    let workload = parts
        .workloads
        .in_all()
        .next()
        .map_or("all", |workload| workload.name());

    format!(
        "A first look:\n  {binary} {workload}\n  {binary} all --chart out.svg --export run.json"
    )
}

/// `command` with what depends on the program's parts, and with the habits that all subcommands
/// share.
fn completed(command: Command, parts: &Parts) -> Command {
    let command = if EveryParameter::is_in(&command) {
        EveryParameter::add_to(command, &parts.workloads)
    } else {
        command
    };

    command
        .mut_args(|arg| of_parts(arg, parts))
        .mut_args(negative_number_is_a_value)
        .args_override_self(true)
}

/// `arg` with the names that this program knows.
fn of_parts(arg: Arg, parts: &Parts) -> Arg {
    let workloads = || {
        parts
            .workloads
            .in_all()
            .map(|workload| workload.name().to_owned())
    };
    let engines = || parts.engines.iter().map(|engine| engine.name().to_owned());

    match arg.get_id().as_str() {
        "only" => arg.value_parser(PossibleValuesParser::new(workloads())),
        "engine" => arg.value_parser(PossibleValuesParser::new(engines())),
        "run_export" => arg.value_parser(target(parts.exporters.clone())),
        "run_chart" => arg.value_parser(target(parts.charts.clone())),
        _ => arg,
    }
}

/// A value such as -1 is a wrong value of its flag, not an unknown flag.
fn negative_number_is_a_value(arg: Arg) -> Arg {
    if arg.get_action().takes_values() {
        arg.allow_negative_numbers(true)
    } else {
        arg
    }
}

/// What keeps these `parts` from being one command line: names that stand for two things.
pub(super) fn clash(parts: &Parts) -> Option<String> {
    let fixed = Verb::augment_subcommands(Command::new(""));
    let shared = MeasuringArgs::augment_args(Command::new(""));

    parts.workloads.iter().find_map(|workload| {
        let name = workload.name();
        if fixed.find_subcommand(name).is_some() {
            return Some(format!(
                "a workload cannot be called {name}: this is another subcommand"
            ));
        }

        let is_taken = |arg: &&Arg| {
            shared.get_arguments().any(|other| {
                other.get_id() == arg.get_id()
                    || (arg.get_long().is_some() && other.get_long() == arg.get_long())
                    || (arg.get_short().is_some() && other.get_short() == arg.get_short())
            })
        };
        subcommand(workload)
            .get_arguments()
            .find(is_taken)
            .map(|arg| {
                format!(
                    "the workload {name} cannot have a parameter {}: every workload has this flag",
                    arg.get_id()
                )
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parts::Parts;

    #[test]
    fn the_definitions_are_sound() {
        let parts = Parts::built_in();
        assert_eq!(clash(&parts), None);
        command(&parts).debug_assert();
    }
}
