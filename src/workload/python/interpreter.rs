//! Which Python an interpreter is, where several are compared: arms are called after it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::printable;
use crate::stop::Stop;
use crate::subprocess::{self, Error, Until};

/// How long it may take to answer: a cold disk, a busy machine.
const LIMIT: Duration = Duration::from_mins(1);
/// Prints `3.13`, `3.13t` of a build without a global lock, `pypy3.10`.
const PROGRAM: &str = "\
import platform, sys, sysconfig
name = '' if platform.python_implementation() == 'CPython' else platform.python_implementation().lower()
lock = 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''
print(name + '.'.join(map(str, sys.version_info[:2])) + lock)";

/// What arms call each of `pythons`: by its version, or by its path where two have the same one. One
/// alone needs no name. An error is a line for the user.
pub(super) fn labels(pythons: &[PathBuf]) -> Result<Vec<String>, String> {
    if let [single] = pythons {
        return Ok(vec![printable::path(single)]);
    }

    let versions: Vec<String> = pythons
        .iter()
        .map(|python| version(python))
        .collect::<Result<_, _>>()?;
    let is_single =
        |version: &String| versions.iter().filter(|other| *other == version).count() == 1;
    let label = |(python, version): (&PathBuf, &String)| {
        if is_single(version) {
            version.clone()
        } else {
            printable::path(python)
        }
    };
    Ok(pythons.iter().zip(&versions).map(label).collect())
}

fn version(python: &Path) -> Result<String, String> {
    let name = printable::path(python);
    let mut output = Vec::new();
    let mut command = Command::new(python);
    command
        .args(["-c", PROGRAM])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());

    let stop = Stop::new();
    let until = Until {
        stop: &stop,
        unneeded: &AtomicBool::new(false),
        deadline: Instant::now().checked_add(LIMIT),
    };
    let mut drain = |piece: &[u8]| output.extend_from_slice(piece);
    let finished =
        subprocess::run(&mut command, &mut drain, until).map_err(|error| match error {
            Error::TimedOut => format!(
                "{name} did not say its version within {} s",
                LIMIT.as_secs()
            ),
            _ => format!("cannot run {name}: is it a Python?"),
        })?;

    let version = String::from_utf8_lossy(&output).trim().to_owned();
    let is_version = !version.is_empty() && version.split_whitespace().count() == 1;
    if finished.status.success() && is_version {
        Ok(version)
    } else {
        Err(format!("{name} did not say its version: is it a Python 3?"))
    }
}
