//! How a command becomes a process: which program, with which words, variables and streams.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::files::{readable, writable};
use super::output::Output;
use super::params::Params;
use super::placeholders::{output_template, words};
use super::shipped::Shipped;
use super::status::Ignored;
use super::template::{Template, Values};
use super::variables::Threads;
use super::variables::{self, CurrentArm, RECIPE, SLOT, TASK};
use crate::printable;
use crate::results::StoredPath;
use crate::subprocess::{self, NotFound, missing_interpreter, resolve, unique_mark};

/// A command, ready to be started for any task.
#[derive(Debug)]
pub(super) struct Recipe {
    program: PathBuf,
    /// The program as it was written.
    #[cfg(unix)]
    name: PathBuf,
    /// The file that is started for it: the program itself, or a copy.
    file: PathBuf,
    words: Vec<Template>,
    variables: Vec<(String, Template)>,
    stdin: Option<PathBuf>,
    output: Destination,
    ignored: Option<Ignored>,
    threads: Option<Threads>,
    /// What no other recipe of any process has.
    mark: String,
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
            readable(file)?;
        }

        let (program, file) = match Shipped::here().filter(|_| params.ship) {
            Some(shipped) => (shipped.original, shipped.copy),
            None => program(params).map(|program| (program.clone(), program))?,
        };

        #[cfg(unix)]
        let written = params.shell.as_ref().or(params.line.command.first());
        Ok(Self {
            #[cfg(unix)]
            name: written.map_or_else(|| program.clone(), |word| word.as_path().to_owned()),
            program,
            file,
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
                Output::File(name) => Destination::File(output_template(params, name)?),
            },
            ignored: params.ignore_failure.clone(),
            threads: params.threads_per_task,
            mark: unique_mark(),
        })
    }

    /// The value of [`RECIPE`] for every process of it.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Why a process of it has no result.
    pub(super) fn why(&self, error: &subprocess::Error) -> String {
        match missing_interpreter(&self.file) {
            Some(interpreter) if matches!(error, subprocess::Error::Start(_)) => {
                format!("cannot be started: there is no {interpreter}, which its first line names")
            }
            _ => error.to_string(),
        }
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
        let mut command = Command::new(&self.file);
        // As it was written, and as a shell has it: programs begin their messages with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, &self.name);
        for word in &self.words {
            command.args(word.words(values));
        }

        variables::without_jobserver(&mut command);
        if let Some(threads) = self.threads {
            variables::limit_threads(&mut command, threads);
        }
        for (name, value) in &self.variables {
            command.env(name, joined(&value.words(values)));
        }
        command.env(TASK, place.number.to_string());
        command.env(SLOT, place.slot.to_string());
        command.env(RECIPE, &self.mark);
        if let Some(arm) = arm {
            command.envs(arm.variables());
        }

        command.stdin(match &self.stdin {
            Some(file) => readable(file)?.into(),
            None => Stdio::null(),
        });
        command.stdout(self.stdout(values)?);
        Ok(command)
    }

    fn stdout(&self, values: Values<'_>) -> Result<Stdio, String> {
        Ok(match &self.output {
            Destination::Pipe => Stdio::piped(),
            Destination::Null => Stdio::null(),
            Destination::Inherit => beside_results(),
            Destination::File(name) => writable(&file_name(name, values))?.into(),
        })
    }

    /// Whether the name of the file that a task writes its output to has the number of its slot.
    pub(super) fn output_takes_slots(&self) -> bool {
        matches!(&self.output, Destination::File(name) if name.takes_slots())
    }

    /// The file that the task with `inputs` and this number writes its output to, if it does.
    pub(super) fn output_file(&self, inputs: &[OsString], index: usize) -> Option<PathBuf> {
        let Destination::File(name) = &self.output else {
            return None;
        };
        let values = Values {
            inputs,
            number: index + 1,
            slot: 1,
            workers: 1,
        };

        Some(file_name(name, values))
    }
}

/// The absolute path of the program, or of the shell that runs the command.
fn program(params: &Params) -> Result<PathBuf, String> {
    let named = match (&params.shell, params.line.command.first()) {
        (Some(shell), _) => shell,
        (None, Some(program)) if params.template(program).is_literal() => program,
        (None, Some(program)) if is_a_line(program) => return Err(one_word(program)),
        _ => return Err("the program cannot be a placeholder".to_owned()),
    };

    resolve(named.as_path().as_os_str()).map_err(|error| match error {
        NotFound::Nowhere(_) | NotFound::NoFile(_) if is_a_line(named) => one_word(named),
        error => error.to_string(),
    })
}

fn is_a_line(program: &StoredPath) -> bool {
    let text = program.as_path().to_string_lossy();

    text.contains(char::is_whitespace)
}

fn one_word(program: &StoredPath) -> String {
    let program = printable::path(program.as_path());

    format!(
        "there is no program {program}: remove the quotes, or give --shell to have a shell run it as one string"
    )
}

fn file_name(name: &Template, values: Values<'_>) -> PathBuf {
    PathBuf::from(joined(&name.words(values)))
}

/// The standard error: this process writes its results to the standard output, maybe as a document.
fn beside_results() -> Stdio {
    std::io::stderr().into()
}

/// Words that several inputs made of one, as one with blanks between them.
fn joined(words: &[OsString]) -> OsString {
    words.join(" ".as_ref())
}
