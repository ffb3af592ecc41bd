//! The generated set: noise pictures in a folder that is made once and used again. Makes, checks and mends
//! the folder; knows nothing of tasks.
//!
//! A file's content depends on side, quality, seed and its own index, never on how many there are or who
//! makes them. `manifest.json` holds the parameters and each file's size and SHA-256, and is believed
//! only if the parameters are these and only for files whose bytes still give that hash. Everything else
//! is made again: what is missing, damaged, or, after a kill, was never entered.
//!
//! Files and manifest are renamed into place when they are whole. Making is done under an exclusive
//! lock on the file `.lock`; looking is not, because a file in its place never changes: it can only be
//! replaced by one with the same bytes. So a complete set needs no right to write. What was looked at a moment ago is
//! not looked at again (`verified.rs`).

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use serde::{Deserialize, Serialize};

use super::broken::Broken;
use super::parallel::for_each_file;
use super::params::{Count, Quality, Side};
use super::room;
use super::stream::{Purpose, Stream};
use super::verified::Note;
use crate::event::Event;
use crate::printable;
use crate::units::Bytes;
use crate::whole_file;
use crate::workload::digest::Digest;
use crate::workload::{Context, Error};

/// Which set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DataSet {
    /// How many pictures.
    pub count: Count,
    /// Pixels along each side.
    pub side: Side,
    /// Their JPEG quality.
    pub quality: Quality,
    /// Seed of the noise.
    pub seed: u64,
}

/// The set's folder in words that a machine reads.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    generator: String,
    parameters: DataSet,
    files: BTreeMap<String, Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    bytes: u64,
    sha256: Digest,
}

const MANIFEST: &str = "manifest.json";
const FORMAT: u32 = 1;
/// Named anew when the same parameters give other bytes; a test notices that they do.
const GENERATOR: &str = "noise 1: uniform RGB bytes, JPEG 4:2:0";

impl DataSet {
    /// The set's files in order, all of them whole, in `data_dir` or the platform's cache folder.
    pub(super) fn prepare(
        &self,
        data_dir: Option<&Path>,
        context: &Context<'_>,
    ) -> Result<Vec<PathBuf>, Error> {
        let folder = match data_dir {
            Some(folder) => folder.join(self.folder_name()),
            None => cache_folder()?.join(self.folder_name()),
        };
        self.make_sound(&folder, context, SystemTime::now())?;
        Ok((0..self.count.count())
            .map(|index| folder.join(file_name(index)))
            .collect())
    }

    /// Looks at every byte of the set, unless that was done a moment before `now`, and makes what is not sound.
    fn make_sound(
        &self,
        folder: &Path,
        context: &Context<'_>,
        now: SystemTime,
    ) -> Result<(), Error> {
        // The manifest decides what is sound, so it belongs to what must not have changed.
        let names: Vec<PathBuf> = (0..self.count.count())
            .map(file_name)
            .chain([MANIFEST.to_owned()])
            .map(PathBuf::from)
            .collect();
        let note = Note::before(folder, &names, now);
        let is_complete = self.entries(folder).len() == self.count.count();
        if is_complete && note.as_ref().is_some_and(|note| note.is_known(folder)) {
            return Ok(());
        }

        if self.sound_files(folder, context)?.len() < self.count.count() {
            return self.mend(folder, context);
        }
        if let Some(note) = note {
            note.keep(folder);
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

    /// Makes what is not sound. Whatever happens on the way, the files that are complete are entered in
    /// the manifest, so that the next run goes on from there.
    fn mend(&self, folder: &Path, context: &Context<'_>) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(|error| self.refused(folder, &error))?;
        let _lock = self.lock(folder, context)?;
        whole_file::remove_leftovers(folder).map_err(|error| self.refused(folder, &error))?;
        // Looked at again: another process may have made them while this one waited.
        let mut files = self.sound_files(folder, context)?;
        let names = (0..self.count.count()).map(file_name).enumerate();
        let missing: Vec<_> = names
            .filter(|(_, name)| !files.contains_key(name))
            .collect();
        let one = |nth: usize| -> Result<(String, Entry), Error> {
            let (index, name) = &missing[nth];
            let bytes = self.picture(*index)?;
            let path = folder.join(name);
            whole_file::write(&path, &bytes).map_err(|error| self.refused(&path, &error))?;
            Ok((name.clone(), Entry::of(&bytes)))
        };
        let held = Bytes(self.samples() as u64 * 2);
        let (made, outcome) = for_each_file(context, "making images", missing.len(), held, one);
        files.extend(made.into_iter().flatten());
        let written = self.write_manifest(folder, files);
        outcome.and(written)
    }

    /// The entries of the files whose bytes are what the manifest says.
    fn sound_files(
        &self,
        folder: &Path,
        context: &Context<'_>,
    ) -> Result<BTreeMap<String, Entry>, Error> {
        let listed: Vec<_> = self.entries(folder).into_iter().collect();
        if listed.is_empty() {
            return Ok(BTreeMap::new());
        }
        let held = Bytes(
            listed
                .iter()
                .map(|(_, entry)| entry.bytes)
                .max()
                .unwrap_or(0),
        );
        let check = |nth: usize| {
            let (name, entry) = &listed[nth];
            Ok(fs::read(folder.join(name)).is_ok_and(|bytes| Entry::of(&bytes) == *entry))
        };
        let (sound, outcome) = for_each_file(context, "checking images", listed.len(), held, check);
        outcome?;
        let both = listed.into_iter().zip(sound);
        Ok(both
            .filter(|(_, sound)| *sound == Some(true))
            .map(|(listed, _)| listed)
            .collect())
    }

    /// What the manifest says of this set's files: nothing if it is missing, unreadable or another set's.
    fn entries(&self, folder: &Path) -> BTreeMap<String, Entry> {
        let text = fs::read(folder.join(MANIFEST)).unwrap_or_default();
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&text) else {
            return BTreeMap::new();
        };
        let Manifest {
            format,
            generator,
            parameters,
            mut files,
        } = manifest;
        if (format, generator.as_str(), &parameters) != (FORMAT, GENERATOR, self) {
            return BTreeMap::new();
        }
        let names: Vec<String> = (0..self.count.count()).map(file_name).collect();
        files.retain(|name, _| names.binary_search(name).is_ok());
        files
    }

    fn write_manifest(&self, folder: &Path, files: BTreeMap<String, Entry>) -> Result<(), Error> {
        let parameters = self.clone();
        let manifest = Manifest {
            format: FORMAT,
            generator: GENERATOR.to_owned(),
            parameters,
            files,
        };
        let text = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| Error::failed(error.to_string()))?;
        let path = folder.join(MANIFEST);
        whole_file::write(&path, &text).map_err(|error| self.refused(&path, &error))
    }

