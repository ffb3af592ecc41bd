//! The chart as an SVG document: it follows the reader's choice of light or dark pages, and has a
//! title and a description for those who cannot see it.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::font::Font;
use super::palette::{PAGE, Paint, Rgb};
use super::scene::{Anchor, Area, Line, Point, Scene, Shape, Text};
use super::{ChartError, drawing};
use crate::printable::printable;
use crate::report::export::{Exporter, NamedRun};
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "svg",
    extension: "svg",
    about: "A chart that stays sharp at every size, follows dark pages and can be read aloud.",
    write,
    write_several: Some(write_several),
};

/// What a viewer looks for, in this order.
const FAMILY: &str = "Open Sans, Segoe UI, Helvetica, Arial, sans-serif";

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    put(&|font| drawing(run, font), to)
}

fn write_several(runs: &[NamedRun<'_>], to: &mut dyn Write) -> io::Result<()> {
    put(&|font| super::changes::several(runs, font), to)
}

fn put(draw: &dyn Fn(&Font) -> Scene, to: &mut dyn Write) -> io::Result<()> {
    let document = document(draw).map_err(io::Error::other)?;

    to.write_all(document.as_bytes())
}

fn document(draw: &dyn Fn(&Font) -> Scene) -> Result<String, ChartError> {
    let font = Font::embedded()?;

    written(&draw(&font), &font).map_err(|_| ChartError::Text)
}

fn written(scene: &Scene, font: &Font) -> Result<String, std::fmt::Error> {
    let mut to = String::new();
    let (width, height) = (number(scene.width), number(scene.height));

    writeln!(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" style=\"max-width:100%;height:auto\" role=\"img\" \
         aria-labelledby=\"parbench-title parbench-desc\">"
    )?;
    let (title, description) = (escaped(&scene.title), escaped(&scene.description));
    writeln!(to, "<title id=\"parbench-title\">{title}</title>")?;
    writeln!(to, "<desc id=\"parbench-desc\">{description}</desc>")?;
    style(&mut to, scene)?;
    writeln!(
        to,
        "<path class=\"pb-{}\" fill=\"{}\" d=\"M0 0H{width}V{height}H0Z\"/>",
        PAGE.class, PAGE.light
    )?;

    writeln!(to, "<g font-family=\"{FAMILY}\">")?;
    for shape in &scene.shapes {
        match shape {
            Shape::Area(area) => write_area(&mut to, area)?,
            Shape::Line(line) => write_line(&mut to, line)?,
            Shape::Text(text) => write_text(&mut to, text, font)?,
        }
    }
    writeln!(to, "</g>\n</svg>")?;

    Ok(to)
}

/// The colours on dark pages. On light ones, and for viewers without style sheets, each shape has
/// its own.
fn style(to: &mut String, scene: &Scene) -> std::fmt::Result {
    let mut paints = vec![PAGE];
    for shape in &scene.shapes {
        let paint = match shape {
            Shape::Area(Area { paint, .. })
            | Shape::Line(Line { paint, .. })
            | Shape::Text(Text { paint, .. }) => *paint,
        };
        if !paints.contains(&paint) {
            paints.push(paint);
        }
    }

    writeln!(to, "<style>\n@media (prefers-color-scheme: dark) {{")?;
    for Paint { class, dark, .. } in paints {
        writeln!(
            to,
            ".pb-{class} {{ fill: {dark} }} .pb-{class}-line {{ stroke: {dark} }}"
        )?;
    }
    writeln!(to, "}}\n</style>")
}

fn write_area(to: &mut String, area: &Area) -> std::fmt::Result {
    let Area {
        outline,
        paint: Paint { class, light, .. },
        opacity,
    } = area;

    write!(to, "<path class=\"pb-{class}\" fill=\"{light}\"")?;
    if *opacity < 1.0 {
        write!(to, " fill-opacity=\"{}\"", number(*opacity))?;
    }
    writeln!(to, " d=\"{}Z\"/>", path(outline))
}

fn write_line(to: &mut String, line: &Line) -> std::fmt::Result {
    let Line {
        points,
        paint: Paint { class, light, .. },
        width,
        dash,
    } = line;
    let width = number(*width);

    write!(
        to,
        "<path class=\"pb-{class}-line\" stroke=\"{light}\" stroke-width=\"{width}\" \
         stroke-linejoin=\"round\" fill=\"none\""
    )?;
    if !dash.is_empty() {
        let lengths: Vec<String> = dash.iter().map(|&length| number(length)).collect();
        write!(to, " stroke-dasharray=\"{}\"", lengths.join(" "))?;
    }
    writeln!(to, " d=\"{}\"/>", path(points))
}

/// A text is as long as in the font that it was laid out for, whatever font the viewer has.
fn write_text(to: &mut String, text: &Text, font: &Font) -> std::fmt::Result {
    let Text {
        at,
        anchor,
        size,
        paint: Paint { class, light, .. },
        words,
    } = text;
    let (x, y, words) = (number(at.x), number(at.y), escaped(words));
    let size_text = number(*size);

    write!(
        to,
        "<text class=\"pb-{class}\" fill=\"{light}\" x=\"{x}\" y=\"{y}\" font-size=\"{size_text}\""
    )?;
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => write!(to, " text-anchor=\"middle\"")?,
        Anchor::End => write!(to, " text-anchor=\"end\"")?,
    }
    if font.has_all_of(&text.words) && !words.is_empty() {
        let length = number(font.width(&text.words, *size));
        write!(
            to,
            " textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\""
        )?;
    }
    writeln!(to, ">{words}</text>")
}

fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let letter = if index == 0 { 'M' } else { 'L' };
        path.push(letter);
        path.push_str(&number(point.x));
        path.push(' ');
        path.push_str(&number(point.y));
    }

    path
}

/// With at most two digits after the point.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');

    if text == "-0" { "0" } else { text }.to_owned()
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;

        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// `text` as XML's character data, which no control character may be part of.
fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn document(run: &Run) -> String {
        super::document(&|font| drawing(run, font)).unwrap()
    }

    #[test]
    fn the_svg_is_xml_that_begins_with_its_words() {
        let mut hostile = fixture::extreme();
        hostile.environment.cpu_model.insert_str(0, "\u{1}]]>\0");
        hostile.measurements[0].workload = "</desc>\u{7}&amp;".to_owned();

        for run in fixture::every_run().into_iter().chain([hostile]) {
            let svg = document(&run);
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
    fn every_colour_has_one_for_dark_pages() {
        for run in fixture::every_run() {
            let svg = document(&run);
            let document = roxmltree::Document::parse(&svg).unwrap();
            let style = document
                .descendants()
                .find(|node| node.has_tag_name("style"));
            let style = style.unwrap().text().unwrap();

            let drawn = document
                .descendants()
                .filter_map(|node| node.attribute("class"));
            for class in drawn {
                assert!(style.contains(&format!(".{class} {{ ")), "{class}: {style}");
            }
        }
    }

    #[test]
    fn a_text_in_known_letters_keeps_its_length_in_every_font() {
        let mut run = fixture::run();
        run.environment.cpu_model = "Процессор".to_owned();
        let svg = document(&run);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts: Vec<_> = document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .collect();

        for node in &texts {
            let words = node.text().unwrap();
            let is_known = !words.contains("Процессор");
            assert_eq!(node.attribute("textLength").is_some(), is_known, "{words}");
        }
        assert!(texts.len() > 10);
    }

    #[test]
    fn numbers_are_short() {
        let numbers = [1.0, 0.5, 1.234_567, -0.001, 100.0].map(number);
        assert_eq!(numbers, ["1", "0.5", "1.23", "0", "100"]);
    }
}
