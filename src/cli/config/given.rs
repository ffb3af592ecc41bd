//! A value of the file as a flag takes it: read by the flag's own parser.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command};

use super::document::{Item, Value};
use crate::cli::error::one_line;

/// What a flag is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    Switch(bool),
    Values(Vec<OsString>),
    /// The flag without the value that it may have.
    Alone,
}

/// What the file calls `arg`.
pub(super) fn key_of(arg: &Arg) -> String {
    arg.get_long()
        .map_or_else(|| arg.get_id().as_str().replace('_', "-"), str::to_owned)
}

/// Whether `arg` is a path, and `item` one that depends on the folder.
pub(super) fn is_relative_path(arg: &Arg, item: &Item) -> bool {
    let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    let is_relative = |text: &String| Path::new(text).is_relative();

    is_path
        && match &item.value {
            Value::Switch(_) => false,
            Value::Single(text) => is_relative(text),
            Value::Several(texts) => texts.iter().any(is_relative),
        }
}

impl Given {
    /// What `item` gives `arg`. An error is a line for the user.
    pub(super) fn of(arg: &Arg, item: &Item) -> Result<Self, String> {
        let key = &item.key;
        let values = arg.get_num_args().unwrap_or_default();

        let texts = match (&item.value, arg.get_action().takes_values()) {
            (Value::Switch(switch), false) => return Ok(Self::Switch(*switch)),
            (_, false) => return Err(format!("'{key}' is a switch: write true or false")),
            (Value::Switch(true), true) if values.min_values() == 0 => return Ok(Self::Alone),
            (Value::Switch(_), true) => {
                return Err(format!("'{key}' takes a value, not true or false"));
            }
            (Value::Single(text), true) => match arg.get_value_delimiter() {
                Some(delimiter) => text.split(delimiter).map(str::to_owned).collect(),
                None => vec![text.clone()],
            },
            (Value::Several(texts), true) if takes_several(arg) => texts.clone(),
            // Such as numbers of workers: one value, which is a list itself.
            (Value::Several(texts), true) => vec![texts.join(",")],
        };
        if texts.is_empty() {
            return Err(format!("'{key}' is an empty list"));
        }

        let words: Vec<OsString> = texts.into_iter().map(OsString::from).collect();
        read(arg, key, &words)?;
        Ok(Self::Values(words))
    }

    /// The same with paths that begin in `folder`.
    pub(super) fn placed(self, arg: &Arg, folder: &Path) -> Self {
        let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
        // A name without a folder is looked for on the PATH.
        let is_program =
            |word: &OsString| arg.get_id() == "python" && Path::new(word).components().count() == 1;
        let place = |word: OsString| {
            if is_program(&word) {
                word
            } else {
                folder.join(word).into_os_string()
            }
        };

        match self {
            Self::Values(words) if is_path => Self::Values(words.into_iter().map(place).collect()),
            other => other,
        }
    }

    /// `arg` with this, unless the user or a variable says something else.
    pub(super) fn default_of(&self, arg: Arg) -> Arg {
        match self {
            Self::Switch(switch) => arg.default_value(switch.to_string()),
            Self::Values(words) => arg.default_values(words.clone()),
            Self::Alone => arg,
        }
    }

    /// This as words of a command line, for a flag called `long`.
    pub(super) fn words(self, long: &str) -> Vec<OsString> {
        match self {
            Self::Switch(false) => Vec::new(),
            Self::Switch(true) | Self::Alone => vec![format!("--{long}").into()],
            Self::Values(words) => words.iter().map(|word| word_of(long, word)).collect(),
        }
    }
}

/// Together with its flag, a value may begin with a hyphen.
pub(super) fn word_of(long: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(format!("--{long}="));
    word.push(value);

    word
}

fn takes_several(arg: &Arg) -> bool {
    let values = arg.get_num_args().unwrap_or_default();

    arg.get_value_delimiter().is_some()
        || values.max_values() > 1
        || matches!(arg.get_action(), ArgAction::Append)
}

/// Has the parser of `arg`, which the file calls `key`, read `words`.
fn read(arg: &Arg, key: &str, words: &[OsString]) -> Result<(), String> {
    // Without the other flags that `arg` may refer to.
    let alone = Arg::new("value")
        .long(key.to_owned())
        .action(ArgAction::Append)
        .value_parser(arg.get_value_parser().clone());
    let command = Command::new("").no_binary_name(true).arg(alone);

    let line = words.iter().map(|word| word_of(key, word));
    match command.try_get_matches_from(line) {
        Ok(_) => Ok(()),
        Err(mut error) => {
            error.insert(
                ContextKind::InvalidArg,
                ContextValue::String(key.to_owned()),
            );
            Err(one_line(&error.to_string()))
        }
    }
}
