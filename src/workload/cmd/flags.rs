//! The command line of `cmd`: its flags, the command with the variables before it, and the inputs
//! after it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::bytes::text;
use super::command_line::CommandLine;
use super::hooks::Hooks;
use super::inputs::read_inputs;
use super::output::Output;
use super::params::Params;
use super::status::Ignored;
use super::thread_counts::{doubling, each_once};
use super::variables::Threads;
use crate::printable;
use crate::results::StoredPath;
use crate::workload::{Tasks, default_tasks};

/// The word after which inputs stand on the command line.
const INPUTS_FOLLOW: &str = ":::";
/// Where GNU parallel has the names of lists.
const FILES_FOLLOW: &str = "::::";

/// The flags.
#[derive(Debug, Args)]
struct Flags {
    /// PROGRAM ARG... ::: INPUT...: {} is an input, {.} {/} {//} {/.} {#} {%} are as in GNU
    /// parallel, {workers} is how many workers the program may start
    #[arg(value_name = "COMMAND", required = true, num_args = 1.., trailing_var_arg = true)]
    command: Vec<OsString>,
    /// Compare with this command, in turns: one string
    #[arg(long, value_name = "CMD", value_parser = text())]
    vs: Option<String>,
    /// Beside {workers}, a program that is truly serial, as the reference: one worker may cost more
    /// than none
    #[arg(long, value_name = "CMD", value_parser = text())]
    serial: Option<String>,
    /// Numbers of threads for {workers} while -j processes run [default with inputs: 1, 2, 4 and so
    /// on]
    #[arg(long, value_name = "LIST", value_delimiter = ',', num_args = 1)]
    threads: Vec<Threads>,
    /// Read inputs from FILE, one a line; - is the standard input
    #[arg(short, long, value_name = "FILE")]
    inputs: Option<PathBuf>,
    /// Run the command N times: equal tasks, where there are no inputs [default: the largest number
    /// of -j, or 1 with {workers}]
    #[arg(long, value_name = "N", conflicts_with = "inputs")]
    repeat: Option<Tasks>,
    /// Give N inputs to one process
    #[arg(long, value_name = "N", default_value = "1")]
    batch: Tasks,
    /// Inputs of the list end with a null byte, not with their line
    #[arg(short = '0', long, requires = "inputs")]
    null: bool,
    /// What stands for all of an input, in place of {}
    #[arg(short = 'I', long, value_name = "STRING", default_value = "{}", value_parser = text())]
    placeholder: String,
    /// Have a shell run the command, which is then one string; "$1" is the input
    #[arg(
        long,
        value_name = "SHELL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "sh"
    )]
    shell: Option<PathBuf>,
    /// Copy the program, one file, to the nodes of a Ray cluster, which need not have it
    #[arg(long, conflicts_with = "shell")]
    ship: bool,
    /// The file that each process reads on its standard input [default: nothing]
    #[arg(long, visible_alias = "input", value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// What becomes of the standard output: pipe (read and compared), null, inherit (shown on the
    /// standard error), or a file, whose name may have placeholders
    #[arg(long, value_name = "WHERE", default_value = "pipe")]
    output: Output,
    /// Exit codes that count as success, such as 1,2; without a list, every exit code and signal
    /// does
    #[arg(
        long,
        value_name = "CODES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all"
    )]
    ignore_failure: Option<Ignored>,
    /// Tell each process to use N threads, by the variables of OpenMP, BLAS libraries, rayon, Go
    /// and others
    #[arg(long, value_name = "N")]
    threads_per_task: Option<Threads>,
    #[command(flatten)]
    hooks: Hooks,
}

impl Flags {
    /// Refuses what cannot be meant, each flag by itself.
    fn are_sound(&self) -> Result<(), String> {
        if self.output.is_nowhere() {
            return Err("--output cannot be empty: give pipe, null, inherit or a file".to_owned());
        }
        if self.output.is_a_dash() {
            return Err(
                "--output cannot be -: give pipe, null, inherit or a file, such as ./- for one of that name"
                    .to_owned(),
            );
        }
        if self.stdin.as_deref() == Some(Path::new("-")) {
            return Err(
                "--stdin cannot be -: the standard input has its content once, and every process needs it: give a file, \
                 such as ./- for one of that name"
                    .to_owned(),
            );
        }
        if self.placeholder.is_empty() {
            return Err(
                "--placeholder cannot be empty: nothing could stand for an input".to_owned(),
            );
        }

        Ok(())
    }
}

