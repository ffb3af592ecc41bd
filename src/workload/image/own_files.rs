//! The user's own pictures: which files in a folder are used, and what is wrong with the others. Reads
//! only; writes nothing.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Picture;
use super::broken::Broken;
use super::parallel::for_each_file;
use super::picture::{self, Facts};
use super::tensor::Transform;
use crate::event::Event;
use crate::printable;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// The pictures in `folder` by the byte order of their names, and a line for each file that is none or
/// cannot be used. What a file is, its content says, not its name. Hidden files, folders and special files
/// are passed over. A task holds `tensors` beside its picture.
pub(super) fn find(
    folder: &Path,
    transform: &Transform,
    tensors: Bytes,
    context: &Context<'_>,
) -> Result<(Vec<Picture>, Vec<String>), Error> {
    let paths = visible_files(folder, context).map_err(|error| {
        let folder = printable::path(folder);
        Error::failed(format!(
            "cannot read the folder {folder}: {error}; give --input a folder of pictures"
        ))
    })?;

    // All headers before any picture: they say what reading the pictures takes.
    let mut surveyed = Vec::new();
    for path in &paths {
        context.stop.check()?;
        surveyed.push(survey(path, transform, tensors, context.memory));
    }

    let held = surveyed
        .iter()
        .flatten()
        .map(|facts| facts.held().0)
        .max()
        .unwrap_or(0);
    let read = |nth: usize| {
        let facts = surveyed[nth].as_ref().ok();
        Ok(facts.map_or(Ok(()), |_| picture::check(&paths[nth])))
    };
    let (checked, outcome) =
        for_each_file(context, "reading images", paths.len(), Bytes(held), read);
    outcome?;

    let (mut pictures, mut problems) = (Vec::new(), Vec::new());
    for ((path, facts), checked) in paths
        .into_iter()
        .zip(surveyed)
        .zip(checked.into_iter().flatten())
    {
        match facts.and_then(|facts| checked.map(|()| facts)) {
            Ok(facts) => pictures.push(Picture { path, facts }),
            Err(broken) => problems.push(format!("{} {broken}", printable::path(&path))),
        }
    }

    if pictures.is_empty() {
        let first = problems
            .first()
            .map_or_else(|| "it has no visible files".to_owned(), Clone::clone);
        return Err(Error::failed(format!(
            "no picture in {} can be used: {first}; give --input a folder with JPEG or PNG files",
            printable::path(folder)
        )));
    }
    Ok((pictures, problems))
}

fn visible_files(folder: &Path, context: &Context<'_>) -> std::io::Result<Vec<PathBuf>> {
    let (mut paths, mut folders) = (Vec::new(), 0);

    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if name(&path).starts_with(b".") {
            continue;
        }

        match fs::metadata(&path) {
            Ok(facts) if facts.is_dir() => folders += 1,
            Ok(facts) if !facts.is_file() => {}
            // A link to nowhere is kept, so that it is named later on.
            _ => paths.push(path),
        }
    }

    if folders > 0 {
        let text = format!(
            "{}: folders in it are not looked into ({folders})",
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

/// What the file's header says, if a task may have such a picture.
fn survey(
    path: &Path,
    transform: &Transform,
    tensors: Bytes,
    memory: Bytes,
) -> Result<Facts, Broken> {
    let facts = picture::survey(path)?;
    let Facts { width, height, .. } = facts;
    transform
        .window(0, width, height)
        .ok_or_else(|| Broken::Small(transform.too_small(width, height)))?;

    let needed = Bytes(facts.held().0.saturating_add(tensors.0));
    if needed > memory {
        Err(Broken::Costly { needed, memory })
    } else {
        Ok(facts)
    }
}
