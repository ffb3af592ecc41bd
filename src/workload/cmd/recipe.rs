//! How a command becomes a process: which program, with which words, variables and streams.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::output::Output;
use super::params::Params;
use super::status::Ignored;
use super::template::{Template, Values};
use crate::printable;
use crate::results::StoredPath;
use crate::subprocess::resolve;
use crate::workload::ArmOfRound;

/// Variables by which a `make` around this program would share its jobs with every program below
/// it, against what these are told on their command lines.
const JOBSERVER: [&str; 4] = ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"];
/// Variables that tell libraries how many threads to use.
const THREADS: [&str; 8] = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "GOMAXPROCS",
];
/// The number of the task, from 1, as its process sees it.
const TASK: &str = "PARBENCH_TASK";
/// The number of its slot, from 1.
const SLOT: &str = "PARBENCH_SLOT";
/// The recipe that it was made by: what a process leaves behind is found by this.
pub(super) const RECIPE: &str = "PARBENCH_RECIPE";
/// The round, from 1.
const ROUND: &str = "PARBENCH_ROUND";
/// What reports call the arm.
const ARM: &str = "PARBENCH_ARM";
/// A variable of another length in every round. Where the environment ends decides where the stack
/// begins, and that alone can change times by some per cent.
///
/// Source: T. Mytkowicz, A. Diwan, M. Hauswirth and P. F. Sweeney, Producing wrong data without
/// doing anything obviously wrong, ASPLOS 2009.
const PADDING: &str = "PARBENCH_PADDING";
/// Its greatest length: a page.
const LONGEST_PADDING: u32 = 4096;

/// A command, ready to be started for any task.
#[derive(Debug)]
pub(super) struct Recipe {
    program: PathBuf,
    words: Vec<Template>,
    variables: Vec<(String, Template)>,
    stdin: Option<PathBuf>,
    output: Destination,
    ignored: Option<Ignored>,
    threads: Option<String>,
    /// What no other recipe of any process has.
    mark: String,
}

