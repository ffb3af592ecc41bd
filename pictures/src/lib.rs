//! Picture files: their headers, whether they are sound, and their decoded pixels.
//!
//! [`survey`] reads a file's header, from which follows what memory the picture needs. [`check`]
//! reads the whole file and makes sure that it is one whole picture, because decoders are lenient:
//! they fill up with grey what a damaged file does not give. Both are done once, before any picture
//! is worked on. [`open`] decodes, into memory that is used again.
//!
//! The modules stand leaf to root: a module imports only modules listed above it.

#![forbid(unsafe_code)]

mod broken;

pub mod room;

mod chunks;

mod jpeg;

mod facts;

mod decoding;

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

pub use broken::Broken;
pub use decoding::{Buffers, Decoded, Opened, open};
pub use facts::Facts;
use facts::Format;
use jpeg::Header;

/// The bytes at a file's start from which its format is recognised.
const MAGIC: u64 = 16;

/// Reads the header of the file at `path`, and nothing else of it.
pub fn survey(path: &Path) -> Result<Facts, Broken> {
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
pub fn check(path: &Path) -> Result<Facts, Broken> {
    let (mut file, mut samples) = (Vec::new(), Vec::new());
    decoding::read(path, &mut file)?;
    let facts = sound(&file)?;

    // The careful decoder has followed all codes of its files by now.
    if !facts.careful {
        decoding::Opened::new(&file, false, &mut samples)?.decode(0..0)?;
    }

    Ok(facts)
}

/// The picture in `file`, which must be whole and sound.
#[cfg(test)]
fn decoded<'a>(file: &'a [u8], samples: &'a mut Vec<u8>) -> Result<Decoded<'a>, Broken> {
    let facts = sound(file)?;

    decoding::Opened::new(file, facts.careful, samples)?.decode(0..0)
}

/// What is known of the picture in `file`, now that it is known to be whole and sound.
fn sound(file: &[u8]) -> Result<Facts, Broken> {
    let length = file.len() as u64;

    match Format::of(file)? {
        Format::Jpeg => Ok(Facts::of_jpeg(&jpeg::check(file)?, length)),
        Format::Png => {
            let mut start = file;
            let header = chunks::Header::read(&mut start)?;
            chunks::check(file)?;
            Ok(Facts::of_png(&header, length))
        }
    }
}

#[cfg(test)]
mod tests;
