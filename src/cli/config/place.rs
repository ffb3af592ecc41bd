//! Where the file is: in the current folder or above, up to the repository's root.

use std::env;
use std::path::{Path, PathBuf};

use super::keys::NAME;

/// What stands in the root of a repository.
const MARKS: [&str; 3] = [".git", ".hg", ".jj"];

/// The nearest file: of the current folder, by its name alone.
pub(super) fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let file = nearest_to(&here)?;

    Some(
        file.strip_prefix(&here)
            .map_or(file.clone(), Path::to_owned),
    )
}

/// Above `here`, only a repository's own file counts: anybody may write to a folder such as /tmp.
fn nearest_to(here: &Path) -> Option<PathBuf> {
    let is_root = |folder: &Path| MARKS.iter().any(|mark| folder.join(mark).exists());
    let levels = here.ancestors().position(is_root).unwrap_or(0);

    here.ancestors()
        .take(levels + 1)
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file())
}

/// The folder of `path`; empty if that is the current one.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_here = match (folder.canonicalize(), env::current_dir()) {
        (Ok(folder), Ok(here)) => here.canonicalize().is_ok_and(|here| here == folder),
        _ => false,
    };

    if is_here {
        PathBuf::new()
    } else {
        folder.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_file_is_looked_for_up_to_the_repositorys_root() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join(NAME);
        let root = folder.path().join("repository");
        let deep = root.join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(&outside, "").unwrap();

        assert_eq!(nearest_to(folder.path()), Some(outside.clone()));
        assert_eq!(
            nearest_to(&deep),
            None,
            "without a repository, nothing above counts"
        );

        fs::create_dir(root.join(".git")).unwrap();
        assert_eq!(nearest_to(&deep), None, "nothing above the root counts");

        fs::write(root.join(NAME), "").unwrap();
        assert_eq!(nearest_to(&deep), Some(root.join(NAME)));
        fs::write(deep.join(NAME), "").unwrap();
        assert_eq!(nearest_to(&deep), Some(deep.join(NAME)));
    }
}
