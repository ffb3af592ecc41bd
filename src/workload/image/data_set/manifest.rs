//! `manifest.json` in a set's folder: the parameters of the set, and which files of it are
//! complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DataSet;
use crate::digest::Digest;
use crate::whole_file;
use crate::workload::Error;

/// The manifest's own name.
pub(super) const NAME: &str = "manifest.json";

/// The version of the manifest's form.
const FORMAT: u32 = 1;

/// How pictures are made. It must change when the same parameters give other bytes; a test notices
/// that they do.
const GENERATOR: &str = "noise 1: uniform RGB bytes, JPEG 4:2:0";

/// The complete files of a set by name.
pub(super) type Files = BTreeMap<String, FileRecord>;

/// What is known of a complete file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileRecord {
    /// Its size.
    pub bytes: u64,
    sha256: Digest,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    generator: String,
    parameters: DataSet,
    files: Files,
}

impl FileRecord {
    /// The record of a file that consists of `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        }
    }
}

/// The files of `set` that the manifest in `folder` lists. There are none if the manifest is
/// missing, unreadable or another set's.
pub(super) fn read(folder: &Path, set: &DataSet) -> Files {
    let text = fs::read(folder.join(NAME)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&text) else {
        return Files::new();
    };

    let Manifest {
        format,
        generator,
        parameters,
        mut files,
    } = manifest;
    if (format, generator.as_str(), &parameters) != (FORMAT, GENERATOR, set) {
        return Files::new();
    }

    let names: Vec<String> = set.names().collect();
    files.retain(|name, _| names.binary_search(name).is_ok());
    files
}

/// Replaces the manifest in `folder`.
pub(super) fn write(folder: &Path, set: &DataSet, files: Files) -> Result<(), Error> {
    let manifest = Manifest {
        format: FORMAT,
        generator: GENERATOR.to_owned(),
        parameters: set.clone(),
        files,
    };
    let text =
        serde_json::to_vec_pretty(&manifest).map_err(|error| Error::failed(error.to_string()))?;

    let path = folder.join(NAME);
    whole_file::write(&path, &text).map_err(|error| set.cannot_write(&path, &error))
}
