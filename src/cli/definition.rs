//! The whole command line: the subcommands of workloads, made from the registry, and the fixed
//! ones.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, Args, Command, Subcommand};

use super::config;
use super::flags::ConfigArgs;
use super::flags::values::target;
use super::parts::Parts;
use super::short_help;
use super::verb::{self, MeasuringArgs, Verb};
use super::workloads::{EveryParameter, QUICK, subcommand};
use crate::engine;
use crate::results::{OWN, SERIAL, TaskVariant};
use crate::workload::{Definition, QuickValue, Registry};

/// The subcommand that knows what a baseline may hold.
const CHECK: &str = "check";

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    `check` found that something got worse
  2    wrong usage, or something failed: a task, an answer, a file
  3    `check --strict` could not tell, or the baseline is from another machine
  124  the other binary of `check --against` took too long
  130  interrupted (129 by SIGHUP, 143 by SIGTERM); complete rounds are reported";

const NUMBERS: &str = "\
Whole numbers may be written 200k, 1.5M, 2e9 or 200_000 wherever one is read.";

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
        .after_help(format!("{NUMBERS}\n\n{EXIT_CODES}\n\n{}", first_look()))
        .styles(styles)
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .mut_subcommands(|subcommand| completed(subcommand, parts))
}

/// The same with short help: the flags that most people need.
pub(super) fn with_short_help(parts: &Parts) -> Command {
    let binary = binary();
    let more =
        format!("Common options of one: {binary} all -h. Exit codes and more: {binary} --help");

    short_help::shortened(command(parts), &binary).after_help(format!("{}\n\n{more}", first_look()))
}

/// What the user types for this program.
pub(super) fn binary() -> String {
    std::env::args_os()
        .next()
        .map(PathBuf::from)
        .and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "parbench".to_owned())
}

/// Two lines to try.
fn first_look() -> String {
    let binary = binary();

    format!(
        "A first look:\n  {binary} all --quick\n  {binary} all --chart out.svg --export run.json"
    )
}

/// `command` with what depends on the program's parts, and with the habits that all subcommands
/// share.
fn completed(command: Command, parts: &Parts) -> Command {
    let name = command.get_name().to_owned();
    let command = if EveryParameter::is_in(&command) {
        EveryParameter::add_to(command, &parts.workloads)
    } else {
        command
    };

    let command = if config::applies_to(&name, parts) {
        // With the description that it has.
        let about = command.get_about().cloned().unwrap_or_default();
        ConfigArgs::augment_args(command).about(about)
    } else {
        command
    };

    let habits = |command: Command| {
        command
            .mut_args(negative_number_is_a_value)
            .args_override_self(true)
    };
    habits(command.mut_args(|arg| of_parts(arg, &name, parts))).mut_subcommands(habits)
}

/// `arg` of `subcommand` with what this program knows.
fn of_parts(arg: Arg, subcommand: &str, parts: &Parts) -> Arg {
    let in_all = || {
        let workloads = parts.workloads.in_all();
        workloads.map(|workload| workload.name().to_owned())
    };
    let known = || {
        let workloads = parts.workloads.iter();
        workloads.map(|workload| workload.name().to_owned())
    };
    let names = |engines: &engine::Registry| {
        let names = engines.names().into_iter();
        PossibleValuesParser::new(names.map(str::to_owned).collect::<Vec<_>>())
    };

    match arg.get_id().as_str() {
        // A baseline may hold a workload that belongs to no other command.
        "only" if subcommand == CHECK => arg.value_parser(PossibleValuesParser::new(known())),
        "only" => arg.value_parser(PossibleValuesParser::new(in_all())),
        QUICK => arg.help(quick_help(subcommand, &parts.workloads)),
        "engine" => match parts.workloads.find(subcommand) {
            Some(workload) => {
                let help = engine_help(workload.as_ref(), &parts.engines);
                let known = parts.engines.of(workload.as_ref());
                arg.help(help).value_parser(names(&known))
            }
            None => arg.value_parser(names(&parts.engines)),
        },
        "run_export" => arg.value_parser(target(parts.exporters.clone())),
        "run_chart" => arg.value_parser(target(parts.charts.clone())),
        _ => arg,
    }
}

/// What `--engine` of the subcommand of `workload` chooses.
fn engine_help(workload: &dyn Definition, engines: &engine::Registry) -> String {
    let usual = engines.of(workload).default_for(workload);
    let which = if workload.hosted_engines().is_empty() {
        "see `parbench list`".to_owned()
    } else {
        engines.of(workload).names().join(", ")
    };

    format!(
        "Engines, measured beside one another: {which} [default: {}]",
        usual.name()
    )
}

/// What `--quick` of `subcommand` does.
fn quick_help(subcommand: &str, workloads: &Registry) -> String {
    let is_meant = |name: &str| name == subcommand || workloads.find(subcommand).is_none();
    let smaller: Vec<String> = workloads
        .iter()
        .filter(|workload| is_meant(workload.name()))
        .flat_map(|workload| {
            let values = workload.quick().iter();
            values.map(|quick| format!("{} --{} {}", workload.name(), quick.parameter, quick.value))
        })
        .collect();
    let work = if smaller.is_empty() {
        String::new()
    } else {
        format!(" and less work ({})", smaller.join(", "))
    };

    format!(
        "A first answer within about two seconds a workload, from few rounds{work}; no baseline and no verdict of \
         `check` can be made of it"
    )
}

