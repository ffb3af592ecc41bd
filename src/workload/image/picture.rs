//! Opens pictures, and tells a sound file from a broken one. Knows nothing of windows, tensors or where
//! the files come from.
//!
//! The decoder is lenient: a JPEG whose data end early is filled up with grey, without a word, and a PNG
//! may lack its last chunk. So [`check`] also follows the file's own structure to the marker that ends it,
//! which a truncated file does not have. That is done once, while preparing; [`open`] is what a task does.

use std::fs;
use std::io;
use std::path::Path;

use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::units::Bytes;

/// Why a file cannot be used. The text follows the file's name.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The file system says so.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Not a byte in it.
    #[error("is empty")]
    Empty,
    /// Begins like neither format.
    #[error("is neither a JPEG nor a PNG picture")]
    Foreign,
    /// Ends before the picture does.
    #[error("is truncated: the picture's end is missing")]
    Truncated,
    /// The decoder says so.
    #[error("cannot be decoded: {0}")]
    Undecodable(#[from] ImageError),
    /// Would take too much memory.
    #[error("is too large: {0} decoded, more than {LIMIT}")]
    Large(Bytes),
    /// The window does not fit.
    #[error("{0}")]
    Small(String),
}

/// What is known of a sound file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The memory that file and picture take together.
    pub held: Bytes,
}

/// A decoded picture.
pub(super) struct Decoded {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What a pixel consists of.
    pub color: ColorType,
    /// Row by row, pixel by pixel; 16-bit values in the machine's own byte order.
    pub samples: Vec<u8>,
}

/// The most that a picture may decode to, so that a few bytes cannot ask for all memory.
const LIMIT: Bytes = Bytes(1 << 30);

/// Decodes the file at `path`. An orientation tag is not applied: the pixels are taken as they are stored.
///
/// Each call takes fresh memory: giving one picture's memory to the next was tried and saves 2 % at most.
pub(super) fn open(path: &Path) -> Result<Decoded, Broken> {
    decode(ImageReader::open(path)?.with_guessed_format()?.into_decoder()?)
}

fn decode(decoder: impl ImageDecoder) -> Result<Decoded, Broken> {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let total = Bytes(decoder.total_bytes());
    let length = usize::try_from(total.0).ok().filter(|_| total <= LIMIT).ok_or(Broken::Large(total))?;
    let mut samples = vec![0; length];
    decoder.read_image(&mut samples)?;
    Ok(Decoded { width: width as usize, height: height as usize, color, samples })
}

/// Reads all of the file at `path` and makes sure that it is one whole picture.
pub(super) fn check(path: &Path) -> Result<Facts, Broken> {
    let bytes = fs::read(path)?;
    if bytes.is_empty() {
        return Err(Broken::Empty);
    }
    let (format, ends) = match image::guess_format(&bytes) {
        Ok(format @ ImageFormat::Jpeg) => (format, jpeg_ends(&bytes)),
        Ok(format @ ImageFormat::Png) => (format, png_ends(&bytes)),
        _ => return Err(Broken::Foreign),
    };
    if ends.is_none() {
        return Err(Broken::Truncated);
    }
    let file = io::Cursor::new(&bytes);
    let decoder = ImageReader::with_format(file, format).into_decoder()?;
    let Decoded { width, height, samples, .. } = decode(decoder)?;
    Ok(Facts { width, height, held: Bytes((bytes.len() + samples.len()) as u64) })
}

/// Follows a JPEG's segments, scan after scan, to its end marker; nothing if the bytes end first.
///
/// A marker is FF and a byte that is none of 00 (a data byte FF), FF (filling), 01 and D0 to D7 (markers
/// without a segment, which stand inside scans). Every other one but the last, D9, heads a segment with
/// its length, so an end marker in an embedded thumbnail is stepped over.
fn jpeg_ends(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.get(2..)?;
    loop {
        let at = rest.array_windows().position(|&[first, second]| {
            first == 0xFF && !matches!(second, 0x00 | 0x01 | 0xD0..=0xD7 | 0xFF)
        })?;
        let (marker, after) = rest[at + 1..].split_first()?;
        if *marker == 0xD9 {
            return Some(());
        }
        let length = u16::from_be_bytes(*after.first_chunk()?);
        rest = after.get(usize::from(length)..)?;
    }
}

/// Follows a PNG's chunks to the one that ends it; nothing if the bytes end first.
fn png_ends(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let kind = rest.get(4..8)?;
        // Length, kind and checksum stand around the content.
        let after = rest.get(length.checked_add(12)?..)?;
        if kind == b"IEND" {
            return Some(());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use image::{ExtendedColorType, ImageEncoder};
    use tempfile::TempDir;

    use super::*;

    fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn samples(side: usize) -> Vec<u8> {
        (0..side * side * 3).map(|at| u8::try_from(at * at % 251).unwrap()).collect()
    }

    fn jpeg(progressive: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
        encoder.set_progressive(progressive);
        encoder.set_restart_interval(5);
        // A thumbnail's end marker inside a segment is not the picture's.
        encoder.add_app_segment(1, b"Exif\0\0\xFF\xD8\xFF\xD9".to_vec()).unwrap();
        encoder.encode(&samples(40), 40, 40, jpeg_encoder::ColorType::Rgb).unwrap();
        bytes
    }

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.write_image(&samples(20), 20, 20, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    #[test]
    fn whole_files_are_sound_even_with_something_behind_them() {
        for (bytes, side) in [(jpeg(false), 40), (jpeg(true), 40), (png(), 20)] {
            for tail in [&b""[..], b"\xFF", b"more"] {
                let bytes = [&bytes, tail].concat();
                let (_folder, path) = file("whole", &bytes);
                let facts = check(&path).unwrap();
                assert_eq!((facts.width, facts.height), (side, side));
                assert_eq!(facts.held, Bytes((bytes.len() + side * side * 3) as u64));
                let decoded = open(&path).unwrap();
                assert_eq!((decoded.width, decoded.samples.len()), (side, side * side * 3));
            }
        }
    }

    #[test]
    fn every_shorter_file_is_noticed() {
        for bytes in [jpeg(false), jpeg(true), png()] {
            for length in 0..bytes.len() {
                let (_folder, path) = file("short", &bytes[..length]);
                let broken = check(&path).unwrap_err();
                let expected = match length {
                    0 => matches!(broken, Broken::Empty),
                    1..8 => matches!(broken, Broken::Foreign | Broken::Truncated),
                    _ => matches!(broken, Broken::Truncated),
                };
                assert!(expected, "{length} of {}: {broken}", bytes.len());
            }
        }
    }

    #[test]
    fn reasons_are_told_apart() {
        let reason = |bytes: &[u8]| {
            let (_folder, path) = file("picture.jpg", bytes);
            check(&path).unwrap_err().to_string()
        };
        assert_eq!(reason(b""), "is empty");
        assert_eq!(reason(b"hello, I am a text"), "is neither a JPEG nor a PNG picture");
        assert_eq!(reason(b"GIF89a\x01\0\x01\0\0\0\0;"), "is neither a JPEG nor a PNG picture");
        let mut damaged = png();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        assert!(reason(&damaged).starts_with("cannot be decoded: "));
        let missing = check(Path::new("/no/such/file")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot be read: No such file"), "{missing}");
    }
}