    /// Waits until no other process makes this set; the lock ends with the file. The wait is a poll: a
    /// blocking lock would not see the user's wish to leave.
    fn lock(&self, folder: &Path, context: &Context<'_>) -> Result<File, Error> {
        let path = folder.join(".lock");
        let file = File::create(&path).map_err(|error| self.refused(&path, &error))?;
        let mut waiting = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(self.refused(&path, &error)),
                Err(TryLockError::WouldBlock) => context.stop.check()?,
            }
            if !waiting {
                let text = format!(
                    "another process is making {}: waiting for it",
                    printable::path(folder)
                );
                context.observer.observe(&Event::Warning(text));
                waiting = true;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The file of picture `index`.
    fn picture(&self, index: usize) -> Result<Vec<u8>, Error> {
        let refused = |broken: Broken| Error::failed(format!("{} {broken}", file_name(index)));
        let mut samples = room::zeroed(self.samples()).map_err(refused)?;
        Stream::new(Purpose::Noise, self.seed, index).fill(&mut samples);
        let narrow = |error: std::num::TryFromIntError| Error::failed(error.to_string());
        let side = u16::try_from(self.side.get()).map_err(narrow)?;
        let quality = u8::try_from(self.quality.get()).map_err(narrow)?;

        // The file is smaller than its noise.
        let mut file = Vec::new();
        room::reserve(&mut file, self.samples()).map_err(refused)?;
        let mut encoder = Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(&samples, side, side, ColorType::Rgb)
            .map_err(|error| Error::failed(format!("cannot encode a picture: {error}")))?;
        Ok(file)
    }

    fn samples(&self) -> usize {
        self.side.count() * self.side.count() * 3
    }

    fn refused(&self, path: &Path, error: &io::Error) -> Error {
        // Noise keeps at most about this share of its bytes at quality 60, and more above it.
        let needed =
            Bytes(self.samples() as u64 * self.count.get() * self.quality.get().max(12) / 300);
        Error::failed(format!(
            "cannot write {}: {error}; the data set needs about {needed} in a folder that you may write to: \
             make room or choose another place with --data-dir DIR",
            printable::path(path)
        ))
    }
}

impl Entry {
    fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        }
    }
}

fn file_name(index: usize) -> String {
    format!("noise-{index:05}.jpg")
}

