//! Opens pictures, and tells a sound file from a broken one. Knows nothing of windows, tensors or where
//! the files come from.
//!
//! [`survey`] reads a file's header, which says what memory the picture needs; [`check`] reads all of it and
//! makes sure that it is one whole picture. Both are done once, while preparing; [`open`] is what a task does.
//!
//! A JPEG goes to zune-jpeg, with the options that `image` gives it, or to the decoder in `jpeg`, as its header
//! decides. Through `image` every file would be copied once more, into fresh memory.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::error::{DecodingError, UnsupportedError, UnsupportedErrorKind};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader};
use parbench_pool::panic_message;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::broken::Broken;
use super::jpeg::{self, Header, Route};
use super::{chunks, room};
use crate::units::Bytes;

/// What is known of a file.
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
    /// What the decoder holds beside these two.
    pub working: Bytes,
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
    working: Bytes,
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
    Fast(Box<JpegDecoder<ZCursor<&'a [u8]>>>),
    Careful { file: &'a [u8], header: Header },
    Png(Box<dyn ImageDecoder + 'a>),
}

/// The most that a picture may decode to, so that a few bytes cannot ask for all memory.
const LIMIT: Bytes = Bytes(1 << 30);

/// So many bytes at a file's start tell its format.
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
            Facts {
                width: header.width,
                height: header.height,
                file: Bytes(length),
                decoded: header.decoded(),
                working: header.working(),
            }
        }
    };

    facts.check_limit()?;
    Ok(facts)
}

/// Reads all of the file at `path` and makes sure that it is one whole picture.
pub(super) fn check(path: &Path) -> Result<(), Broken> {
    let Buffers { file, samples } = &mut Buffers::default();
    read(path, file)?;
    decoded(file, samples)?;

    Ok(())
}

/// The picture in `file`, which must be whole and sound.
pub(super) fn decoded<'a>(file: &'a [u8], samples: &'a mut Vec<u8>) -> Result<Decoded<'a>, Broken> {
    let format = Format::of(file)?;

    match format {
        Format::Jpeg => jpeg::check(file)?,
        Format::Png => chunks::check(file)?,
    }

    Opened::new(format, file, samples)?.decode(0..0)
}

/// Reads the file at `path` into `buffers`. An orientation tag is not applied: the pixels are taken as they
/// are stored.
pub(super) fn open<'a>(path: &Path, buffers: &'a mut Buffers) -> Result<Opened<'a>, Broken> {
    let Buffers { file, samples } = buffers;
    read(path, file)?;
    Opened::new(Format::of(file)?, file, samples)
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
    /// What a file that begins with `magic` is.
    fn of(magic: &[u8]) -> Result<Self, Broken> {
        match image::guess_format(magic) {
            Ok(ImageFormat::Jpeg) => Ok(Self::Jpeg),
            Ok(ImageFormat::Png) => Ok(Self::Png),
            _ if magic.is_empty() => Err(Broken::Empty),
            _ => Err(Broken::Foreign),
        }
    }
}

impl Buffers {
    /// Gives back memory of earlier pictures where it would make the one with `facts` hold more than `limit`.
    pub(super) fn make_room(&mut self, facts: &Facts, limit: Bytes) {
        let file = facts.file.0.max(self.file.capacity() as u64);
        let samples = facts.decoded.0.max(self.samples.capacity() as u64);

        if file.saturating_add(samples).saturating_add(facts.working.0) > limit.0 {
            *self = Self::default();
        }
    }
}

/// Makes `bytes` the content of the file at `path`.
fn read(path: &Path, bytes: &mut Vec<u8>) -> Result<(), Broken> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    bytes.clear();

    // No more than the file needs: what a task holds is counted.
    room::reserve(
        bytes,
        usize::try_from(length).map_err(|_| Broken::Refused(Bytes(length)))?,
    )?;
    file.read_to_end(bytes)?;

    Ok(())
}

