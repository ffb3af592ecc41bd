//! Stored runs in files: as JSON, or inside a page.

pub mod in_page;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::printable;
use crate::results::{ParseError, Run};
use crate::units::Bytes;
use crate::whole_file;

/// More than the spans and rounds of any run take.
const LONGEST: Bytes = Bytes(1 << 30);

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
    /// It is a page from which no run can be taken.
    #[error("{} {why}", printable::path(path))]
    Page {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
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

/// Reads the run stored at `path`, which may be a page that holds it.
pub fn load(path: &Path) -> Result<Run, LoadError> {
    let mut bytes =
        whole_file::read(path, LONGEST, "stored run").map_err(|error| LoadError::Io {
            path: path.to_owned(),
            error,
        })?;

    if let Some(run) = in_page::run_of_page(&bytes) {
        bytes = run.map_err(|why| LoadError::Page {
            path: path.to_owned(),
            why,
        })?;
    }
    Run::parse(&bytes).map_err(|error| LoadError::Content {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
