//! The chart as a PNG picture.

use std::io::{self, Write};

use plotters::prelude::BitMapBackend;

use super::drawing;
use super::error::ChartError;
use super::font::Font;
use super::scene::{Scene, Target};
use crate::report::export::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "png",
    extension: "png",
    about: "The same chart as pixels, two for each of the SVG's.",
    write,
};

/// Pixels per unit of the drawing, so that it is sharp on a dense screen.
const SCALE: u32 = 2;

/// Red, green and blue.
const BYTES_PER_PIXEL: usize = 3;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let picture = picture(run).map_err(io::Error::other)?;

    to.write_all(&picture)
}

fn picture(run: &Run) -> Result<Vec<u8>, ChartError> {
    let font = Font::embedded()?;

    encoded(&drawing::scene(run, &font), &font)
}

fn encoded(scene: &Scene, font: &Font) -> Result<Vec<u8>, ChartError> {
    let (width, height) = scene.size(SCALE);
    let mut pixels = vec![0; width as usize * height as usize * BYTES_PER_PIXEL];
    let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    scene.draw(backend, Target::Bitmap(SCALE, font))?;

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;

    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_png_is_the_same_drawing_at_twice_the_size() {
        for run in fixture::every_run() {
            let bytes = picture(&run).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut pixels).unwrap();
            let scene = drawing::scene(&run, &Font::embedded().unwrap());
            assert_eq!((frame.width, frame.height), scene.size(2));
            assert!(frame.width >= 1600);
            let corners = [0, pixels.len() - 3];
            assert!(
                corners.iter().all(|&at| pixels[at..at + 3] == [255; 3]),
                "a corner is not white"
            );
            assert!(
                pixels.chunks(3).filter(|pixel| pixel != &[255; 3]).count() > 1000,
                "nothing is drawn"
            );
        }
    }
}
