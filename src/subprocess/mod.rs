//! Another program, run once from beginning to end: its output is drained all the time, its end is
//! waited for without polling, and what it used of CPU and memory is known afterwards.
//!
//! It has a process group of its own, so that Ctrl-C reaches this process alone. What is left of
//! the group when the program has ended is killed: it would run on beside what is measured next.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod program;

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::descendants::{self, GRACE, Seen};
use crate::machine;
use crate::stop::{Interrupted, Stop};
use crate::units::{Bytes, seconds};

pub use self::program::{NotFound, missing_interpreter, resolve};

/// Lines of its last words that are shown.
const LAST_LINES: usize = 5;

/// How a program ended, and what it used.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code or signal.
    pub status: ExitStatus,
    /// What it and the children that it waited for used.
    pub usage: Usage,
    /// The last lines that it wrote to its standard error.
    pub last_words: Vec<String>,
    /// Whether it ended without waiting for a process that it had started, as far as that is seen:
    /// what that one used is in no figure.
    pub left_others: bool,
}

/// What a program and the children that it waited for used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Seconds of CPU time in their own code.
    pub user_s: f64,
    /// Seconds of CPU time in the kernel on their behalf.
    pub system_s: f64,
    /// The most memory that one of them held.
    pub peak: Bytes,
    /// Whether it may have been less: on Linux a new program begins with the peak of the process
    /// that starts it, so that no smaller one is seen.
    pub peak_is_bound: bool,
}

impl Usage {
    fn new(used: &wait4::ResourceUsage) -> Self {
        let peak = Bytes(used.maxrss);

        Self {
            user_s: seconds(used.utime),
            system_s: seconds(used.stime),
            peak,
            peak_is_bound: machine::peak_memory().is_some_and(|own_peak| peak <= own_peak),
        }
    }
}

/// What ends a program early.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
    /// Raised when nobody needs the program any more.
    pub unneeded: &'a AtomicBool,
    /// The last moment that it may run.
    pub deadline: Option<Instant>,
}

/// Why a program did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system does not start it.
    #[error("cannot be started: {0}")]
    Start(#[source] io::Error),
    /// The user asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// Nobody needs it any more.
    #[error("ended, since nobody needs it any more")]
    Unneeded,
    /// It was still running at its deadline.
    #[error("still running at its deadline")]
    TimedOut,
    /// It asked something at the terminal.
    #[error(
        "asks at the terminal, where a measured program cannot ask: give it the answer on its standard input, or by its \
         own flags or variables"
    )]
    WantsTerminal,
    /// The system lost it.
    #[error("cannot be waited for: {0}")]
    Lost(#[source] io::Error),
}

impl Until<'_> {
    /// The time that is left, or why the program has to end now.
    fn left(&self) -> Result<Duration, Error> {
        self.stop.check()?;
        if self.unneeded.load(Ordering::Relaxed) {
            return Err(Error::Unneeded);
        }

        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match left {
            Some(Duration::ZERO) => Err(Error::TimedOut),
            Some(left) => Ok(left),
            None => Ok(Duration::MAX),
        }
    }
}

/// A value that no other call gives, in any process that runs: for a variable to [`sweep`] by.
#[must_use]
pub fn unique_mark() -> String {
    static MARKS: AtomicU64 = AtomicU64::new(0);
    let number = MARKS.fetch_add(1, Ordering::Relaxed);

    format!("{}-{number}", std::process::id())
}

/// Ends every process that was started with the variable `name` set to `value`: what programs have
/// left behind outside of their groups, also those whose parent has ended. They are asked first.
pub fn sweep(name: &str, value: &str) {
    descendants::ask_to_end(descendants::with_variable(name, value));

    descendants::with_variable(name, value).for_each(Seen::kill);
}

