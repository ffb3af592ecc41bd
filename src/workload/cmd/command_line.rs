//! A command as it is typed: variables, then a program and its arguments, or one string for a
//! shell.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::bytes::{bytes_of, os_string};
use super::template::Template;
use crate::printable;
use crate::results::StoredPath;

/// A command with the variables before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CommandLine {
    /// The program and its arguments, or the one string that a shell runs.
    pub(super) command: Vec<StoredPath>,
    /// Variables that stood before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) variables: Vec<(String, StoredPath)>,
}

impl CommandLine {
    /// The command that `words` are. An error is a line for the user.
    pub(super) fn of_words(words: Vec<OsString>, has_shell: bool) -> Result<Self, String> {
        let (variables, command) = if has_shell {
            // A shell reads its assignments itself.
            (Vec::new(), words)
        } else {
            assignments(words)
        };
        let Some(first) = command.first() else {
            return Err("there is no command after --".to_owned());
        };
        if let Some(first) = first.to_str().filter(|first| first.trim().is_empty()) {
            return Err(if has_shell {
                format!("--shell has no command: {first:?}")
            } else {
                format!("the program after -- has no name: {first:?}")
            });
        }
        if has_shell && command.len() > 1 {
            return Err(format!(
                "--shell takes the command as one string, and there are {} words: quote them together",
                command.len()
            ));
        }

        let stored = |word: OsString| StoredPath::from(PathBuf::from(word));
        Ok(Self {
            command: command.into_iter().map(stored).collect(),
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, stored(value)))
                .collect(),
        })
    }

    /// The command that `text`, given by `flag`, is: split and unquoted as a POSIX shell does,
    /// unless a shell runs it whole. An error is a line for the user.
    pub(super) fn of_text(flag: &str, text: &str, has_shell: bool) -> Result<Self, String> {
        let words = if has_shell {
            vec![text.to_owned()]
        } else {
            shlex::split(text).ok_or_else(|| format!("unclosed quote in {flag}: {text}"))?
        };
        let words = words.into_iter().map(OsString::from).collect();
        let line = Self::of_words(words, has_shell).ok();

        line.filter(|_| !text.trim().is_empty())
            .ok_or_else(|| format!("{flag} has no command: {text:?}"))
    }

    /// It as one line to show, behind the `shell` that runs it.
    pub(super) fn shown(&self, shell: Option<&Path>) -> String {
        let variables = self.variables.iter();
        let variables = variables
            .map(|(name, value)| format!("{name}={}", printable::shell_word(value.as_path())));
        let shell = shell.map(|shell| format!("{} -c", printable::path(shell)));

        variables
            .chain(shell)
            .chain(
                self.command
                    .iter()
                    .map(|word| printable::shell_word(word.as_path())),
            )
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether `{workers}` stands in it.
    pub(super) fn takes_workers(&self) -> bool {
        let values = self.variables.iter().map(|(_, value)| value);
        let mut words = self.command.iter().chain(values);

        words.any(|word| Template::of_task(word.as_path().as_os_str()).takes_workers())
    }
}

/// The variables that stand before the command, as in a shell, and the command.
fn assignments(mut words: Vec<OsString>) -> (Vec<(String, OsString)>, Vec<OsString>) {
    let count = words
        .iter()
        .take_while(|word| assignment(word).is_some())
        .count();
    let command = words.split_off(count);

    (
        words.iter().filter_map(|word| assignment(word)).collect(),
        command,
    )
}

/// The name and the value of `NAME=VALUE`.
fn assignment(word: &OsStr) -> Option<(String, OsString)> {
    let bytes = bytes_of(word);
    let at = bytes.iter().position(|&byte| byte == b'=')?;
    let name = std::str::from_utf8(&bytes[..at]).ok()?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');

    is_name.then(|| (name.to_owned(), os_string(bytes[at + 1..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &CommandLine) -> Vec<&str> {
        let words = line.command.iter();

        words.map(|word| word.as_path().to_str().unwrap()).collect()
    }

    #[test]
    fn a_string_is_split_as_a_shell_splits_it() {
        let text = "A=1 grep -e 'a b' \"c\" {workers}";
        let line = CommandLine::of_text("--vs", text, false).unwrap();
        assert_eq!(words(&line), ["grep", "-e", "a b", "c", "{workers}"]);
        assert_eq!(line.variables[0].0, "A");
        assert!(line.takes_workers());

        let whole = CommandLine::of_text("--vs", "A=1 grep 'a b'", true).unwrap();
        assert_eq!(words(&whole), ["A=1 grep 'a b'"]);
        assert!(!whole.takes_workers());
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for (text, has_shell, message) in [
            ("grep 'a", false, "unclosed quote in --vs: grep 'a"),
            (" ", false, "--vs has no command: \" \""),
            ("A=1", false, "--vs has no command: \"A=1\""),
            ("", true, "--vs has no command: \"\""),
            ("''", false, "--vs has no command: \"''\""),
        ] {
            let error = CommandLine::of_text("--vs", text, has_shell).unwrap_err();
            assert_eq!(error, message);
        }
    }
}
