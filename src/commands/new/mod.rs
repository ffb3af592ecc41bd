//! `new`: writes the beginning of a program that brings its own workload: a crate with a
//! `Program`, or a worker in another language.

mod skeleton;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use self::skeleton::{WorkerFile, krate, worker};
use crate::printable;
use crate::whole_file;

pub use self::skeleton::Language;

/// The longest name.
const LONGEST: usize = 64;
/// What cargo keeps for itself, and the crates that a new one depends on.
const RESERVED: [&str; 8] = [
    "build",
    "deps",
    "examples",
    "incremental",
    "clap",
    "parbench",
    "parbench-pool",
    "serde",
];

/// What is to be written.
pub struct Request<'a> {
    /// The name of the workload and of its crate or file.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// The folder that it is written in.
    pub folder: PathBuf,
    /// The folder with the sources of parbench, unless it is the one that this program was built
    /// from.
    pub parbench: Option<PathBuf>,
    /// The subcommands that every program has: no workload can be called so.
    pub subcommands: &'a [String],
}

/// Writes the skeleton and the two commands that come next. What exists is left alone.
pub fn new(request: &Request<'_>, out: &mut dyn Write) -> Result<()> {
    check_name(&request.name, request.subcommands)?;
    // An empty path is the folder that the program runs in.
    if !request.folder.join(".").is_dir() {
        bail!(
            "there is no folder {}: make it first, or name another one by --dir",
            shown(&request.folder)
        );
    }

    let next = match worker(&request.name, request.language) {
        Some(worker) => new_worker(request, &worker)?,
        None => new_crate(request)?,
    };

    writeln!(out, "{}. Next:", next.written)?;
    for command in next.commands {
        writeln!(out, "  {command}")?;
    }
    Ok(())
}

/// What was written, in a sentence without its full stop, and what to do with it.
struct Next {
    written: String,
    commands: [String; 2],
}

fn new_crate(request: &Request<'_>) -> Result<Next> {
    let name = &request.name;
    let sources = sources(request.parbench.as_deref())?;
    let path = request.folder.join(name);

    let files = krate(name, &sources);
    let written: Vec<(&str, &[u8])> = files
        .iter()
        .map(|file| (file.path, file.text.as_bytes()))
        .collect();
    whole_file::create_folder(&path, &written).map_err(|error| refused(&path, error))?;

    Ok(Next {
        written: format!(
            "{} is a crate that counts primes: put your own work in src/main.rs",
            shown(&path)
        ),
        commands: [
            format!("cd {}", typed(&path)),
            format!("cargo run --release -- {name}"),
        ],
    })
}

fn new_worker(request: &Request<'_>, worker: &WorkerFile) -> Result<Next> {
    let name = &request.name;
    let path = request.folder.join(&worker.file);

    whole_file::create(&path, worker.text.as_bytes(), worker.is_script)
        .map_err(|error| refused(&path, error))?;

    let source = typed(&path);
    let program = typed(&request.folder.join(name));
    let commands = match worker.compiler {
        None => [
            format!("parbench program --check-protocol -- {source}"),
            format!("parbench program -- {source}"),
        ],
        Some(compiler) => [
            format!("{compiler} -o {program} {source}"),
            format!("parbench program -- {program}"),
        ],
    };
    Ok(Next {
        written: format!(
            "{} is a worker that counts primes: put your own work in its first part",
            shown(&path)
        ),
        commands,
    })
}

fn check_name(name: &str, subcommands: &[String]) -> Result<()> {
    let is_letter = |character: char| character.is_ascii_lowercase();
    let is_fit =
        |character: char| is_letter(character) || character.is_ascii_digit() || character == '-';
    if name.len() > LONGEST || !name.starts_with(is_letter) || !name.chars().all(is_fit) {
        bail!(
            "`{}` is not a name for a workload: it must have 1 to {LONGEST} characters of a-z, 0-9 and -, \
             the first one a letter, such as my-work",
            printable::line(name)
        );
    }
    if subcommands.iter().any(|subcommand| subcommand == name) {
        bail!("a workload cannot be called {name}: this is another subcommand; take another name");
    }
    if RESERVED.contains(&name) {
        bail!(
            "a crate with a workload cannot be called {name}: cargo needs the name; take another one"
        );
    }
    Ok(())
}

/// The folder with the sources of parbench, which a new crate depends on.
fn sources(named: Option<&Path>) -> Result<String> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = named.unwrap_or(built_from);

    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    if !manifest.lines().any(|line| line == "name = \"parbench\"") {
        let why = "has no sources of parbench, which the crate depends on: name their folder by --parbench PATH";
        bail!("{} {why}", shown(folder));
    }

    let whole = folder
        .canonicalize()
        .with_context(|| shown(folder))?
        .into_os_string();
    whole
        .into_string()
        .map_err(|_| anyhow!("{} is not UTF-8, as Cargo.toml needs it", shown(folder)))
}

fn refused(path: &Path, error: std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::AlreadyExists {
        return anyhow!(
            "{} exists already: take another name, or another folder by --dir",
            shown(path)
        );
    }
    anyhow::Error::new(error).context(format!("cannot write {}", shown(path)))
}

/// `path` in a sentence.
fn shown(path: &Path) -> String {
    printable::line(&path.display().to_string())
}

/// `path` as one word for a shell, which no program takes for a flag.
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if path.is_absolute() || text.starts_with('.') {
        text
    } else {
        format!("./{text}")
    };

    let is_plain = |character: char| character.is_alphanumeric() || "/._-+,:@%".contains(character);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        for (path, word) in [
            ("mine.py", "./mine.py"),
            ("./mine.py", "./mine.py"),
            ("../a/mine.py", "../a/mine.py"),
            ("/tmp/mine.py", "/tmp/mine.py"),
            ("-x/mine.py", "./-x/mine.py"),
            ("my work/it's.py", r"'./my work/it'\''s.py'"),
            ("$HOME/a", "'./$HOME/a'"),
        ] {
            assert_eq!(typed(Path::new(path)), word, "{path}");
        }
    }

    #[test]
    fn a_name_is_a_subcommand_a_crate_and_a_file() {
        let subcommands = ["check".to_owned()];
        for name in ["a", "my-work", "primes2", &"a".repeat(LONGEST)] {
            check_name(name, &subcommands).unwrap();
        }
        for name in [
            "",
            "-a",
            "2a",
            "A",
            "a_b",
            "a/b",
            "a.b",
            "ä",
            "a b",
            "..",
            &"a".repeat(LONGEST + 1),
            "check",
            "serde",
            "build",
        ] {
            let error = check_name(name, &subcommands).unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
