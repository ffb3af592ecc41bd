//! Saves the tensors that the tasks will compute, so that users can compare them with their own: an
//! `.npy` file each, and `transforms.json` with what was done to which picture.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::Image;
use super::parallel::for_each_file;
use super::tensor::{self, Window};
use crate::failure::{Change, Failure, Setting};
use crate::printable;
use crate::results::StoredPath;
use crate::whole_file;
use crate::workload::{Context, Error};

/// What was done to one picture: an element of `transforms.json`.
#[derive(Serialize)]
struct Record {
    /// The picture, by its full path.
    file: StoredPath,
    /// The name of the tensor's file, which is in the same folder as the list.
    tensor: String,
    #[serde(flatten)]
    window: Window,
}

/// Writes every task's tensor to `folder`, which is made if it is missing. Files with other names
/// in it are left alone.
pub(super) fn save(image: &Image, folder: &Path, context: &Context<'_>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;

    let tasks = image.pictures.len();
    let save_one = |index: usize| save_tensor(image, folder, index);
    let batch = for_each_file(context, "saving tensors", tasks, image.task_bytes, save_one);
    batch.outcome?;

    let records: Vec<Record> = batch.results.into_iter().flatten().collect();
    let text =
        serde_json::to_string_pretty(&records).map_err(|error| Error::failed(error.to_string()))?;
    let path = folder.join("transforms.json");

    whole_file::write(&path, text.as_bytes()).map_err(|error| refused(&path, &error))
}

fn save_tensor(image: &Image, folder: &Path, index: usize) -> Result<Record, Error> {
    let crop = image.transform.crop();
    let (file, window) = image.with_tensor(index, |values, window| (npy(values, crop), window))?;

    let tensor = format!("{index:05}.npy");
    let path = folder.join(&tensor);
    whole_file::write(&path, &file).map_err(|error| refused(&path, &error))?;

    let picture = &image.pictures[index].path;
    let full_path = std::path::absolute(picture).unwrap_or_else(|_| picture.clone());

    Ok(Record {
        file: full_path.into(),
        tensor,
        window,
    })
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    let message = format!(
        "cannot write {}: {error}; make room in a folder that you may write to",
        printable::path(path)
    );

    Failure::new(message)
        .or(Setting::parameter("save_tensors"), Change::Another)
        .into()
}

/// A file in `NumPy`'s format `.npy`, version 1.0: a magic number, the length of the description,
/// the description as a Python expression, and the numbers. Spaces after the description make the
/// numbers begin at a multiple of 64.
fn npy(values: &[f32], crop: usize) -> Vec<u8> {
    let text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (3, {crop}, {crop}), }}");

    // Ten bytes come before the description and a line end after it.
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
    fn the_header_is_the_one_that_numpy_writes() {
        for crop in [1, 7, 224, 10_000] {
            let file = npy(&[1.0], crop);
            let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
            let (header, values) = file.split_at(10 + length);

            assert_eq!(&header[..8], b"\x93NUMPY\x01\0");
            assert_eq!(header.len() % 64, 0);

            let text = std::str::from_utf8(&header[10..]).unwrap();
            let description = format!(
                "{{'descr': '<f4', 'fortran_order': False, 'shape': (3, {crop}, {crop}), }}"
            );
            assert!(text.ends_with(" \n") || text.ends_with("}\n"));
            assert_eq!(text.trim_end(), description);

            assert_eq!(values, 1.0_f32.to_le_bytes());
        }
    }
}
