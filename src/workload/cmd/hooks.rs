//! Commands around the measured ones: they make ready and clean up, and are never timed.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::status::Status;
use super::template::{Template, Values};
use crate::printable::printable;
use crate::stop::Stop;
use crate::subprocess::{self, Until};
use crate::workload::Error;

/// The shell that runs hooks.
const SHELL: &str = "sh";
/// How long cleaning up may take after the user asked to stop.
const LAST_CLEANUP: Duration = Duration::from_mins(1);

/// Shell commands around arms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Hooks {
    /// Run CMD once for each number of workers, before its first arm; must exit with 0, as all of
    /// these must
    #[arg(long, value_name = "CMD")]
    #[serde(skip_serializing_if = "Option::is_none")]
    setup: Option<String>,
    /// Run CMD before each arm of each round, untimed; {workers} is its number of workers
    #[arg(long, value_name = "CMD")]
    #[serde(skip_serializing_if = "Option::is_none")]
    prepare: Option<String>,
    /// Run CMD after each arm of each round, untimed
    #[arg(long, value_name = "CMD")]
    #[serde(skip_serializing_if = "Option::is_none")]
    conclude: Option<String>,
    /// Run CMD after each arm to see whether its answer is right, where that is in files
    #[arg(long = "check", value_name = "CMD", id = "check_answer")]
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<String>,
    /// Run CMD once for each number of workers, at the very end
    #[arg(long, value_name = "CMD")]
    #[serde(skip_serializing_if = "Option::is_none")]
    cleanup: Option<String>,
}

/// Hooks, and for which numbers of workers they have set up.
#[derive(Debug)]
pub(super) struct HookRunner {
    hooks: Hooks,
    set_up: Mutex<BTreeSet<NonZeroUsize>>,
}

impl Hooks {
    /// Every command of them behind its flag: `--prepare make clean`.
    pub(super) fn commands(&self) -> impl Iterator<Item = String> {
        let all = [
            ("--setup", &self.setup),
            ("--prepare", &self.prepare),
            ("--conclude", &self.conclude),
            ("--check", &self.check),
            ("--cleanup", &self.cleanup),
        ];
        let given = all
            .into_iter()
            .filter_map(|(flag, hook)| Some((flag, hook.as_ref()?)));

        given.map(|(flag, hook)| format!("{flag} {}", printable(hook)))
    }
}

impl HookRunner {
    pub(super) fn new(hooks: Hooks) -> Self {
        Self {
            hooks,
            set_up: Mutex::default(),
        }
    }

    pub(super) fn before_arm(&self, workers: NonZeroUsize, stop: &Stop) -> Result<(), Error> {
        let is_first = self.set_up().insert(workers);
        if is_first {
            run("--setup", self.hooks.setup.as_deref(), workers, stop, None)?;
        }

        run(
            "--prepare",
            self.hooks.prepare.as_deref(),
            workers,
            stop,
            None,
        )
    }

    pub(super) fn after_arm(&self, workers: NonZeroUsize, stop: &Stop) -> Result<(), Error> {
        run("--check", self.hooks.check.as_deref(), workers, stop, None)?;
        run(
            "--conclude",
            self.hooks.conclude.as_deref(),
            workers,
            stop,
            None,
        )
    }

    /// Cleans up for every number of workers that was set up, also after the user asked to stop.
    pub(super) fn after_all(&self) -> Result<(), Error> {
        let deadline = Instant::now() + LAST_CLEANUP;
        let set_up = std::mem::take(&mut *self.set_up());

        let cleanup = |workers| {
            let cleanup = self.hooks.cleanup.as_deref();
            run("--cleanup", cleanup, workers, &Stop::new(), Some(deadline))
        };
        // Each of them, also after one that failed.
        let ended: Vec<Result<(), Error>> = set_up.into_iter().map(cleanup).collect();
        ended.into_iter().collect()
    }

    fn set_up(&self) -> std::sync::MutexGuard<'_, BTreeSet<NonZeroUsize>> {
        self.set_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the hook of `flag`, if there is one.
fn run(
    flag: &str,
    script: Option<&str>,
    workers: NonZeroUsize,
    stop: &Stop,
    deadline: Option<Instant>,
) -> Result<(), Error> {
    let Some(script) = script else { return Ok(()) };

    let values = Values {
        inputs: &[],
        number: 1,
        slot: 1,
        workers: workers.get(),
    };
    let mut command = Command::new(SHELL);
    command
        .arg("-c")
        .args(Template::of_task(script.as_ref()).words(values))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let until = Until {
        stop,
        unneeded: &AtomicBool::new(false),
        deadline,
    };

    let failed = |what: String| Error::failed(format!("{flag} `{}` {what}", printable(script)));
    match subprocess::run(&mut command, &mut |_| (), until) {
        Ok(finished) => {
            let status = Status::from(finished.status);
            if status == Status::Exit(0) {
                return Ok(());
            }
            let last_words = with_last_words(&finished.last_words);
            Err(failed(format!("ended with {status}{last_words}")))
        }
        Err(subprocess::Error::Interrupted(interrupted)) => Err(interrupted.into()),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// The last words of a program behind what is said about its end.
pub(super) fn with_last_words(last_words: &[String]) -> String {
    let lines: Vec<_> = last_words.iter().map(|line| printable(line)).collect();

    if lines.is_empty() {
        String::new()
    } else {
        format!(": {}", lines.join(" | "))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_stand_around_arms_and_setting_up_is_done_once_for_each_count() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let line = |name: &str| Some(format!("echo {name} {{workers}} >> {}", log.display()));
        let running = HookRunner::new(Hooks {
            setup: line("setup"),
            prepare: line("prepare"),
            conclude: line("conclude"),
            check: line("check"),
            cleanup: line("cleanup"),
        });

        for workers in [1, 2, 1] {
            let workers = NonZeroUsize::new(workers).unwrap();
            running.before_arm(workers, &Stop::new()).unwrap();
            running.after_arm(workers, &Stop::new()).unwrap();
        }
        running.after_all().unwrap();
        running.after_all().unwrap();

        let arm =
            |workers: u32| ["prepare", "check", "conclude"].map(|name| format!("{name} {workers}"));
        let expected = [
            &["setup 1".to_owned()][..],
            &arm(1),
            &["setup 2".to_owned()],
            &arm(2),
            &arm(1),
            &["cleanup 1".to_owned(), "cleanup 2".to_owned()],
        ];
        let text = std::fs::read_to_string(log).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected.concat());
    }

    #[test]
    fn a_hook_that_fails_is_named() {
        let hooks = Hooks {
            prepare: Some("echo no space >&2; exit 9".to_owned()),
            ..Hooks::default()
        };
        let running = HookRunner::new(hooks);
        let error = running
            .before_arm(NonZeroUsize::MIN, &Stop::new())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "--prepare `echo no space >&2; exit 9` ended with exit code 9: no space"
        );
    }
}
