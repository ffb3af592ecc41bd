//! The archive and the Debian package of a release, made of this program, unpacked and started.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::harness::{Scene, repository};

/// Packs this program as version 9.8.7 for `target` into `dist`, with its checksum; returns the archive's name.
pub(crate) fn packed(scene: &Scene, dist: &Path, target: &str) -> String {
    // What debuggers need is ten times the program, and would be compressed, too.
    let binary = scene.path("parbench");
    let mut strip = Command::new("strip");
    strip
        .arg("-o")
        .args([binary.as_path(), Path::new(env!("CARGO_BIN_EXE_parbench"))]);
    assert!(strip.status().unwrap().success());

    let ran = Command::new(repository().join(".github/scripts/package.sh"))
        .arg(binary)
        .args(["9.8.7", target])
        .arg(dist)
        .env("DEB_LEVEL", "0")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");

    let archive = format!("parbench-9.8.7-{target}.tar.gz");
    let sum = Command::new("sha256sum")
        .arg(&archive)
        .current_dir(dist)
        .output();
    std::fs::write(dist.join("SHA256SUMS"), sum.unwrap().stdout).unwrap();
    archive
}

/// What `program` prints of `arguments`; it must end well.
fn output_of(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(program).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");

    String::from_utf8(ran.stdout).unwrap()
}

fn starts(scene: &Scene, program: &Path) {
    let version = scene.command_of(program, "--version").output().unwrap();

    assert!(version.status.success(), "{version:?}");
}

/// An edit of any file that becomes a part of the program makes its commit a dirty one.
#[test]
fn the_build_looks_at_every_folder_that_is_in_the_program() {
    let script = std::fs::read_to_string(repository().join("build.rs")).unwrap();
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let crates = manifest
        .split("path = \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .filter(|path| repository().join(path).is_dir());
    let embedded = embedded(&repository().join("src")).into_iter();

    let folders: BTreeSet<String> = crates.chain(embedded).collect();
    for expected in ["assets", "examples", "kernels", "pictures", "pool", "units"] {
        assert!(folders.contains(expected), "{folders:?}");
    }
    for folder in folders.iter().map(String::as_str).chain(["src"]) {
        assert!(script.contains(&format!("\"{folder}\"")), "{folder}");
    }
}

/// The folders beside `src` from which files below `folder` embed others, outside of their tests.
fn embedded(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(embedded(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // What only tests read is in no program.
        let included = text.split("include_").skip(1);
        let included = included.filter_map(|rest| rest.split('"').nth(1)?.strip_prefix("../"));
        found.extend(
            included
                .map(|name| {
                    name.trim_start_matches("../")
                        .split('/')
                        .next()
                        .unwrap()
                        .to_owned()
                })
                .filter(|name| name != "docs"),
        );
    }
    found
}

#[test]
fn what_is_packed_starts_and_has_what_belongs_to_it() {
    let scene = Scene::new();
    let dist = scene.path("dist");
    let target = "x86_64-unknown-linux-musl";
    let archive = dist.join(packed(&scene, &dist, target));

    let words = [
        "-xzf",
        archive.to_str().unwrap(),
        "-C",
        dist.to_str().unwrap(),
    ];
    output_of("tar", &words);
    // Where cargo-binstall looks for it.
    let folder = dist.join(format!("parbench-9.8.7-{target}"));
    starts(&scene, &folder.join("parbench"));
    for inside in [
        "completions/parbench.zsh",
        "man/parbench-check.1",
        "LICENSE-MIT",
    ] {
        assert!(folder.join(inside).is_file(), "{inside}");
    }
    is_a_debian_package(&scene, &dist.join("parbench_9.8.7_amd64.deb"));
}

/// Unpacks `package` as dpkg does, and starts what is in it.
fn is_a_debian_package(scene: &Scene, package: &Path) {
    let dpkg = |arguments: &[&str]| output_of("dpkg-deb", arguments);
    let (package, root) = (package.to_str().unwrap(), scene.path("root"));

    for (field, value) in [
        ("Package", "parbench"),
        ("Version", "9.8.7"),
        ("Architecture", "amd64"),
        ("Depends", ""),
    ] {
        assert_eq!(dpkg(&["--field", package, field]).trim(), value);
    }
    let listed = dpkg(&["--contents", package]);
    for line in listed.lines() {
        assert!(line.contains(" root/root "), "{line}");
    }
    dpkg(&["--extract", package, root.to_str().unwrap()]);
    starts(scene, &root.join("usr/bin/parbench"));
    for file in [
        "usr/share/man/man1/parbench.1.gz",
        "usr/share/bash-completion/completions/parbench",
        "usr/share/zsh/vendor-completions/_parbench",
        "usr/share/fish/vendor_completions.d/parbench.fish",
        "usr/share/doc/parbench/copyright",
    ] {
        assert!(root.join(file).is_file(), "{file}");
    }
}
