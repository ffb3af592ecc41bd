//! What `-h` shows: the flags that most people need, each in a few words. `--help` and `help` show
//! all of them.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::workloads::{QUICK, is_parameter, workload_of};

/// The parameters of a workload that are shown: a workload names the important ones first.
const PARAMETERS: usize = 4;

/// The flags of the other subcommands that have many.
const COMMON: [(&str, &[Flag]); 4] = [
    ("check", &CHECK),
    ("compare", &COMPARE),
    ("noise", &NOISE),
    ("overhead", &OVERHEAD),
];

/// What is typed once: by those who install the program, and for each machine.
const RARE: [&str; 3] = ["completions", "man", "noise"];

/// A flag that most people need.
struct Flag {
    id: &'static str,
    /// What it does in a line, where the whole help is longer.
    help: Option<&'static str>,
}

const fn flag(id: &'static str) -> Flag {
    Flag { id, help: None }
}

const fn short(id: &'static str, help: &'static str) -> Flag {
    Flag {
        id,
        help: Some(help),
    }
}

const WORKERS: Flag = short(
    "workers",
    "Such as 4 or 1,2,4 or 1..8 or sweep [default: max]",
);
const ENGINE: Flag = short("engine", "Engines, such as pool,process [default: pool]");
/// How the help of `--engine` ends where the engines are the usual ones.
const USUAL: &str = "[default: pool]";
const ROUNDS: Flag = short("rounds", "Exactly N rounds");
const MAX_TIME: Flag = short("max_time", "The most time for each arm [default: 5s]");
const CHART: Flag = short("run_chart", "Draw the results: .svg or .png");
const EXPORT: Flag = short(
    "run_export",
    "Store it: .json, .csv, .md, .html, .xml, json:-",
);
const VERBOSE: Flag = short("verbose", "Print each round and further figures");
const SAVE_BASELINE: Flag = short(
    "save_baseline",
    "Measure again and store a baseline for `check`",
);
const TOLERANCE: Flag = short("tolerance", "The change that is tolerated [default: 10%]");

const MEASURING: [Flag; 10] = [
    short(QUICK, "A first answer within a few seconds"),
    WORKERS,
    ENGINE,
    ROUNDS,
    MAX_TIME,
    CHART,
    EXPORT,
    flag("quiet"),
    VERBOSE,
    SAVE_BASELINE,
];
const CHECK: [Flag; 11] = [
    short(
        "baseline",
        "Repeat the run stored here, and compare with it",
    ),
    short("against", "Take turns with another parbench binary"),
    TOLERANCE,
    flag("only"),
    short("strict", "Exit with 3 when it cannot be told"),
    ROUNDS,
    MAX_TIME,
    CHART,
    EXPORT,
    flag("quiet"),
    VERBOSE,
];
const COMPARE: [Flag; 7] = [
    flag("old"),
    flag("new"),
    TOLERANCE,
    CHART,
    EXPORT,
    flag("quiet"),
    VERBOSE,
];
const NOISE: [Flag; 7] = [
    flag("checks"),
    flag("slowdowns"),
    flag("only"),
    short("export", "Store every check and the rates: FILE.json"),
    flag("quiet"),
    WORKERS,
    ENGINE,
];
const OVERHEAD: [Flag; 8] = [
    ENGINE,
    WORKERS,
    short("rounds", "Rounds of each batch of tasks"),
    CHART,
    EXPORT,
    flag("quiet"),
    VERBOSE,
    SAVE_BASELINE,
];

/// Whether `arguments` ask for the short help, where they ask for help.
pub(super) fn is_meant(arguments: &[OsString], subcommand: Option<&OsString>) -> bool {
    let is_whole = arguments.iter().any(|argument| argument == "--help");

    !is_whole && subcommand.is_none_or(|name| name != "help")
}

/// `command`, called `binary`, with help on the common flags only.
pub(super) fn shortened(command: Command, binary: &str) -> Command {
    command.mut_subcommands(|subcommand| {
        let name = subcommand.get_name().to_owned();
        let subcommand = if RARE.contains(&name.as_str()) {
            subcommand.hide(true)
        } else {
            subcommand
        };
        // Those that measure workloads for their own sake have it.
        let measures = subcommand.get_arguments().any(|arg| arg.get_id() == QUICK);
        let flags: &[Flag] = match COMMON.iter().find(|(known, _)| *known == name) {
            Some((_, flags)) => flags,
            None if measures => &MEASURING,
            // The others have few flags.
            None => return subcommand,
        };

        let parameters = if measures {
            important_parameters(&subcommand)
        } else {
            Vec::new()
        };
        subcommand
            .mut_args(|arg| shown(arg, flags, &parameters))
            .after_help(format!("All options: {binary} {name} --help"))
    })
}

/// The first few parameters of the only workload of `command`, or the first of each.
fn important_parameters(command: &Command) -> Vec<String> {
    let parameters: Vec<(&str, &Arg)> = command
        .get_arguments()
        .filter_map(|arg| Some((workload_of(arg)?, arg)))
        .collect();
    let is_only = parameters.iter().all(|(workload, _)| workload.is_empty());
    let most = if is_only { PARAMETERS } else { 1 };

    parameters
        .chunk_by(|(workload, _), (next, _)| workload == next)
        .flat_map(|of_workload| of_workload.iter().take(most))
        .map(|(_, arg)| arg.get_id().to_string())
        .collect()
}

/// Whether `arg` chooses other engines than most workloads have: then its own help names them.
fn has_other_engines(arg: &Arg) -> bool {
    let help = arg.get_help().map(ToString::to_string);

    arg.get_id() == "engine" && help.is_some_and(|help| !help.ends_with(USUAL))
}

/// `arg` in few words, or hidden.
fn shown(arg: Arg, flags: &[Flag], parameters: &[String]) -> Arg {
    let id = arg.get_id().to_string();
    if parameters.contains(&id) {
        return if is_parameter(&arg) {
            arg.help_heading("Workloads")
        } else {
            arg
        };
    }

    match flags.iter().find(|flag| flag.id == id) {
        Some(Flag { help, .. }) => {
            let arg = match help {
                Some(help) if !has_other_engines(&arg) => arg.help(*help),
                _ => arg,
            };
            let arg = if id == "engine" {
                // A heading for a single flag would be longer than the flag.
                arg.help_heading("Measuring")
            } else {
                arg
            };
            arg.hide_env(true)
        }
        None => arg.hide(true),
    }
}
