//! A workload as the command line and plans know it, before it is prepared, and the registry of a
//! program's workloads.

use std::marker::PhantomData;
use std::sync::Arc;

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::Value;

use super::erased::Erased;
use super::{
    Context, Error, HostedEngine, QuickValue, Shared, Spec, TaskVariant, WorkerProgram, Workload,
};

/// A workload's name, the command line of its parameters, and how to prepare it.
pub trait Definition: Send + Sync {
    /// Its name on the command line, in tables and in stored runs.
    fn name(&self) -> &str;

    /// One sentence for `--help` and `parbench list`.
    fn about(&self) -> &str;

    /// Whether `all`, `check` and `noise` run it with its defaults. One that needs something from
    /// the user has its own subcommand only.
    fn belongs_to_all(&self) -> bool {
        true
    }

    /// Whether its tasks do their work in the process that runs them, so that the CPU time of that
    /// process is theirs.
    fn runs_in_process(&self) -> bool {
        true
    }

    /// Smaller values of parameters for a first answer.
    fn quick(&self) -> &'static [QuickValue] {
        &[]
    }

    /// Whether tasks may start workers of their own.
    fn may_have_own_workers(&self) -> bool {
        false
    }

    /// Whether each task with `params` starts as many workers as it is asked for.
    fn has_own_workers(&self, _params: &Value) -> bool {
        false
    }

    /// Whether the plain loop with `params` runs another program than one worker does.
    fn has_serial_program(&self, _params: &Value) -> bool {
        false
    }

    /// Whether tasks with `params` write to files of their own.
    fn writes_files(&self, _params: &Value) -> bool {
        false
    }

    /// Variants of tasks with `params`.
    fn variants(&self, _params: &Value) -> Vec<TaskVariant> {
        Vec::new()
    }

    /// The engines that it brings along, in place of those that the program has; the first is the
    /// default.
    fn hosted_engines(&self) -> &'static [HostedEngine] {
        &[]
    }

    /// The labels of the processes that run these, for `params`.
    fn hosts(&self, _params: &Value) -> Vec<String> {
        Vec::new()
    }

    /// The command that tasks with `params` run, for a workload that runs what its parameters say.
    fn command(&self, _params: &Value) -> Option<String> {
        None
    }

    /// Whether another program does its tasks, as a worker process.
    fn brings_worker(&self) -> bool {
        false
    }

    /// The program that does tasks with `params` in place of this one, as a worker process.
    fn worker_program(&self, _params: &Value) -> Option<WorkerProgram> {
        None
    }

    /// Adds the parameters to a command.
    fn arguments(&self, command: clap::Command) -> clap::Command;

    /// The complete parameters that a command line gave.
    fn parse(&self, matches: &ArgMatches) -> Result<Value, clap::Error>;

    /// Makes the workload ready for parameters that `parse` gave or a stored run holds.
    fn prepare(&self, params: Value, context: &Context<'_>) -> Result<Shared, Error>;
}

/// The definition of the workload type `W`.
#[must_use]
pub fn definition<W: Workload>() -> Arc<dyn Definition> {
    Arc::new(Typed::<W>(PhantomData))
}

struct Typed<W>(PhantomData<fn() -> W>);

impl<W: Workload> Definition for Typed<W> {
    fn name(&self) -> &str {
        W::NAME
    }

    fn about(&self) -> &str {
        W::ABOUT
    }

    fn belongs_to_all(&self) -> bool {
        W::BELONGS_TO_ALL
    }

    fn runs_in_process(&self) -> bool {
        W::RUNS_IN_PROCESS
    }

