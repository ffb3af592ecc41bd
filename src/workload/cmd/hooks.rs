//! Commands around the measured ones: they make ready and clean up, and are never timed.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::bytes::text;
use super::status::Status;
use super::template::{Template, Values};
use super::variables::without_jobserver;
use crate::failure::{Change, Failure, Setting};
use crate::printable::printable;
use crate::stop::Stop;
use crate::subprocess::{self, Until};
use crate::threads::Refused;
use crate::units::{Seconds, seconds};
use crate::workload::{ArmOfRound, Error};

/// The shell that runs hooks.
const SHELL: &str = "sh";
/// How long a hook may take after the user asked to stop.
const LAST_HOOK: Duration = Duration::from_mins(1);

/// Shell commands around arms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Hooks {
    /// Run CMD once for each number of workers, before its first arm; must exit with 0, as all of
    /// these must
    #[arg(long, value_name = "CMD", value_parser = text())]
    #[serde(skip_serializing_if = "Option::is_none")]
    setup: Option<String>,
    /// Run CMD before each arm of each round, untimed; {workers} is its number of workers
    #[arg(long, value_name = "CMD", value_parser = text())]
    #[serde(skip_serializing_if = "Option::is_none")]
    prepare: Option<String>,
    /// Run CMD after each arm of each round, untimed
    #[arg(long, value_name = "CMD", value_parser = text())]
    #[serde(skip_serializing_if = "Option::is_none")]
    conclude: Option<String>,
    /// Run CMD after each arm to see whether its answer is right, where that is in files
    #[arg(long = "check", value_name = "CMD", id = "check_answer", value_parser = text())]
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<String>,
    /// Run CMD once for each number of workers, at the very end
    #[arg(long, value_name = "CMD", value_parser = text())]
    #[serde(skip_serializing_if = "Option::is_none")]
    cleanup: Option<String>,
}

/// For which arm a hook runs, and when it is ended.
#[derive(Clone, Copy)]
struct Terms<'a> {
    workers: NonZeroUsize,
    stop: &'a Stop,
    /// How long it may take.
    limit: Option<Duration>,
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
        let hooks = all
            .into_iter()
            .filter_map(|(flag, hook)| Some((flag, hook.as_ref()?)));

        hooks.map(|(flag, hook)| format!("{flag} {}", printable(hook)))
    }
}

impl HookRunner {
    pub(super) fn new(hooks: Hooks) -> Self {
        Self {
            hooks,
            set_up: Mutex::default(),
        }
    }

    /// Sets up, where that is still to be done, and prepares. What was prepared in part is concluded.
    pub(super) fn before_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<(), Error> {
        let terms = Terms {
            workers: arm.workers,
            stop,
            limit: arm.hook_timeout,
        };

        let is_first = self.set_up().insert(arm.workers);
        if is_first {
            run("--setup", self.hooks.setup.as_deref(), terms)?;
        }
        let prepared = run("--prepare", self.hooks.prepare.as_deref(), terms);
        if prepared.is_err() {
            let last = Terms {
                stop: &Stop::new(),
                limit: Some(LAST_HOOK),
                ..terms
            };
            // Another failure would hide the cause.
            let _ = run("--conclude", self.hooks.conclude.as_deref(), last);
        }
        prepared
    }

    /// Checks the answer and concludes. An arm that has failed has no answer, but what was prepared
    /// for it is concluded, also after the user asked to stop.
    pub(super) fn after_arm(&self, arm: ArmOfRound, stop: &Stop) -> Result<(), Error> {
        let terms = Terms {
            workers: arm.workers,
            stop,
            limit: arm.hook_timeout,
        };
        let checked = if arm.has_failed {
            Ok(())
        } else {
            run("--check", self.hooks.check.as_deref(), terms)
        };

        let last = Terms {
            stop: &Stop::new(),
            limit: Some(LAST_HOOK),
            ..terms
        };
        let is_last = arm.has_failed || checked.is_err() || stop.signal().is_some();
        let terms = if is_last { last } else { terms };
        let concluded = run("--conclude", self.hooks.conclude.as_deref(), terms);
        checked.and(concluded)
    }

