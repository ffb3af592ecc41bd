//! A note of what was verified a moment ago, so that the worker processes of a run need not hash a
//! whole data set again that the process which started them has just hashed.
//!
//! The note is a file in the set's folder. It holds the machine's boot, the time, and what the
//! system reports of each file: size, inode, and the times of the last change of its content and of
//! anything else of it, which nobody can set. It counts for ten minutes, on the same boot of the
//! same machine, as long as all of that is still the same. Without it every byte is hashed, so a
//! note that cannot be written or read costs only time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::whole_file;

/// The note's own name.
const NAME: &str = ".verified.json";

/// How long a note counts.
const RECENT: Duration = Duration::from_mins(10);

/// A file that was changed less than this ago could be changed again without another time: the
/// system's clock for files ticks some hundred times a second, and on some file systems once in two
/// seconds.
const SETTLED: Duration = Duration::from_secs(3);

/// Files of one folder at one moment.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    boot: String,
    at_s: u64,
    files: Vec<Identity>,
}

/// What the system reports of a file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Identity {
    name: PathBuf,
    bytes: u64,
    inode: u64,
    content_changed: FileTime,
    anything_changed: FileTime,
}

/// A time of the file system, since the start of 1970.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FileTime {
    seconds: i64,
    nanoseconds: i64,
}

impl Note {
    /// The state of `names` in `folder` before their bytes are verified. `None` where the system
    /// does not report enough, and when a file was changed a moment ago.
    pub(super) fn before(folder: &Path, names: &[PathBuf], now: SystemTime) -> Option<Self> {
        let files: Vec<Identity> = names
            .iter()
            .map(|name| identity(folder, name))
            .collect::<Option<_>>()?;

        let now = now.duration_since(UNIX_EPOCH).ok()?;
        let settled = i64::try_from(now.saturating_sub(SETTLED).as_secs()).ok()?;
        let all_settled = files.iter().all(|file| {
            file.content_changed.seconds < settled && file.anything_changed.seconds < settled
        });
        if !all_settled {
            return None;
        }

        Some(Self {
            boot: boot()?,
            at_s: now.as_secs(),
            files,
        })
    }

    /// Writes down that all files were sound.
    pub(super) fn keep(&self, folder: &Path) {
        // In a folder that cannot be written every file is verified each time.
        if let Ok(text) = serde_json::to_vec(self) {
            let _ = whole_file::write(&folder.join(NAME), &text);
        }
    }

    /// Whether the same files were found sound a moment before this note was made.
    pub(super) fn is_known(&self, folder: &Path) -> bool {
        let Ok(text) = fs::read(folder.join(NAME)) else {
            return false;
        };
        let Ok(earlier) = serde_json::from_slice::<Self>(&text) else {
            return false;
        };

        let age = self.at_s.checked_sub(earlier.at_s);
        let is_recent = age.is_some_and(|age| age < RECENT.as_secs());

        is_recent && earlier.boot == self.boot && earlier.files == self.files
    }
}

#[cfg(target_os = "linux")]
fn identity(folder: &Path, name: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;

    let file = fs::metadata(folder.join(name)).ok()?;

    Some(Identity {
        name: name.to_owned(),
        bytes: file.len(),
        inode: file.ino(),
        content_changed: FileTime {
            seconds: file.mtime(),
            nanoseconds: file.mtime_nsec(),
        },
        anything_changed: FileTime {
            seconds: file.ctime(),
            nanoseconds: file.ctime_nsec(),
        },
    })
}

#[cfg(not(target_os = "linux"))]
fn identity(_folder: &Path, _name: &Path) -> Option<Identity> {
    None
}

/// An identifier of this machine since its last start. Only Linux has one.
fn boot() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_mins(1);

    #[test]
    fn only_the_same_files_a_moment_later_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let names = [PathBuf::from("a"), PathBuf::from("b")];
        for name in &names {
            fs::write(folder.path().join(name), "some bytes").unwrap();
        }

        let now = SystemTime::now();
        let note = |after: Duration| Note::before(folder.path(), &names, now + after);
        let is_known = |after: Duration| note(after).unwrap().is_known(folder.path());
        assert!(
            note(Duration::ZERO).is_none(),
            "they may change within this tick"
        );
        assert!(!is_known(LATER), "there is no note");

        note(LATER).unwrap().keep(folder.path());
        assert!(is_known(LATER));
        assert!(is_known(RECENT));
        assert!(!is_known(LATER + RECENT), "that is long ago");
        assert!(!is_known(LATER / 2), "a clock that was set back");

        let elsewhere = Note {
            boot: "another boot".to_owned(),
            ..note(LATER).unwrap()
        };
        assert!(!elsewhere.is_known(folder.path()));
    }

    #[test]
    fn a_file_that_was_changed_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let names = [PathBuf::from("a")];
        let note = || Note::before(folder.path(), &names, SystemTime::now() + LATER);

        fs::write(&path, "some bytes").unwrap();
        note().unwrap().keep(folder.path());

        // The same length, and even the same time of the content's change. Nobody can set the time
        // of any change.
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "same bytes").unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(before)
            .unwrap();
        assert!(!note().unwrap().is_known(folder.path()));

        fs::remove_file(&path).unwrap();
        assert!(note().is_none());
    }
}
