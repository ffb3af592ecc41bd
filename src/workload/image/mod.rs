//! The image workload: open and decode a picture, flip, pad and crop it at random, turn the window into a
//! normalised tensor. One task per picture. How each step is done stands in the files below; this one
//! joins them.
//!
//! A task's partial result is the SHA-256 of its tensor's bytes: 32-bit floats, little-endian, channel by
//! channel, row by row. The answer's `digest` is the SHA-256 of those digests' raw 32 bytes, one behind the
//! other in the order of the tasks: `sha256(b"".join(sha256(t.tobytes()).digest() for t in tensors))`
//! in Python, with `t` as a `<f4` array.

mod broken;
mod chunks;
mod data_set;
mod jpeg;
mod npy;
mod own_files;
mod parallel;
mod params;
mod picture;
mod room;
mod stream;
mod tensor;
mod verified;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::digest::Digest;
use super::{Context, Error, Workload};
use crate::printable;
use crate::results::{StoredPath, Work};
use crate::stop::Stop;
use crate::units::Bytes;
use broken::Broken;
use data_set::DataSet;
use params::{Params, Source};
use picture::{Buffers, Facts};
use tensor::{Transform, Window};

/// The workload, ready to run.
pub(super) struct Image {
    files: Vec<Picture>,
    problems: Vec<String>,
    /// Whether the pictures are the user's: a generated set is the same on every machine.
    own_files: bool,
    transform: Transform,
    /// What a task holds of its picture at most.
    pictures: Bytes,
    /// What a task holds at most.
    held: Bytes,
    /// Memory of tasks that have ended, for the next one.
    spare: Mutex<Vec<Memory>>,
}

/// A file to work on, known to be sound.
struct Picture {
    path: PathBuf,
    facts: Facts,
}

/// What a task works in.
#[derive(Default)]
struct Memory {
    buffers: Buffers,
    tensor: Vec<f32>,
}

/// What all tasks together found.
#[derive(Serialize)]
pub(super) struct Answer {
    images: usize,
    digest: Digest,
}

impl Workload for Image {
    const NAME: &'static str = "image";
    const ABOUT: &'static str =
        "Decode pictures, flip, pad and crop them at random, normalise to tensors";
    type Params = Params;
    type Partial = Digest;
    type Answer = Answer;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let Params {
            source,
            crop,
            padding,
            flip,
            mean,
            std,
            seed,
            save_tensors,
        } = params;
        let scale = (mean.channels(), std.channels());
        let transform = Transform::new((crop.count(), padding.count()), flip, seed, scale);
        let tensor = Bytes((3 * crop.get() * crop.get()) * size_of::<f32>() as u64);
        // A tensor that is saved is there twice for a moment: as numbers and as its file's bytes.
        let tensors = Bytes(2 * tensor.0);
        let own_files = matches!(source, Source::Folder { .. });
        let (files, problems) = match source {
            Source::Folder { input } => {
                let input = input.as_path();
                apart(input, save_tensors.as_ref().map(StoredPath::as_path))?;
                own_files::find(input, &transform, tensors, context)?
            }
            Source::Noise {
                count,
                side,
                quality,
                data_dir,
            } => {
                let set = DataSet {
                    count,
                    side,
                    quality,
                    seed,
                };
                let data_dir = data_dir.as_ref().map(StoredPath::as_path);
                (
                    generated(&set, data_dir, &transform, tensors, context)?,
                    Vec::new(),
                )
            }
        };
        let pictures = Bytes(
            files
                .iter()
                .map(|file| file.facts.held().0)
                .max()
                .unwrap_or(0),
        );
        let held = Bytes(pictures.0 + tensors.0);
        let image = Self {
            files,
            problems,
            own_files,
            transform,
            pictures,
            held,
            spare: Mutex::default(),
        };
        if let Some(folder) = save_tensors {
            npy::save(&image, folder.as_path(), context)?;
        }
        Ok(image)
    }

    fn tasks(&self) -> usize {
        self.files.len()
    }

    fn work(&self) -> Work {
        Work {
            amount: self.files.len() as u64,
            unit: "images".to_owned(),
        }
    }

    fn task_bytes(&self) -> Bytes {
        self.held
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<Digest, Error> {
        stop.check()?;
        self.with_tensor(index, |tensor, _| tensor::digest(tensor))
    }

    fn cool_down(&self) {
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn combine(&self, partials: Vec<Digest>) -> Result<Answer, Error> {
        Ok(Answer {
            images: partials.len(),
            digest: Digest::of_all(&partials),
        })
    }

    fn describe(&self, index: usize, partial: &Digest) -> String {
        let crop = self.transform.crop();
        let name = self
            .files
            .get(index)
            .and_then(|file| file.path.file_name())
            .unwrap_or(OsStr::new("?"));
        format!(
            "{}: 3 x {crop} x {crop}, sha256 {}",
            printable::path(Path::new(name)),
            partial.short()
        )
    }

    fn inputs(&self, stop: &Stop) -> Result<Option<String>, Error> {
        if !self.own_files {
            return Ok(None);
        }

        let digest = |Picture { path, .. }: &Picture| {
            stop.check()?;
            let bytes = fs::read(path).map_err(|error| {
                Error::failed(format!("{} cannot be read: {error}", printable::path(path)))
            })?;
            Ok(Digest::of(bytes))
        };
        let digests = self
            .files
            .iter()
            .map(digest)
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Some(Digest::of_all(&digests).to_string()))
    }

    fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }
}