/// Runs `command`, whose standard error is kept and whose standard output goes to `drain` where it
/// is piped. After an error nothing of it is left running.
pub fn run(
    command: &mut Command,
    drain: &mut dyn FnMut(&[u8]),
    until: Until<'_>,
) -> Result<Finished, Error> {
    #[cfg(target_os = "linux")]
    use linux::Running;
    #[cfg(not(target_os = "linux"))]
    use portable::Running;

    until.left()?;
    let mut running = Running::start(command)?;
    running.drain(drain, until)?;
    running.finish()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command
    }

    fn finished(script: &str) -> (Finished, Vec<u8>) {
        let mut output = Vec::new();
        let mut drain = |bytes: &[u8]| output.extend_from_slice(bytes);
        let until = Until {
            stop: &Stop::new(),
            unneeded: &AtomicBool::new(false),
            deadline: None,
        };
        let finished = run(&mut shell(script), &mut drain, until).unwrap();
        (finished, output)
    }

    /// The number of a process, which `output` is.
    #[cfg(target_os = "linux")]
    fn number(output: &[u8]) -> u32 {
        let text = String::from_utf8(output.to_vec()).unwrap();

        text.trim().parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    fn is_gone(process: u32) -> bool {
        std::fs::read_to_string(format!("/proc/{process}/stat"))
            .map_or(true, |stat| stat.contains(") Z"))
    }

    #[cfg(target_os = "linux")]
    fn ends(process: u32) -> bool {
        (0..1_000_000).any(|_| is_gone(process))
    }

    #[test]
    fn output_status_and_last_words_of_a_program_are_kept() {
        let (done, output) = finished("echo out; echo one >&2; echo two >&2; exit 3");
        assert_eq!(output, b"out\n");
        assert_eq!(done.status.code(), Some(3));
        assert_eq!(done.last_words, ["one", "two"]);

        let (done, _) = finished("kill -TERM $$");
        assert_eq!(done.status.signal(), Some(15));
    }

    #[test]
    fn more_output_than_a_pipe_holds_is_drained_on_both_streams() {
        let (done, output) =
            finished("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; echo end");
        assert!(done.status.success());
        assert_eq!(output.len(), 1_000_004);
    }

    #[test]
    fn cpu_time_and_memory_are_those_of_the_program_and_its_children() {
        let (done, _) = finished("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
        assert!(done.usage.user_s > 0.0, "{:?}", done.usage);
        assert!(done.usage.peak > Bytes(100_000), "{:?}", done.usage);
    }

    #[test]
    fn a_program_that_closes_its_output_is_waited_for() {
        let (done, _) =
            finished("exec >&- 2>&-; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; exit 7");
        assert_eq!(done.status.code(), Some(7));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_program_leaves_behind_ends_with_it() {
        let (done, output) = finished("tail -f /dev/null & echo $!");
        assert!(done.status.success() && done.left_others);
        let (alone, _) = finished("tail -n 1 /dev/null & wait");
        assert!(!alone.left_others);

        assert!(ends(number(&output)), "it still runs");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_left_its_group_is_found_by_a_variable() {
        // The shell has the number only once it has left the group.
        let script =
            "left=$(setsid sh -c 'echo $$; exec tail -f /dev/null > /dev/null' &); echo $left";
        let mut command = shell(script);
        let value = std::process::id().to_string();
        command.env("PARBENCH_SWEEP_TEST", &value);
        let mut output = Vec::new();
        let mut drain = |bytes: &[u8]| output.extend_from_slice(bytes);
        let until = Until {
            stop: &Stop::new(),
            unneeded: &AtomicBool::new(false),
            deadline: None,
        };
        run(&mut command, &mut drain, until).unwrap();

        let left = number(&output);
        sweep("PARBENCH_SWEEP_TEST", "0");
        assert!(!is_gone(left), "it was another one's");
        sweep("PARBENCH_SWEEP_TEST", &value);
        assert!(ends(left), "it still runs");
    }

    #[test]
    fn what_is_swept_can_clean_up_and_is_killed_where_it_does_not_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let value = format!("gently-{}", std::process::id());
        let start = |script: &str| {
            let mut child = shell(script)
                .env("PARBENCH_SWEEP_TEST", &value)
                .env("LOG", &log)
                .spawn()
                .unwrap();
            // It is ready once it has said so.
            let mut ready = [0];
            child
                .stdout
                .as_mut()
                .unwrap()
                .read_exact(&mut ready)
                .unwrap();
            child
        };
        let mut tidy = start("trap 'echo asked > $LOG; exit 7' TERM; echo up; while :; do :; done");
        let mut stubborn = start("trap '' TERM; echo up; while :; do :; done");

        sweep("PARBENCH_SWEEP_TEST", &value);
        assert_eq!(tidy.wait().unwrap().code(), Some(7));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "asked\n");
        assert_eq!(stubborn.wait().unwrap().signal(), Some(9));
    }

    #[test]
    fn a_program_ends_when_it_is_asked_to() {
        let stop = Stop::new();
        let unneeded = AtomicBool::new(false);
        let until = Until {
            stop: &stop,
            unneeded: &unneeded,
            deadline: None,
        };
        let ended = |until: Until<'_>, act: &dyn Fn()| {
            // It says that it runs, and only then is it asked to end.
            let mut drain = |_: &[u8]| act();
            let mut command = shell("trap '' TERM; echo up; while :; do :; done");
            run(&mut command, &mut drain, until).unwrap_err()
        };

        assert!(matches!(
            ended(until, &|| unneeded.store(true, Ordering::Relaxed)),
            Error::Unneeded
        ));
        unneeded.store(false, Ordering::Relaxed);
        let until = Until {
            deadline: Some(Instant::now()),
            ..until
        };
        assert!(matches!(ended(until, &|| ()), Error::TimedOut));
        let until = Until {
            deadline: None,
            ..until
        };
        assert!(matches!(
            ended(until, &|| stop.raise(2)),
            Error::Interrupted(_)
        ));
    }

    #[test]
    fn a_program_that_is_none_is_an_error() {
        let until = Until {
            stop: &Stop::new(),
            unneeded: &AtomicBool::new(false),
            deadline: None,
        };
        let mut command = Command::new("/nowhere/at/all");
        let error = run(&mut command, &mut |_| (), until).unwrap_err();
        assert!(matches!(error, Error::Start(_)), "{error}");
    }
}
