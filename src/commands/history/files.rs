//! A history's files. A line is written at once to the end of a file and never changed, so that
//! processes that add at the same time do not tear each other's lines.
//!
//! A folder has a file for each month. A run is one line of one file, which a file for each
//! workload would not allow; two branches change only the files of the months in which both
//! measured, and `.gitattributes` has git keep the lines of both; and what is old is never touched
//! again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::history::{History, Record, history};
use crate::printable;
use crate::units::Bytes;
use crate::whole_file;

const EXTENSION: &str = "jsonl";

/// More than a month of runs takes.
const LONGEST: Bytes = Bytes(1 << 30);

/// What git does with two branches that both added lines.
const ATTRIBUTES: &str = "*.jsonl merge=union\n";

/// Where a history is: a file of lines, or a folder of such files.
#[derive(Clone, Debug)]
pub struct Store(PathBuf);

/// What became of a line that was to be added.
pub(super) enum Added {
    /// It is in this file now.
    To(PathBuf),
    /// It was there before, as a run of this commit.
    Before(PathBuf, Option<String>),
}

impl Store {
    /// The store at `path`.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// What messages call it.
    pub(super) fn name(&self) -> String {
        printable::path(&self.0)
    }

    fn is_file(&self) -> bool {
        !self.0.is_dir()
            && self
                .0
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
    }

    /// What adds runs to it.
    pub(super) fn adder(&self) -> Adder<'_> {
        Adder {
            store: self,
            known: HashMap::new(),
        }
    }

    /// The file for the line of `record`, in a folder that is there.
    fn file_of(&self, record: &Record) -> Result<PathBuf> {
        if self.is_file() {
            return Ok(self.0.clone());
        }

        self.make_folder()?;
        let month: String = record.started_at.chars().take("2026-01".len()).collect();
        Ok(self.0.join(format!("{month}.{EXTENSION}")))
    }

    fn make_folder(&self) -> Result<()> {
        let cannot = || format!("cannot make the folder {}", self.name());

        match fs::create_dir(&self.0) {
            Ok(()) => fs::write(self.0.join(".gitattributes"), ATTRIBUTES).with_context(cannot),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.0.is_dir() => Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists
                    && self.0.is_symlink()
                    && !self.0.exists() =>
            {
                bail!(
                    "{} is a link to a folder that is not there: make that folder",
                    self.name()
                )
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
                "{} is a file: a history is a folder, or a file ending in .{EXTENSION}",
                self.name()
            ),
            Err(error) => Err(error).with_context(cannot),
        }
    }

    /// The files that it is made of.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>> {
        if !self.0.is_dir() {
            return Ok(vec![self.0.clone()]);
        }

        self.lines_in_folder()
            .with_context(|| format!("cannot read {}", self.name()))
    }

    /// All that the store holds.
    pub(super) fn read(&self) -> Result<History> {
        let paths = self.files()?;
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let name = printable::path(&path);
            let content = whole_file::read(&path, LONGEST, "history").map_err(|error| {
                let remedy = match error.kind() {
                    io::ErrorKind::NotFound => "; `history add RUN.json` makes a store",
                    _ => "",
                };
                anyhow!("cannot read {name}: {error}{remedy}")
            })?;
            files.push((name, content));
        }
        Ok(history(&files))
    }

    /// The same, which must hold a run that can be read.
    pub(super) fn read_some(&self) -> Result<History> {
        let history = self.read()?;
        if !history.records.is_empty() {
            return Ok(history);
        }

        match history.damage.first() {
            Some(damage) => bail!(
                "{} holds no run that can be read: {}:{} {}",
                self.name(),
                damage.file,
                damage.line,
                damage.why
            ),
            None => bail!(
                "{} holds no run: add one with `history add RUN.json`",
                self.name()
            ),
        }
    }

    fn lines_in_folder(&self) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
            {
                paths.push(path);
            }
        }

        paths.sort();
        Ok(paths)
    }
}

/// Adds runs to a store. It reads each file of it once, however many runs there are.
pub(super) struct Adder<'a> {
    store: &'a Store,
    known: HashMap<PathBuf, Commits>,
}

/// The commit of each run of a file, by the run's name.
type Commits = HashMap<String, Option<String>>;

impl Adder<'_> {
    /// Adds the line of `record`, unless it is there.
    pub(super) fn add(&mut self, record: &Record) -> Result<Added> {
        let path = self.store.file_of(record)?;
        let cannot = || format!("cannot add to {}", printable::path(&path));
        let known = match self.known.entry(path.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => unread.insert(commits(&path).with_context(cannot)?),
        };

        if let Some(commit) = known.get(&record.run) {
            return Ok(Added::Before(path, commit.clone()));
        }
        append(&path, &record.text()).with_context(cannot)?;
        known.insert(record.run.clone(), record.commit.clone());
        Ok(Added::To(path))
    }
}

