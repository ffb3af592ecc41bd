//! The complete parameters of `cmd`, as they are stored: which command, over which inputs, and what
//! becomes of its streams.

use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::command_line::CommandLine;
use super::hooks::Hooks;
use super::output::Output;
use super::status::Ignored;
use super::template::Template;
use super::variables::Threads;
use crate::results::StoredPath;
use crate::workload::{TaskVariant, Tasks};

/// Everything that decides what is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::workload) struct Params {
    /// The command.
    #[serde(flatten)]
    pub(super) line: CommandLine,
    /// A program without workers, which the plain loop runs in place of the command with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<CommandLine>,
    /// The command to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) vs: Option<CommandLine>,
    /// Numbers of threads to try in each process, where several processes run at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) threads: Vec<Threads>,
    /// What `{workers}` is where no arm says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workers: Option<Threads>,
    /// What a task is about; where there is none, equal runs are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inputs: Vec<StoredPath>,
    /// Equal runs, where there are no inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repeat: Option<Tasks>,
    /// Inputs of one process.
    pub(super) batch: Tasks,
    /// What stands for all of an input.
    pub(super) placeholder: String,
    /// The shell that runs the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shell: Option<StoredPath>,
    /// Whether machines that lack the program are given it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) ship: bool,
    /// The file on the standard input of each process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stdin: Option<StoredPath>,
    /// What becomes of the standard output.
    pub(super) output: Output,
    /// Exit codes that are no failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ignore_failure: Option<Ignored>,
    /// Threads that each process may start, as far as it listens to the usual variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) threads_per_task: Option<Threads>,
    /// Commands around the arms.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) hooks: Hooks,
}

fn is_none(hooks: &Hooks) -> bool {
    *hooks == Hooks::default()
}

/// What follows the first `=`: the file of `if=FILE` and `--input=FILE`.
fn value_in(word: &Path) -> Option<&Path> {
    let (_, value) = word.to_str()?.split_once('=')?;

    Some(Path::new(value))
}

impl Params {
    /// `word` with its placeholders.
    pub(super) fn template(&self, word: &StoredPath) -> Template {
        Template::new(word.as_path().as_os_str(), &self.placeholder)
    }

    /// Every word that may be the name of a file that processes read, and what follows `=` in one.
    pub(super) fn files_read(&self) -> impl Iterator<Item = &Path> {
        let lines = [Some(&self.line), self.serial.as_ref(), self.vs.as_ref()];
        let words = lines.into_iter().flatten().flat_map(|line| &line.command);

        words
            .chain(&self.inputs)
            .chain(&self.stdin)
            .map(StoredPath::as_path)
            .flat_map(|word| [Some(word), value_in(word)])
            .flatten()
    }

    /// Whether one process at a time runs, and starts its own workers.
    pub(super) fn has_own_workers(&self) -> bool {
        self.line.takes_workers() && self.threads.is_empty()
    }

    /// Variants of the same tasks.
    pub(super) fn variants(&self) -> Vec<TaskVariant> {
        let threads = self.threads.iter().filter_map(|threads| {
            let threads = NonZeroUsize::new(threads.count())?;
            Some(TaskVariant::Threads(threads))
        });

        threads
            .chain(self.vs.as_ref().map(|_| TaskVariant::Other))
            .collect()
    }

    /// The parameters of `variant`, which has no variants itself.
    pub(super) fn variant(&self, variant: TaskVariant) -> Option<Self> {
        match variant {
            TaskVariant::Other => Some(self.with(self.vs.as_ref()?)),
            TaskVariant::Threads(threads) => Some(Self {
                workers: Some(Threads::clamped(threads.get() as u64)),
                ..self.alone()
            }),
        }
    }

    /// The parameters of the program that the plain loop runs, where that is another one.
    pub(super) fn serial_program(&self) -> Option<Self> {
        self.serial.as_ref().map(|serial| self.with(serial))
    }

    /// The same with `other` in place of the command.
    fn with(&self, other: &CommandLine) -> Self {
        Self {
            line: other.clone(),
            ..self.alone()
        }
    }

    /// The same without anything beside it: hooks are run once for all commands.
    fn alone(&self) -> Self {
        Self {
            serial: None,
            vs: None,
            threads: Vec::new(),
            hooks: Hooks::default(),
            ..self.clone()
        }
    }

    /// `count` runs of `program`, whose output is nobody's.
    pub(super) fn runs_of(program: &Path, count: Tasks) -> Self {
        Self {
            line: CommandLine {
                command: vec![program.to_owned().into()],
                variables: Vec::new(),
            },
            serial: None,
            vs: None,
            threads: Vec::new(),
            workers: None,
            inputs: Vec::new(),
            repeat: Some(count),
            batch: Tasks::clamped(1),
            placeholder: "{}".to_owned(),
            shell: None,
            ship: false,
            stdin: None,
            output: Output::Pipe,
            ignore_failure: None,
            threads_per_task: None,
            hooks: Hooks::default(),
        }
    }
}
