//! Picture files: their headers, whether they are sound, and their decoded pixels.
//!
//! [`survey`] reads a file's header, from which follows what memory the picture needs. [`check`]
//! reads the whole file and makes sure that it is one whole picture, because decoders are lenient:
//! they fill up with grey what a damaged file does not give. Both are done once, while preparing.
//! [`open`] is what a task does.

mod decoding;
mod facts;

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use super::broken::Broken;
use super::chunks;
use super::jpeg::{self, Header};
use facts::Format;

pub(super) use decoding::{Buffers, Decoded, open};
pub(super) use facts::Facts;

/// The bytes at a file's start from which its format is recognised.
const MAGIC: u64 = 16;

/// Reads the header of the file at `path`, and nothing else of it.
pub(super) fn survey(path: &Path) -> Result<Facts, Broken> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();

    let mut magic = Vec::new();
    file.by_ref().take(MAGIC).read_to_end(&mut magic)?;
    let format = Format::of(&magic)?;
    let mut reader = BufReader::new(Cursor::new(magic).chain(file));

    let facts = match format {
        Format::Jpeg => {
            let header = Header::read(&mut reader)?;
            header.frame.check_length(length)?;
            Facts::of_jpeg(&header, length)
        }
        Format::Png => {
            let header = chunks::Header::read(&mut reader)?;
            header.check_length(length)?;
            Facts::of_png(&header, length)
        }
    };

    facts.check_limit()?;
    Ok(facts)
}

/// Reads all of the file at `path` and makes sure that it is one whole picture.
pub(super) fn check(path: &Path) -> Result<(), Broken> {
    let (mut file, mut samples) = (Vec::new(), Vec::new());
    decoding::read(path, &mut file)?;
    decoded(&file, &mut samples)?;

    Ok(())
}

/// The picture in `file`, which must be whole and sound.
pub(super) fn decoded<'a>(file: &'a [u8], samples: &'a mut Vec<u8>) -> Result<Decoded<'a>, Broken> {
    let format = Format::of(file)?;

    match format {
        Format::Jpeg => jpeg::check(file)?,
        Format::Png => chunks::check(file)?,
    }

    decoding::Opened::new(format, file, samples)?.decode(0..0)
}

#[cfg(test)]
mod tests;