/// Those of the file at `path`, which need not be there.
fn commits(path: &Path) -> io::Result<Commits> {
    let content = match whole_file::read(path, LONGEST, "history") {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Commits::new()),
        Err(error) => return Err(error),
    };

    let records = history(&[(String::new(), content)]).records.into_iter();
    Ok(records.map(|record| (record.run, record.commit)).collect())
}

/// Adds `line` to the file at `path`, and its line end. Where the last line of the file lacks its
/// own, since the disk was full or an editor left it out, it gets one first.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .read(true)
        .open(path)?;
    let start = if ends_with_line_end(&mut file)? {
        ""
    } else {
        "\n"
    };
    let bytes = format!("{start}{line}\n").into_bytes();

    // One write: the system puts it behind whatever others have written meanwhile.
    let before = file.seek(SeekFrom::End(0))?;
    let written = file.write(&bytes)?;
    if written < bytes.len() {
        // Half a line would be named at every look, unless somebody has written behind it.
        if file.seek(SeekFrom::End(0)).ok() == Some(before + written as u64) {
            file.set_len(before).ok();
        }
        return Err(io::Error::new(
            io::ErrorKind::StorageFull,
            "only a part of the line could be written: free some space and add the run again",
        ));
    }
    file.sync_all()
}

fn ends_with_line_end(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }

    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture;

    fn record(day: usize) -> Record {
        fixture::of(&vec![1.0; day + 1]).records.swap_remove(day)
    }

    fn lines(path: &Path) -> usize {
        fs::read_to_string(path).unwrap().lines().count()
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_no_folder_is_not_said_to_be_a_file() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("history")).unwrap();
        let store = Store::new(folder.path().join("history"));

        let refused = store.adder().add(&record(0)).err().unwrap().to_string();
        assert!(
            refused.ends_with("is a link to a folder that is not there: make that folder"),
            "{refused}"
        );
    }

    #[test]
    fn a_folder_has_a_file_for_each_month() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("history"));
        for day in [40, 0, 1, 29] {
            store.adder().add(&record(day)).unwrap();
        }

        let mut names: Vec<_> = fs::read_dir(folder.path().join("history"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [".gitattributes", "2026-01.jsonl", "2026-02.jsonl"]);
        assert_eq!(store.read().unwrap().records.len(), 4);
        assert!(store.read().unwrap().damage.is_empty());
    }

    #[test]
    fn a_run_is_added_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h.jsonl");
        let store = Store::new(path.clone());

        assert!(matches!(
            store.adder().add(&record(3)).unwrap(),
            Added::To(_)
        ));
        assert!(matches!(
            store.adder().add(&record(3)).unwrap(),
            Added::Before(..)
        ));
        assert_eq!(lines(&path), 1);
    }

    #[test]
    fn a_line_without_its_end_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h.jsonl");
        fs::write(&path, format!("{}\n{{\"history_ver", record(0).text())).unwrap();
        let store = Store::new(path.clone());
        store.adder().add(&record(1)).unwrap();

        assert_eq!(lines(&path), 3);
        let history = store.read().unwrap();
        assert_eq!((history.records.len(), history.damage.len()), (2, 1));
        assert_eq!(history.damage[0].line, 2);
    }

    #[test]
    fn adding_at_the_same_time_tears_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("history"));
        let records: Vec<Record> = fixture::of(&[1.0; 24]).records;

        std::thread::scope(|scope| {
            for part in records.chunks(3) {
                let store = &store;
                scope.spawn(move || {
                    for record in part {
                        store.adder().add(record).unwrap();
                    }
                });
            }
        });
        let history = store.read().unwrap();
        assert_eq!((history.records.len(), history.damage.len()), (24, 0));
        assert!(history.twice.is_empty());
    }

    #[test]
    fn what_is_no_store_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &str| {
            let store = Store::new(folder.path().join(path));
            format!("{:#}", store.read_some().unwrap_err())
        };

        assert!(error("no.jsonl").ends_with("; `history add RUN.json` makes a store"));
        fs::create_dir(folder.path().join("folder.jsonl")).unwrap();
        let unreadable = error("folder.jsonl");
        assert!(!unreadable.contains("makes a store"), "{unreadable}");
        fs::remove_dir(folder.path().join("folder.jsonl")).unwrap();
        assert!(error("").contains("holds no run: add one"));
        fs::write(folder.path().join("bad.jsonl"), "nothing\n").unwrap();
        assert!(error("bad.jsonl").contains("bad.jsonl:1 is not a run"));
    }
}
