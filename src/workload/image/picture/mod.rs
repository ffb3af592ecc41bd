//! Picture files: their headers, whether they are sound, and their decoded pixels.
//!
//! [`survey`] reads a file's header, from which follows what memory the picture needs. [`check`]
//! reads the whole file and makes sure that it is one whole picture, because decoders are lenient:
//! they fill up with grey what a damaged file does not give. Both are done once, while preparing.
//! [`open`] is what a task does.

mod decoding;

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use image::ImageFormat;

use super::broken::Broken;
use super::chunks;
use super::jpeg::{self, Header};
use crate::units::Bytes;

pub(super) use decoding::{Buffers, Decoded, open};

/// The most that a picture may decode to, so that a small file cannot ask for all memory.
const LIMIT: Bytes = Bytes(1 << 30);

/// The bytes at a file's start from which its format is recognised.
const MAGIC: u64 = 16;

/// What a file's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The size of the file.
    pub file: Bytes,
    /// The size of the decoded picture.
    pub decoded: Bytes,
    /// What the decoder holds besides these two.
    pub working: Bytes,
}

/// The formats that are understood.
#[derive(Clone, Copy)]
enum Format {
    Jpeg,
    Png,
}

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

impl Facts {
    /// What a task holds of this picture at most.
    pub(super) const fn held(&self) -> Bytes {
        Bytes(
            self.file
                .0
                .saturating_add(self.decoded.0)
                .saturating_add(self.working.0),
        )
    }

    fn of_jpeg(header: &Header, length: u64) -> Self {
        let (width, height) = (header.frame.width, header.frame.height);
        let decoded = Bytes((width * height * header.pixel_bytes()) as u64);

        Self {
            width,
            height,
            file: Bytes(length),
            decoded,
            working: header.working_bytes(),
        }
    }

    fn of_png(header: &chunks::Header, length: u64) -> Self {
        Self {
            width: header.width,
            height: header.height,
            file: Bytes(length),
            decoded: header.decoded(),
            working: header.working(),
        }
    }

    fn check_limit(&self) -> Result<(), Broken> {
        let size = self.decoded;

        if size > LIMIT {
            Err(Broken::Large { size, limit: LIMIT })
        } else {
            Ok(())
        }
    }
}

impl Format {
    /// The format of a file that begins with `magic`.
    fn of(magic: &[u8]) -> Result<Self, Broken> {
        match image::guess_format(magic) {
            Ok(ImageFormat::Jpeg) => Ok(Self::Jpeg),
            Ok(ImageFormat::Png) => Ok(Self::Png),
            _ if magic.is_empty() => Err(Broken::Empty),
            _ => Err(Broken::Foreign),
        }
    }
}

#[cfg(test)]
mod tests;
