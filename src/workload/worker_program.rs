//! The command of a program that brings its own workload, and does its tasks as a worker process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::printable;
use crate::results::StoredPath;
use crate::subprocess::{NotFound, missing_interpreter, resolve};

/// A program and its arguments, as they are typed and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerProgram {
    name: StoredPath,
    arguments: Vec<StoredPath>,
}

impl WorkerProgram {
    /// The program that `words` start; `None` where there are no words.
    #[must_use]
    pub fn new(words: &[StoredPath]) -> Option<Self> {
        let (name, arguments) = words.split_first()?;

        Some(Self {
            name: name.clone(),
            arguments: arguments.to_vec(),
        })
    }

    /// The program's absolute path.
    pub fn file(&self) -> Result<PathBuf, NotFound> {
        resolve(self.name())
    }

    /// The file that other machines need a copy of: a name without a slash is looked for in the
    /// folders of PATH there.
    pub fn shipped_file(&self) -> Result<Option<PathBuf>, NotFound> {
        if is_path(self.name()) {
            self.file().map(Some)
        } else {
            Ok(None)
        }
    }

    /// What stands first in its command.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        self.name.as_path().as_os_str()
    }

    /// What follows.
    pub fn arguments(&self) -> impl Iterator<Item = &OsStr> {
        let arguments = self.arguments.iter();

        arguments.map(|argument| argument.as_path().as_os_str())
    }

    /// What starts it on this machine.
    pub fn command(&self) -> Result<Command, NotFound> {
        let mut command = Command::new(self.file()?);

        command.args(self.arguments());
        Ok(command)
    }

    /// Why the system could not start it although the file is there, if that is known.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        let interpreter = missing_interpreter(&self.file().ok()?)?;

        Some(format!(
            "there is no {interpreter}, which its first line names"
        ))
    }

    /// It as one line to show.
    #[must_use]
    pub fn shown(&self) -> String {
        let words = std::iter::once(&self.name).chain(&self.arguments);

        words
            .map(|word| printable::shell_word(word.as_path()))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn is_path(name: &OsStr) -> bool {
    let mut bytes = name.as_encoded_bytes().iter();

    bytes.any(|&byte| std::path::is_separator(char::from(byte)))
}

/// What the workload of a program is called unless the user says it: the program's file name
/// without its extension, or that of the script which it runs, such as `cubes` for `python3
/// cubes.py`.
#[must_use]
pub fn usual_name(words: &[StoredPath]) -> String {
    let mut paths = words.iter().map(StoredPath::as_path);
    let program = paths.next().unwrap_or(Path::new(""));
    let script = if is_path(program.as_os_str()) {
        None
    } else {
        paths.find(|path| path.is_file())
    };

    let stem = script.unwrap_or(program).file_stem();
    stem.map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<StoredPath> {
        let words = line.split_whitespace();

        words.map(|word| PathBuf::from(word).into()).collect()
    }

    #[test]
    fn a_path_is_shipped_and_a_name_is_not() {
        let shipped = |line: &str| WorkerProgram::new(&words(line)).unwrap().shipped_file();

        let running = std::env::current_exe().unwrap();
        let path = running.to_str().unwrap();
        assert_eq!(shipped(path), Ok(Some(running.clone())));
        assert_eq!(shipped("python3 ./worker.py"), Ok(None));
        assert!(shipped("./there-is-no-such-file").is_err());
    }

    #[test]
    fn the_usual_name_is_that_of_the_program_or_of_its_script() {
        assert_eq!(usual_name(&words("bin/cubes --of 3")), "cubes");
        assert_eq!(usual_name(&words("bin/cubes.sh Cargo.toml")), "cubes");
        assert_eq!(usual_name(&words("node Cargo.toml --of 3")), "Cargo");
        assert_eq!(usual_name(&words("parbench worker")), "parbench");
        assert_eq!(usual_name(&[]), "");
    }

    #[test]
    fn a_command_is_shown_as_it_could_be_typed() {
        let spaced = [PathBuf::from("./a b").into(), PathBuf::from("x'y").into()];
        let program = WorkerProgram::new(&spaced).unwrap();

        assert_eq!(program.shown(), "'./a b' \"x'y\"");
    }
}
