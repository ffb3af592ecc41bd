//! The run as a chart, in SVG and PNG. One drawing serves both: `layout` turns the run into a scene of
//! rectangles and texts, `scene` puts a scene on a backend. The only home of plotters, `ab_glyph`
//! and png.

mod axis;
mod changes;
mod efficiency;
mod font;
mod group;
mod layout;
mod page;
mod scene;

use std::io;

use plotters::prelude::{BitMapBackend, SVGBackend};

use super::Exporter;
use crate::printable::printable;
use crate::results::{Overhead, Run};
use font::Font;
use scene::{Scene, Target};

pub(super) const SVG: Exporter = Exporter {
    name: "svg",
    extension: "svg",
    about: "A bar chart that stays sharp at every size and can be read aloud.",
    write: |run, to| to.write_all(svg(run).map_err(io::Error::other)?.as_bytes()),
};

pub(super) const PNG: Exporter = Exporter {
    name: "png",
    extension: "png",
    about: "The same bar chart as pixels, two for each of the SVG's.",
    write: |run, to| to.write_all(&png(run).map_err(io::Error::other)?),
};

pub(super) const OVERHEAD_SVG: Exporter<Overhead> = Exporter {
    name: "svg",
    extension: "svg",
    about: "Efficiency against the duration of a task.",
    write: |overhead, to| {
        let scene = efficiency::scene(overhead, &Font::embedded().map_err(io::Error::other)?);
        to.write_all(document(&scene).map_err(io::Error::other)?.as_bytes())
    },
};

pub(super) const OVERHEAD_PNG: Exporter<Overhead> = Exporter {
    name: "png",
    extension: "png",
    about: "The same curve as pixels, two for each of the SVG's.",
    write: |overhead, to| {
        let font = Font::embedded().map_err(io::Error::other)?;
        to.write_all(&pixels(&efficiency::scene(overhead, &font), &font).map_err(io::Error::other)?)
    },
};

/// Pixels of the PNG per unit of the drawing, so that it is sharp on a dense screen.
const PNG_SCALE: u32 = 2;

/// Why there is no chart.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The font that the program carries cannot be used: the program itself is damaged.
    #[error("the chart's embedded font cannot be read")]
    Font,
    /// The drawing failed.
    #[error("the chart cannot be drawn: {0}")]
    Draw(String),
    /// The picture could not be encoded.
    #[error("the chart cannot be encoded as PNG")]
    Encode(#[from] png::EncodingError),
}

/// The chart as an SVG document, with a title and a description for those who cannot see it.
pub fn svg(run: &Run) -> Result<String, ChartError> {
    document(&scene_of(run, &Font::embedded()?))
}

fn document(scene: &Scene) -> Result<String, ChartError> {
    let mut drawn = String::new();
    scene.draw(
        SVGBackend::with_string(&mut drawn, scene.size(1)),
        Target::Svg,
    )?;
    Ok(with_words(scene, &drawn))
}

/// The bars of both arms, or the changes of a run that was compared.
fn scene_of(run: &Run, font: &Font) -> Scene {
    match &run.comparison {
        Some(comparison) => changes::scene(run, comparison, font),
        None => layout::scene(run, font),
    }
}

/// Plotters writes no title: it goes in right after the root's opening tag, where readers look for it.
fn with_words(scene: &Scene, drawn: &str) -> String {
    let (open, rest) = drawn.split_once('>').unwrap_or((drawn, ""));
    let (title, description) = (escaped(&scene.title), escaped(&scene.description));
    format!(
        "{open} role=\"img\" aria-labelledby=\"parbench-title parbench-desc\">\n\
         <title id=\"parbench-title\">{title}</title>\n<desc id=\"parbench-desc\">{description}</desc>{rest}"
    )
}

/// `text` as XML's character data, which no control character may be part of.
fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The chart as a PNG picture.
pub fn png(run: &Run) -> Result<Vec<u8>, ChartError> {
    let font = Font::embedded()?;
    pixels(&scene_of(run, &font), &font)
}

fn pixels(scene: &Scene, font: &Font) -> Result<Vec<u8>, ChartError> {
    let (width, height) = scene.size(PNG_SCALE);
    let mut pixels = vec![0; width as usize * height as usize * 3];
    scene.draw(
        BitMapBackend::with_buffer(&mut pixels, (width, height)),
        Target::Bitmap(PNG_SCALE, font),
    )?;
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

    fn texts(run: &Run) -> Vec<String> {
        let svg = svg(run).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts = document
            .descendants()
            .filter(|node| node.has_tag_name("text"));
        texts
            .map(|node| node.text().unwrap().trim().to_owned())
            .collect()
    }

    #[test]
    fn the_svg_is_xml_that_begins_with_its_words() {
        let mut hostile = fixture::extreme();
        hostile.environment.cpu_model.insert_str(0, "\u{1}]]>\0");
        hostile.measurements[0].workload = "</desc>\u{7}&amp;".to_owned();
        for run in fixture::every_run().into_iter().chain([hostile]) {
            let svg = svg(&run).unwrap();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            let labels: Vec<_> = root
                .attribute("aria-labelledby")
                .unwrap()
                .split(' ')
                .collect();
            let first: Vec<_> = root
                .children()
                .filter(roxmltree::Node::is_element)
                .take(2)
                .collect();
            assert_eq!(
                [first[0].tag_name().name(), first[1].tag_name().name()],
                ["title", "desc"]
            );
            assert_eq!(
                [first[0].attribute("id"), first[1].attribute("id")],
                [Some(labels[0]), Some(labels[1])]
            );
            assert!(first.iter().all(|node| !node.text().unwrap().is_empty()));
        }
    }

    #[test]
    fn the_figures_are_there_as_text_and_as_sentences() {
        let run = fixture::run();
        let texts = texts(&run);
        for wanted in [
            "fib",
            "pi",
            "image",
            "1.23 s",
            "648 ms",
            "1.89x",
            "0.97x",
            "serial",
            "distributed",
            "time",
        ] {
            assert!(
                texts.iter().any(|text| text == wanted),
                "{wanted} in {texts:?}"
            );
        }
        let svg = svg(&run).unwrap();
        let figures = "fib: serial 1.23 s (1.20 s to 1.26 s), distributed 648 ms (639 ms to 651 ms), \
                       speed-up 1.89x (1.87x to 1.96x).";
        assert!(svg.contains(figures), "{svg}");
    }

    #[test]
    fn a_logarithmic_axis_says_so() {
        let of = |distributed| fixture::of(vec![fixture::measurement("pi", 2, 1.0, distributed)]);
        assert!(texts(&of(0.02)).contains(&"time, log scale".to_owned()));
        assert!(texts(&of(0.2)).contains(&"time".to_owned()));
    }

    #[test]
    fn a_run_that_went_wrong_says_so_in_the_picture() {
        let texts = texts(&fixture::broken()).join("\n");
        for wanted in [
            "interrupted",
            "debug build",
            "2 problems",
            "cold round only",
            "no complete round",
        ] {
            assert!(texts.contains(wanted), "{wanted} in {texts}");
        }
        assert!(self::texts(&fixture::of(Vec::new())).contains(&layout::NOTHING.to_owned()));
    }

    #[test]
    fn the_png_is_the_same_drawing_at_twice_the_size() {
        for run in fixture::every_run() {
            let bytes = png(&run).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
            let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
                .read_info()
                .unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut pixels).unwrap();
            let scene = scene_of(&run, &Font::embedded().unwrap());
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
