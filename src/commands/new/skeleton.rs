//! The texts of a new crate or worker: the examples of this repository, under another name.

use serde_json::Value;

/// The workload's name in the examples.
const EXAMPLE: &str = "primes";

/// The main file of `examples/own-workload`.
const MAIN: &str = include_str!("../../../examples/own-workload/src/main.rs");

/// What a program that brings its own workload is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A crate around `parbench::Program`.
    Rust,
    /// A worker for any Python from 3.9 on.
    Python,
    /// A worker for Node.
    Node,
    /// A worker that `go build` makes.
    Go,
    /// A worker that a C compiler makes.
    C,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Rust, Self::Python, Self::Node, Self::Go, Self::C];

    /// What the user types.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Node => "node",
            Self::Go => "go",
            Self::C => "c",
        }
    }
}

/// A file of a crate.
pub(super) struct CrateFile {
    pub(super) path: &'static str,
    pub(super) text: String,
}

/// The crate called `name`, which depends on the parbench whose sources are in the folder
/// `parbench`.
pub(super) fn krate(name: &str, parbench: &str) -> [CrateFile; 2] {
    let path = Value::from(parbench);
    let rust = env!("CARGO_PKG_RUST_VERSION");
    let manifest = format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
rust-version = "{rust}"
publish = false

[dependencies]
# The flags of the workload.
clap = {{ version = "4", features = ["derive"] }}
# The command line around it. On other machines: git = "URL of the repository" in place of the path.
parbench = {{ path = {path} }}
# The stored form of the parameters and of partial results.
serde = {{ version = "1", features = ["derive"] }}

# A workspace of its own, wherever it stands. Without this line it can be a member of yours.
[workspace]
"#
    );

    [
        CrateFile {
            path: "Cargo.toml",
            text: manifest,
        },
        CrateFile {
            path: "src/main.rs",
            text: renamed(MAIN, name),
        },
    ]
}

/// A worker in one file.
pub(super) struct WorkerFile {
    pub(super) file: String,
    pub(super) text: String,
    /// Whether the file itself can be started.
    pub(super) is_script: bool,
    /// What makes a program of it, before `-o`.
    pub(super) compiler: Option<&'static str>,
}

/// The worker for the workload `name`; `None` in Rust, where a workload is a crate.
pub(super) fn worker(name: &str, language: Language) -> Option<WorkerFile> {
    let (extension, template, compiler) = match language {
        Language::Rust => return None,
        Language::Python => (
            "py",
            include_str!("../../../examples/worker/primes.py"),
            None,
        ),
        Language::Node => (
            "mjs",
            include_str!("../../../examples/worker/primes.mjs"),
            None,
        ),
        Language::Go => (
            "go",
            include_str!("../../../examples/worker/primes.go"),
            Some("go build"),
        ),
        Language::C => (
            "c",
            include_str!("../../../examples/worker/primes.c"),
            Some("cc -std=c11 -O2"),
        ),
    };

    Some(WorkerFile {
        file: format!("{name}.{extension}"),
        text: renamed(template, name),
        is_script: compiler.is_none(),
        compiler,
    })
}

/// `template` with the workload called `name`: the one string, and the commands in its comments.
fn renamed(template: &str, name: &str) -> String {
    template
        .replacen(&format!("\"{EXAMPLE}\""), &format!("\"{name}\""), 1)
        .replace(
            &format!("-o {EXAMPLE} {EXAMPLE}.c"),
            &format!("-o {name} {name}.c"),
        )
        .replace(
            &format!("go build {EXAMPLE}.go"),
            &format!("go build {name}.go"),
        )
}
