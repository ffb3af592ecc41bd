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

pub(super) fn visible_files(folder: &Path, context: &Context<'_>) -> std::io::Result<Vec<PathBuf>> {
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
pub(super) fn checked(
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
