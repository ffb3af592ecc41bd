//! Finds a program before it is started, as the shell would.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::printable;

/// Why a name is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No folder of PATH has it.
    #[error("there is no program {0} in the folders of PATH")]
    Nowhere(String),
    /// The path names nothing.
    #[error("there is no program {0}")]
    NoFile(String),
    /// It is there, but not to be run.
    #[error("{0} is not executable")]
    NotExecutable(String),
}

/// The absolute path of the program `name`: a name with a slash is a path, any other one is looked
/// for in the folders of PATH.
pub fn resolve(name: &OsStr) -> Result<PathBuf, NotFound> {
    let shown = || printable::path(Path::new(name));
    let path = Path::new(name);

    if path.components().count() > 1 || path.is_absolute() {
        return match kind(path) {
            Kind::Program => Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
            Kind::Other => Err(NotFound::NotExecutable(shown())),
            Kind::Nothing => Err(NotFound::NoFile(shown())),
        };
    }

    let folders = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join(path));
    let mut other = None;
    let found = candidates.find(|candidate| match kind(candidate) {
        Kind::Program => true,
        Kind::Other => {
            other.get_or_insert_with(|| printable::path(candidate));
            false
        }
        Kind::Nothing => false,
    });

    found
        .map(|found| std::path::absolute(&found).unwrap_or(found))
        .ok_or_else(|| other.map_or_else(|| NotFound::Nowhere(shown()), NotFound::NotExecutable))
}

enum Kind {
    Program,
    Other,
    Nothing,
}

fn kind(path: &Path) -> Kind {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() && is_executable(&metadata) => Kind::Program,
        Ok(_) => Kind::Other,
        Err(_) => Kind::Nothing,
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_in_path_and_a_path_is_taken_as_it_is() {
        let sh = resolve(OsStr::new("sh")).unwrap();
        assert!(sh.is_absolute() && sh.ends_with("sh"), "{sh:?}");
        assert_eq!(resolve(sh.as_os_str()), Ok(sh));
    }

    #[test]
    fn what_is_no_program_is_named() {
        assert_eq!(
            resolve(OsStr::new("no-such-program")),
            Err(NotFound::Nowhere("no-such-program".to_owned()))
        );
        assert_eq!(
            resolve(OsStr::new("./no-such-program")),
            Err(NotFound::NoFile("./no-such-program".to_owned()))
        );

        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        assert_eq!(
            resolve(text.as_os_str()),
            Err(NotFound::NotExecutable(text.display().to_string()))
        );
        assert_eq!(
            resolve(folder.path().as_os_str()),
            Err(NotFound::NotExecutable(folder.path().display().to_string()))
        );
    }
}
