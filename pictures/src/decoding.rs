//! From a picture's file to its pixels, in memory that is used again.
//!
//! A JPEG goes to zune-jpeg, with the options that `image` gives it, or to the decoder in `jpeg`,
//! depending on its header. Through `image` every file would be copied once more, into fresh
//! memory.

use std::fs::File;
use std::io::{Cursor, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::error::{DecodingError, UnsupportedError, UnsupportedErrorKind};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use parbench_pool::panic_message;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::facts::{Facts, Format, LIMIT};
use crate::broken::Broken;
use crate::chunks;
use crate::jpeg::{self, Header, Route};
use crate::room;
use parbench_units::Bytes;

/// Memory that one picture after another is read and decoded into: fresh pages cost a few percent.
#[derive(Default)]
pub struct Buffers {
    pub(super) file: Vec<u8>,
    /// The bytes of the largest file so far.
    pub(super) largest_file: usize,
    /// As long as the largest picture so far. It still holds what came last.
    pub(super) samples: Vec<u8>,
}

/// A file that was read, its header understood.
pub struct Opened<'a> {
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
pub struct Decoded<'a> {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What a pixel consists of.
    pub color: ColorType,
    /// Row by row, pixel by pixel; 16-bit values in the machine's own byte order.
    pub samples: &'a [u8],
}

enum Decoder<'a> {
    /// zune-jpeg.
    Fast(Box<JpegDecoder<ZCursor<&'a [u8]>>>),
    /// The decoder in `jpeg`.
    Careful {
        file: &'a [u8],
        header: Header,
    },
    Png(Box<dyn ImageDecoder + 'a>),
}

/// Reads the file at `path` into `buffers`, for the `careful` decoder where its header alone would
/// leave it to the fast one. An orientation tag is not applied: the pixels are taken as they are
/// stored.
pub fn open<'a>(
    path: &Path,
    careful: bool,
    buffers: &'a mut Buffers,
) -> Result<Opened<'a>, Broken> {
    let Buffers {
        file,
        largest_file,
        samples,
    } = buffers;
    read(path, file)?;
    *largest_file = file.len().max(*largest_file);

    Opened::new(file, careful, samples)
}

/// Makes `bytes` the content of the file at `path`.
pub(super) fn read(path: &Path, bytes: &mut Vec<u8>) -> Result<(), Broken> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let length = usize::try_from(length).map_err(|_| Broken::Refused(Bytes(length)))?;

    // No more than the file needs: what a task holds is counted.
    bytes.clear();
    room::reserve(bytes, length)?;
    file.read_to_end(bytes)?;

    Ok(())
}

impl Buffers {
    /// Gives back the memory of earlier pictures where the one with `facts` would otherwise hold
    /// more than `limit`.
    pub fn make_room(&mut self, facts: &Facts, limit: Bytes) {
        let file = facts.file.0.max(self.largest_file as u64);
        let samples = facts.decoded.0.max(self.samples.len() as u64);
        let held = file.saturating_add(samples).saturating_add(facts.working.0);

        if held > limit.0 {
            *self = Self::default();
        }
    }
}

impl<'a> Opened<'a> {
    pub(super) fn new(
        file: &'a [u8],
        careful: bool,
        samples: &'a mut Vec<u8>,
    ) -> Result<Self, Broken> {
        match Format::of(file)? {
            Format::Jpeg => Self::jpeg(file, careful, samples),
            Format::Png => Self::png(file, samples),
        }
    }

    fn jpeg(file: &'a [u8], careful: bool, samples: &'a mut Vec<u8>) -> Result<Self, Broken> {
        let mut start = file;
        let header = Header::read(&mut start)?;
        let header = if careful { header.careful() } else { header };
        let facts = Facts::of_jpeg(&header, file.len() as u64);

        let color = if header.pixel_bytes() == 1 {
            ColorType::L8
        } else {
            ColorType::Rgb8
        };
        let decoder = match header.route {
            Route::Fast => Decoder::Fast(zune_decoder(file, color)?),
            Route::Careful => Decoder::Careful { file, header },
        };

        Ok(Self {
            width: facts.width,
            height: facts.height,
            color,
            working: facts.working,
            decoder,
            samples,
        })
    }

    fn png(file: &'a [u8], samples: &'a mut Vec<u8>) -> Result<Self, Broken> {
        let mut start = file;
        let working = chunks::Header::read(&mut start)?.working();
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(working.0);
        let decoder = catching_panics(|| {
            let mut reader = ImageReader::with_format(Cursor::new(file), ImageFormat::Png);
            reader.limits(limits);
            Ok(reader.into_decoder()?)
        })?;
        let (width, height) = decoder.dimensions();

        Ok(Self {
            width: width as usize,
            height: height as usize,
            color: decoder.color_type(),
            working,
            decoder: Decoder::Png(Box::new(decoder)),
            samples,
        })
    }

    /// Decodes the picture.
    ///
    /// In `rows`, what the decoder leaves out is black, as in fresh memory: a damaged JPEG may end
    /// before its last row without an error. In other rows an earlier picture may show through.
    pub fn decode(self, rows: Range<usize>) -> Result<Decoded<'a>, Broken> {
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

        let is_larger = samples.len() < length;
        if is_larger {
            // The old memory is given back first, or both would be held for a moment.
            *samples = Vec::new();
        }
        let missing = if is_larger { length as u64 } else { 0 };
        let mut claim = room::claim(Bytes(missing + working.0))?;
        if is_larger {
            *samples = room::zeroed(length)?;
            claim.keep(working);
        }
        let samples = &mut samples[..length];
        samples[rows.start * row..rows.end * row].fill(0);

        catching_panics(|| match decoder {
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

/// The result of `work`; a panic in it becomes an error. What it leaves half done is not used
/// again.
pub(super) fn catching_panics<T>(work: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(Broken::Panicked(panic_message(payload))))
}

/// zune-jpeg, past the header of `file`.
fn zune_decoder(file: &[u8], color: ColorType) -> Result<Box<JpegDecoder<ZCursor<&[u8]>>>, Broken> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let target = if color == ColorType::L8 {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };

    let mut decoder = Box::new(JpegDecoder::new_with_options(ZCursor::new(file), options));
    catching_panics(|| decoder.decode_headers().map_err(undecodable))?;
    decoder.set_options(options.jpeg_set_out_colorspace(target));

    Ok(decoder)
}

/// An error of zune-jpeg, worded as `image` words it.
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