fn cache_folder() -> Result<PathBuf, Error> {
    let strategy = etcetera::base_strategy::choose_native_strategy();
    strategy
        .map(|strategy| strategy.cache_dir().join("parbench"))
        .map_err(|error| {
            Error::failed(format!(
                "no cache folder for the data set: {error}; choose a place with --data-dir DIR"
            ))
        })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tempfile::TempDir;

    use super::*;
    use crate::event::{Observer, Silent};
    use crate::stop::Stop;

    fn set() -> DataSet {
        DataSet {
            count: Count::clamped(5),
            side: Side::clamped(64),
            quality: Quality::clamped(60),
            seed: 42,
        }
    }

    fn context<'a>(stop: &'a Stop, observer: &'a dyn Observer) -> Context<'a> {
        Context {
            stop,
            observer,
            workers: std::num::NonZeroUsize::MIN,
            memory: Bytes(1_000_000_000),
        }
    }

    fn made(set: &DataSet, home: &TempDir) -> Vec<PathBuf> {
        set.prepare(Some(home.path()), &context(&Stop::new(), &Silent))
            .unwrap()
    }

    /// Every visible file's name, content and time of its last change.
    fn contents(home: &TempDir) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let folder = home.path().join(set().folder_name());
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let visible =
            entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        let of = |path: &Path| {
            (
                fs::read(path).unwrap(),
                fs::metadata(path).unwrap().modified().unwrap(),
            )
        };
        visible
            .map(|entry| (entry.file_name().into_string().unwrap(), of(&entry.path())))
            .collect()
    }

    /// Says stop when so many files are done.
    struct StopAfter(Stop, AtomicUsize);

    impl Observer for StopAfter {
        fn observe(&self, event: &Event) {
            if *event == Event::StepDone && self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
                self.0.raise(2);
            }
        }
    }

    #[test]
    fn a_files_bytes_depend_on_its_index_side_quality_and_seed_only() {
        const KNOWN: &str = "aae3feb3bb33957fd2a426434616acd3b81d8d45ab9ac195cfb6e0320f2130a7";
        let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let fewer = DataSet {
            count: Count::clamped(3),
            ..set()
        };
        let (five, three) = (made(&set(), &homes[0]), made(&fewer, &homes[1]));
        let read = |paths: &[PathBuf]| -> Vec<_> {
            paths.iter().map(|path| fs::read(path).unwrap()).collect()
        };
        assert_eq!(read(&five)[..3], read(&three));
        for other in [
            DataSet {
                side: Side::clamped(65),
                ..set()
            },
            DataSet {
                quality: Quality::clamped(61),
                ..set()
            },
            DataSet { seed: 43, ..set() },
        ] {
            assert_ne!(other.picture(0).unwrap(), set().picture(0).unwrap());
            assert_ne!(other.folder_name(), set().folder_name());
        }
        // If this changes, `GENERATOR` needs another name: published digests no longer hold.
        assert_eq!(Digest::of(set().picture(0).unwrap()).to_string(), KNOWN);
    }

    #[test]
    fn files_are_four_two_zero() {
        let file = set().picture(1).unwrap();
        let frame = file
            .windows(4)
            .position(|bytes| bytes == [0xFF, 0xC0, 0, 17])
            .unwrap();
        let sampling: Vec<u8> = file[frame + 10..]
            .iter()
            .skip(1)
            .step_by(3)
            .take(3)
            .copied()
            .collect();
        assert_eq!(sampling, [0x22, 0x11, 0x11]);
    }

    #[test]
    fn a_sound_set_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        made(&set(), &home);
        let before = contents(&home);
        assert_eq!(before.len(), 6);
        made(&set(), &home);
        assert_eq!(contents(&home), before);
    }

    /// Counts the files that are looked at.
    #[derive(Default)]
    struct Looks(AtomicUsize);

    impl Observer for Looks {
        fn observe(&self, event: &Event) {
            if let Event::StepsStarted {
                what: "checking images",
                steps,
            } = event
            {
                self.0.fetch_add(*steps, Ordering::Relaxed);
            }
        }
    }

    /// So each of many worker processes that start beside the one that has looked at the set.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_looked_at_a_moment_ago_is_looked_at_again_only_when_it_changed() {
        let home = tempfile::tempdir().unwrap();
        let files = made(&set(), &home);
        let folder = files[0].parent().unwrap();
        // Files that have just been made may still change.
        let later = SystemTime::now() + Duration::from_mins(1);
        let looks = || {
            let looks = Looks::default();
            set()
                .make_sound(folder, &context(&Stop::new(), &looks), later)
                .unwrap();
            looks.0.into_inner()
        };
        assert_eq!((looks(), looks(), looks()), (5, 0, 0));

        fs::write(&files[1], "damaged").unwrap();
        assert_eq!((looks() >= 5, looks(), looks()), (true, 5, 0));
        assert_eq!(fs::read(&files[1]).unwrap(), set().picture(1).unwrap());

        fs::write(folder.join(MANIFEST), "damaged").unwrap();
        looks();
        assert!(set().entries(folder).len() == 5 && looks() == 5);
    }

    #[test]
    fn only_what_is_damaged_is_made_again() {
        let home = tempfile::tempdir().unwrap();
        let files = made(&set(), &home);
        let before = contents(&home);
        let mut bytes = fs::read(&files[0]).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&files[0], &bytes).unwrap();
        fs::remove_file(&files[1]).unwrap();
        fs::write(&files[3], &fs::read(&files[3]).unwrap()[..100]).unwrap();
        let leftover = files[0].with_file_name(".parbench-abc.part");
        fs::write(&leftover, "half").unwrap();
        made(&set(), &home);
        let after = contents(&home);
        assert!(before.keys().eq(after.keys()) && !leftover.exists());
        for (name, (bytes, changed)) in &before {
            assert_eq!(&after[name].0, bytes, "{name}");
            let untouched = ["noise-00002.jpg", "noise-00004.jpg"].contains(&name.as_str());
            assert!(!untouched || after[name].1 == *changed, "{name}");
        }
    }

    #[test]
    fn a_manifest_that_is_missing_foreign_or_damaged_is_not_believed() {
        let home = tempfile::tempdir().unwrap();
        let folder = made(&set(), &home)[0].parent().unwrap().to_owned();
        let good = fs::read_to_string(folder.join(MANIFEST)).unwrap();
        for doubtful in [
            String::new(),
            good[..good.len() / 2].to_owned(),
            good.replace("\"format\": 1", "\"format\": 2"),
            good.replace("noise 1:", "noise 0:"),
            good.replace("\"seed\": 42", "\"seed\": 41"),
            good.replace("\"side\": 64", "\"side\": 65"),
            good.replace("\"quality\": 60", "\"quality\": 50"),
            good.replace("\"count\": 5", "\"count\": 6"),
        ] {
            assert_ne!(doubtful, good);
            fs::write(folder.join(MANIFEST), &doubtful).unwrap();
            assert!(set().entries(&folder).is_empty(), "{doubtful}");
            fs::write(folder.join(file_name(2)), "not what it says").unwrap();
            made(&set(), &home);
            assert_eq!(fs::read_to_string(folder.join(MANIFEST)).unwrap(), good);
            assert_eq!(
                fs::read(folder.join(file_name(2))).unwrap(),
                set().picture(2).unwrap()
            );
        }
    }

    #[test]
    fn another_sets_files_in_this_ones_place_are_noticed() {
        let home = tempfile::tempdir().unwrap();
        let other = DataSet { seed: 43, ..set() };
        made(&other, &home);
        fs::rename(
            home.path().join(other.folder_name()),
            home.path().join(set().folder_name()),
        )
        .unwrap();
        let files = made(&set(), &home);
        assert_eq!(fs::read(&files[0]).unwrap(), set().picture(0).unwrap());
    }

    #[test]
    fn what_is_complete_at_a_stop_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let stop = Stop::new();
        let observer = StopAfter(stop.clone(), AtomicUsize::new(2));
        let error = set()
            .prepare(Some(home.path()), &context(&stop, &observer))
            .unwrap_err();
        assert!(matches!(error, Error::Interrupted(_)));
        let before = contents(&home);
        assert!(
            (3..=4).contains(&before.len()),
            "two or three files and the manifest: {:?}",
            before.keys()
        );
        assert!(
            before
                .keys()
                .all(|name| name == MANIFEST || name.starts_with("noise-"))
        );
        made(&set(), &home);
        let after = contents(&home);
        assert_eq!(after.len(), 6);
        assert!(
            before
                .iter()
                .all(|(name, file)| name == MANIFEST || after[name] == *file)
        );
    }

    #[test]
    fn the_wait_for_another_process_can_be_left() {
        struct StopAtWarning(Stop);
        impl Observer for StopAtWarning {
            fn observe(&self, event: &Event) {
                if matches!(event, Event::Warning(text) if text.contains("another process")) {
                    self.0.raise(2);
                }
            }
        }
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(set().folder_name());
        fs::create_dir_all(&folder).unwrap();
        let other = File::create(folder.join(".lock")).unwrap();
        other.lock().unwrap();
        let stop = Stop::new();
        let observer = StopAtWarning(stop.clone());
        let error = set()
            .prepare(Some(home.path()), &context(&stop, &observer))
            .unwrap_err();
        assert!(matches!(error, Error::Interrupted(_)));
        assert!(contents(&home).is_empty());
        drop(other);
        assert_eq!(made(&set(), &home).len(), 5);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_the_way_out() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let error = set()
            .prepare(Some(&file), &context(&Stop::new(), &Silent))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("cannot write {}", file.display())),
            "{error}"
        );
        assert!(
            error.contains("needs about ") && error.ends_with("--data-dir DIR"),
            "{error}"
        );
        assert!(!error.contains('\n'));
    }
}