impl Image {
    /// Shows task `index`'s tensor to `look`, and keeps its memory for the next task.
    fn with_tensor<T>(
        &self,
        index: usize,
        look: impl FnOnce(&[f32], Window) -> T,
    ) -> Result<T, Error> {
        let spare = self
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut memory = spare.unwrap_or_default();
        let result = self
            .cut(index, &mut memory)
            .map(|window| look(&memory.tensor, window));
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(memory);
        result
    }

    /// Task `index` up to its tensor, which is left in `memory`.
    fn cut(&self, index: usize, memory: &mut Memory) -> Result<Window, Error> {
        let Picture { path, facts } = self
            .files
            .get(index)
            .ok_or_else(|| Error::failed(format!("there is no task {index}")))?;
        let changed = |why: String| {
            let path = printable::path(path);
            Error::failed(format!(
                "{path} {why}; it was sound before: leave the files alone during a run"
            ))
        };
        let broken = |error: Broken| match error {
            Broken::Refused(_) => Error::failed(format!("{} {error}", printable::path(path))),
            _ => changed(error.to_string()),
        };
        memory.buffers.make_room(facts, self.pictures);
        let picture = picture::open(path, &mut memory.buffers).map_err(broken)?;
        let (width, height) = (picture.width, picture.height);
        if (width, height) != (facts.width, facts.height) {
            return Err(changed(format!("has become {width} x {height} pixels")));
        }
        let window = self.transform.window(index, width, height);
        let window = window.ok_or_else(|| changed(self.transform.too_small(width, height)))?;
        let rows = self.transform.rows(window, height);
        let picture = picture.decode(rows).map_err(broken)?;

        let crop = self.transform.crop();
        room::reserve(&mut memory.tensor, 3 * crop * crop).map_err(broken)?;
        self.transform.tensor(&picture, window, &mut memory.tensor);

        Ok(window)
    }
}

/// Refuses to save tensors among the pictures: the next run would find files there that are no pictures.
fn apart(input: &Path, save_tensors: Option<&Path>) -> Result<(), Error> {
    let place = |path: &Path| fs::canonicalize(path).ok();
    let Some(folder) =
        save_tensors.filter(|folder| place(folder).is_some_and(|at| Some(at) == place(input)))
    else {
        return Ok(());
    };

    Err(Error::failed(format!(
        "--save-tensors {} is the folder of --input: its tensors would be taken for broken pictures later on; \
         choose another folder",
        printable::path(folder)
    )))
}

/// The pictures of `set`, made where they are missing. Refuses a window that does not fit, and tasks that
/// memory does not allow, before anything is made. A task holds `tensors` beside its picture.
fn generated(
    set: &DataSet,
    data_dir: Option<&Path>,
    transform: &Transform,
    tensors: Bytes,
    context: &Context<'_>,
) -> Result<Vec<Picture>, Error> {
    let side = set.side.count();
    if transform.window(0, side, side).is_none() {
        return Err(Error::failed(format!(
            "each picture {}",
            transform.too_small(side, side)
        )));
    }

    // The file is smaller than its noise, so twice the pixels is an upper bound.
    let decoded = Bytes((side * side * 3) as u64);
    let facts = Facts {
        width: side,
        height: side,
        file: decoded,
        decoded,
        working: Bytes(0),
    };
    let (needed, memory) = (Bytes(facts.held().0 + tensors.0), context.memory);
    if needed > memory {
        return Err(Error::failed(format!(
            "a task needs {needed} of memory, this run may use {memory}: grant more with --memory, or choose a \
             smaller --side or --crop"
        )));
    }

    let files = set.prepare(data_dir, context)?;
    Ok(files
        .into_iter()
        .map(|path| Picture { path, facts })
        .collect())
}

#[cfg(test)]
mod tests;
