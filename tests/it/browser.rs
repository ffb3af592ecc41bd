//! A browser that a machine may lack, and the packages of Node that drive it, pinned.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use super::debian;
use super::harness::repository;
use super::templates::node;

/// Names of Chromium, in the order in which they are looked for.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser; installed where the machine has none and this process may do that.
pub(crate) fn chromium() -> PathBuf {
    debian::program(&NAMES, "chromium")
}

/// The folder whose `node_modules` has what `html-packages.txt` pins.
pub(crate) fn packages() -> PathBuf {
    let wanted = fs::read_to_string(repository().join("tests/it/html-packages.txt")).unwrap();
    let folder = repository().join("target/html-packages");
    let mark = folder.join("made-from.txt");

    let lock = File::create(repository().join("target/html-packages.lock")).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&mark).ok().as_ref() != Some(&wanted) {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut install = npm();
        install
            .args([
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ])
            .arg("--prefix")
            .arg(&folder)
            .args(wanted.split_whitespace());
        let output = install.output().unwrap();
        assert!(
            output.status.success(),
            "the registry of npm must be reachable once: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        fs::write(&mark, wanted).unwrap();
    }
    folder
}

/// The machine's npm, or that of the Node that the tests install: there, only npm's own file runs.
fn npm() -> Command {
    let node = node();
    let installed = node.with_file_name("../lib/node_modules/npm/bin/npm-cli.js");

    if installed.is_file() {
        let mut command = Command::new(node);
        command.arg(installed);
        command
    } else {
        Command::new("npm")
    }
}
