//! The chart as an SVG document: it follows the reader's choice of light or dark pages, and has a
//! title and a description for those who cannot see it.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::font::Font;
use super::palette::{PAGE, Paint, Rgb};
use super::scene::{Anchor, Area, Hint, Line, Point, Scene, Shape, Text};
use super::{ChartError, drawing};
use crate::printable::printable;
use crate::report::exporter::{Exporter, NamedRun};
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

pub(super) fn put(draw: &dyn Fn(&Font) -> Scene, to: &mut dyn Write) -> io::Result<()> {
    let document = document(draw).map_err(io::Error::other)?;

    to.write_all(document.as_bytes())
}

fn document(draw: &dyn Fn(&Font) -> Scene) -> Result<String, ChartError> {
    let font = Font::embedded()?;

    written(&draw(&font), &font, &Place::OWN_FILE).map_err(|_| ChartError::Text)
}

/// `scene` as an element of a page that has the colours of all charts in its own style and says in
/// words what the chart shows. Its ids begin with `prefix`.
pub(super) fn element(scene: &Scene, font: &Font, prefix: &str) -> Result<String, ChartError> {
    let place = Place {
        prefix,
        is_alone: false,
    };

    written(scene, font, &place).map_err(|_| ChartError::Text)
}

/// Where a drawing is written to.
struct Place<'a> {
    /// What its ids begin with.
    prefix: &'a str,
    /// Whether it has to bring along the colours of dark pages, and all that it says in words.
    is_alone: bool,
}

impl Place<'_> {
    const OWN_FILE: Self = Self {
        prefix: "parbench",
        is_alone: true,
    };

    /// The attributes of what is filled with `paint`.
    fn filled(&self, Paint { class, light, .. }: Paint) -> String {
        let fill = format!(" fill=\"{light}\"");

        format!("class=\"pb-{class}\"{}", self.unless_in_page(&fill))
    }

    /// The attributes of a line of `paint`.
    fn drawn(&self, Paint { class, light, .. }: Paint, width: &str) -> String {
        let stroke = format!(" stroke=\"{light}\"");

        format!(
            "class=\"pb-{class}-line\"{} stroke-width=\"{width}\"{}",
            self.unless_in_page(&stroke),
            self.unless_in_page(" stroke-linejoin=\"round\" fill=\"none\"")
        )
    }

    /// The line from point to point; in a page, which holds much else, as short as can be written.
    fn path(&self, points: &[Point]) -> String {
        let (digits, next) = if self.is_alone { (2, "L") } else { (1, " ") };
        let point = |Point { x, y }: &Point| {
            let [x, y] = [x, y].map(|value| rounded(*value, digits));
            format!("{x} {y}")
        };
        let points: Vec<String> = points.iter().map(point).collect();

        if points.is_empty() {
            String::new()
        } else {
            format!("M{}", points.join(next))
        }
    }

    /// What the style of a page says once for all of its charts.
    fn unless_in_page<'b>(&self, attributes: &'b str) -> &'b str {
        if self.is_alone { attributes } else { "" }
    }
}

fn written(scene: &Scene, font: &Font, place: &Place<'_>) -> Result<String, std::fmt::Error> {
    let prefix = place.prefix;
    let mut to = String::new();
    let (width, height) = (number(scene.width), number(scene.height));

    let (label, description) = if place.is_alone {
        let description = escaped(&scene.description);
        let element = format!("<desc id=\"{prefix}-desc\">{description}</desc>\n");
        (format!("{prefix}-title {prefix}-desc"), element)
    } else {
        (format!("{prefix}-title"), String::new())
    };

    writeln!(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" style=\"max-width:100%;height:auto\" role=\"img\" \
         aria-labelledby=\"{label}\">"
    )?;
    let title = escaped(&scene.title);
    writeln!(to, "<title id=\"{prefix}-title\">{title}</title>")?;
    to.push_str(&description);
    if place.is_alone {
        style(&mut to, scene)?;
    }
    writeln!(
        to,
        "<path {} d=\"M0 0H{width}V{height}H0Z\"/>",
        place.filled(PAGE)
    )?;

    writeln!(to, "<g font-family=\"{FAMILY}\">")?;
    for shape in &scene.shapes {
        match shape {
            Shape::Area(area) => write_area(&mut to, area, place)?,
            Shape::Line(line) => write_line(&mut to, line, place)?,
            Shape::Text(text) => write_text(&mut to, text, font, place)?,
            Shape::Hint(hint) => write_hint(&mut to, hint, place)?,
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
            Shape::Hint(_) => continue,
        };
        if !paints.contains(&paint) {
            paints.push(paint);
        }
    }

    writeln!(to, "<style>\n@media (prefers-color-scheme: dark) {{")?;
    for paint in paints {
        writeln!(to, "{}", dark(paint))?;
    }
    writeln!(to, "}}\n</style>")
}

/// The rules that give `paint` its colour for dark pages.
pub(super) fn dark(paint: Paint) -> String {
    rules(paint.class, paint.dark)
}

/// Those for light ones.
pub(super) fn light(paint: Paint) -> String {
    rules(paint.class, paint.light)
}

fn rules(class: &str, colour: Rgb) -> String {
    format!(".pb-{class} {{ fill: {colour} }} .pb-{class}-line {{ stroke: {colour} }}")
}

fn write_area(to: &mut String, area: &Area, place: &Place<'_>) -> std::fmt::Result {
    let Area {
        outline,
        paint,
        opacity,
    } = area;

    write!(to, "<path {}", place.filled(*paint))?;
    if *opacity < 1.0 {
        write!(to, " fill-opacity=\"{}\"", number(*opacity))?;
    }
    writeln!(to, " d=\"{}Z\"/>", place.path(outline))
}

fn write_line(to: &mut String, line: &Line, place: &Place<'_>) -> std::fmt::Result {
    let Line {
        points,
        paint,
        width,
        dash,
    } = line;

    write!(to, "<path {}", place.drawn(*paint, &number(*width)))?;
    if !dash.is_empty() {
        let lengths: Vec<String> = dash.iter().map(|&length| number(length)).collect();
        write!(to, " stroke-dasharray=\"{}\"", lengths.join(" "))?;
    }
    writeln!(to, " d=\"{}\"/>", place.path(points))
}

/// A page says the same in its tables.
fn write_hint(to: &mut String, hint: &Hint, place: &Place<'_>) -> std::fmt::Result {
    if !place.is_alone {
        return Ok(());
    }

    let (path, words) = (place.path(&hint.outline), escaped(&hint.words));
    writeln!(
        to,
        "<path fill-opacity=\"0\" d=\"{path}Z\"><title>{words}</title></path>"
    )
}

/// A text is as long as in the font that it was laid out for, whatever font the viewer has.
fn write_text(to: &mut String, text: &Text, font: &Font, place: &Place<'_>) -> std::fmt::Result {
    let Text {
        at,
        anchor,
        size,
        paint,
        words,
    } = text;
    let (x, y, words) = (number(at.x), number(at.y), escaped(words));
    let size_text = number(*size);

    write!(
        to,
        "<text {} x=\"{x}\" y=\"{y}\" font-size=\"{size_text}\"",
        place.filled(*paint)
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

/// With at most two digits after the point.
fn number(value: f64) -> String {
    rounded(value, 2)
}

/// With at most this number of digits after the point.
fn rounded(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
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
