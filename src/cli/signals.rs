//! Signals as a flag: the first one asks the work to stop, a second one ends the process at once, or
//! what cleans up after complete work.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
#[cfg(target_os = "linux")]
use signal_hook::{iterator::Signals, low_level};

use crate::stop::Stop;
#[cfg(target_os = "linux")]
use crate::{descendants, threads};

/// Makes SIGINT, SIGTERM and SIGHUP raise `stop`. A second one ends the process at once, and
/// everything that it has started: each child has a process group of its own, so that no signal of
/// the terminal reaches it. Where the work is complete and cleans up, it ends that first.
#[cfg(target_os = "linux")]
pub(super) fn install(stop: &Stop) -> io::Result<()> {
    let mut signals = Signals::new(asking_to_end())?;
    // A shell that has become this program leaves it what it had started.
    let others: Vec<_> = descendants::below(std::process::id()).into_iter().collect();
    let cleaning = stop.clone();
    let end_at_second = move || {
        let mut further = signals.forever().skip(1);
        let ends_cleaning_up =
            |&signal: &i32| cleaning.ends_cleaning_up(usize::try_from(signal).unwrap_or_default());

        if let Some(signal) = further.find(|signal| !ends_cleaning_up(signal)) {
            descendants::kill_all_but(&others);
            low_level::exit(128 + signal);
        }
    };

    // Where the system refuses the thread, children may outlive a second signal.
    if threads::start(end_at_second).is_err() {
        return install_in_worker(stop);
    }
    raise(stop)
}

/// Elsewhere nobody can find what was started.
#[cfg(not(target_os = "linux"))]
pub(super) fn install(stop: &Stop) -> io::Result<()> {
    install_in_worker(stop)
}

/// The same without the children: those of a worker are ended by the process that has started it.
pub(super) fn install_in_worker(stop: &Stop) -> io::Result<()> {
    let is_asked = Arc::new(AtomicBool::new(false));

    for signal in asking_to_end() {
        // The order matters: the check comes first, so that only a second signal finds the mark.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_asked))?;
        flag::register(signal, Arc::clone(&is_asked))?;
    }
    raise(stop)
}

/// Makes the signals raise `stop`, or end the process where it waits with nothing to keep.
fn raise(stop: &Stop) -> io::Result<()> {
    for signal in asking_to_end() {
        flag::register_conditional_shutdown(signal, 128 + signal, stop.at_once_cell())?;
        flag::register_usize(
            signal,
            stop.cell(),
            usize::try_from(signal).unwrap_or_default(),
        )?;
    }
    // A shell's `fg` and `bg`, or `kill -CONT`: the handler runs once the program goes on.
    #[cfg(unix)]
    flag::register_usize(signal_hook::consts::SIGCONT, stop.continued_cell(), 1)?;

    Ok(())
}

fn asking_to_end() -> impl Iterator<Item = i32> {
    [Some(SIGINT), Some(SIGTERM), hang_up()]
        .into_iter()
        .flatten()
}

/// Makes a file that reaches the limit of its size (`ulimit -f`) an error of the write instead of
/// the end of the process, which would leave an unfinished file.
pub(super) fn outlive_file_limits() {
    #[cfg(unix)]
    // A flag that nobody reads: the signal is handled, so the write fails. Without the handler all
    // is as before.
    let _ = flag::register(
        signal_hook::consts::SIGXFSZ,
        Arc::new(AtomicBool::new(false)),
    );
}

/// SIGHUP, which a closed terminal sends, unless the process was started to outlive it (`nohup`).
#[cfg(unix)]
fn hang_up() -> Option<i32> {
    use signal_hook::consts::SIGHUP;

    let is_ignored = std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| is_ignored(&status, SIGHUP));
    (!is_ignored).then_some(SIGHUP)
}

/// Other systems have no such signal.
#[cfg(not(unix))]
fn hang_up() -> Option<i32> {
    None
}

/// Whether `status`, as Linux describes a process, lists `signal` as ignored.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);

    mask >> (signal - 1) & 1 == 1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_seen() {
        let status = |mask: &str| format!("Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert!(is_ignored(&status("0000000000000001"), 1));
        assert!(is_ignored(&status("0000000000001003"), 2));
        assert!(!is_ignored(&status("0000000000001002"), 1));
        assert!(!is_ignored("", 1));
    }
}