impl Params {
    /// What `flags` ask for, where up to `most_workers` run at once. An error is a line for the
    /// user.
    fn new(flags: Flags, most_workers: Tasks) -> Result<Self, String> {
        flags.are_sound()?;
        let has_shell = flags.shell.is_some();
        let (words, listed) = split(flags.command)?;
        let line = CommandLine::of_words(words, has_shell)?;
        let other = |flag: &str, text: Option<String>| {
            text.map(|text| CommandLine::of_text(flag, &text, has_shell))
                .transpose()
        };
        let serial = other("--serial", flags.serial)?;
        let vs = other("--vs", flags.vs)?;

        let has_list = listed.is_some() || flags.inputs.is_some();
        let inputs = inputs(listed, flags.inputs.as_deref(), flags.null)?;
        if has_list && flags.repeat.is_some() {
            return Err("--repeat is for commands without inputs".to_owned());
        }
        if !has_list && flags.batch.count() > 1 {
            return Err("--batch is for commands with inputs".to_owned());
        }
        let takes_workers = line.takes_workers();
        let threads = match flags.threads {
            threads if threads.is_empty() && takes_workers && has_list => doubling(),
            threads => each_once(threads),
        };
        let has_own_workers = takes_workers && threads.is_empty();
        let runs = || match flags.repeat {
            Some(repeat) => repeat,
            None if has_own_workers => Tasks::clamped(1),
            None => most_workers,
        };

        let params = Self {
            line,
            serial,
            vs,
            threads,
            workers: None,
            repeat: (!has_list).then(runs),
            inputs,
            batch: flags.batch,
            placeholder: flags.placeholder,
            shell: flags.shell.map(StoredPath::from),
            ship: flags.ship,
            stdin: flags.stdin.map(StoredPath::from),
            output: flags.output,
            ignore_failure: flags.ignore_failure,
            threads_per_task: flags.threads_per_task,
            hooks: flags.hooks,
        };
        params.fit_together()?;
        Ok(params)
    }

    /// Refuses what cannot be meant together with `{workers}`, or without it.
    fn fit_together(&self) -> Result<(), String> {
        let takes_workers = self.line.takes_workers();
        let refusal = match &self.vs {
            _ if self.serial.is_some() && !takes_workers => {
                "--serial is for commands with {workers}: without it, the loop is serial"
            }
            _ if !self.threads.is_empty() && !takes_workers => {
                "--threads is for commands with {workers}, which it stands for"
            }
            Some(_) if !self.threads.is_empty() => {
                "--vs cannot be combined with --threads, nor with {workers} and inputs"
            }
            Some(vs) if takes_workers && !vs.takes_workers() => {
                "the command of --vs has no {workers}: a serial program is given by --serial"
            }
            Some(vs) if !takes_workers && vs.takes_workers() => {
                "the command of --vs has {workers}, and the other one has not"
            }
            _ => return Ok(()),
        };

        Err(refusal.to_owned())
    }
}

/// The largest number of workers on the command line, or as many as there are usable CPUs.
fn most_workers(matches: &ArgMatches) -> Tasks {
    let workers = matches.try_get_raw("workers").ok().flatten();
    let workers = workers.and_then(|mut values| values.next_back()?.to_str());
    let Some(workers) = workers else {
        return default_tasks();
    };

    // `max` and `sweep` go up to the usable CPUs.
    let ends = workers.split([',', '.', '-']).map(str::trim);
    let ends = ends.filter(|end| !end.is_empty());
    let numbers = ends.map(|end| end.parse().map_or_else(|_| default_tasks(), Tasks::clamped));
    numbers
        .max_by_key(|number| number.count())
        .unwrap_or_else(default_tasks)
}

/// What stood after the command and in `file`.
fn inputs(
    listed: Option<Vec<OsString>>,
    file: Option<&Path>,
    end_with_null: bool,
) -> Result<Vec<StoredPath>, String> {
    let has_list = listed.is_some() || file.is_some();
    let mut inputs = listed.unwrap_or_default();

    if let Some(file) = file {
        inputs.extend(read_inputs(file, end_with_null)?);
    }
    if has_list && inputs.is_empty() {
        return Err("there are no inputs: the list is empty".to_owned());
    }
    let stored = |input| StoredPath::from(PathBuf::from(input));
    Ok(inputs.into_iter().map(stored).collect())
}

impl Args for Params {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for Params {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags = Flags::from_arg_matches(matches)?;

