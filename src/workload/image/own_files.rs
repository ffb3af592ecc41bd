//! The user's own pictures: which files in a folder are used, and what is wrong with the others.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parbench_pictures::Facts;

use super::cache_folder::cache_folder;
use super::parallel::for_each_file;
use super::selection::{Picture, Requirements, Selection};
use super::unusable::Unusable;
use super::verified::Files;
use crate::event::Event;
use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// The name of the note that the pictures of the last folder were verified.
const NOTE: &str = "pictures.json";

/// The pictures in `folder` in the byte order of their names, and a line for each visible file that
/// is not a picture or cannot be used. A file's format follows from its content, not from its name.
/// Hidden files, folders and special files are skipped.
pub(super) fn select(
    folder: &Path,
    requirements: &Requirements<'_>,
    context: &Context<'_>,
) -> Result<Selection, Error> {
    let paths = visible_files(folder, context).map_err(|error| {
        let name = printable::path(folder);
        Failure::new(format!("cannot read the folder {name}: {error}"))
            .or(Setting::parameter("input"), Change::Another)
    })?;

    let note = cache_folder().ok().map(|cache| cache.join(NOTE));
    let checked = checked(
        folder,
        &paths,
        note.as_deref(),
        SystemTime::now(),
        requirements,
        context,
    )?;

    let mut selection = Selection {
        pictures: Vec::new(),
        problems: Vec::new(),
    };
    for (path, facts) in paths.into_iter().zip(checked) {
        match facts {
            Ok(facts) => selection.pictures.push(Picture { path, facts }),
            Err(unusable) => selection.problems.push(unusable.failure(&path)),
        }
    }

    if selection.pictures.is_empty() {
        return Err(nothing_to_use(folder, selection.problems));
    }
    Ok(selection)
}

fn visible_files(folder: &Path, context: &Context<'_>) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let mut folders = 0;

    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if name(&path).starts_with(b".") {
            continue;
        }

        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => folders += 1,
            Ok(metadata) if !metadata.is_file() => {}
            // A link to nowhere is kept, so that it is reported later.
            _ => paths.push(path),
        }
    }

    if folders > 0 {
        let text = format!(
            "{}: subfolders are not searched ({folders})",
            printable::path(folder)
        );
        context.observer.observe(&Event::Warning(text));
    }

    paths.sort_by(|a, b| name(a).cmp(name(b)));
    Ok(paths)
}

fn name(path: &Path) -> &[u8] {
    path.file_name()
        .map(OsStr::as_encoded_bytes)
        .unwrap_or_default()
}

