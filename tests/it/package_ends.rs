//! The package `parbench` of Python, whose process is killed while the program measures.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::harness::{Scene, repository};
use super::processes::{descendants, signal, until};

const SCRIPT: &str = "
import time
import parbench
from work import nap
parbench.compare(nap, range(300), engines=['processes'], workers=[2], rounds=100000)
";

#[test]
fn a_killed_notebook_leaves_no_program_and_no_folder() {
    let package = repository().join("python");
    let scene = Scene::new()
        .env("PATH", &std::env::var("PATH").unwrap())
        .env("PYTHONPATH", package.to_str().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PARBENCH_BINARY", env!("CARGO_BIN_EXE_parbench"));
    fs::create_dir(scene.path("tmp")).unwrap();
    let scene = scene.env("TMPDIR", "tmp");
    scene.write("work.py", "import time\ndef nap(x): time.sleep(0.001)\n");
    scene.write("script.py", SCRIPT);

    let mut command = scene.command_of(Path::new("python3"), "script.py");
    let mut script = command.stderr(Stdio::null()).spawn().unwrap();
    // The program, its guard, a Python, and two workers of that.
    let all = until(|| Some(descendants(script.id())).filter(|all| all.len() >= 5));
    signal(script.id(), "KILL");
    script.wait().unwrap();

    until(|| {
        let is_gone = |pid: &u32| !Path::new(&format!("/proc/{pid}")).exists();
        all.iter().all(is_gone).then_some(())
    });
    let left: Vec<_> = fs::read_dir(scene.path("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
