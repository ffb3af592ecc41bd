//! Files and folders that appear whole or not at all: written beside their place under another
//! name, then renamed. Files are read whole where they have an end.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::units::Bytes;

/// The name of an unfinished file begins and ends with these.
const PREFIX: &str = ".parbench-";
const SUFFIX: &str = ".part";
/// New files that are tried when others are taken for abandoned at the moment they are made.
const ATTEMPTS: u32 = 100;

/// The bytes of the file at `path`, a `what` for the error, which are no more than `longest`: a
/// device may have no end.
pub fn read(path: &Path, longest: Bytes, what: &str) -> io::Result<Vec<u8>> {
    read_from(File::open(path)?, longest, what)
}

/// The same of what `from` still has.
pub fn read_from(from: impl Read, longest: Bytes, what: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = longest.0.saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;

    if bytes.len() as u64 == most {
        return Err(io::Error::other(format!(
            "it is longer than {longest}, which no {what} is"
        )));
    }
    Ok(bytes)
}

/// Writes `bytes` to `path`, replacing the file that is there. On an error, and when the thread
/// unwinds, the unfinished file is removed.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = temporary_in(folder_of(path))?;

    // The plain file: the wrapper would add the unfinished name to an error that names the path
    // already.
    file.as_file_mut().write_all(bytes)?;

    file.persist(path)?;
    Ok(())
}

/// Writes `bytes` to `path`, where nothing is yet: what exists is left alone.
pub fn create(path: &Path, bytes: &[u8], is_executable: bool) -> io::Result<()> {
    let mut file = temporary_in(folder_of(path))?;
    file.as_file_mut().write_all(bytes)?;
    #[cfg(unix)]
    if is_executable {
        use std::os::unix::fs::PermissionsExt;

        // As executable as it is readable.
        let mode = file.as_file().metadata()?.permissions().mode();
        let mode = mode | (mode & 0o444) >> 2;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = is_executable;

    file.persist_noclobber(path)?;
    Ok(())
}

/// Makes the folder `path`, where nothing is yet, with these files, each by its path in the folder.
pub fn create_folder(path: &Path, files: &[(&str, &[u8])]) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }

    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(".new");
    #[cfg(unix)]
    // As for files: what the umask allows.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let unfinished = builder.tempdir_in(folder_of(path))?;

    for (name, bytes) in files {
        let file = unfinished.path().join(name);
        fs::create_dir_all(folder_of(&file))?;
        fs::write(file, bytes)?;
    }

    fs::rename(unfinished.path(), path)?;
    // It is gone under this name.
    let _ = unfinished.keep();
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A new file in `folder` that is removed when it is dropped, unless it was renamed before.
///
/// It is locked as long as it is unfinished, so that [`remove_abandoned`] can tell it from a file
/// whose process was killed.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    // The file is no secret: what the umask allows, not a temporary file's usual 0600.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));

    let mut file = builder.tempfile_in(folder)?;
    // Between its creation and its lock, another process may have taken it for abandoned.
    for _ in 0..ATTEMPTS {
        if is_kept(file.as_file()) {
            break;
        }

        file = builder.tempfile_in(folder)?;
    }

    Ok(file)
}

/// Locks a new file; `false` when another process is removing it. A file system without locks keeps
/// every file.
fn is_kept(file: &File) -> bool {
    !matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) && is_linked(file)
}

#[cfg(unix)]
fn is_linked(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;

    file.metadata().is_ok_and(|facts| facts.nlink() > 0)
}

#[cfg(not(unix))]
fn is_linked(_: &File) -> bool {
    true
}

/// Removes the unfinished files in `folder` that no process holds: those of killed processes.
pub fn remove_abandoned(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !is_unfinished(&path) {
            continue;
        }

        // The lock is held while the file goes: a process that is just making it sees that it has
        // lost it. The file is opened read-only, so that a file of another user stays.
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if file.try_lock().is_ok() {
            fs::remove_file(&path)?;
        }
    }

    Ok(())
}

fn is_unfinished(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(OsStr::as_encoded_bytes)
        .unwrap_or_default();

    name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes())
}

/// Removes every unfinished file in `folder`. Only for the holder of the folder's lock: the
/// unfinished file of a live process looks the same.
pub fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_unfinished(&path) {
            fs::remove_file(&path)?;
        }
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_not_read() {
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), "12345").unwrap();

        assert_eq!(read(file.path(), Bytes(5), "note").unwrap(), b"12345");
        let refused = read(file.path(), Bytes(4), "note").unwrap_err().to_string();
        assert_eq!(refused, "it is longer than 4 B, which no note is");
    }

    #[test]
    fn a_file_is_replaced_whole_and_leftovers_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        fs::write(folder.path().join(".parbench-x1.part"), "half").unwrap();
        fs::write(folder.path().join(".mine.part"), "another's").unwrap();

        remove_leftovers(folder.path()).unwrap();

        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();

        assert_eq!(names, [".mine.part", "a"]);
        assert_eq!(fs::read(&path).unwrap(), b"second");
    }

    #[test]
    fn an_abandoned_file_goes_and_one_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let abandoned = folder.path().join(".parbench-x1.part");
        fs::write(&abandoned, "half").unwrap();
        let in_use = temporary_in(folder.path()).unwrap();

        remove_abandoned(folder.path()).unwrap();
        assert!(!abandoned.exists() && in_use.path().exists());

        in_use.persist(folder.path().join("whole")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir_all(path.join("inner")).unwrap();

        assert!(write(&path, b"bytes").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_what_the_umask_allows() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (plain, whole) = (folder.path().join("plain"), folder.path().join("whole"));

        fs::write(&plain, "").unwrap();
        write(&whole, b"").unwrap();

        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&whole), mode(&plain));
    }
}
