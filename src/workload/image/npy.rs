//! Writes the tensors that the tasks will compute, for whoever wants to compare them: an `.npy` file each,
//! and `transforms.json` with what was done to which file. Never timed, never read back.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::Image;
use super::parallel::for_each_file;
use super::tensor::{self, Window};
use crate::printable;
use crate::results::StoredPath;
use crate::whole_file;
use crate::workload::{Context, Error};

/// An entry of `transforms.json`.
#[derive(Serialize)]
struct Entry {
    /// The picture, by its full path.
    file: StoredPath,
    /// The tensor's name in the same folder as the list.
    tensor: String,
    #[serde(flatten)]
    window: Window,
}

/// Writes every task's tensor to `folder`, which is made if it is missing; files of other names stay.
pub(super) fn save(image: &Image, folder: &Path, context: &Context<'_>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    let count = image.files.len();
    let one = |index: usize| -> Result<Entry, Error> {
        let tensor = format!("{index:05}.npy");
        let path = folder.join(&tensor);
        let (file, window) = image.with_tensor(index, |values, window| {
            (npy(values, image.transform.crop()), window)
        })?;
        whole_file::write(&path, &file).map_err(|error| refused(&path, &error))?;
        let path = &image.files[index].path;
        let file = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        Ok(Entry {
            file: file.into(),
            tensor,
            window,
        })
    };
    let (entries, outcome) = for_each_file(context, "saving tensors", count, image.held, one);
    outcome?;
    let list: Vec<Entry> = entries.into_iter().flatten().collect();
    let path = folder.join("transforms.json");
    let text =
        serde_json::to_string_pretty(&list).map_err(|error| Error::failed(error.to_string()))?;
    whole_file::write(&path, text.as_bytes()).map_err(|error| refused(&path, &error))
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::failed(format!(
        "cannot write {}: {error}; give --save-tensors a folder with room that you may write to",
        printable::path(path)
    ))
}

/// A file in `NumPy`'s format `.npy`, version 1.0: a magic number, the length of a description in Python's words, the
/// description filled up with spaces so that the numbers begin at a multiple of 64, and the numbers.
fn npy(values: &[f32], crop: usize) -> Vec<u8> {
    let text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (3, {crop}, {crop}), }}");
    // Ten bytes stand before the description and a line end behind it.
    let padded = (10 + text.len() + 1).next_multiple_of(64) - 11;
    let length = u16::try_from(padded + 1).unwrap_or(u16::MAX).to_le_bytes();
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(length);
    file.extend(format!("{text:padded$}\n").bytes());
    file.extend(tensor::bytes(values));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_numpys_own() {
        for crop in [1, 7, 224, 10_000] {
            let file = npy(&[1.0], crop);
            let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
            let (header, values) = file.split_at(10 + length);
            assert_eq!(&header[..8], b"\x93NUMPY\x01\0");
            assert_eq!(header.len() % 64, 0);
            let text = std::str::from_utf8(&header[10..]).unwrap();
            assert!(text.ends_with(" \n") || text.ends_with("}\n"));
            let shape = format!(
                "{{'descr': '<f4', 'fortran_order': False, 'shape': (3, {crop}, {crop}), }}"
            );
            assert_eq!(text.trim_end(), shape);
            assert_eq!(values, 1.0_f32.to_le_bytes());
        }
    }
}
