//! Which bytes a set consists of, and which files of it are made again.

mod stops;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::digest::Digest;
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
        task_timeout: std::time::Duration::MAX,
        stop,
        observer,
        workers: std::num::NonZeroUsize::MIN,
        memory: Bytes(1_000_000_000),
    }
}

/// Makes `set` in `home`.
fn make(set: &DataSet, home: &TempDir) -> Vec<PathBuf> {
    set.prepare(Some(home.path()), &context(&Stop::new(), &Silent))
        .unwrap()
}

/// A file's content, and the time of its last change.
type Content = (Vec<u8>, SystemTime);

/// The content of every visible file of the set in `home`, by name.
fn contents(home: &TempDir) -> BTreeMap<String, Content> {
    let content = |path: &Path| {
        let modified = fs::metadata(path).unwrap().modified().unwrap();
        (fs::read(path).unwrap(), modified)
    };

    fs::read_dir(home.path().join(set().folder_name()))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| (name, content(&path)))
        .collect()
}

#[test]
fn a_files_bytes_depend_on_its_index_side_quality_and_seed_only() {
    const KNOWN: &str = "aae3feb3bb33957fd2a426434616acd3b81d8d45ab9ac195cfb6e0320f2130a7";
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let fewer = DataSet {
        count: Count::clamped(3),
        ..set()
    };

    let read = |paths: Vec<PathBuf>| -> Vec<_> {
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    };
    let five = read(make(&set(), &homes[0]));
    let three = read(make(&fewer, &homes[1]));
    assert_eq!(five[..3], three);

    let larger = DataSet {
        side: Side::clamped(65),
        ..set()
    };
    let finer = DataSet {
        quality: Quality::clamped(61),
        ..set()
    };
    let reseeded = DataSet { seed: 43, ..set() };
    for other in [larger, finer, reseeded] {
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
    make(&set(), &home);
    let before = contents(&home);
    assert_eq!(before.len(), 6);

    make(&set(), &home);
    assert_eq!(contents(&home), before);
}

/// Counts the files that are verified.
#[derive(Default)]
struct Verifications(AtomicUsize);

impl Observer for Verifications {
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

/// So does each of many worker processes that start next to the one that has verified the set.
#[test]
#[cfg(target_os = "linux")]
fn what_was_verified_a_moment_ago_is_verified_again_only_when_it_changed() {
    let home = tempfile::tempdir().unwrap();
    let files = make(&set(), &home);
    let folder = files[0].parent().unwrap();

    // Files that have just been made may still change.
    let later = SystemTime::now() + Duration::from_mins(1);
    let verified = || {
        let verifications = Verifications::default();
        set()
            .complete(folder, &context(&Stop::new(), &verifications), later)
            .unwrap();
        verifications.0.into_inner()
    };
    assert_eq!([verified(), verified(), verified()], [5, 0, 0]);

    fs::write(&files[1], "damaged").unwrap();
    assert!(verified() >= 5);
    assert_eq!([verified(), verified()], [5, 0]);
    assert_eq!(fs::read(&files[1]).unwrap(), set().picture(1).unwrap());

    fs::write(folder.join(manifest::NAME), "damaged").unwrap();
    verified();
    assert_eq!(manifest::read(folder, &set()).len(), 5);
    assert_eq!(verified(), 5);
}

#[test]
fn only_what_is_damaged_is_made_again() {
    let home = tempfile::tempdir().unwrap();
    let files = make(&set(), &home);
    let before = contents(&home);

    let mut bytes = fs::read(&files[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&files[0], &bytes).unwrap();
    fs::remove_file(&files[1]).unwrap();
    fs::write(&files[3], &fs::read(&files[3]).unwrap()[..100]).unwrap();
    let leftover = files[0].with_file_name(".parbench-abc.part");
    fs::write(&leftover, "half").unwrap();

    make(&set(), &home);
    let after = contents(&home);
    assert!(before.keys().eq(after.keys()) && !leftover.exists());
    for (name, (bytes, changed)) in &before {
        assert_eq!(&after[name].0, bytes, "{name}");
        let untouched = ["noise-00002.jpg", "noise-00004.jpg"].contains(&name.as_str());
        assert!(!untouched || after[name].1 == *changed, "{name}");
    }
}

#[test]
fn a_manifest_that_is_missing_foreign_or_damaged_does_not_count() {
    let home = tempfile::tempdir().unwrap();
    let folder = make(&set(), &home)[0].parent().unwrap().to_owned();
    let path = folder.join(manifest::NAME);
    let good = fs::read_to_string(&path).unwrap();

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
        fs::write(&path, &doubtful).unwrap();
        assert!(manifest::read(&folder, &set()).is_empty(), "{doubtful}");

        let picture = folder.join(file_name(2));
        fs::write(&picture, "not what it says").unwrap();
        make(&set(), &home);
        assert_eq!(fs::read_to_string(&path).unwrap(), good);
        assert_eq!(fs::read(&picture).unwrap(), set().picture(2).unwrap());
    }
}

#[test]
fn another_sets_files_in_the_place_of_this_one_are_noticed() {
    let home = tempfile::tempdir().unwrap();
    let other = DataSet { seed: 43, ..set() };
    make(&other, &home);
    let [from, to] = [&other, &set()].map(|set| home.path().join(set.folder_name()));
    fs::rename(from, to).unwrap();

    let files = make(&set(), &home);
    assert_eq!(fs::read(&files[0]).unwrap(), set().picture(0).unwrap());
}