    fn quick(&self) -> &'static [QuickValue] {
        W::QUICK
    }

    fn may_have_own_workers(&self) -> bool {
        W::MAY_HAVE_OWN_WORKERS
    }

    fn has_own_workers(&self, params: &Value) -> bool {
        // Most workloads never have any, and reading the parameters takes time.
        W::MAY_HAVE_OWN_WORKERS
            && serde_json::from_value(params.clone())
                .is_ok_and(|params| W::has_own_workers(&params))
    }

    fn writes_files(&self, params: &Value) -> bool {
        serde_json::from_value(params.clone()).is_ok_and(|params| W::writes_files(&params))
    }

    fn has_serial_program(&self, params: &Value) -> bool {
        W::MAY_HAVE_OWN_WORKERS
            && serde_json::from_value(params.clone())
                .is_ok_and(|params| W::has_serial_program(&params))
    }

    fn variants(&self, params: &Value) -> Vec<TaskVariant> {
        if !W::MAY_HAVE_OWN_WORKERS {
            return Vec::new();
        }

        serde_json::from_value(params.clone())
            .map_or_else(|_| Vec::new(), |params| W::variants(&params))
    }

    fn hosted_engines(&self) -> &'static [HostedEngine] {
        W::HOSTED_ENGINES
    }

    fn hosts(&self, params: &Value) -> Vec<String> {
        serde_json::from_value(params.clone())
            .map_or_else(|_| Vec::new(), |params| W::hosts(&params))
    }

    fn command(&self, params: &Value) -> Option<String> {
        W::command(&serde_json::from_value(params.clone()).ok()?)
    }

    fn arguments(&self, command: clap::Command) -> clap::Command {
        W::Params::augment_args(command)
    }

    fn parse(&self, matches: &ArgMatches) -> Result<Value, clap::Error> {
        let params = W::Params::from_arg_matches(matches)?;

        serde_json::to_value(params)
            .map_err(|error| clap::Error::raw(clap::error::ErrorKind::InvalidValue, error))
    }

    fn prepare(&self, params: Value, context: &Context<'_>) -> Result<Shared, Error> {
        let typed = serde_json::from_value(params.clone())
            .map_err(|error| Error::failed(format!("stored parameters do not fit: {error}")))?;
        let workload = W::prepare(typed, context)?;

        let spec = Spec {
            name: W::NAME.into(),
            params,
            slowdown: 1.0,
            memory: context.memory,
            task_timeout: context.task_timeout,
        };
        Ok(Arc::new(Erased { spec, workload }))
    }
}

/// Workloads by name, in the order of their registration.
#[derive(Clone)]
pub struct Registry(Vec<Arc<dyn Definition>>);

impl Registry {
    /// A registry of `workloads`.
    pub fn new(workloads: impl IntoIterator<Item = Arc<dyn Definition>>) -> Self {
        Self(workloads.into_iter().collect())
    }

    /// Adds `workload`, also beside another one of the same name.
    pub(crate) fn push(&mut self, workload: Arc<dyn Definition>) {
        self.0.push(workload);
    }

    /// Adds `workload`, in place of one of the same name.
    pub fn add(&mut self, workload: Arc<dyn Definition>) {
        match self
            .0
            .iter_mut()
            .find(|known| known.name() == workload.name())
        {
            Some(known) => *known = workload,
            None => self.push(workload),
        }
    }

    /// The workload called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<dyn Definition>> {
        self.0
            .iter()
            .find(|workload| workload.name() == name)
            .cloned()
    }

    /// Every workload, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Definition>> {
        self.0.iter()
    }

    /// Those that `all` runs, in order.
    pub fn in_all(&self) -> impl Iterator<Item = &Arc<dyn Definition>> {
        self.iter().filter(|workload| workload.belongs_to_all())
    }

    /// The names of all workloads, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|workload| workload.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::workload::built_in;

    #[test]
    fn names_are_found_and_busy_belongs_to_no_other_command() {
        let workloads = built_in();
        for name in workloads.names() {
            assert_eq!(workloads.find(name).unwrap().name(), name);
        }
        assert!(workloads.find("juggling").is_none());

        let in_all: Vec<&str> = workloads.in_all().map(|workload| workload.name()).collect();
        assert_eq!(in_all, ["fib", "pi", "image"]);
    }
}
