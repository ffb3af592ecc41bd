//! The chart as a PNG picture, on a light page: areas, lines and letters as pixels with soft edges.

use std::io::{self, Write};

use plotters::prelude::{BitMapBackend, Color, DrawingBackend, RGBColor, ShapeStyle};

use super::font::Font;
use super::palette::{PAGE, Paint, Rgb};
use super::scene::{Anchor, Line, Point, Scene, Shape, Text};
use super::{ChartError, drawing};
use crate::report::exporter::{Exporter, NamedRun};
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "png",
    extension: "png",
    about: "The same chart as pixels, on white: two for each of the SVG's, or one on a wide page.",
    write,
    write_several: Some(write_several),
};

/// Pixels per unit of the drawing, so that it is sharp on a dense screen.
const SCALE: f64 = 2.0;

/// What every screen shows as it is: a wider picture has a pixel per unit.
const WIDEST: f64 = 1600.0;

/// The finer pixels along each side of a pixel, which is their mean.
const FINER: u32 = 2;

/// Red, green and blue.
const BYTES_PER_PIXEL: usize = 3;

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    put(Font::embedded().map(|font| (drawing(run, &font), font)), to)
}

fn write_several(runs: &[NamedRun<'_>], to: &mut dyn Write) -> io::Result<()> {
    put(
        Font::embedded().map(|font| (super::changes::several(runs, &font), font)),
        to,
    )
}

pub(super) fn put(drawn: Result<(Scene, Font), ChartError>, to: &mut dyn Write) -> io::Result<()> {
    let picture = drawn.and_then(|(scene, font)| encoded(&scene, &font));

    to.write_all(&picture.map_err(io::Error::other)?)
}

fn encoded(scene: &Scene, font: &Font) -> Result<Vec<u8>, ChartError> {
    let canvas = Canvas::of(scene, font)?;

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width, canvas.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&canvas.pixels)?;
    writer.finish()?;

    Ok(bytes)
}

/// The pixels per unit of `scene`.
fn scale(scene: &Scene) -> f64 {
    if SCALE * scene.width > WIDEST {
        1.0
    } else {
        SCALE
    }
}

/// The pixels of a picture, row by row.
struct Canvas {
    scale: f64,
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A picture of `scene`: its areas and lines drawn finer and averaged, so that edges are soft,
    /// and above them the texts.
    fn of(scene: &Scene, font: &Font) -> Result<Self, ChartError> {
        let scale = scale(scene);
        let side = |units: f64| pixel(units * scale).unsigned_abs();
        let (width, height) = (side(scene.width), side(scene.height));
        let mut canvas = Self {
            scale,
            width,
            height,
            pixels: averaged(&shapes(scene, width * FINER, height * FINER)?, width),
        };

        for shape in &scene.shapes {
            if let Shape::Text(text) = shape {
                canvas.text(text, font);
            }
        }
        Ok(canvas)
    }

    fn text(&mut self, text: &Text, font: &Font) {
        let size = text.size * self.scale;
        let width = font.width(&text.words, size);
        let before = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        let left = pixel(text.at.x * self.scale - before);
        let baseline = pixel(text.at.y * self.scale);

        font.ink(&text.words, size, |x, y, cover| {
            self.dot(left + x, baseline + y, text.paint.light, cover);
        });
    }

    /// Mixes `colour` into a pixel, if it is one of the picture's.
    fn dot(&mut self, x: i32, y: i32, colour: Rgb, cover: f32) {
        let is_inside = (0..self.width.cast_signed()).contains(&x)
            && (0..self.height.cast_signed()).contains(&y);
        if !is_inside || cover <= 0.0 {
            return;
        }

        let place = (y.unsigned_abs() as usize * self.width as usize + x.unsigned_abs() as usize)
            * BYTES_PER_PIXEL;
        let channels = self.pixels.iter_mut().skip(place).take(BYTES_PER_PIXEL);
        for (channel, wanted) in channels.zip(colour.0) {
            let mixed = f32::from(*channel) + (f32::from(wanted) - f32::from(*channel)) * cover;
            *channel = byte(mixed);
        }
    }
}

/// The areas and lines of `scene` as `width` times `height` pixels.
fn shapes(scene: &Scene, width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let mut pixels = PAGE.light.0.repeat(width as usize * height as usize);
    let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    let scale = scale(scene) * f64::from(FINER);
    let place = |at: &Point| (pixel(at.x * scale), pixel(at.y * scale));

    for shape in &scene.shapes {
        match shape {
            Shape::Area(area) => {
                let style = style(area.paint, area.opacity, 1);
                let drawn = backend.fill_polygon(area.outline.iter().map(place), &style);
                drawn.map_err(|error| ChartError::Draw(error.to_string()))?;
            }
            Shape::Line(line) => {
                let width = pixel(line.width * scale).unsigned_abs().max(1);
                let style = style(line.paint, 1.0, width);
                for piece in pieces(line) {
                    let drawn = backend.draw_path(piece.iter().map(place), &style);
                    drawn.map_err(|error| ChartError::Draw(error.to_string()))?;
                }
            }
            Shape::Text(_) | Shape::Hint(_) => {}
        }
    }
    drop(backend);

    Ok(pixels)
}

fn style(paint: Paint, opacity: f64, stroke_width: u32) -> ShapeStyle {
    let [red, green, blue] = paint.light.0;

    ShapeStyle {
        color: RGBColor(red, green, blue).mix(opacity),
        filled: true,
        stroke_width,
    }
}

