//! Opens pictures, and tells a sound file from a broken one. Knows nothing of windows, tensors or where
//! the files come from.
//!
//! The decoder is lenient: a JPEG whose data end early is filled up with grey, without a word, and a PNG
//! may lack its last chunk. So [`check`] also follows the file's own structure to the marker that ends it,
//! which a truncated file does not have. That is done once, while preparing; [`open`] is what a task does.
//!
//! JPEG goes to zune-jpeg with the options that `image` gives it, and gives the same pixels and messages:
//! through `image` every file is copied once more, into fresh memory.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::path::Path;

use image::error::{DecodingError, UnsupportedError, UnsupportedErrorKind};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

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
    /// The file's own size.
    pub file: Bytes,
    /// The size of the decoded picture.
    pub decoded: Bytes,
}

/// Memory that one picture after another is read and decoded into: fresh pages cost a few percent.
#[derive(Default)]
pub(super) struct Buffers {
    file: Vec<u8>,
    /// As long as the largest picture so far, and full of whatever picture came last.
    samples: Vec<u8>,
}

/// A file that was read, its header understood.
pub(super) struct Opened<'a> {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    color: ColorType,
    decoder: Decoder<'a>,
    samples: &'a mut Vec<u8>,
}

/// A decoded picture.
pub(super) struct Decoded<'a> {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What a pixel consists of.
    pub color: ColorType,
    /// Row by row, pixel by pixel; 16-bit values in the machine's own byte order.
    pub samples: &'a [u8],
}

#[derive(Clone, Copy)]
enum Format {
    Jpeg,
    Png,
}

enum Decoder<'a> {
    Jpeg(Box<JpegDecoder<ZCursor<&'a [u8]>>>),
    Png(Box<dyn ImageDecoder + 'a>),
}

/// The most that a picture may decode to, so that a few bytes cannot ask for all memory.
const LIMIT: Bytes = Bytes(1 << 30);

/// Reads the file at `path` into `buffers`. An orientation tag is not applied: the pixels are taken as they
/// are stored.
pub(super) fn open<'a>(path: &Path, buffers: &'a mut Buffers) -> Result<Opened<'a>, Broken> {
    let format = buffers.read(path)?;
    Opened::new(format, buffers)
}

/// Reads all of the file at `path` and makes sure that it is one whole picture.
pub(super) fn check(path: &Path) -> Result<Facts, Broken> {
    let mut buffers = Buffers::default();
    let format = buffers.read(path)?;
    let ends = match format {
        Format::Jpeg => jpeg_ends(&buffers.file),
        Format::Png => png_ends(&buffers.file),
    };
    ends.ok_or(Broken::Truncated)?;
    let file = Bytes(buffers.file.len() as u64);
    let Decoded { width, height, samples, .. } = Opened::new(format, &mut buffers)?.decode(0..0)?;
    Ok(Facts { width, height, file, decoded: Bytes(samples.len() as u64) })
}

impl Buffers {
    fn read(&mut self, path: &Path) -> Result<Format, Broken> {
        let mut file = File::open(path)?;
        self.file.clear();
        // No more than the file needs: what a task holds is counted.
        self.file.reserve_exact(usize::try_from(file.metadata()?.len()).unwrap_or(0));
        file.read_to_end(&mut self.file)?;
        match image::guess_format(&self.file) {
            Ok(ImageFormat::Jpeg) => Ok(Format::Jpeg),
            Ok(ImageFormat::Png) => Ok(Format::Png),
            _ if self.file.is_empty() => Err(Broken::Empty),
            _ => Err(Broken::Foreign),
        }
    }
}

impl<'a> Opened<'a> {
    fn new(format: Format, buffers: &'a mut Buffers) -> Result<Self, Broken> {
        let Buffers { file, samples } = buffers;
        let (decoder, color, (width, height)) = match format {
            Format::Jpeg => jpeg(file)?,
            Format::Png => png(file)?,
        };
        let pixel = u64::from(color.bytes_per_pixel());
        let total = Bytes((width as u64).saturating_mul(height as u64).saturating_mul(pixel));
        if total > LIMIT {
            return Err(Broken::Large(total));
        }
        Ok(Self { width, height, color, decoder, samples })
    }

    /// Decodes the picture. In `rows`, what the decoder leaves out is black, as in fresh memory: a damaged
    /// JPEG may end before its last row without an error. Elsewhere an earlier picture may shine through.
    pub(super) fn decode(self, rows: Range<usize>) -> Result<Decoded<'a>, Broken> {
        let Self { width, height, color, decoder, samples } = self;
        let row = width * usize::from(color.bytes_per_pixel());
        let length = row * height;
        if samples.len() < length {
            // Given back first, or both would be there for a moment.
            *samples = Vec::new();
            *samples = vec![0; length];
        }
        let samples = &mut samples[..length];
        samples[rows.start * row..rows.end * row].fill(0);
        match decoder {
            Decoder::Jpeg(mut decoder) => decoder.decode_into(samples).map_err(undecodable)?,
            Decoder::Png(decoder) => decoder.read_image_boxed(samples)?,
        }
        Ok(Decoded { width, height, color, samples })
    }
}

/// A decoder that knows the header, what a pixel will consist of, and the numbers of columns and rows.
type Header<'a> = (Decoder<'a>, ColorType, (usize, usize));

