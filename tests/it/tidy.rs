//! The house rules that a reader can check by eye, checked: the layering, one home per external crate, what
//! every file opens with, how long it may be, where `unsafe` stands.

use std::fs;
use std::path::{Path, PathBuf};

use super::harness::repository;

/// The crates whose files follow the house rules.
const PROGRAM: &str = "src";
const POOL: &str = "pool/src";
const KERNELS: &str = "kernels/src";
const PICTURES: &str = "pictures/src";
const UNITS: &str = "units/src";

/// Their manifests.
const MANIFESTS: [&str; 5] = [
    "Cargo.toml",
    "kernels/Cargo.toml",
    "pictures/Cargo.toml",
    "pool/Cargo.toml",
    "units/Cargo.toml",
];

/// Every source file of a crate with its module (`commands` for `src/commands/run.rs`), its path and its text.
fn sources(of_crate: &str) -> Vec<(String, PathBuf, String)> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(path);
            }
        }
    }

    let root = repository().join(of_crate);
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();

    let described = paths.into_iter().map(|path| {
        let inside = path.strip_prefix(&root).unwrap();
        let first = Path::new(inside.iter().next().unwrap()).with_extension("");
        (
            first.to_str().unwrap().to_owned(),
            path.clone(),
            fs::read_to_string(&path).unwrap(),
        )
    });
    described.collect()
}

/// The files of all crates; each file of a crate below the program counts as a part of one module.
fn all_sources() -> Vec<(String, PathBuf, String)> {
    let as_module = |name: &'static str, of_crate| {
        let files = sources(of_crate).into_iter();
        files.map(move |(_, path, text)| (name.to_owned(), path, text))
    };

    let below = [
        ("pool", POOL),
        ("kernels", KERNELS),
        ("pictures", PICTURES),
        ("units", UNITS),
    ];
    let parts = below.map(|(name, of_crate)| as_module(name, of_crate));
    sources(PROGRAM)
        .into_iter()
        .chain(parts.into_iter().flatten())
        .collect()
}

/// The modules that a crate's `lib.rs` lists, leaf first.
fn layers(of_crate: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(of_crate).join("lib.rs")).unwrap();
    let names = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    names.map(str::to_owned).collect()
}

/// A file's code before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

#[test]
fn a_module_imports_only_modules_listed_above_it() {
    for (of_crate, least) in [(PROGRAM, 40), (POOL, 40), (KERNELS, 10), (PICTURES, 10)] {
        let layers = layers(of_crate);
        assert!(layers.len() > 5, "{layers:?}");

        let mut seen = 0;
        for (module, path, text) in sources(of_crate) {
            if module == "lib" || module == "main" {
                continue;
            }
            let rank = |name: &str| layers.iter().position(|layer| layer == name);
            let own = rank(&module).unwrap_or_else(|| panic!("lib.rs does not list {module}"));
            for name in imports(&text) {
                let Some(other) = rank(name) else { continue };
                seen += 1;
                assert!(
                    other <= own,
                    "{}: {module} must not import {name}",
                    path.display()
                );
            }
        }
        assert!(
            seen > least,
            "only {seen} imports were seen: the test reads the wrong lines"
        );
    }
}

/// What a file's code before its tests names behind `crate::`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let code = without_tests(text)
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let used = code.flat_map(|line| line.split("crate::").skip(1));
    let names = used.flat_map(|used| match used.strip_prefix('{') {
        Some(list) => list.split(',').collect(),
        None => vec![used],
    });
    let is_end = |c: char| !c.is_alphanumeric() && c != '_';
    names.filter_map(move |name| name.trim().split(is_end).next())
}

