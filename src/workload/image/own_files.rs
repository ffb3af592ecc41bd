//! The user's own pictures: which files in a folder are used, and what is wrong with the others. Reads
//! only; writes nothing.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Picture;
use super::parallel::for_each_file;
use super::picture::{self, Broken, Facts};
use super::tensor::Transform;
use crate::printable;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// The pictures in `folder` by the byte order of their names, and a line for each file that is none or
/// cannot be used. What a file is, its content says, not its name. Hidden files, folders and special files
/// are passed over.
pub(super) fn find(
    folder: &Path,
    transform: &Transform,
    context: &Context<'_>,
) -> Result<(Vec<Picture>, Vec<String>), Error> {
    let paths = visible_files(folder).map_err(|error| {
        let folder = printable::path(folder);
        Error::failed(format!("cannot read the folder {folder}: {error}; give --input a folder of pictures"))
    })?;
    let read = |nth: usize| Ok(usable(&paths[nth], transform));
    let held = Bytes(largest(&paths));
    let (found, outcome) = for_each_file(context, "reading images", paths.len(), held, read);
    outcome?;
    let (mut pictures, mut problems) = (Vec::new(), Vec::new());
    for (path, found) in paths.into_iter().zip(found.into_iter().flatten()) {
        match found {
            Ok(facts) => pictures.push(Picture { path, facts }),
            Err(broken) => problems.push(format!("{} {broken}", printable::path(&path))),
        }
    }
    if pictures.is_empty() {
        let first = problems.first().map_or_else(|| "it has no visible files".to_owned(), Clone::clone);
        return Err(Error::failed(format!(
            "no picture in {} can be used: {first}; give --input a folder with JPEG or PNG files",
            printable::path(folder)
        )));
    }
    Ok((pictures, problems))
}

fn visible_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = name(&path).starts_with(b".");
        // A link to nowhere is kept, so that it is named later on.
        if !hidden && fs::metadata(&path).map_or(true, |facts| facts.is_file()) {
            paths.push(path);
        }
    }
    paths.sort_by(|a, b| name(a).cmp(name(b)));
    Ok(paths)
}

fn name(path: &Path) -> &[u8] {
    path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default()
}

fn usable(path: &Path, transform: &Transform) -> Result<Facts, Broken> {
    let facts = picture::check(path)?;
    let Facts { width, height, .. } = facts;
    transform.window(0, width, height).ok_or_else(|| Broken::Small(transform.too_small(width, height)))?;
    Ok(facts)
}

/// What reading one of these may hold: pictures decode to a multiple of their file, about ten times for a
/// photograph.
fn largest(paths: &[PathBuf]) -> u64 {
    let sizes = paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|facts| facts.len());
    sizes.max().unwrap_or(0).saturating_mul(11)
}
