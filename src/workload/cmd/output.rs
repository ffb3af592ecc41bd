//! What becomes of a program's standard output.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::results::StoredPath;

/// Where a standard output goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Output {
    /// It is read, counted, and its digest compared.
    Pipe,
    /// It is dropped by the system: some programs notice, and do less.
    Null,
    /// It stays that of this process.
    Inherit,
    /// A file, whose name may have placeholders.
    File(StoredPath),
}

impl Output {
    /// Whether it is `-`, by which other programs mean their standard output.
    pub(super) fn is_a_dash(&self) -> bool {
        matches!(self, Self::File(file) if file.as_path().as_os_str() == "-")
    }

    /// Whether it is a file without a name.
    pub(super) fn is_nowhere(&self) -> bool {
        matches!(self, Self::File(file) if file.as_path().as_os_str().is_empty())
    }
}

impl FromStr for Output {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "pipe" => Self::Pipe,
            "null" => Self::Null,
            "inherit" => Self::Inherit,
            file => Self::File(PathBuf::from(file).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_that_is_no_keyword_is_a_file() {
        assert_eq!("null".parse(), Ok(Output::Null));
        let file = Output::File(PathBuf::from("out/{#}.txt").into());
        assert_eq!("out/{#}.txt".parse(), Ok(file));
    }
}
