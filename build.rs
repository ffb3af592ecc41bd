//! Writes down what made this binary: compiler, target, and the commit of the sources. It changes nothing and
//! never fails: without git, or outside a checkout, the commit is unknown.

// Cargo listens to a build script on stdout.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::Command;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rustc-env=PARBENCH_TARGET={}", variable("TARGET"));
    if let Some(version) = first_line(Command::new(variable("RUSTC")).arg("-V")) {
        println!("cargo::rustc-env=PARBENCH_RUSTC={version}");
    }
    // An edit makes the commit a dirty one.
    for path in [
        "Cargo.lock",
        "Cargo.toml",
        "assets",
        "build.rs",
        "examples",
        "kernels",
        "pictures",
        "pool",
        "src",
        "units",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    // Sources that were unpacked inside somebody else's checkout must not name that one's commit.
    if !Path::new(".git").exists() {
        return;
    }
    for name in ["HEAD", "logs/HEAD", "packed-refs"]
        .map(str::to_owned)
        .into_iter()
        .chain(branch())
    {
        let path = first_line(git().args(["rev-parse", "--git-path", &name]));
        // Cargo takes a path that does not exist for one that always changes.
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if let Some(commit) = first_line(git().args(["rev-parse", "HEAD"])) {
        let changed =
            first_line(git().args(["status", "--porcelain", "--untracked-files=no"])).is_some();
        println!(
            "cargo::rustc-env=PARBENCH_COMMIT={commit}{}",
            if changed { "-dirty" } else { "" }
        );
    }
}

/// The reference that HEAD points to, unless it names a commit itself.
fn branch() -> Option<String> {
    first_line(git().args(["symbolic-ref", "--quiet", "HEAD"]))
}

/// git on this checkout, which it leaves untouched, whatever the surrounding environment points it to.
fn git() -> Command {
    let mut git = Command::new("git");
    git.arg("--no-optional-locks")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE");
    git
}

/// The first line that `command` prints, if it ends well and prints any.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .next()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
}