    /// Cleans up for every number of workers that was set up, also after the user asked to stop:
    /// hence with a limit of its own, and until `further` is raised.
    pub(super) fn after_all(&self, further: &Stop) -> Result<(), Error> {
        let began = Instant::now();
        let set_up = std::mem::take(&mut *self.set_up());

        let cleanup = |workers| {
            let terms = Terms {
                workers,
                stop: further,
                limit: Some(LAST_HOOK.saturating_sub(began.elapsed())),
            };
            let hook = self.hooks.cleanup.as_deref();
            match run("--cleanup", hook, terms) {
                Err(Error::Interrupted(_)) => Err(Error::failed(format!(
                    "--cleanup `{}` was ended by a second signal",
                    printable(hook.unwrap_or_default())
                ))),
                ended => ended,
            }
        };
        // Each of them, also after one that failed.
        let ended: Vec<Result<(), Error>> = set_up.into_iter().map(cleanup).collect();
        ended.into_iter().collect()
    }

    /// Whether there are any.
    pub(super) fn has_hooks(&self) -> bool {
        self.hooks.commands().next().is_some()
    }

    fn set_up(&self) -> MutexGuard<'_, BTreeSet<NonZeroUsize>> {
        self.set_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the hook of `flag`, if there is one.
fn run(flag: &str, script: Option<&str>, terms: Terms<'_>) -> Result<(), Error> {
    let Some(script) = script else { return Ok(()) };

    let values = Values {
        inputs: &[],
        number: 1,
        slot: 1,
        workers: terms.workers.get(),
    };
    let mut command = Command::new(SHELL);
    command
        .arg("-c")
        .args(Template::of_task(script.as_ref()).words(values))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    without_jobserver(&mut command);
    let until = Until {
        stop: terms.stop,
        unneeded: &AtomicBool::new(false),
        deadline: terms
            .limit
            .and_then(|limit| Instant::now().checked_add(limit)),
    };

    let failed = |what: String| Failure::new(format!("{flag} `{}` {what}", printable(script)));
    match subprocess::run(&mut command, &mut |_| (), until) {
        Ok(finished) => {
            let status = Status::from(finished.status);
            if status == Status::Exit(0) {
                return Ok(());
            }
            let last_words = with_last_words(&finished.last_words);
            Err(failed(format!("ended with {status}{last_words}")).into())
        }
        Err(subprocess::Error::Interrupted(interrupted)) => Err(interrupted.into()),
        Err(subprocess::Error::TimedOut) => Err(timed_out(flag, terms.limit, failed).into()),
        Err(subprocess::Error::Start(source)) if Refused::is_meant_by(&source) => {
            let hook = format!("{flag} `{}`", printable(script));
            Err(Failure::new(Refused::new(hook, 1, 1, source).to_string()).into())
        }
        Err(error) => Err(failed(error.to_string()).into()),
    }
}

/// What is said where the hook of `flag` took longer than `limit`.
fn timed_out(flag: &str, limit: Option<Duration>, failed: impl Fn(String) -> Failure) -> Failure {
    if flag == "--cleanup" {
        let limit = Seconds(seconds(LAST_HOOK));
        return failed(format!("was not over {limit} after the last round"));
    }

    let limit = Seconds(seconds(limit.unwrap_or_default()));
    failed(format!("was still running after {limit}")).or(Setting::TaskTimeout, Change::Larger)
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

    fn arm_of(workers: usize) -> ArmOfRound {
        ArmOfRound {
            workers: NonZeroUsize::new(workers).unwrap(),
            hook_timeout: None,
            has_failed: false,
        }
    }

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
            running.before_arm(arm_of(workers), &Stop::new()).unwrap();
            running.after_arm(arm_of(workers), &Stop::new()).unwrap();
        }
        let interrupted = Stop::new();
        interrupted.raise(2);
        let failed = ArmOfRound {
            has_failed: true,
            ..arm_of(2)
        };
        running.after_arm(failed, &interrupted).unwrap();
        running.after_all(&Stop::new()).unwrap();
        running.after_all(&Stop::new()).unwrap();

        let arm =
            |workers: u32| ["prepare", "check", "conclude"].map(|name| format!("{name} {workers}"));
        let expected = [
            &["setup 1".to_owned()][..],
            &arm(1),
            &["setup 2".to_owned()],
            &arm(2),
            &arm(1),
            &["conclude 2".to_owned()],
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
        let error = running.before_arm(arm_of(1), &Stop::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--prepare `echo no space >&2; exit 9` ended with exit code 9: no space"
        );
    }
}