/// The means of squares of `fine` pixels, in rows of `width`.
fn averaged(fine: &[u8], width: u32) -> Vec<u8> {
    let finer = FINER as usize;
    let row = width as usize * finer * BYTES_PER_PIXEL;
    let mean = |rows: &[u8], column: usize, channel: usize| {
        let pixels = (0..finer).flat_map(|y| (0..finer).map(move |x| (x, y)));
        let sum: usize = pixels
            .map(|(x, y)| {
                let place = (column * finer + x) * BYTES_PER_PIXEL + channel;
                usize::from(rows[y * row + place])
            })
            .sum();
        u8::try_from(sum / (finer * finer)).unwrap_or(u8::MAX)
    };

    let rows = fine.chunks_exact(row * finer);
    rows.flat_map(|rows| {
        let columns = 0..width as usize;
        columns.flat_map(move |column| {
            (0..BYTES_PER_PIXEL).map(move |channel| mean(rows, column, channel))
        })
    })
    .collect()
}

/// The unbroken pieces of a line.
fn pieces(line: &Line) -> Vec<Vec<Point>> {
    let pattern = line.dash;
    if pattern.is_empty() || pattern.iter().any(|length| *length <= 0.0) {
        return vec![line.points.clone()];
    }

    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let (mut number, mut left) = (0, pattern[0]);
    let mut piece: Vec<Point> = line.points.first().copied().into_iter().collect();
    for ends in line.points.windows(2) {
        let length = distance(ends[0], ends[1]);
        let mut walked = 0.0;
        while length - walked > left {
            walked += left;
            let share = walked / length;
            let at = Point::new(
                ends[0].x + (ends[1].x - ends[0].x) * share,
                ends[0].y + (ends[1].y - ends[0].y) * share,
            );
            if number % 2 == 0 {
                piece.push(at);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at];
            }
            number += 1;
            left = pattern[number % pattern.len()];
        }
        left -= length - walked;
        if number % 2 == 0 {
            piece.push(ends[1]);
        }
    }
    pieces.push(piece);

    pieces.retain(|piece| piece.len() > 1);
    pieces
}

fn distance(from: Point, to: Point) -> f64 {
    (to.x - from.x).hypot(to.y - from.y)
}

/// The nearest whole pixel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a drawing is some thousand pixels wide; `as` saturates"
)]
fn pixel(value: f64) -> i32 {
    value.round() as i32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates"
)]
fn byte(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::report::chart::palette::{BLUE, INK};
    use crate::report::chart::scene::{DASHED, Frame, SOLID};
    use crate::report::fixture;

    fn empty() -> Scene {
        Scene {
            width: 40.0,
            height: 20.0,
            title: String::new(),
            description: String::new(),
            shapes: Vec::new(),
        }
    }

    fn colours(scene: &Scene) -> impl Fn(usize, usize) -> [u8; 3] {
        let canvas = Canvas::of(scene, &Font::embedded().unwrap()).unwrap();

        move |x, y| {
            let place = (y * canvas.width as usize + x) * BYTES_PER_PIXEL;
            canvas.pixels[place..place + 3].try_into().unwrap()
        }
    }

    #[test]
    fn a_picture_of_many_panels_is_no_wider_than_1600() {
        let font = Font::embedded().unwrap();
        let time = |workers: f64| 1.0 / workers;
        let sweeps = vec![measurement(&[1, 2], 6, time, 1); 17];

        let scene = drawing(&fixture::of(sweeps), &font);
        let canvas = Canvas::of(&scene, &font).unwrap();
        assert_eq!(f64::from(canvas.width), scene.width);
        assert!((1000..=1600).contains(&canvas.width), "{}", canvas.width);
    }

    #[test]
    fn the_png_is_the_same_drawing_at_twice_the_size() {
        let font = Font::embedded().unwrap();

        for run in fixture::every_run() {
            let mut bytes = Vec::new();
            write(&run, &mut bytes).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));

            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut pixels).unwrap();
            let scene = drawing(&run, &font);
            assert_eq!(f64::from(frame.width), scene.width * 2.0);
            assert_eq!(f64::from(frame.height), scene.height * 2.0);
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

    #[test]
    fn an_area_is_full_inside_and_soft_at_its_edge() {
        let mut scene = empty();
        scene.rect(
            Frame {
                left: 5.0,
                top: 5.0,
                right: 10.25,
                bottom: 10.0,
            },
            BLUE,
        );
        let colour = colours(&scene);

        assert_eq!(colour(12, 12), BLUE.light.0);
        assert_eq!(colour(19, 19), BLUE.light.0);
        assert_eq!(colour(9, 12), PAGE.light.0);
        let [red, ..] = colour(20, 12);
        assert!((120..=135).contains(&red), "{red}");
    }

    #[test]
    fn a_bent_line_is_as_dark_at_its_joint_as_elsewhere() {
        for bent in [Point::new(20.0, 2.0), Point::new(20.0, 18.0)] {
            let mut scene = empty();
            let points = vec![Point::new(2.0, 10.0), Point::new(20.0, 10.0), bent];
            scene.line(points, INK, 4.0, SOLID);
            let colour = colours(&scene);

            assert_eq!(colour(20, 20), INK.light.0);
            assert_eq!(colour(40, 20), INK.light.0);
        }
    }

    #[test]
    fn a_broken_line_has_gaps_of_its_pattern_around_corners() {
        let line = Line {
            points: vec![
                Point::new(0.0, 0.0),
                Point::new(10.0, 0.0),
                Point::new(10.0, 10.0),
            ],
            paint: INK,
            width: 1.0,
            dash: DASHED,
        };
        let pieces = pieces(&line);

        assert_eq!(
            pieces,
            [
                vec![Point::new(0.0, 0.0), Point::new(7.0, 0.0)],
                vec![Point::new(10.0, 2.0), Point::new(10.0, 9.0)]
            ]
        );
        assert_eq!(
            self::pieces(&Line {
                dash: SOLID,
                ..line
            })
            .len(),
            1
        );
    }
}
