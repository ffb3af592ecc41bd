//! Made-up machines for tests of code that reads the system's files, and what every real machine
//! has.

use super::tree::Tree;
use super::*;

/// A made-up machine: its files with what they hold.
pub(crate) fn planted(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();

    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    let tree = Tree::below(folder.path());
    (folder, tree)
}

#[test]
fn the_machine_has_cpus_and_memory() {
    assert!(usable_cpus().get() >= 1);

    let memory = memory();
    assert!(
        memory.total.0 > 0 && memory.available <= memory.total,
        "{memory:?}"
    );

    assert!(!cpu_model().is_empty());
}
