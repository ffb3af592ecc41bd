//! The files in which the system describes itself, below a root that tests replace. A file that
//! does not exist is an answer, too: unknown.

use std::path::{Path, PathBuf};

/// The system's files, as seen from one root.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// This machine's own files. Where there is no `/proc` and no `/sys`, everything in them is
    /// unknown.
    #[must_use]
    pub fn system() -> Self {
        Self::below(Path::new("/"))
    }

    /// The files below `root`, which stands for `/`.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// What the file at `path` holds, without blanks at its ends; `None` if it cannot be read or is
    /// empty.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = std::fs::read(self.path(path)).ok()?;
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();

        (!text.is_empty()).then_some(text)
    }

    /// Whether there is something at `path`.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The names in the folder at `path` that begin with `prefix`, sorted; empty if there is no
    /// such folder.
    #[must_use]
    pub fn names(&self, path: &str, prefix: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(path)) else {
            return Vec::new();
        };

        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .collect();
        names.sort();

        names
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use crate::machine::tests::planted;

    #[test]
    fn what_is_not_there_is_unknown() {
        let (_folder, tree) = planted(&[("sys/a", " x\n"), ("sys/b", "\n"), ("sys/c1/d", "1")]);

        assert_eq!(tree.text("/sys/a").as_deref(), Some("x"));
        for unknown in ["/sys/b", "/sys/none", "/sys"] {
            assert_eq!(tree.text(unknown), None, "{unknown}");
        }

        assert_eq!(tree.names("/sys", "c"), ["c1"]);
        assert!(tree.names("/none", "").is_empty());
        assert!(tree.exists("/sys/b") && !tree.exists("/none"));
    }
}