/// Variables that say which arm of which round tasks belong to.
#[derive(Debug)]
pub(super) struct CurrentArm([(&'static str, String); 3]);

impl CurrentArm {
    pub(super) fn of(arm: ArmOfRound<'_>) -> Self {
        // The arms of a round share the length. Multiples of an odd number pass through every length
        // of the page.
        let length = arm.round.wrapping_mul(1021) % LONGEST_PADDING;

        Self([
            (ROUND, arm.round.to_string()),
            (ARM, arm.arm.to_owned()),
            (PADDING, "x".repeat(length as usize)),
        ])
    }
}

/// Which task, and where it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct TaskPlace {
    number: usize,
    slot: usize,
    workers: usize,
}

/// Where the output of each process goes.
#[derive(Debug)]
enum Destination {
    Pipe,
    Null,
    Inherit,
    File(Template),
}

impl TaskPlace {
    /// Task `index`, counted from 0, in `slot`, counted from 1, whose program may start this many
    /// workers.
    pub(super) fn new(index: usize, slot: usize, workers: usize) -> Self {
        Self {
            number: index + 1,
            slot,
            workers,
        }
    }
}

impl Recipe {
    /// The recipe of `params`, with a program that exists. An error is a line for the user.
    pub(super) fn new(params: &Params) -> Result<Self, String> {
        let template = |word: &StoredPath| params.template(word);
        let stdin = params.stdin.as_ref().map(|file| file.as_path().to_owned());
        if let Some(file) = &stdin {
            File::open(file).map_err(|error| cannot("read", file, &error))?;
        }

        Ok(Self {
            program: program(params)?,
            words: words(params)?,
            variables: params
                .line
                .variables
                .iter()
                .map(|(name, value)| (name.clone(), template(value)))
                .collect(),
            stdin,
            output: match &params.output {
                Output::Pipe => Destination::Pipe,
                Output::Null => Destination::Null,
                Output::Inherit => Destination::Inherit,
                Output::File(name) => Destination::File(template(name)),
            },
            ignored: params.ignore_failure.clone(),
            threads: params.threads_per_task.map(|threads| threads.to_string()),
            mark: mark(),
        })
    }

    /// The value of [`RECIPE`] for every process of it.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn ignored(&self) -> Option<&Ignored> {
        self.ignored.as_ref()
    }

    /// Whether the output is read, and so can be compared.
    pub(super) fn reads_output(&self) -> bool {
        matches!(self.output, Destination::Pipe)
    }

    /// The process for the task at `place` with its `inputs`. An error is a line for the user.
    pub(super) fn command(
        &self,
        inputs: &[OsString],
        place: TaskPlace,
        arm: Option<&CurrentArm>,
    ) -> Result<Command, String> {
        let values = Values {
            inputs,
            number: place.number,
            slot: place.slot,
            workers: place.workers,
        };
        let mut command = Command::new(&self.program);
        for word in &self.words {
            command.args(word.words(values));
        }

        for variable in JOBSERVER {
            command.env_remove(variable);
        }
        for variable in THREADS {
            if let Some(threads) = &self.threads {
                command.env(variable, threads);
            }
        }
        for (name, value) in &self.variables {
            command.env(name, joined(&value.words(values)));
        }
        command.env(TASK, place.number.to_string());
        command.env(SLOT, place.slot.to_string());
        command.env(RECIPE, &self.mark);
        if let Some(CurrentArm(variables)) = arm {
            for (name, value) in variables {
                command.env(name, value);
            }
        }

        command.stdin(match &self.stdin {
            Some(file) => {
                Stdio::from(File::open(file).map_err(|error| cannot("read", file, &error))?)
            }
            None => Stdio::null(),
        });
        command.stdout(self.stdout(values)?);
        Ok(command)
    }

    fn stdout(&self, values: Values<'_>) -> Result<Stdio, String> {
        Ok(match &self.output {
            Destination::Pipe => Stdio::piped(),
            Destination::Null => Stdio::null(),
            Destination::Inherit => Stdio::inherit(),
            Destination::File(name) => {
                let name = PathBuf::from(joined(&name.words(values)));
                let file = File::create(&name).map_err(|error| cannot("write", &name, &error))?;
                file.into()
            }
        })
    }
}

/// The absolute path of the program, or of the shell that runs the command.
fn program(params: &Params) -> Result<PathBuf, String> {
    let named = match (&params.shell, params.line.command.first()) {
        (Some(shell), _) => shell,
        (None, Some(program)) if params.template(program).is_literal() => program,
        _ => return Err("the program cannot be a placeholder".to_owned()),
    };

    resolve(named.as_path().as_os_str()).map_err(|error| error.to_string())
}

/// The words behind the program.
fn words(params: &Params) -> Result<Vec<Template>, String> {
    let has_inputs = !params.inputs.is_empty();
    let mut words = match (&params.shell, params.line.command.split_first()) {
        // An input is an argument of the shell, and no part of what it reads as its program.
        (Some(_), Some((script, _))) => vec![
            Template::literal("-c"),
            Template::of_task(script.as_path().as_os_str()),
            Template::literal("parbench"),
        ],
        (None, Some((_, words))) => words.iter().map(|word| params.template(word)).collect(),
        (_, None) => Vec::new(),
    };

    match (has_inputs, words.iter().any(Template::takes_inputs)) {
        (true, false) => words.push(Template::input()),
        (false, true) => {
            return Err(format!(
                "the command has a placeholder such as {} and there are no inputs: give them after ::: or with --inputs",
                params.placeholder
            ));
        }
        _ => {}
    }
    Ok(words)
}

/// The number of this process, and one that rises.
fn mark() -> String {
    static RECIPES: AtomicUsize = AtomicUsize::new(0);
    let number = RECIPES.fetch_add(1, Ordering::Relaxed);

    format!("{}-{number}", std::process::id())
}

fn cannot(act: &str, file: &Path, error: &std::io::Error) -> String {
    format!("cannot {act} {}: {error}", printable::path(file))
}

/// Words that several inputs made of one, as one with blanks between them.
fn joined(words: &[OsString]) -> OsString {
    words.join(" ".as_ref())
}

/// The command as one line to show, and after it the commands beside and around it.
pub(super) fn line(params: &Params) -> String {
    let shell = params.shell.as_ref().map(StoredPath::as_path);
    let beside = [&params.serial, &params.vs].into_iter().flatten();
    let commands = std::iter::once(&params.line)
        .chain(beside)
        .map(|line| line.shown(shell));
    let hooks = params.hooks.commands();

    commands
        .chain(hooks.map(|hook| printable::printable(hook).into_owned()))
        .collect::<Vec<_>>()
        .join("; ")
}
