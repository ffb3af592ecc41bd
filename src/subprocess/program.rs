//! Finds a program before it is started, as the shell would.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::printable;

/// Why a name is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No folder of PATH has it.
    #[error("there is no program {0} in the folders of PATH")]
    Nowhere(String),
    /// The path names nothing.
    #[error("there is no program {0}")]
    NoFile(String),
    /// It is a folder.
    #[error("{0} is a directory, not a program")]
    Folder(String),
    /// It is there, but not to be run.
    #[error("{0} is not executable")]
    NotExecutable(String),
    /// It is there, but not for this user.
    #[error("{0} may not be run by this user")]
    Forbidden(String),
    /// It is a text whose first line names no interpreter.
    #[error(
        "{0} is a script without an interpreter, which only a shell runs: begin it with a line such as #!/bin/sh, or run it \
         as sh {0}"
    )]
    Script(String),
}

/// The absolute path of the program `name`: a name with a slash is a path, any other one is looked
/// for in the folders of PATH.
pub fn resolve(name: &OsStr) -> Result<PathBuf, NotFound> {
    let name_text = || printable::path(Path::new(name));
    let path = Path::new(name);

    let mut bytes = name.as_encoded_bytes().iter();
    if bytes.any(|&byte| std::path::is_separator(char::from(byte))) {
        return match kind(path) {
            Kind::Program => Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
            Kind::Folder => Err(NotFound::Folder(name_text())),
            Kind::Other(why) => Err(why(name_text())),
            Kind::Nothing => Err(NotFound::NoFile(name_text())),
        };
    }

    let folders = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join(path));
    let mut other = None;
    let program = candidates.find(|candidate| match kind(candidate) {
        Kind::Program => true,
        Kind::Other(why) => {
            other.get_or_insert_with(|| why(printable::path(candidate)));
            false
        }
        Kind::Folder | Kind::Nothing => false,
    });

    program
        .map(|program| std::path::absolute(&program).unwrap_or(program))
        .ok_or_else(|| other.unwrap_or_else(|| NotFound::Nowhere(name_text())))
}

/// The interpreter that the first line of `program` names, where there is none: the system reports
/// that as if the program itself were missing.
#[must_use]
pub fn missing_interpreter(program: &Path) -> Option<String> {
    let beginning = beginning(program)?;
    let line = beginning.strip_prefix(b"#!")?.split(|&byte| byte == b'\n');
    let line = String::from_utf8_lossy(line.into_iter().next()?).into_owned();

    // Not at a carriage return, which belongs to the name: there is none called `sh\r`.
    let interpreter = line.trim_start().split([' ', '\t']).next()?;
    (!Path::new(interpreter).exists()).then(|| printable::path(Path::new(interpreter)))
}

enum Kind {
    Program,
    Folder,
    /// A file that is no program: the reason, which is to be given its name.
    Other(fn(String) -> NotFound),
    Nothing,
}

fn kind(path: &Path) -> Kind {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Kind::Folder,
        Ok(metadata) if !metadata.is_file() || !is_executable(&metadata) => {
            Kind::Other(NotFound::NotExecutable)
        }
        Ok(_) if !is_allowed(path) => Kind::Other(NotFound::Forbidden),
        Ok(_) if is_script_without_interpreter(path) => Kind::Other(NotFound::Script),
        Ok(_) => Kind::Program,
        Err(_) => Kind::Nothing,
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata) -> bool {
    true
}

/// Whether this user may run it: the bits of others say nothing about that.
#[cfg(unix)]
fn is_allowed(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
}

#[cfg(not(unix))]
fn is_allowed(_path: &Path) -> bool {
    true
}

/// Whether `program` is a text that names no interpreter: the system starts it only as far as a
/// shell takes it for its own. Other formats are the system's to know.
fn is_script_without_interpreter(program: &Path) -> bool {
    let is_text =
        |byte: &u8| byte.is_ascii_whitespace() || (b' '..=b'~').contains(byte) || *byte >= 0x80;

    cfg!(unix)
        && beginning(program)
            .is_some_and(|beginning| !beginning.starts_with(b"#!") && beginning.iter().all(is_text))
}

/// The first bytes of `file`; `None` if it cannot be read.
fn beginning(file: &Path) -> Option<Vec<u8>> {
    const LONGEST_LINE: u64 = 256;

    let mut beginning = Vec::new();
    let file = File::open(file).ok()?;
    file.take(LONGEST_LINE).read_to_end(&mut beginning).ok()?;

    Some(beginning)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_in_path_and_a_path_is_taken_as_it_is() {
        let sh = resolve(OsStr::new("sh")).unwrap();
        assert!(sh.is_absolute() && sh.ends_with("sh"), "{sh:?}");
        assert_eq!(resolve(sh.as_os_str()), Ok(sh));
    }

    #[test]
    fn what_is_no_program_is_named() {
        assert_eq!(
            resolve(OsStr::new("no-such-program")),
            Err(NotFound::Nowhere("no-such-program".to_owned()))
        );
        assert_eq!(
            resolve(OsStr::new("./no-such-program")),
            Err(NotFound::NoFile("./no-such-program".to_owned()))
        );

        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        assert_eq!(
            resolve(text.as_os_str()),
            Err(NotFound::NotExecutable(text.display().to_string()))
        );
        let mode = |mode| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&text, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o755);
        let error = resolve(text.as_os_str()).unwrap_err();
        assert_eq!(error, NotFound::Script(text.display().to_string()));
        std::fs::write(&text, "#!/bin/sh\n").unwrap();
        assert_eq!(resolve(text.as_os_str()).as_ref(), Ok(&text));
        assert_eq!(
            resolve(folder.path().as_os_str()),
            Err(NotFound::Folder(folder.path().display().to_string()))
        );
    }

    #[test]
    fn an_interpreter_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        std::fs::write(&script, "#!/no/such/python3 -u\nprint()\n").unwrap();
        assert_eq!(
            missing_interpreter(&script).as_deref(),
            Some("/no/such/python3")
        );

        std::fs::write(&script, "#! /bin/sh\n").unwrap();
        assert_eq!(missing_interpreter(&script), None);
        std::fs::write(&script, "\u{7f}ELF").unwrap();
        assert_eq!(missing_interpreter(&script), None);
    }
}
