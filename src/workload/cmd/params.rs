//! The complete parameters of `cmd`, as they are stored: which command, over which inputs, and what
//! becomes of its streams.

use std::ffi::OsStr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::hooks::Hooks;
use super::output::Output;
use super::status::Ignored;
use super::template::Template;
use crate::results::StoredPath;
use crate::units::Bounded;
use crate::workload::Tasks;

/// Everything that decides what is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::workload) struct Params {
    /// The program and its arguments, or the one string that a shell runs.
    pub(super) command: Vec<StoredPath>,
    /// Variables that stood before the command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) variables: Vec<(String, StoredPath)>,
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

/// A number of threads.
pub(super) type Threads = Bounded<1, 65_536>;

impl Params {
    /// `word` with its placeholders.
    pub(super) fn template(&self, word: &StoredPath) -> Template {
        Template::new(word.as_path().as_os_str(), &self.placeholder)
    }

    /// Whether the number of workers stands in the command, so that each process starts its own.
    pub(super) fn has_own_workers(&self) -> bool {
        let values = self.variables.iter().map(|(_, value)| value);
        let mut words = self.command.iter().chain(values);

        words.any(|word| takes_workers(word.as_path().as_os_str()))
    }

    /// `count` runs of `program`, whose output is nobody's.
    pub(super) fn runs_of(program: &Path, count: Tasks) -> Self {
        Self {
            command: vec![program.to_owned().into()],
            variables: Vec::new(),
            inputs: Vec::new(),
            repeat: Some(count),
            batch: Tasks::clamped(1),
            placeholder: "{}".to_owned(),
            shell: None,
            stdin: None,
            output: Output::Pipe,
            ignore_failure: None,
            threads_per_task: None,
            hooks: Hooks::default(),
        }
    }
}

pub(super) fn takes_workers(word: &OsStr) -> bool {
    Template::of_task(word).takes_workers()
}