impl<'a> Opened<'a> {
    fn new(format: Format, file: &'a [u8], samples: &'a mut Vec<u8>) -> Result<Self, Broken> {
        match format {
            Format::Jpeg => {
                let mut start = file;
                let header = Header::read(&mut start)?;
                let Facts {
                    width,
                    height,
                    working,
                    ..
                } = Facts::of_jpeg(&header, file.len() as u64);
                let color = if header.pixel_bytes() == 1 {
                    ColorType::L8
                } else {
                    ColorType::Rgb8
                };
                let decoder = match header.route {
                    Route::Fast => Decoder::Fast(fast(file, color)?),
                    Route::Careful => Decoder::Careful { file, header },
                };
                Ok(Self {
                    width,
                    height,
                    color,
                    working,
                    decoder,
                    samples,
                })
            }
            Format::Png => {
                let decoder = uninterrupted(|| {
                    Ok(
                        ImageReader::with_format(Cursor::new(file), ImageFormat::Png)
                            .into_decoder()?,
                    )
                })?;
                let ((width, height), color) = (decoder.dimensions(), decoder.color_type());
                let (width, height) = (width as usize, height as usize);
                let decoder = Decoder::Png(Box::new(decoder));
                Ok(Self {
                    width,
                    height,
                    color,
                    working: Bytes(0),
                    decoder,
                    samples,
                })
            }
        }
    }

    /// Decodes the picture. In `rows`, what the decoder leaves out is black, as in fresh memory: a damaged
    /// JPEG may end before its last row without an error. Elsewhere an earlier picture may shine through.
    pub(super) fn decode(self, rows: Range<usize>) -> Result<Decoded<'a>, Broken> {
        let Self {
            width,
            height,
            color,
            working,
            decoder,
            samples,
        } = self;
        let row = width * usize::from(color.bytes_per_pixel());
        let length = row * height;
        if length as u64 > LIMIT.0 {
            return Err(Broken::Large {
                size: Bytes(length as u64),
                limit: LIMIT,
            });
        }

        if samples.len() < length {
            // Given back first, or both would be there for a moment.
            *samples = Vec::new();
            *samples = room::zeroed(length)?;
        }
        let samples = &mut samples[..length];
        samples[rows.start * row..rows.end * row].fill(0);

        room::probe(working)?;
        uninterrupted(|| match decoder {
            Decoder::Fast(mut decoder) => decoder.decode_into(samples).map_err(undecodable),
            Decoder::Careful { file, header } => jpeg::decode(file, &header, samples),
            Decoder::Png(decoder) => Ok(decoder.read_image_boxed(samples)?),
        })?;

        Ok(Decoded {
            width,
            height,
            color,
            samples,
        })
    }
}

/// What `work` gives; a panic in it is an error. Nothing that it leaves half done is looked at again.
fn uninterrupted<T>(work: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(Broken::Panicked(panic_message(payload))))
}

