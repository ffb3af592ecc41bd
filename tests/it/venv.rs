//! Virtual environments of Python that tests need, made once for this folder from pinned lists.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use super::harness::repository;

/// The Python of `target/NAME-venv`, which has what `tests/it/NAME-requirements.txt` pins.
pub(crate) fn python(name: &str) -> PathBuf {
    let wanted = repository().join(format!("tests/it/{name}-requirements.txt"));
    let venv = repository().join(format!("target/{name}-venv"));
    let (python, mark) = (venv.join("bin/python"), venv.join("made-from.txt"));
    let pinned = fs::read(&wanted).unwrap();

    // Another test's process may be making it.
    let lock = File::create(repository().join(format!("target/{name}-venv.lock"))).unwrap();
    lock.lock().unwrap();
    if fs::read(&mark).ok() != Some(pinned.clone()) {
        let folder = venv.display().to_string();
        run(
            "python3",
            &["-m", "venv", "--clear", &folder],
            "install Python 3 with its venv module",
        );
        let list = wanted.display().to_string();
        run(
            python.to_str().unwrap(),
            &["-m", "pip", "install", "--quiet", "-r", &list],
            "the Python package registry must be reachable once",
        );
        fs::write(&mark, pinned).unwrap();
    }
    python
}

/// A Python that is newer than this machine's, in `target/pythonVERSION`: Debian's, made once.
pub(crate) fn newer_python(version: &str) -> PathBuf {
    let folder = repository().join(format!("target/python{version}"));
    let (script, mark) = (
        repository().join("tests/it/debian_python.py"),
        folder.join("made-from.txt"),
    );
    let wanted = fs::read(&script).unwrap();

    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if fs::read(&mark).ok() != Some(wanted.clone()) {
        let (script, into) = (script.display().to_string(), folder.display().to_string());
        run(
            "python3",
            &[&script, version, &into],
            "Debian's and Python's package registries must be reachable once, and dpkg be installed",
        );
        fs::write(&mark, wanted).unwrap();
    }
    folder.join(format!("usr/bin/python{version}"))
}

/// Runs `program`, which must end well; `remedy` says what to do where it does not.
pub(crate) fn run(program: &str, arguments: &[&str], remedy: &str) {
    let ran = Command::new(program).args(arguments).output();
    let output = ran.unwrap_or_else(|error| panic!("cannot run {program}: {error}; {remedy}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().last().unwrap_or_default();
    assert!(
        output.status.success(),
        "{program} {arguments:?} failed; {remedy}: {why}"
    );
}
