//! A note of what was verified a moment ago, so that the worker processes of a run need not read
//! all pictures again that the process which started them has just read.
//!
//! The note is a file. It holds the machine's boot, the time, what the system reports of each
//! picture's file, and what was found out about them. Of a file it has the size, the inode, and the
//! times of the last change of its content and of anything else of it, which nobody can set. It
//! counts for ten minutes, on the same boot of the same machine, as long as all of that is still
//! the same. Without it every byte is read, so a note that cannot be written or read costs only
//! time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::whole_file;

/// How long a note counts.
const RECENT: Duration = Duration::from_mins(10);

/// A file that was changed less than this ago could be changed again without another time: the
/// system's clock for files ticks some hundred times a second, and on some file systems once in two
/// seconds.
const SETTLED: Duration = Duration::from_secs(3);

/// Files of one folder at one moment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Files {
    boot: String,
    at_s: u64,
    folder: PathBuf,
    identities: Vec<Identity>,
}

/// What a note's file holds.
#[derive(Serialize, Deserialize)]
struct Note<F, Found> {
    of: F,
    found: Found,
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

impl Files {
    /// The state of `names` in `folder` before their bytes are verified. `None` where the system
    /// does not report enough, and when a file was changed a moment ago.
    pub(super) fn before(folder: &Path, names: &[PathBuf], now: SystemTime) -> Option<Self> {
        let identities: Vec<Identity> = names
            .iter()
            .map(|name| identity(folder, name))
            .collect::<Option<_>>()?;

        let now = now.duration_since(UNIX_EPOCH).ok()?;
        let settled = i64::try_from(now.saturating_sub(SETTLED).as_secs()).ok()?;
        let all_settled = identities.iter().all(|file| {
            file.content_changed.seconds < settled && file.anything_changed.seconds < settled
        });
        if !all_settled {
            return None;
        }

        Some(Self {
            boot: boot()?,
            at_s: now.as_secs(),
            folder: fs::canonicalize(folder).ok()?,
            identities,
        })
    }

    /// Writes to `note` that all files were sound, and what was found out about them.
    pub(super) fn keep(&self, note: &Path, found: &impl Serialize) {
        // In a folder that cannot be written every file is verified each time.
        if let Ok(text) = serde_json::to_vec(&Note { of: self, found }) {
            let _ = whole_file::write(note, &text);
        }
    }

    /// What `note` holds of the same files, if they were found sound a moment before this one.
    pub(super) fn known<Found: DeserializeOwned>(&self, note: &Path) -> Option<Found> {
        let text = fs::read(note).ok()?;
        let note: Note<Self, Found> = serde_json::from_slice(&text).ok()?;

        self.are_still(&note.of).then_some(note.found)
    }

    /// Whether nothing has happened to the files since `earlier`, a moment ago.
    fn are_still(&self, earlier: &Self) -> bool {
        let age = self.at_s.checked_sub(earlier.at_s);
        let is_recent = age.is_some_and(|age| age < RECENT.as_secs());

        is_recent
            && earlier.boot == self.boot
            && earlier.folder == self.folder
            && earlier.identities == self.identities
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
        let note = folder.path().join("note");
        let files = |after: Duration| Files::before(folder.path(), &names, now + after);
        let known = |after: Duration| files(after).unwrap().known::<u8>(&note);
        assert!(
            files(Duration::ZERO).is_none(),
            "they may change within this tick"
        );
        assert_eq!(known(LATER), None, "there is no note");

        files(LATER).unwrap().keep(&note, &7);
        assert_eq!(known(LATER), Some(7));
        assert_eq!(known(RECENT), Some(7));
        assert_eq!(known(LATER + RECENT), None, "that is long ago");
        assert_eq!(known(LATER / 2), None, "a clock that was set back");

        let elsewhere = Files {
            boot: "another boot".to_owned(),
            ..files(LATER).unwrap()
        };
        assert_eq!(elsewhere.known::<u8>(&note), None);
        let of_another_folder = Files {
            folder: PathBuf::from("/another/folder"),
            ..files(LATER).unwrap()
        };
        assert_eq!(of_another_folder.known::<u8>(&note), None);
        let other_found = files(LATER).unwrap().known::<String>(&note);
        assert_eq!(other_found, None, "a note of something else");
    }

    #[test]
    fn a_file_that_was_changed_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let note = folder.path().join("note");
        let names = [PathBuf::from("a")];
        let files = || Files::before(folder.path(), &names, SystemTime::now() + LATER);

        fs::write(&path, "some bytes").unwrap();
        files().unwrap().keep(&note, &());
        assert_eq!(files().unwrap().known(&note), Some(()));

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
        assert_eq!(files().unwrap().known::<()>(&note), None);

        fs::remove_file(&path).unwrap();
        assert!(files().is_none());
    }
}
