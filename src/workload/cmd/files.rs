//! The files on the standard input and output of processes. A pipe with a name would be waited for
//! before there is a process that a time limit could end, so it is refused.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::printable;

/// `file`, to be read. An error is a line for the user.
pub(super) fn readable(file: &Path) -> Result<File, String> {
    let opened = file.metadata().and_then(|metadata| {
        fit(&metadata)?;
        File::open(file)
    });

    opened.map_err(|error| cannot("read", file, &error))
}

/// `file`, made or emptied, to be written to. An error is a line for the user.
pub(super) fn writable(file: &Path) -> Result<File, String> {
    let is_fit = file.metadata().map_or(Ok(()), |metadata| fit(&metadata));

    is_fit
        .and_then(|()| File::create(file))
        .map_err(|error| cannot("write", file, &error))
}

/// Refuses the files that tasks write their output to where one of them is `read` by some task, or
/// written by two: what was in it would be lost. `have_slots` where their names have the number of
/// a slot in them, the first one here. An error is a line for the user.
pub(super) fn refuse_lost<'a>(
    outputs: impl Iterator<Item = PathBuf>,
    have_slots: bool,
    read: impl Iterator<Item = &'a Path>,
) -> Result<(), String> {
    let mut outputs = outputs.peekable();
    if outputs.peek().is_none() {
        return Ok(());
    }
    let read: HashSet<Identity> = read.map(Identity::of).collect();
    let mut written = HashSet::new();

    for output in outputs {
        let is_device = output
            .metadata()
            .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        if is_device {
            continue;
        }

        let name = printable::path(&output);
        let file = Identity::of(&output);
        if read.contains(&file) {
            return Err(format!(
                "--output would empty {name}, which the command reads: give another name"
            ));
        }
        let is_written_before = !written.insert(file);
        if is_written_before && have_slots {
            return Err(format!(
                "--output has the placeholder {{%}}, and a slot runs several tasks, one after another, and each would \
                 empty the file {name}: write {{#}} for the number of the task"
            ));
        }
        if is_written_before {
            return Err(format!(
                "several tasks would write to {name}: give --output a name with a placeholder, such as {{#}}"
            ));
        }
    }
    Ok(())
}

/// Which file a name stands for.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// Device and number, which all names of a file share.
    #[cfg(unix)]
    Inode(u64, u64),
    Path(PathBuf),
}

impl Identity {
    fn of(file: &Path) -> Self {
        #[cfg(unix)]
        if let Ok(metadata) = file.metadata() {
            use std::os::unix::fs::MetadataExt;
            return Self::Inode(metadata.dev(), metadata.ino());
        }

        Self::Path(file.canonicalize().unwrap_or_else(|_| file.to_owned()))
    }
}

/// Whether a process can read or write it without waiting for another one.
fn fit(metadata: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        let kind = metadata.file_type();
        if kind.is_fifo() || kind.is_socket() {
            return Err(io::Error::other(
                "it is a pipe, which has its content once, and every process needs it: give a file",
            ));
        }
    }
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(())
}

fn cannot(act: &str, file: &Path, error: &io::Error) -> String {
    format!("cannot {act} {}: {error}", printable::path(file))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_and_a_folder_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());

        for error in [readable(&pipe), writable(&pipe)].map(Result::unwrap_err) {
            assert!(error.contains("it is a pipe"), "{error}");
        }
        let error = readable(folder.path()).unwrap_err();
        assert!(error.ends_with("is a directory"), "{error}");

        assert!(readable(Path::new("/dev/null")).is_ok());
        assert!(writable(Path::new("/dev/null")).is_ok());
    }
}
