//! What was verified a moment ago: so that the worker processes of a run need not hash a whole data set again that the
//! process which started them has just hashed.
//!
//! The note is a file in the set's folder. It holds the machine's boot, the time, and what the system says of each file:
//! size, inode, and the times of the last change of its content and of anything else of it, which nobody can set. It is
//! believed for ten minutes, on the same boot of the same machine, as long as all of that is still the same. Without it,
//! every byte is looked at, so a note that cannot be written or read costs time and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::whole_file;

const NAME: &str = ".verified.json";
/// How long a note is believed.
const RECENT: Duration = Duration::from_mins(10);
/// A file that was changed later than this before it was looked at could be changed again without another time: the
/// system's clock for files ticks some hundred times a second, on some file systems once in two seconds.
const SETTLED: Duration = Duration::from_secs(3);

/// Files of one folder at one moment.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    boot: String,
    at_s: u64,
    files: Vec<Identity>,
}

/// What the system says of a file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Identity {
    name: PathBuf,
    bytes: u64,
    inode: u64,
    /// Seconds and nanoseconds.
    content_changed: (i64, i64),
    anything_changed: (i64, i64),
}

impl Note {
    /// What there is of `names` in `folder` before its bytes are looked at. `None` where the system does not say
    /// enough, and when a file was changed a moment ago.
    pub(super) fn before(folder: &Path, names: &[PathBuf], now: SystemTime) -> Option<Self> {
        let files: Vec<Identity> = names
            .iter()
            .map(|name| identity(folder, name))
            .collect::<Option<_>>()?;
        let now = now.duration_since(UNIX_EPOCH).ok()?;

        let settled = i64::try_from(now.saturating_sub(SETTLED).as_secs()).ok()?;
        let is_settled =
            |file: &Identity| file.content_changed.0 < settled && file.anything_changed.0 < settled;
        let note = Self {
            boot: boot()?,
            at_s: now.as_secs(),
            files,
        };
        note.files.iter().all(is_settled).then_some(note)
    }

    /// Notes that all of it was found right.
    pub(super) fn keep(&self, folder: &Path) {
        // A folder that must not be written is looked at in full every time.
        if let Ok(text) = serde_json::to_vec(self) {
            let _ = whole_file::write(&folder.join(NAME), &text);
        }
    }

    /// Whether the same files were found right a moment before this look at them.
    pub(super) fn is_known(&self, folder: &Path) -> bool {
        let Ok(text) = fs::read(folder.join(NAME)) else {
            return false;
        };
        let Ok(earlier) = serde_json::from_slice::<Self>(&text) else {
            return false;
        };

        let age = self.at_s.checked_sub(earlier.at_s);
        let is_recent = age.is_some_and(|age| age < RECENT.as_secs());
        is_recent && (&earlier.boot, &earlier.files) == (&self.boot, &self.files)
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
        content_changed: (file.mtime(), file.mtime_nsec()),
        anything_changed: (file.ctime(), file.ctime_nsec()),
    })
}

#[cfg(not(target_os = "linux"))]
fn identity(_folder: &Path, _name: &Path) -> Option<Identity> {
    None
}

/// Names this machine since it was started; nowhere but on Linux.
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
        assert!(
            Note::before(folder.path(), &names, now).is_none(),
            "they may change within this tick"
        );

        let look = |after: Duration| Note::before(folder.path(), &names, now + after).unwrap();
        assert!(!look(LATER).is_known(folder.path()), "there is no note");
        look(LATER).keep(folder.path());
        assert!(look(LATER).is_known(folder.path()));
        assert!(look(RECENT).is_known(folder.path()));
        assert!(
            !look(LATER + RECENT).is_known(folder.path()),
            "that is long ago"
        );
        assert!(
            !look(LATER / 2).is_known(folder.path()),
            "a clock that was set back"
        );

        let elsewhere = Note {
            boot: "another boot".to_owned(),
            ..look(LATER)
        };
        assert!(!elsewhere.is_known(folder.path()));
    }

    #[test]
    fn a_file_that_was_changed_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let (path, names) = (folder.path().join("a"), [PathBuf::from("a")]);
        fs::write(&path, "some bytes").unwrap();
        let look = || Note::before(folder.path(), &names, SystemTime::now() + LATER);
        look().unwrap().keep(folder.path());

        // As long as before, and even with the time of before: the time of any change nobody can set.
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "same bytes").unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(before)
            .unwrap();
        assert!(!look().unwrap().is_known(folder.path()));

        fs::remove_file(&path).unwrap();
        assert!(look().is_none());
    }
}
