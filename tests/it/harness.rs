//! Runs the real program in a folder of its own, with an environment that no developer's shell leaks into.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// An empty folder to run in, and what the program is started with there.
pub(crate) struct Scene {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a finished program left.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A variable that holds the path of `name` in the folder.
    pub(crate) fn at(self, variable: &str, name: &str) -> Self {
        let path = self.path(name).display().to_string();
        self.env(variable, &path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in the folder, sorted: what a command left behind.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The program with the words of `line` as arguments.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_parbench")), line)
    }

    /// Another program with the words of `line` as arguments.
    pub(crate) fn command_of(&self, program: &Path, line: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
            .env_clear()
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("HOME", self.path("home"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, line: &str) -> Finished {
        Finished::from(self.command(line).output().unwrap())
    }

    /// Runs `line`, which must end well, and returns the run it exports.
    pub(crate) fn exported(&self, line: &str) -> Value {
        let finished = self.run(&format!("{line} --export json:-"));
        assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
        serde_json::from_str(&finished.stdout).unwrap()
    }

    pub(crate) fn spawn(&self, line: &str) -> Child {
        self.command(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: without_neighbours(&String::from_utf8(output.stderr).unwrap()),
        }
    }
}

impl Finished {
    /// Stdout without its line ends: where they are depends on the width.
    pub(crate) fn flowing(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The one line that a failed command prints; anything else fails the test.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        assert_eq!(
            self.code,
            Some(2),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        assert_eq!(
            self.stderr.lines().count(),
            1,
            "one line, not: {}",
            self.stderr
        );
        self.stderr
            .trim_end()
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{}", self.stderr))
    }
}

/// What the program printed to stderr without what it says on a busy machine, since tests run beside one
/// another: that other programs are there, and where it is after a minute.
pub(crate) fn without_neighbours(stderr: &str) -> String {
    let is_of_neighbours = |line: &&str| {
        line.starts_with("warning: other programs use ") || line.trim_end().ends_with(" so far")
    };

    stderr
        .split_inclusive('\n')
        .filter(|line| !is_of_neighbours(line))
        .collect()
}

/// Starts `line` and reads until its output shows `mark`.
pub(crate) fn started(
    scene: &Scene,
    line: &str,
    mark: &str,
) -> (Child, BufReader<ChildStdout>, String) {
    reached(scene.spawn(line), mark)
}

/// Reads what `child` says up to `mark`.
pub(crate) fn reached(mut child: Child, mark: &str) -> (Child, BufReader<ChildStdout>, String) {
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains(mark) {
        if stdout.read_line(&mut text).unwrap() == 0 {
            let mut errors = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut errors)
                .unwrap();
            panic!("it ended before `{mark}`: {text}{errors}");
        }
    }
    (child, stdout, text)
}

/// Reads the rest and waits for the end.
pub(crate) fn ended(
    mut child: Child,
    mut stdout: BufReader<ChildStdout>,
    mut text: String,
) -> (Option<i32>, String, String) {
    stdout.read_to_string(&mut text).unwrap();
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    (
        child.wait().unwrap().code(),
        text,
        without_neighbours(&errors),
    )
}

/// The repository's folder.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
