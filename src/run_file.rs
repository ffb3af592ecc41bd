//! Stored runs in files.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::printable;
use crate::results::{ParseError, Run};
use crate::units::Bytes;

/// More than the spans and rounds of any run take.
const LONGEST: u64 = 1 << 30;

/// Why a file is not a run that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read at all.
    #[error("cannot read {}: {error}", printable::path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It holds something else.
    #[error("{} {error}", printable::path(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: ParseError,
    },
}

impl LoadError {
    /// Whether there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { error, .. } if error.kind() == ErrorKind::NotFound)
    }
}

/// Reads the run stored at `path`.
pub fn load(path: &Path) -> Result<Run, LoadError> {
    let bytes = at_most(LONGEST, path).map_err(|error| LoadError::Io {
        path: path.to_owned(),
        error,
    })?;

    Run::parse(&bytes).map_err(|error| LoadError::Content {
        path: path.to_owned(),
        error,
    })
}

/// The bytes of the file at `path`, which are no more than `longest`: a device may have no end.
fn at_most(longest: u64, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?
        .take(longest + 1)
        .read_to_end(&mut bytes)?;

    if read as u64 > longest {
        let longest = Bytes(longest);
        return Err(io::Error::other(format!(
            "it is longer than {longest}, which no stored run is"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "12345").unwrap();

        assert_eq!(at_most(5, file.path()).unwrap(), b"12345");
        let refused = at_most(4, file.path()).unwrap_err().to_string();
        assert_eq!(refused, "it is longer than 4 B, which no stored run is");
    }

    #[test]
    fn a_file_that_cannot_be_read_or_is_not_a_run_is_named() {
        let missing = load(Path::new("/no/such/run.json"))
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with("cannot read /no/such/run.json: "),
            "{missing}"
        );

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        std::fs::write(&path, "{\"schema_version\": 2}").unwrap();
        let old = load(&path).unwrap_err().to_string();
        assert!(
            old.starts_with(&format!("{} has schema version 2", path.display())),
            "{old}"
        );
    }
}