/// What is known of each picture, or why it is not used. Files of which `note` says that they were
/// all found sound a moment before `now` are not read again.
fn checked(
    folder: &Path,
    paths: &[PathBuf],
    note: Option<&Path>,
    now: SystemTime,
    requirements: &Requirements<'_>,
    context: &Context<'_>,
) -> Result<Vec<Result<Facts, Unusable>>, Error> {
    let names: Vec<PathBuf> = paths
        .iter()
        .filter_map(|path| path.file_name())
        .map(PathBuf::from)
        .collect();
    let noted = note.zip(Files::before(folder, &names, now));
    let known = noted
        .as_ref()
        .and_then(|(note, files)| files.known::<Vec<Facts>>(note));
    if let Some(known) = known {
        let meets = |facts: Facts| requirements.check(&facts).map(|()| facts);
        return Ok(known.into_iter().map(meets).collect());
    }

    // All headers come before any picture: from them follows what memory reading the pictures
    // takes.
    let surveyed = paths
        .iter()
        .map(|path| {
            context.stop.check()?;
            Ok(survey(path, requirements))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let checked = check_pictures(paths, surveyed, requirements, context)?;

    let sound: Option<Vec<Facts>> = checked
        .iter()
        .map(|facts| facts.as_ref().ok().copied())
        .collect();
    if let Some(((note, files), sound)) = noted.zip(sound) {
        let _ = note.parent().map(fs::create_dir_all);
        files.keep(note, &sound);
    }

    Ok(checked)
}

/// What the header of the file at `path` says, if the picture can become a task.
fn survey(path: &Path, requirements: &Requirements<'_>) -> Result<Facts, Unusable> {
    let facts = parbench_pictures::survey(path)?;
    requirements.check(&facts)?;

    Ok(facts)
}

/// Reads the files whose header is sound in full, and makes an error of those that are not sound.
fn check_pictures(
    paths: &[PathBuf],
    surveyed: Vec<Result<Facts, Unusable>>,
    requirements: &Requirements<'_>,
    context: &Context<'_>,
) -> Result<Vec<Result<Facts, Unusable>>, Error> {
    let held = surveyed.iter().flatten().map(Facts::held).max();
    let check_whole = |index: usize| {
        let facts = parbench_pictures::check(&paths[index])?;
        requirements.check(&facts)?;

        Ok(facts)
    };
    let check = |index: usize| Ok(surveyed[index].is_ok().then(|| check_whole(index)));

    let held = held.unwrap_or(Bytes(0));
    let batch = for_each_file(context, "reading images", paths.len(), held, check);
    batch.outcome?;

    let checked = batch.results.into_iter().flatten();
    Ok(surveyed
        .into_iter()
        .zip(checked)
        .map(|(facts, checked)| checked.unwrap_or(facts))
        .collect())
}

/// The error for a folder without a usable picture. The first problem stands for all of them.
fn nothing_to_use(folder: &Path, problems: Vec<Failure>) -> Error {
    let first = problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Failure::new("it has no visible files"));
    let message = format!(
        "no picture in {} can be used: {}",
        printable::path(folder),
        first.message
    );

    Failure { message, ..first }
        .or(Setting::parameter("input"), Change::Another)
        .into()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use image::DynamicImage;

    use super::*;
    use crate::event::Observer;
    use crate::stop::Stop;
    use crate::units::Probability;
    use crate::workload::image::tensor::{Augmentation, Normalisation, Transform};

    /// Counts the files that are read.
    #[derive(Default)]
    struct Readings(AtomicUsize);

    impl Observer for Readings {
        fn observe(&self, event: &Event) {
            if let Event::StepsStarted { steps, .. } = event {
                self.0.fetch_add(*steps, Ordering::Relaxed);
            }
        }
    }

    /// The pictures' sizes in `folder`, as a run with windows of `crop` sees them a minute from
    /// now, and how many files it reads for that.
    fn look(folder: &Path, note: &Path, crop: usize) -> (Vec<Option<usize>>, usize) {
        let (stop, readings) = (Stop::new(), Readings::default());
        let context = Context {
            task_timeout: Duration::MAX,
            stop: &stop,
            observer: &readings,
            workers: NonZeroUsize::MIN,
            memory: Bytes(1 << 30),
        };
        let augmentation = Augmentation {
            crop,
            padding: 0,
            flip: Probability::try_from(0.0).unwrap(),
            seed: 1,
        };
        let normalisation = Normalisation {
            mean: [0.5; 3],
            std: [0.5; 3],
        };
        let requirements = Requirements {
            transform: &Transform::new(augmentation, normalisation),
            tensors: Bytes(0),
            memory: context.memory,
        };
        let later = SystemTime::now() + Duration::from_mins(1);

        let paths = visible_files(folder, &context).unwrap();
        let checked = checked(folder, &paths, Some(note), later, &requirements, &context);
        let widths = checked.unwrap().into_iter();
        let widths = widths.map(|facts| facts.ok().map(|facts| facts.width));
        (widths.collect(), readings.0.into_inner())
    }

    /// So does each of many worker processes that start next to the one that has read them.
    #[test]
    fn pictures_that_were_read_a_moment_ago_are_read_again_only_when_they_changed() {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let save = |name: &str, width: u32| {
            let picture = DynamicImage::new_rgb8(width, 40);
            picture.save(folder.path().join(name)).unwrap();
        };
        let note = cache.path().join("new").join("note.json");
        let look = |crop| look(folder.path(), &note, crop);
        save("a.png", 30);
        save("b.png", 50);

        assert_eq!(look(24), (vec![Some(30), Some(50)], 2));
        assert_eq!(look(24), (vec![Some(30), Some(50)], 0));
        let wider_windows = (vec![None, Some(50)], 0);
        assert_eq!(look(40), wider_windows, "what they must satisfy is another");

        save("a.png", 31);
        assert_eq!(look(24), (vec![Some(31), Some(50)], 2));
        save("c.png", 60);
        assert_eq!(look(24).1, 3);
        assert_eq!(look(24).1, 0);

        fs::write(folder.path().join("b.png"), "damaged").unwrap();
        let broken = (vec![Some(31), None, Some(60)], 3);
        assert_eq!(look(24), broken);
        assert_eq!(look(24), broken, "broken files are reported again");
    }
}
