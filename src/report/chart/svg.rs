//! The chart as an SVG document, with a title and a description for those who cannot see it.

use std::io::{self, Write};

use plotters::prelude::SVGBackend;

use super::drawing;
use super::error::ChartError;
use super::font::Font;
use super::scene::{Scene, Target};
use crate::printable::printable;
use crate::report::export::Exporter;
use crate::results::Run;

pub(super) const EXPORTER: Exporter = Exporter {
    name: "svg",
    extension: "svg",
    about: "A chart that stays sharp at every size and can be read aloud.",
    write,
};

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let document = document(run).map_err(io::Error::other)?;

    to.write_all(document.as_bytes())
}

fn document(run: &Run) -> Result<String, ChartError> {
    drawn(&drawing::scene(run, &Font::embedded()?))
}

fn drawn(scene: &Scene) -> Result<String, ChartError> {
    let mut shapes = String::new();
    let backend = SVGBackend::with_string(&mut shapes, scene.size(1));
    scene.draw(backend, Target::Svg)?;

    Ok(with_words(scene, &shapes))
}

/// Plotters writes no title: it goes in right after the root's opening tag, where readers look for
/// it.
fn with_words(scene: &Scene, shapes: &str) -> String {
    let (open, rest) = shapes.split_once('>').unwrap_or((shapes, ""));
    let title = escaped(&scene.title);
    let description = escaped(&scene.description);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::layout::NOTHING;
    use crate::report::fixture;

    fn texts(run: &Run) -> Vec<String> {
        let svg = document(run).unwrap();
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
            let svg = document(&run).unwrap();
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
            "fib", "pi", "image", "1.23 s", "648 ms", "1.89x", "0.97x", "serial", "pool", "time",
        ] {
            assert!(
                texts.iter().any(|text| text == wanted),
                "{wanted} in {texts:?}"
            );
        }
        let svg = document(&run).unwrap();
        let figures = "fib: serial 1.23 s (1.20 s to 1.26 s); pool 2 648 ms (639 ms to 651 ms), \
                       speed-up 1.89x (1.87x to 1.96x).";
        assert!(svg.contains(figures), "{svg}");
    }

    #[test]
    fn a_logarithmic_axis_says_so() {
        let run = |distributed| fixture::of(vec![fixture::measurement("pi", 2, 1.0, distributed)]);
        assert!(texts(&run(0.02)).contains(&"time, log scale".to_owned()));
        assert!(texts(&run(0.2)).contains(&"time".to_owned()));
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
        assert!(self::texts(&fixture::of(Vec::new())).contains(&NOTHING.to_owned()));
    }
}
