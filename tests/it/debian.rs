//! Programs that a machine may lack: installed from Debian's packages where this process may do that.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use super::harness::repository;
use super::venv;

/// The first of `names` on the PATH; where there is none of them, that of `package`, installed.
pub(crate) fn program(names: &[&str], package: &str) -> PathBuf {
    if let Some(program) = found(names) {
        return program;
    }

    // Another test's process may be installing it.
    let target = repository().join("target");
    std::fs::create_dir_all(&target).unwrap();
    let lock = File::create(target.join("apt-get.lock")).unwrap();
    lock.lock().unwrap();
    if let Some(program) = found(names) {
        return program;
    }
    let remedy = format!("install {package}");
    let install = "-o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends";
    for line in ["update -qq".to_owned(), format!("{install} {package}")] {
        let words: Vec<&str> = line.split(' ').collect();
        if is_root() {
            venv::run("apt-get", &words, &remedy);
        } else {
            venv::run(
                "sudo",
                &[&["-n", "apt-get"], words.as_slice()].concat(),
                &remedy,
            );
        }
    }
    found(names).unwrap_or_else(|| panic!("there is no {}; {remedy}", names[0]))
}

fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();

    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();

    asked.is_ok_and(|output| output.stdout == b"0\n")
}
