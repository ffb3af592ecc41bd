//! The workload `image`: open and decode a picture, flip, pad and crop it at random, and turn the
//! window into a normalised tensor. There is one task for each picture.
//!
//! A task's partial result is the SHA-256 of its tensor's bytes: 32-bit floats, little-endian,
//! channel by channel, row by row. The answer's `digest` is the SHA-256 of those digests' raw 32
//! bytes, concatenated in the order of the tasks: `sha256(b"".join(sha256(t.tobytes()).digest() for
//! t in tensors))` in Python, with `t` as a `<f4` array.

mod cache_folder;
mod channels;
mod data_set;
mod npy;
mod own_files;
mod parallel;
mod params;
mod selection;
mod source;
mod stream;
mod task;
mod tensor;
mod unusable;
mod verified;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use parbench_pictures::Facts;
use serde::Serialize;

use super::{Context, Error, QuickValue, Workload};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::printable;
use crate::results::{StoredPath, Work};
use crate::stop::Stop;
use crate::units::Bytes;
use params::{Params, Source};
use selection::{Picture, Requirements, Selection};
use task::Workspace;
use tensor::{Augmentation, Normalisation, Transform};

/// The workload, ready to run.
pub(super) struct Image {
    /// One for each task.
    pictures: Vec<Picture>,
    /// Why files of the user were left out.
    problems: Vec<Failure>,
    /// Whether the pictures are the user's: a generated set is the same on every machine.
    own_files: bool,
    transform: Transform,
    /// What a task holds of its picture at most.
    picture_bytes: Bytes,
    /// What a task holds in total at most.
    task_bytes: Bytes,
    /// Memory of tasks that have ended, for the next tasks.
    spare: Mutex<Vec<Workspace>>,
}

/// The answer of all tasks together.
#[derive(Serialize)]
pub(super) struct Answer {
    images: usize,
    digest: Digest,
}

impl Workload for Image {
    const NAME: &'static str = "image";
    const ABOUT: &'static str = "Decode pictures, flip, pad, crop, normalise to tensors";
    // A ninth of the pixels: a round of the usual set takes longer than a first answer may.
    const QUICK: &'static [QuickValue] = &[QuickValue {
        parameter: "side",
        value: "1000",
    }];
    type Params = Params;
    type Partial = Digest;
    type Answer = Answer;

    fn prepare(params: Params, context: &Context<'_>) -> Result<Self, Error> {
        let save_tensors = params.save_tensors.as_ref().map(StoredPath::as_path);
        if let (Source::Folder { input }, Some(folder)) = (&params.source, save_tensors) {
            source::check_apart(input.as_path(), folder)?;
        }

        let transform = transform_of(&params);
        // A tensor that is saved is held twice for a moment: as numbers and as its file's bytes.
        let tensors = Bytes(2 * 3 * params.crop.get().pow(2) * size_of::<f32>() as u64);
        let requirements = Requirements {
            transform: &transform,
            tensors,
            memory: context.memory,
        };

        let own_files = matches!(params.source, Source::Folder { .. });
        let Selection { pictures, problems } =
            source::select(&params.source, params.seed, &requirements, context)?;
        let most = |bytes: fn(&Facts) -> Bytes| {
            let of_each = pictures.iter().map(|picture| bytes(&picture.facts));
            of_each.max().unwrap_or_default()
        };
        let picture_bytes = most(Facts::held);
        let kept = most(|facts| facts.kept);

        let image = Self {
            pictures,
            problems,
            own_files,
            transform,
            picture_bytes,
            task_bytes: Bytes(picture_bytes.0 + kept.0 + tensors.0),
            spare: Mutex::default(),
        };
        if let Some(folder) = save_tensors {
            npy::save(&image, folder, context)?;
        }

        Ok(image)
    }

    fn tasks(&self) -> usize {
        self.pictures.len()
    }

    fn work(&self) -> Work {
        Work {
            amount: self.pictures.len() as u64,
            unit: "images".to_owned(),
        }
    }

    fn task_bytes(&self) -> Bytes {
        self.task_bytes
    }

    fn task(&self, index: usize, stop: &Stop) -> Result<Digest, Error> {
        stop.check()?;
        self.with_tensor(index, |tensor, _| tensor::digest(tensor))
    }

    fn cool_down(&self) {
        self.spare_workspaces().clear();
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
            .pictures
            .get(index)
            .and_then(|picture| picture.path.file_name())
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

        let digests = self
            .pictures
            .iter()
            .map(|picture| {
                stop.check()?;
                file_digest(&picture.path)
            })
            .collect::<Result<Vec<_>, Error>>()?;

        Ok(Some(Digest::of_all(&digests).to_string()))
    }

    fn problems(&self) -> Vec<Failure> {
        self.problems.clone()
    }
}

fn transform_of(params: &Params) -> Transform {
    let augmentation = Augmentation {
        crop: params.crop.count(),
        padding: params.padding.count(),
        flip: params.flip,
        seed: params.seed,
    };
    let normalisation = Normalisation {
        mean: params.mean.channels(),
        std: params.std.channels(),
    };

    Transform::new(augmentation, normalisation)
}

fn file_digest(path: &Path) -> Result<Digest, Error> {
    let bytes = fs::read(path).map_err(|error| {
        Error::failed(format!("{} cannot be read: {error}", printable::path(path)))
    })?;

    Ok(Digest::of(bytes))
}

#[cfg(test)]
mod tests;