        // The line break is clap's own way to end a message.
        Self::new(flags, most_workers(matches))
            .map_err(|message| clap::Error::raw(ErrorKind::ValueValidation, message + "\n"))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The words of the command and, where the list begins, the inputs after them.
fn split(mut words: Vec<OsString>) -> Result<(Vec<OsString>, Option<Vec<OsString>>), String> {
    let Some(at) = words.iter().position(|word| word == INPUTS_FOLLOW) else {
        return Ok((words, None));
    };
    let inputs: Vec<OsString> = words.split_off(at).into_iter().skip(1).collect();

    // GNU parallel combines several lists, and reads files after four colons.
    match inputs
        .iter()
        .find(|word| *word == INPUTS_FOLLOW || *word == FILES_FOLLOW)
    {
        Some(word) => Err(format!(
            "{} cannot follow {INPUTS_FOLLOW}, for there is only one list; --inputs FILE reads one from a file, with any \
             words",
            printable::path(Path::new(word))
        )),
        None => Ok((words, Some(inputs))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str]) -> Result<Params, String> {
        let command = Params::augment_args(Command::new("cmd"));
        let words = std::iter::once("cmd").chain(line.iter().copied());
        let matches = command
            .try_get_matches_from(words)
            .map_err(|error| error.to_string())?;

        Params::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    fn texts(words: &[StoredPath]) -> Vec<&str> {
        words
            .iter()
            .map(|word| word.as_path().to_str().unwrap())
            .collect()
    }

    #[test]
    fn inputs_and_variables_stand_around_the_command() {
        let params = parsed(&["--", "A_1=x=y", "B=", "wc", "-l", "C=3", ":::", "a b", "-c"]);
        let params = params.unwrap();
        assert_eq!(texts(&params.line.command), ["wc", "-l", "C=3"]);
        assert_eq!(texts(&params.inputs), ["a b", "-c"]);
        let variables: Vec<_> = params
            .line
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_path().to_str().unwrap()))
            .collect();
        assert_eq!(variables, [("A_1", "x=y"), ("B", "")]);
        assert_eq!(params.repeat, None);
    }

    #[test]
    fn flags_after_the_command_are_its_own() {
        let line = ["--repeat", "2", "git", "log", "--repeat", "3", "--", "."];
        let params = parsed(&line).unwrap();
        assert_eq!(texts(&params.line.command), line[2..]);

        let with_dashes = [
            "--repeat", "2", "--", "git", "log", "--repeat", "3", "--", ".",
        ];
        assert_eq!(parsed(&with_dashes).unwrap(), params);
    }

    #[test]
    fn without_inputs_the_command_is_repeated() {
        assert_eq!(
            parsed(&["--", "true"]).unwrap().repeat,
            Some(default_tasks())
        );
        let five = parsed(&["--repeat", "5", "--", "true"]).unwrap();
        assert_eq!(five.repeat, Some(Tasks::clamped(5)));
    }

    #[test]
    fn there_are_as_many_equal_runs_as_workers_at_most() {
        let runs = |workers: &str| {
            let command = Params::augment_args(Command::new("cmd"));
            let command = command.arg(clap::Arg::new("workers").short('j'));
            let line = ["cmd", "-j", workers, "--", "true"];
            let matches = command.try_get_matches_from(line).unwrap();
            Params::from_arg_matches(&matches).unwrap().repeat.unwrap()
        };

        assert_eq!(runs("1,2"), Tasks::clamped(2));
        assert_eq!(runs("2..5"), Tasks::clamped(5));
        assert_eq!(runs("3-6, 4"), Tasks::clamped(6));
        assert_eq!(runs("max"), default_tasks());
        assert_eq!(runs("1,1000"), Tasks::clamped(1000));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (line, message) in [
            (&["--", "A=1"][..], "there is no command after --"),
            (
                &["--", "wc", ":::"],
                "there are no inputs: the list is empty",
            ),
            (
                &["--", "wc", ":::", "a", ":::", "b"],
                "::: cannot follow :::, for there is only one list",
            ),
            (
                &["--batch", "2", "--repeat", "3", "--", "wc"],
                "--batch is for commands with inputs",
            ),
            (
                &["--repeat", "2", "--", "wc", ":::", "a"],
                "--repeat is for commands without inputs",
            ),
            (
                &["--shell", "--", "wc", "-l"],
                "--shell takes the command as one string, and there are 2 words: quote them together",
            ),
            (
                &["--batch", "0", "--", "wc"],
                "must be a whole number from 1 to 1000000",
            ),
            (
                &["--reepat", "2", "wc"],
                "unexpected argument '--reepat' found",
            ),
            (
                &["--output", "", "--", "wc"],
                "--output cannot be empty: give pipe, null, inherit or a file",
            ),
            (
                &["-I", "", "--", "wc", ":::", "a"],
                "--placeholder cannot be empty",
            ),
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(message), "{line:?}: {error}");
        }
    }

    #[test]
    fn parameters_are_the_same_after_they_were_stored() {
        let params = parsed(&[
            "--shell",
            "--ignore-failure=1,2",
            "--",
            "wc \"$1\"",
            ":::",
            "a",
        ]);
        let params = params.unwrap();
        let stored = serde_json::to_value(&params).unwrap();
        assert_eq!(serde_json::from_value::<Params>(stored).unwrap(), params);
    }
}