/// External crates, and the modules that may use them.
const HOMES: &[(&str, &[&str])] = &[
    ("clap", &["cli", "workload", "foreign"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("signal_hook", &["cli"]),
    ("anstream", &["cli"]),
    ("comfy_table", &["report"]),
    ("plotters", &["report"]),
    ("unicode_width", &["report"]),
    ("terminal_size", &["cli"]),
    ("maud", &["report"]),
    ("png", &["report"]),
    ("csv", &["report"]),
    ("memmap2", &["kernels"]),
    ("ctor", &["kernels"]),
    ("rayon", &["pool"]),
    ("crossbeam_deque", &["pool"]),
    ("image", &["pictures"]),
    ("jpeg_encoder", &["workload"]),
    ("zune_jpeg", &["pictures"]),
    ("sha2", &["digest"]),
    ("num_bigint", &["workload"]),
    ("etcetera", &["workload"]),
    ("sysinfo", &["machine"]),
    (
        "nix",
        &[
            "machine",
            "descendants",
            "peer",
            "subprocess",
            "workload",
            "engine",
        ],
    ),
    ("rustix", &["subprocess", "kernels"]),
    ("shlex", &["printable", "workload", "cli"]),
    ("wait4", &["subprocess"]),
    ("tempfile", &["whole_file", "engine"]),
    ("statrs", &["stats"]),
    ("ab_glyph", &["report"]),
    ("flate2", &["run_file"]),
    ("base64", &["run_file"]),
    ("humantime", &["results", "commands", "cli"]),
    ("strsim", &["commands"]),
    ("toml", &["cli"]),
    ("serde_path_to_error", &["results"]),
    ("anyhow", &["commands", "cli"]),
];

/// External crates that any module may use.
const EVERYWHERE: &[&str] = &[
    "anstyle",
    "parbench_kernels",
    "parbench_pictures",
    "parbench_pool",
    "parbench_units",
    "rand",
    "rand_xoshiro",
    "serde",
    "serde_json",
    "thiserror",
];

#[test]
fn every_dependency_has_a_home() {
    for manifest in MANIFESTS {
        let text = fs::read_to_string(repository().join(manifest)).unwrap();
        let dependencies = text
            .split("\n[")
            .find(|section| section.starts_with("dependencies]"))
            .unwrap();
        for line in dependencies
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with('#') && line.contains('='))
        {
            let name = line.split([' ', '=']).next().unwrap().replace('-', "_");
            let known =
                EVERYWHERE.contains(&name.as_str()) || HOMES.iter().any(|(home, _)| *home == name);
            assert!(known, "say here where {name} of {manifest} is at home");
        }
    }
}

#[test]
fn an_external_crate_has_one_home() {
    for (name, allowed) in HOMES {
        let mut found = false;
        let is_test = |path: &Path| {
            path.iter()
                .any(|part| part == "tests" || part == "tests.rs")
        };
        for (module, path, text) in all_sources()
            .into_iter()
            .filter(|(_, path, _)| !is_test(path))
        {
            let code = without_tests(&text);
            if code.contains(&format!("use {name}::")) || code.contains(&format!(" {name}::")) {
                found = true;
                assert!(
                    allowed.contains(&module.as_str()),
                    "{} uses {name}",
                    path.display()
                );
            }
        }
        assert!(found, "{name} is used nowhere: drop it, or mend this test");
    }
}

#[test]
fn every_file_opens_with_what_it_is_for_and_stays_short() {
    for (_, path, text) in all_sources() {
        assert!(
            text.starts_with("//!"),
            "{} does not open with //!",
            path.display()
        );
        let lines = without_tests(&text).lines().count();
        assert!(
            lines <= 300,
            "{} has {lines} lines before its tests",
            path.display()
        );
    }
    let main = fs::read_to_string(repository().join("src/main.rs")).unwrap();
    assert!(main.lines().count() <= 15);
}

#[test]
fn unsafe_stands_in_the_kernels_only_each_with_its_reason() {
    for (module, path, text) in all_sources() {
        let lines: Vec<_> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains("unsafe {")
                || line.contains("(unsafe)")
                || line.contains("unsafe fn")
                || line.contains("unsafe impl")
            {
                assert_eq!(module, "kernels", "{}:{}", path.display(), number + 1);
                let before = &lines[number.saturating_sub(4)..number];
                assert!(
                    before
                        .iter()
                        .any(|line| line.contains("SAFETY:") || line.contains("# Safety")),
                    "{}:{} gives no SAFETY reason",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    for manifest in MANIFESTS {
        let text = fs::read_to_string(repository().join(manifest)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let mut section = "";
        for (number, line) in lines.iter().enumerate() {
            if line.starts_with('[') {
                section = line;
            } else if section.ends_with("dependencies]") && line.contains('=') {
                assert!(
                    lines[number - 1].starts_with("# "),
                    "{manifest}: no reason above `{line}`"
                );
            }
        }
    }

    assert!(
        fs::read_to_string(repository().join("ARCHITECTURE.md"))
            .unwrap()
            .lines()
            .count()
            <= 150
    );
}
