//! The generated set: noise pictures in a folder that is made once and used again.
//!
//! A file's content depends on side, quality, seed and its own index, never on how many files there
//! are or which process makes them. `manifest.json` lists each file's size and SHA-256. It counts
//! only if its parameters are the wanted ones, and only for files whose bytes still have that hash.
//! All other files are made again: missing and damaged ones, and those that a killed process had no
//! time to list.
//!
//! Files and manifest are renamed into place when they are whole. Making them needs an exclusive
//! lock on the file `.lock`. Reading them does not, because a file in its place never changes: it
//! can only be replaced by one with the same bytes. So a complete set can be used without
//! permission to write. A set that was verified a moment ago is not read again (`verified.rs`).

mod manifest;
mod noise;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use self::manifest::{FileRecord, Files};
use super::cache_folder::cache_folder;
use super::parallel::for_each_file;
use super::params::{Count, Quality, Side};
use super::verified;
use crate::event::Event;
use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::units::Bytes;
use crate::whole_file;
use crate::workload::{Context, Error};

/// The name of the note that the files were verified.
const NOTE: &str = ".verified.json";
/// The pause between two attempts to get the lock.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The parameters of a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DataSet {
    /// How many pictures it has.
    pub count: Count,
    /// Pixels along each side.
    pub side: Side,
    /// Their JPEG quality.
    pub quality: Quality,
    /// Seed of the noise.
    pub seed: u64,
}

impl DataSet {
    /// The set's files in order, all of them whole, in `data_dir` or the platform's cache folder.
    pub(super) fn prepare(
        &self,
        data_dir: Option<&Path>,
        context: &Context<'_>,
    ) -> Result<Vec<PathBuf>, Error> {
        let parent = match data_dir {
            Some(folder) => folder.to_owned(),
            None => own_cache_folder()?,
        };
        let folder = parent.join(self.folder_name());
        self.complete(&folder, context, SystemTime::now())?;

        Ok(self.names().map(|name| folder.join(name)).collect())
    }

    /// Verifies every byte of the set, unless that was done a moment before `now`, and makes the
    /// files that are not sound.
    fn complete(&self, folder: &Path, context: &Context<'_>, now: SystemTime) -> Result<(), Error> {
        // The manifest decides which files are sound, so it must not have changed either.
        let names: Vec<PathBuf> = self
            .names()
            .chain([manifest::NAME.to_owned()])
            .map(PathBuf::from)
            .collect();
        let note = folder.join(NOTE);
        let files = verified::Files::before(folder, &names, now);

        let all_listed = manifest::read(folder, self).len() == self.count.count();
        let known = files.as_ref().and_then(|files| files.known::<()>(&note));
        if all_listed && known.is_some() {
            return Ok(());
        }

        if self.sound_files(folder, context)?.len() < self.count.count() {
            return self.mend(folder, context);
        }

        if let Some(files) = files {
            files.keep(&note, &());
        }
        Ok(())
    }

    fn folder_name(&self) -> String {
        let Self {
            count,
            side,
            quality,
            seed,
        } = self;
        format!("noise-{side}x{side}-q{quality}-n{count}-s{seed}")
    }

    /// The names of the set's files, in order.
    fn names(&self) -> impl Iterator<Item = String> {
        (0..self.count.count()).map(file_name)
    }

    /// Makes the files that are not sound. After an error, too, the complete files are listed in
    /// the manifest, so that the next run goes on from there.
    fn mend(&self, folder: &Path, context: &Context<'_>) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(|error| self.cannot_write(folder, &error))?;
        let _lock = self.lock(folder, context)?;
        whole_file::remove_leftovers(folder).map_err(|error| self.cannot_write(folder, &error))?;

        // Verified again: another process may have made them while this one waited for the lock.
        let mut files = self.sound_files(folder, context)?;
        let missing: Vec<(usize, String)> = self
            .names()
            .enumerate()
            .filter(|(_, name)| !files.contains_key(name))
            .collect();

        let make = |nth: usize| -> Result<(String, FileRecord), Error> {
            let (index, name) = &missing[nth];
            let bytes = self.picture(*index)?;
            let path = folder.join(name);
            whole_file::write(&path, &bytes).map_err(|error| self.cannot_write(&path, &error))?;

            Ok((name.clone(), FileRecord::of(&bytes)))
        };
        let held = Bytes(self.samples() as u64 * 2);
        let batch = for_each_file(context, "making images", missing.len(), held, make);

        files.extend(batch.results.into_iter().flatten());
        let listed = manifest::write(folder, self, files);
        batch.outcome.and(listed)
    }

    /// The listed files whose bytes have the listed hash.
    fn sound_files(&self, folder: &Path, context: &Context<'_>) -> Result<Files, Error> {
        let listed: Vec<(String, FileRecord)> = manifest::read(folder, self).into_iter().collect();
        if listed.is_empty() {
            return Ok(Files::new());
        }

        let largest = listed.iter().map(|(_, record)| record.bytes).max();
        let held = Bytes(largest.unwrap_or(0));
        let is_sound = |nth: usize| {
            let (name, record) = &listed[nth];
            Ok(fs::read(folder.join(name)).is_ok_and(|bytes| FileRecord::of(&bytes) == *record))
        };
        let batch = for_each_file(context, "checking images", listed.len(), held, is_sound);
        batch.outcome?;

        let verdicts = batch.results.into_iter();
        Ok(listed
            .into_iter()
            .zip(verdicts)
            .filter(|(_, sound)| *sound == Some(true))
            .map(|(file, _)| file)
            .collect())
    }

    /// Waits until no other process makes this set. The lock is released when the file is dropped.
    /// The wait is a poll, because during a blocking wait the user could not stop the program.
    fn lock(&self, folder: &Path, context: &Context<'_>) -> Result<File, Error> {
        let path = folder.join(".lock");
        let file = File::create(&path).map_err(|error| self.cannot_write(&path, &error))?;
        let mut announced = false;

        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(self.cannot_write(&path, &error)),
                Err(TryLockError::WouldBlock) => context.stop.check()?,
            }

            if !announced {
                let text = format!(
                    "another process is making {}: waiting for it",
                    printable::path(folder)
                );
                context.observer.observe(&Event::Warning(text));
                announced = true;
            }

            thread::sleep(LOCK_PAUSE);
        }
    }

    fn cannot_write(&self, path: &Path, error: &io::Error) -> Error {
        // Noise keeps at most about this share of its bytes at quality 60, and more above it.
        let needed =
            Bytes(self.samples() as u64 * self.count.get() * self.quality.get().max(12) / 300);

        let message = format!(
            "cannot write {}: {error}; the data set needs about {needed} in a folder that you may \
             write to: make room",
            printable::path(path)
        );
        Failure::new(message)
            .or(Setting::parameter("data_dir"), Change::Another)
            .into()
    }
}

fn file_name(index: usize) -> String {
    format!("noise-{index:05}.jpg")
}

fn own_cache_folder() -> Result<PathBuf, Error> {
    cache_folder().map_err(|error| {
        Failure::new(format!("no cache folder for the data set: {error}"))
            .or(Setting::parameter("data_dir"), Change::Another)
            .into()
    })
}

#[cfg(test)]
mod tests;