/// zune-jpeg behind the header of `file`.
fn fast(file: &[u8], color: ColorType) -> Result<Box<JpegDecoder<ZCursor<&[u8]>>>, Broken> {
    let options = DecoderOptions::default().set_strict_mode(false);
    let options = options.set_max_width(usize::MAX).set_max_height(usize::MAX);
    let target = if color == ColorType::L8 {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };

    let mut decoder = Box::new(JpegDecoder::new_with_options(ZCursor::new(file), options));
    uninterrupted(|| decoder.decode_headers().map_err(undecodable))?;
    decoder.set_options(options.jpeg_set_out_colorspace(target));

    Ok(decoder)
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
        (0..side * side * 3)
            .map(|at| u8::try_from(at * at % 251).unwrap())
            .collect()
    }

    fn jpeg(progressive: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
        encoder.set_progressive(progressive);
        encoder.set_restart_interval(5);
        // A thumbnail's end marker inside a segment is not the picture's.
        encoder
            .add_app_segment(1, b"Exif\0\0\xFF\xD8\xFF\xD9".to_vec())
            .unwrap();
        encoder
            .encode(&samples(40), 40, 40, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        bytes
    }

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder
            .write_image(&samples(20), 20, 20, ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    #[test]
    fn whole_files_are_sound_even_with_something_behind_them() {
        for (bytes, side) in [(jpeg(false), 40), (jpeg(true), 40), (png(), 20)] {
            for tail in [&b""[..], b"\xFF", b"more"] {
                let bytes = [&bytes, tail].concat();
                let (_folder, path) = file("whole", &bytes);
                let facts = survey(&path).unwrap();
                check(&path).unwrap();
                assert_eq!((facts.width, facts.height), (side, side));
                let sizes = [bytes.len(), side * side * 3].map(|size| Bytes(size as u64));
                assert_eq!([facts.file, facts.decoded], sizes);
                let mut buffers = Buffers::default();
                let decoded = open(&path, &mut buffers).unwrap().decode(0..side).unwrap();
                assert_eq!(
                    (decoded.width, decoded.samples.len()),
                    (side, side * side * 3)
                );
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
                encoder
                    .encode(&pixels[..21 * 13 * bytes], 21, 13, color)
                    .unwrap();
                files.push(file);
            }
        }
        files
    }

    /// What `image` makes of a file in fresh memory: colour and samples, or its message.
    fn through_image(file: &[u8], format: ImageFormat) -> Result<(ColorType, Vec<u8>), String> {
        let decoded = ImageReader::with_format(Cursor::new(file), format)
            .into_decoder()
            .and_then(|decoder| {
                let mut samples = vec![0; usize::try_from(decoder.total_bytes()).unwrap()];
                let color = decoder.color_type();
                decoder.read_image(&mut samples).map(|()| (color, samples))
            });
        decoded.map_err(|error| Broken::from(error).to_string())
    }

    /// The same through this file, in memory that held `before`.
    fn through_buffers(
        file: &[u8],
        before: &[u8],
        all_rows: bool,
    ) -> Result<(ColorType, Vec<u8>), String> {
        let mut samples = before.to_vec();
        let opened = Format::of(file).and_then(|format| Opened::new(format, file, &mut samples));
        let opened = opened.map_err(|broken| broken.to_string())?;
        let rows = if all_rows { 0..opened.height } else { 0..0 };
        let decoded = opened.decode(rows).map_err(|broken| broken.to_string())?;

        Ok((decoded.color, decoded.samples.to_vec()))
    }

    #[test]
    fn used_memory_gives_what_fresh_memory_gives_for_sound_and_for_damaged_files() {
        let (mut failed, mut left_out) = (0, 0);
        let used = [0xA5; 10_000];

        for whole in every_kind_of_jpeg() {
            let scan = whole
                .windows(2)
                .position(|marker| marker == [0xFF, 0xDA])
                .unwrap();
            let data = scan + 2 + usize::from(whole[scan + 3]);
            // A scan that begins within another one ends the picture there, without an error.
            let twice = [&whole[..data + 9], &whole[scan..]].concat();
            let flipped = (2..whole.len()).map(|place| {
                let mut damaged = whole.clone();
                damaged[place] ^= 0x15;
                damaged
            });

            for file in [whole.clone(), twice].into_iter().chain(flipped) {
                let expected = through_buffers(&file, &[], true);
                assert_eq!(through_buffers(&file, &used, true), expected);
                failed += usize::from(expected.is_err());
                left_out += usize::from(through_buffers(&file, &used, false) != expected);
            }
        }

        assert!(failed > 0 && left_out > 0, "{failed}, {left_out}");
    }

    #[test]
    fn sound_files_give_what_image_gives() {
        let mut compared = 0;

        for file in every_kind_of_jpeg() {
            let header = Header::read(&mut file.as_slice()).unwrap();
            let factors = header
                .frame
                .components
                .iter()
                .map(|part| (part.horizontal, part.vertical));
            let fast = header.route == Route::Fast;

            // The fast decoder scales other ones up wrongly, or refuses them.
            if !fast && factors.clone().any(|factor| factor != (1, 1)) {
                continue;
            }

            let Ok((color, expected)) = through_image(&file, ImageFormat::Jpeg) else {
                continue;
            };
            let (own_color, samples) = through_buffers(&file, &[], true).unwrap();
            let differences = samples
                .iter()
                .zip(&expected)
                .map(|(own, other)| own.abs_diff(*other));
            let sum: u64 = differences.map(u64::from).sum();

            assert_eq!((own_color, samples.len()), (color, expected.len()));
            assert!(
                if fast {
                    sum == 0
                } else {
                    sum < samples.len() as u64
                },
                "{sum}"
            );
            compared += 1;
        }

        assert!(compared > 10, "{compared}");
        let whole = png();
        assert_eq!(
            through_buffers(&whole, &[], true),
            through_image(&whole, ImageFormat::Png)
        );
    }

    #[test]
    fn every_shorter_file_is_noticed() {
        for bytes in [jpeg(false), jpeg(true), png()] {
            for length in 0..bytes.len() {
                let (_folder, path) = file("short", &bytes[..length]);
                let broken = survey(&path).and_then(|_| check(&path)).unwrap_err();
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
    fn a_panic_of_a_decoder_is_an_error() {
        let outcome = uninterrupted(|| -> Result<(), Broken> { panic!("index 7 out of range") });
        let message = outcome.unwrap_err().to_string();
        assert_eq!(
            message,
            "cannot be decoded: the decoder panicked: index 7 out of range"
        );
    }

    #[test]
    fn memory_is_known_from_the_header() {
        let working_is = |bytes: &[u8], working: u64| {
            let (_folder, path) = file("picture", bytes);
            let facts = survey(&path).unwrap();
            assert_eq!(
                facts.held(),
                Bytes(facts.file.0 + facts.decoded.0 + facts.working.0)
            );
            assert_eq!(facts.working, Bytes(working));
        };

        // 40 x 40 pixels in units of 16 x 16: 48 x 48 for the first component, 24 x 24 for the others.
        let samples = 48 * 48 + 2 * 24 * 24;
        working_is(&jpeg(false), 8 * samples / 3);
        working_is(&jpeg(true), 2 * samples + 8 * samples / 3);
        working_is(&png(), 4 * 60 + (1 << 20));
    }

    #[test]
    fn memory_of_earlier_pictures_is_given_back_where_the_next_one_needs_it() {
        let facts = |file, decoded, working| {
            let [file, decoded, working] = [file, decoded, working].map(Bytes);
            Facts {
                width: 1,
                height: 1,
                file,
                decoded,
                working,
            }
        };
        let room = |facts: &Facts| {
            let mut buffers = Buffers {
                file: Vec::with_capacity(100),
                samples: Vec::with_capacity(200),
            };
            buffers.make_room(facts, Bytes(350));
            buffers.file.capacity() + buffers.samples.capacity()
        };

        assert_eq!(room(&facts(100, 200, 50)), 300);
        assert_eq!(room(&facts(10, 200, 51)), 0);
        assert_eq!(room(&facts(151, 10, 0)), 0);
    }

    #[test]
    fn reasons_are_told_apart() {
        let reason = |bytes: &[u8]| {
            let (_folder, path) = file("picture.jpg", bytes);
            check(&path).unwrap_err().to_string()
        };
        assert_eq!(reason(b""), "is empty");
        assert_eq!(
            reason(b"hello, I am a text"),
            "is neither a JPEG nor a PNG picture"
        );
        assert_eq!(
            reason(b"GIF89a\x01\0\x01\0\0\0\0;"),
            "is neither a JPEG nor a PNG picture"
        );
        let mut damaged = png();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        assert_eq!(
            reason(&damaged),
            "is damaged: the checksum of chunk IDAT is wrong"
        );
        let missing = check(Path::new("/no/such/file")).unwrap_err().to_string();
        assert!(
            missing.starts_with("cannot be read: No such file"),
            "{missing}"
        );
    }
}