/// A value such as -1 is a wrong value of its flag, not an unknown flag.
fn negative_number_is_a_value(arg: Arg) -> Arg {
    // A positional one would take flags such as -0 away from the others.
    if arg.get_action().takes_values() && !arg.is_positional() {
        arg.allow_negative_numbers(true)
    } else {
        arg
    }
}

/// What keeps these `parts` from being one command line: names that stand for two things.
pub(super) fn clash(parts: &Parts) -> Option<String> {
    let mut engines = parts.engines.iter();
    let taken_engine = engines.find_map(|engine| {
        let name = engine.name();
        let meaning = engine_meaning(name)?;
        Some(format!(
            "an engine cannot be called {name}: this is {meaning}"
        ))
    });

    taken_engine
        .or_else(|| taken_workload(parts))
        .or_else(|| taken_parameter(parts))
}

/// What the name of an engine stands for already, if it does.
fn engine_meaning(name: &str) -> Option<&'static str> {
    match name {
        SERIAL => Some("the plain loop that all engines are measured beside"),
        OWN => Some("a program with workers of its own"),
        _ if TaskVariant::of_engine(name).is_some() => Some("a variant of the tasks on an engine"),
        _ => None,
    }
}

fn taken_workload(parts: &Parts) -> Option<String> {
    let fixed = verb::names();
    let names = parts.workloads.names();

    names.iter().enumerate().find_map(|(place, name)| {
        if fixed.iter().any(|other| other == name) {
            return Some(format!(
                "a workload cannot be called {name}: this is another subcommand"
            ));
        }

        names[..place]
            .contains(name)
            .then(|| format!("a workload cannot be called {name}: parbench has one of this name"))
    })
}

fn taken_parameter(parts: &Parts) -> Option<String> {
    let shared = ConfigArgs::augment_args(MeasuringArgs::augment_args(Command::new("")));

    parts.workloads.iter().find_map(|workload| {
        let name = workload.name();
        let is_taken = |arg: &&Arg| {
            shared.get_arguments().any(|other| {
                other.get_id() == arg.get_id()
                    || (arg.get_long().is_some() && other.get_long() == arg.get_long())
                    || (arg.get_short().is_some() && other.get_short() == arg.get_short())
            })
        };
        let command = subcommand(workload);
        let has = |flag: &str| {
            let mut arguments = command.get_arguments();
            arguments.any(|arg| arg.get_long() == Some(flag))
        };
        let conflict = command.get_arguments().find(is_taken).map(|arg| {
            format!(
                "the workload {name} cannot have a parameter {}: every workload has this flag",
                arg.get_id()
            )
        });
        let missing = workload.quick().iter().find(|quick| !has(quick.parameter));

        conflict.or_else(|| {
            missing.map(|QuickValue { parameter, .. }| {
                format!(
                    "the workload {name} has no parameter {parameter}, which --{QUICK} makes smaller"
                )
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clap::ArgMatches;
    use serde_json::Value;

    use super::*;
    use crate::cli::parts::Parts;
    use crate::engine::serial;
    use crate::workload::{Context, Error, Shared};

    #[test]
    fn the_definitions_are_sound() {
        let parts = Parts::built_in();
        assert_eq!(clash(&parts), None);
        command(&parts).debug_assert();
    }

    #[test]
    fn the_name_of_the_plain_loop_is_taken() {
        let mut parts = Parts::built_in();
        parts.engines.add(serial());

        assert_eq!(
            clash(&parts).unwrap(),
            "an engine cannot be called serial: this is the plain loop that all engines are measured beside"
        );
        assert_eq!(
            engine_meaning("2-thread-pool"),
            Some("a variant of the tasks on an engine")
        );
        assert_eq!(engine_meaning("green-threads"), None);
    }

    #[test]
    fn a_second_workload_of_a_name_is_refused() {
        let mut parts = Parts::built_in();
        parts.workloads.push(crate::workload::busy());

        assert_eq!(
            clash(&parts).unwrap(),
            "a workload cannot be called busy: parbench has one of this name"
        );
    }

    #[test]
    fn what_a_first_answer_makes_smaller_is_a_parameter() {
        struct Misnamed;

        impl Definition for Misnamed {
            fn name(&self) -> &'static str {
                "misnamed"
            }

            fn about(&self) -> &'static str {
                "A workload whose smaller parameter is none"
            }

            fn quick(&self) -> &'static [QuickValue] {
                &[QuickValue {
                    parameter: "sise",
                    value: "1",
                }]
            }

            fn arguments(&self, command: Command) -> Command {
                command
            }

            fn parse(&self, _: &ArgMatches) -> Result<Value, clap::Error> {
                Ok(Value::Null)
            }

            fn prepare(&self, _: Value, _: &Context<'_>) -> Result<Shared, Error> {
                Err(Error::failed("it is never prepared"))
            }
        }

        let mut parts = Parts::built_in();
        parts.workloads.add(Arc::new(Misnamed));
        assert_eq!(
            clash(&parts).unwrap(),
            "the workload misnamed has no parameter sise, which --quick makes smaller"
        );
    }
}
