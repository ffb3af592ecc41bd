//! The image workload: open and decode a picture, flip, pad and crop it at random, turn the window into a
//! normalised tensor. One task per picture. How each step is done stands in the files below; this one
//! joins them.
//!
//! A task's partial result is the SHA-256 of its tensor's bytes: 32-bit floats, little-endian, channel by
//! channel, row by row. The answer's `digest` is the SHA-256 of those digests' raw 32 bytes, one behind the
//! other in the order of the tasks: `sha256(b"".join(sha256(t.tobytes()).digest() for t in tensors))`
//! in Python, with `t` as a `<f4` array.

mod data_set;
mod npy;
mod own_files;
mod parallel;
mod params;
mod picture;
mod stream;
mod tensor;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::digest::Digest;
use super::{Context, Error, Workload};
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bytes;
use data_set::DataSet;
use params::{Params, Source};
use tensor::{Transform, Window};

/// The workload, ready to run.
pub(super) struct Image {
    files: Vec<Picture>,
    problems: Vec<String>,
    transform: Transform,
    /// What a task holds at most.
    held: Bytes,
}

/// A file to work on, known to be sound.
struct Picture {
    path: PathBuf,
    width: usize,
    height: usize,
    /// The memory that file and decoded picture take together.
    held: Bytes,
}

/// What all tasks together found.
#[derive(Serialize)]
pub(super) struct Answer {
    images: usize,
    digest: Digest,
}

impl Workload for Image {
    const NAME: &'static str = "image";
    const ABOUT: &'static str = "Decode pictures, flip, pad and crop them at random, normalise to tensors";
    type Params = Params;
    type Partial = Digest;
    type Answer = Answer;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let Params { source, crop, padding, flip, mean, std, seed, save_tensors } = params;
        let scale = (mean.channels(), std.channels());
        let transform = Transform::new((crop.count(), padding.count()), flip, seed, scale);
        let (files, problems) = match source {
            Source::Folder { input } => own_files::find(&input, &transform, context)?,
            Source::Noise { count, side, quality, data_dir } => {
                let set = DataSet { count, side, quality, seed };
                (generated(&set, data_dir.as_deref(), &transform, context)?, Vec::new())
            }
        };
        let tensor = Bytes((3 * crop.get() * crop.get()) * size_of::<f32>() as u64);
        let largest = files.iter().map(|file| file.held).max().unwrap_or_default();
        // The tensor is there twice for a moment: as numbers and as the bytes to hash.
        let held = Bytes(largest.0 + 2 * tensor.0);
        let image = Self { files, problems, transform, held };
        if let Some(folder) = save_tensors {
            npy::save(&image, &folder, context)?;
        }
        Ok(image)
    }

    fn tasks(&self) -> usize {
        self.files.len()
    }

    fn work(&self) -> Work {
        Work { amount: self.files.len() as u64, unit: "images".to_owned() }
    }

    fn task_bytes(&self) -> Bytes {
        self.held
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<Digest, Error> {
        stop.check()?;
        let (tensor, _) = self.cut(index)?;
        Ok(Digest::of(tensor::bytes(&tensor)))
    }

    fn combine(&self, partials: Vec<Digest>) -> Result<Answer, Error> {
        Ok(Answer { images: partials.len(), digest: Digest::of_all(&partials) })
    }

    fn describe(&self, index: usize, partial: &Digest) -> String {
        let crop = self.transform.crop();
        let name = self.files.get(index).and_then(|file| file.path.file_name()).unwrap_or(OsStr::new("?"));
        format!("{}: 3 x {crop} x {crop}, sha256 {}", name.display(), partial.short())
    }

    fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }
}

impl Image {
    /// Task `index` up to its tensor.
    fn cut(&self, index: usize) -> Result<(Vec<f32>, Window), Error> {
        let file = self.files.get(index).ok_or_else(|| Error::failed(format!("there is no task {index}")))?;
        let broken = |why: String| {
            let path = file.path.display();
            Error::failed(format!("{path} {why}; it was sound before: leave the files alone during a run"))
        };
        let picture = picture::open(&file.path).map_err(|error| broken(error.to_string()))?;
        let (width, height) = (picture.width, picture.height);
        if (width, height) != (file.width, file.height) {
            return Err(broken(format!("has become {width} x {height} pixels")));
        }
        let window = self.transform.window(index, width, height);
        let window = window.ok_or_else(|| broken(self.transform.too_small(width, height)))?;
        Ok((self.transform.tensor(&picture, window), window))
    }
}

/// The pictures of `set`, made where they are missing. Refuses a window that does not fit before anything
/// is made.
fn generated(
    set: &DataSet,
    data_dir: Option<&Path>,
    transform: &Transform,
    context: &Context<'_>,
) -> Result<Vec<Picture>, Error> {
    let side = set.side.count();
    if transform.window(0, side, side).is_none() {
        return Err(Error::failed(format!("each picture {}", transform.too_small(side, side))));
    }
    let files = set.prepare(data_dir, context)?;
    // The file is smaller than its noise, so twice the pixels is an upper bound.
    let held = Bytes((side * side * 3 * 2) as u64);
    Ok(files.into_iter().map(|path| Picture { path, width: side, height: side, held }).collect())
}

#[cfg(test)]
mod tests;
