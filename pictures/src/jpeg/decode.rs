//! The careful decoder: from a file of any structure to pixels.

use super::block::Block;
use super::colour::Colour;
use super::file::{self, Sink};
use super::frame::Size;
use super::header::Header;
use super::idct;
use super::upsample::Plane;
use crate::broken::Broken;
use crate::room;

/// Decodes `file`, whose header is `header`, into `pixels`: grey stays grey, everything else
/// becomes RGB.
pub(crate) fn decode(file: &[u8], header: &Header, pixels: &mut [u8]) -> Result<(), Broken> {
    let mut planes = Planes::new(header)?;
    file::read(file, &mut planes)?;
    let planes = planes.planes;

    let width = header.frame.width;
    let mut lines = vec![vec![0; width]; planes.len()];
    let rows = pixels.chunks_exact_mut(width * header.pixel_bytes());

    for (row, pixels) in rows.enumerate() {
        for (plane, line) in planes.iter().zip(&mut lines) {
            plane.row(row, line);
        }
        convert(header.colour, &lines, pixels);
    }

    Ok(())
}

/// Receives blocks and keeps their samples.
struct Planes {
    planes: Vec<Plane>,
    tables: Vec<[u16; 64]>,
}

impl Planes {
    fn new(header: &Header) -> Result<Self, Broken> {
        let frame = &header.frame;
        let factors = frame.factors();
        let mut planes = Vec::new();

        for component in &frame.components {
            let Size { columns, rows } = frame.padded_blocks(component);
            planes.push(Plane {
                samples: room::zeroed(64 * columns * rows)?,
                stride: 8 * columns,
                size: frame.samples(component),
                ratio: Size {
                    columns: factors.columns / component.horizontal,
                    rows: factors.rows / component.vertical,
                },
            });
        }

        Ok(Self {
            tables: vec![[1; 64]; planes.len()],
            planes,
        })
    }
}

impl Sink for Planes {
    fn begin(&mut self, component: usize, table: [u16; 64]) {
        self.tables[component] = table;
    }

    fn block(&mut self, component: usize, row: usize, column: usize, block: &Block) {
        let Plane {
            samples, stride, ..
        } = &mut self.planes[component];

        let start = 8 * row * *stride + 8 * column;
        idct::transform(
            block,
            &self.tables[component],
            &mut samples[start..],
            *stride,
        );
    }
}

/// Makes a row of pixels from a row of each component.
fn convert(colour: Colour, lines: &[Vec<u8>], pixels: &mut [u8]) {
    match (colour, lines) {
        (Colour::Grey, [grey, ..]) => pixels.copy_from_slice(grey),
        (Colour::Rgb, [red, green, blue, ..]) => {
            fill(pixels, [red, green, blue], |values| values);
        }
        (Colour::YCbCr, [luma, cb, cr, ..]) => fill(pixels, [luma, cb, cr], rgb),
        // Adobe's programs, which write nearly all such files, store inks inverted.
        (Colour::Cmyk, [cyan, magenta, yellow, black, ..]) => {
            fill(pixels, [cyan, magenta, yellow, black], |[c, m, y, k]| {
                [c, m, y].map(|ink| shade(ink, k))
            });
        }
        (Colour::Ycck, [luma, cb, cr, black, ..]) => {
            fill(pixels, [luma, cb, cr, black], |[y, cb, cr, k]| {
                rgb([y, cb, cr]).map(|value| shade(255 - value, k))
            });
        }
        _ => {}
    }
}

/// Makes each pixel from the values at its place in `lines`.
fn fill<const N: usize>(
    pixels: &mut [u8],
    lines: [&Vec<u8>; N],
    colour: impl Fn([u8; N]) -> [u8; 3],
) {
    for (place, pixel) in pixels.as_chunks_mut().0.iter_mut().enumerate() {
        *pixel = colour(lines.map(|line| line[place]));
    }
}

/// The conversion of the JFIF standard, with 16 fraction bits as in libjpeg.
fn rgb([luma, cb, cr]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (luma, cb, cr) = (i32::from(luma), i32::from(cb) - 128, i32::from(cr) - 128);

    let red = luma + ((91_881 * cr + HALF) >> 16);
    let green = luma + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
    let blue = luma + ((116_130 * cb + HALF) >> 16);

    [red, green, blue].map(|value| u8::try_from(value.clamp(0, 255)).unwrap_or(0))
}

/// `value` times `black`, both from 0 to 255 for 0 to 1, rounded.
fn shade(value: u8, black: u8) -> u8 {
    u8::try_from((u16::from(value) * u16::from(black) + 127) / 255).unwrap_or(u8::MAX)
}
