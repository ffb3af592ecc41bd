//! What failures are called on this command line: settings by the flags that the user can type in
//! this invocation.

use anyhow::{Error, anyhow};
use clap::{ArgMatches, Command};

use crate::engine;
use crate::failure::{Failure, Remedy, Setting, Wording, alternatives};
use crate::results::Problem;
use crate::turns::Broken;

/// The flags of one subcommand, as far as they are settings.
#[derive(Clone, Debug)]
pub(super) struct Flags {
    /// Each flag by the name of its value in the definition, with what the user types.
    names: Vec<(String, String)>,
    /// Whether the plan is a baseline's, so that its workloads and workers are, too.
    repeats_a_baseline: bool,
}

impl Flags {
    /// The flags of `command`, which was asked for with `matches`.
    pub(super) fn of(command: &Command, matches: &ArgMatches) -> Self {
        let names = command.get_arguments().filter_map(|arg| {
            let flag = format!("--{}", arg.get_long()?);
            Some((arg.get_id().to_string(), flag))
        });
        let takes_a_baseline = command
            .get_arguments()
            .any(|arg| arg.get_id() == "baseline");

        Self {
            names: names.collect(),
            repeats_a_baseline: takes_a_baseline && matches.contains_id("baseline"),
        }
    }

    fn flag(&self, id: &str) -> Option<String> {
        let (_, flag) = self.names.iter().find(|(name, _)| name == id)?;

        Some(flag.clone())
    }
}

impl Wording for Flags {
    fn name(&self, workload: &str, setting: &Setting) -> Option<String> {
        match setting {
            Setting::Parameter(_) | Setting::Workers if self.repeats_a_baseline => None,
            // A workload's own subcommand has its parameters without a prefix.
            Setting::Parameter(name) => self
                .flag(&format!("{workload}-{name}"))
                .or_else(|| self.flag(name)),
            Setting::Memory => self.flag("memory"),
            Setting::Workers => self.flag("workers"),
            Setting::RayAddress => self.flag("ray_address"),
            Setting::Python => self.flag("python"),
            Setting::TaskTimeout => self.flag("task_timeout"),
            Setting::StartTimeout => self.flag("start_timeout"),
            Setting::StepTimeout => self.flag("timeout"),
        }
    }

    fn instead(&self, remedies: &[Remedy]) -> Option<String> {
        let phrases: Vec<String> = remedies
            .iter()
            .map(|remedy| remedy.phrase(&remedy.setting.to_string()))
            .collect();

        self.repeats_a_baseline
            .then(|| format!("measure a new baseline with {}", alternatives(&phrases)))
    }
}

/// `error` with its failures in the words of `flags`.
pub(super) fn worded(error: Error, flags: &Flags) -> Error {
    let is_about_settings = error.chain().any(|cause| problem(cause).is_some());
    if !is_about_settings {
        return error;
    }

    let causes: Vec<String> = error
        .chain()
        .map(|cause| match problem(cause) {
            Some((workload, failure)) => failure.worded(workload, flags),
            None => cause.to_string(),
        })
        .collect();
    anyhow!("{}", causes.join(": "))
}

/// The failure that `cause` is, and the workload that it is about; the workload is empty where
/// there is none.
fn problem<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<(&'a str, &'a Failure)> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(("", failure));
    }
    if let Some(Problem { workload, failure }) = cause.downcast_ref::<Problem>() {
        return Some((workload, failure));
    }
    if let Some(Broken::Trouble(Problem { workload, failure })) = cause.downcast_ref::<Broken>() {
        return Some((workload, failure));
    }

    match cause.downcast_ref::<engine::Error>()? {
        engine::Error::Failed(failure) | engine::Error::Lost(failure) => Some(("", failure)),
        engine::Error::Interrupted(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::definition;
    use crate::cli::parts::Parts;
    use crate::failure::Change;

    /// The failure of a task of fib that is too large, in the words of `line`.
    fn too_large(line: &str) -> String {
        let command = definition::command(&Parts::built_in());
        let words = line.split(' ').map(OsString::from);
        let matches = command.clone().try_get_matches_from(words).unwrap();
        let (name, matches) = matches.subcommand().unwrap();
        let flags = Flags::of(command.find_subcommand(name).unwrap(), matches);

        let failure = Failure::new("it is too large")
            .or(Setting::parameter("size"), Change::AtMost("7".to_owned()))
            .or(Setting::Memory, Change::Larger);
        failure.worded("fib", &flags)
    }

    #[test]
    fn settings_are_called_as_the_user_types_them() {
        assert_eq!(
            too_large("parbench fib"),
            "it is too large; use --size 7 or less, or more --memory"
        );
        for line in [
            "parbench all",
            "parbench noise",
            "parbench check --against x",
        ] {
            assert_eq!(
                too_large(line),
                "it is too large; use --fib-size 7 or less, or more --memory",
                "{line}"
            );
        }
    }

    #[test]
    fn what_a_baseline_fixes_takes_a_new_baseline() {
        assert_eq!(
            too_large("parbench check --baseline x.json"),
            "it is too large; use more --memory, or measure a new baseline with size 7 or less"
        );
    }
}