fn jpeg(file: &[u8]) -> Result<Header<'_>, Broken> {
    let options = DecoderOptions::default().set_strict_mode(false);
    let options = options.set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = Box::new(JpegDecoder::new_with_options(ZCursor::new(file), options));
    decoder.decode_headers().map_err(undecodable)?;
    let (target, color) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, ColorType::L8),
        _ => (ColorSpace::RGB, ColorType::Rgb8),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(target));
    let size = decoder.dimensions().ok_or(Broken::Truncated)?;
    Ok((Decoder::Jpeg(decoder), color, size))
}

fn png(file: &[u8]) -> Result<Header<'_>, Broken> {
    let decoder = ImageReader::with_format(Cursor::new(file), ImageFormat::Png).into_decoder()?;
    let ((width, height), color) = (decoder.dimensions(), decoder.color_type());
    Ok((Decoder::Png(Box::new(decoder)), color, (width as usize, height as usize)))
}

/// In the words that `image` has for it.
fn undecodable(error: DecodeErrors) -> Broken {
    let format = ImageFormat::Jpeg.into();
    Broken::Undecodable(match error {
        DecodeErrors::Unsupported(what) => {
            let what = UnsupportedErrorKind::GenericFeature(format!("{what:?}"));
            ImageError::Unsupported(UnsupportedError::from_format_and_kind(format, what))
        }
        other => ImageError::Decoding(DecodingError::new(format, other)),
    })
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
    use std::fs;
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
                let sizes = [bytes.len(), side * side * 3].map(|size| Bytes(size as u64));
                assert_eq!([facts.file, facts.decoded], sizes);
                let mut buffers = Buffers::default();
                let decoded = open(&path, &mut buffers).unwrap().decode(0..side).unwrap();
                assert_eq!((decoded.width, decoded.samples.len()), (side, side * side * 3));
            }
        }
    }

    /// A JPEG of each kind of colour, sampling and order, 21 x 13 pixels.
    fn every_kind_of_jpeg() -> Vec<Vec<u8>> {
        use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
        let (pixels, mut files) = (samples(40), Vec::new());
        for (color, bytes) in [
            (ColorType::Rgb, 3),
            (ColorType::Luma, 1),
            (ColorType::Cmyk, 4),
            (ColorType::CmykAsYcck, 4),
            (ColorType::Ycck, 4),
        ] {
            for (sampling, progressive) in [
                (SamplingFactor::F_1_1, false),
                (SamplingFactor::F_2_1, false),
                (SamplingFactor::F_2_2, false),
                (SamplingFactor::F_2_2, true),
            ] {
                let mut file = Vec::new();
                let mut encoder = Encoder::new(&mut file, 60);
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.encode(&pixels[..21 * 13 * bytes], 21, 13, color).unwrap();
                files.push(file);
            }
        }
        files
    }

    /// What `image` makes of a file in fresh memory: colour and samples, or its message.
    fn through_image(file: &[u8], format: ImageFormat) -> Result<(ColorType, Vec<u8>), String> {
        let decoded =
            ImageReader::with_format(Cursor::new(file), format).into_decoder().and_then(|decoder| {
                let mut samples = vec![0; usize::try_from(decoder.total_bytes()).unwrap()];
                let color = decoder.color_type();
                decoder.read_image(&mut samples).map(|()| (color, samples))
            });
        decoded.map_err(|error| Broken::from(error).to_string())
    }

    /// The same through this file, in memory that was used before.
    fn through_buffers(file: &[u8], format: Format, rows: bool) -> Result<(ColorType, Vec<u8>), String> {
        let mut buffers = Buffers { file: file.to_vec(), samples: vec![0xA5; 10_000] };
        let opened = Opened::new(format, &mut buffers).map_err(|broken| broken.to_string())?;
        let rows = if rows { 0..opened.height } else { 0..0 };
        let decoded = opened.decode(rows).map_err(|broken| broken.to_string())?;
        Ok((decoded.color, decoded.samples.to_vec()))
    }

    #[test]
    fn used_memory_gives_what_image_gives_in_fresh_memory_for_sound_and_for_damaged_files() {
        let (mut sound, mut failed, mut left_out) = (0, 0, 0);
        for whole in every_kind_of_jpeg() {
            let scan = whole.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
            let data = scan + 2 + usize::from(whole[scan + 3]);
            // A scan that begins within another one ends the picture there, without an error.
            let twice = [&whole[..data + 9], &whole[scan..]].concat();
            let flipped = (2..whole.len()).map(|place| {
                let mut damaged = whole.clone();
                damaged[place] ^= 0x15;
                damaged
            });
            for file in [whole.clone(), twice].into_iter().chain(flipped) {
                let expected = through_image(&file, ImageFormat::Jpeg);
                assert_eq!(through_buffers(&file, Format::Jpeg, true), expected);
                sound += usize::from(file == whole && expected.is_ok());
                failed += usize::from(expected.is_err());
                left_out += usize::from(through_buffers(&file, Format::Jpeg, false) != expected);
            }
        }
        // The decoder refuses the sampling of some.
        assert!(sound > 10 && failed > 0 && left_out > 0, "{sound}, {failed}, {left_out}");
        let whole = png();
        assert_eq!(through_buffers(&whole, Format::Png, true), through_image(&whole, ImageFormat::Png));
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
