//! The run as a chart, in SVG and PNG. `scene` is a drawing of areas, lines and texts, which `svg`
//! and `png` write; `bars`, `scaling`, `changes` and `efficiency` draw a kind of run each, on the
//! `page` that all of them share. The only home of `ab_glyph`, its rasterizer and png.

mod axis;
mod bars;
mod changes;
mod efficiency;
mod facts;
mod font;
mod history;
mod inline;
mod legend;
mod look;
mod page;
mod palette;
mod png;
mod scaling;
mod scene;
mod svg;

use std::io::{self, Write};

use self::font::Font;
use self::scene::Scene;
use super::exporter::{Exporter, NamedRun};
use crate::analysis::Series;
use crate::history::Account;
use crate::results::{Measurement, Run};

pub(super) use self::facts::facts;
pub(super) use self::inline::{chart_style, inline, inline_changes, inline_history};

/// Every format for charts.
pub static CHARTS: &[Exporter] = &[svg::EXPORTER, png::EXPORTER];

/// Draws a history as an SVG, or as a PNG where `format` is that.
pub fn history_chart(account: &Account, format: &str, to: &mut dyn Write) -> io::Result<()> {
    let draw = |font: &Font| history::scene(account, font);

    if format == png::EXPORTER.name {
        png::put(Font::embedded().map(|font| (draw(&font), font)), to)
    } else {
        svg::put(&draw, to)
    }
}

/// What kept a chart from being written.
#[derive(Debug, thiserror::Error)]
enum ChartError {
    /// The font that the program carries cannot be used: the program itself is damaged.
    #[error("the chart's embedded font cannot be read")]
    Font,
    /// The document could not be put together.
    #[error("the chart cannot be written as text")]
    Text,
    /// A shape could not be drawn.
    #[error("the chart cannot be drawn: {0}")]
    Draw(String),
    /// The picture could not be encoded.
    #[error("the chart cannot be encoded as PNG")]
    Encode(#[from] ::png::EncodingError),
}

/// The chart of `run`, with texts as wide as `font` makes them: the changes of a run that was
/// compared, the curve of what tasks cost, speed-ups against workers, or bars.
fn drawing(run: &Run, font: &Font) -> Scene {
    if run.comparison.is_some() {
        return changes::several(&[NamedRun { name: "", run }], font);
    }

    figures(run, font)
}

/// The chart of the run's own figures, whether it was compared or not.
fn figures(run: &Run, font: &Font) -> Scene {
    let costs = run.task_costs();
    let has_curve = costs.iter().any(|cost| !cost.curve.is_empty());
    let shows_nothing_else = run
        .measurements
        .iter()
        .all(|measurement| run.shows_task_cost(measurement));
    let mut series = run.measurements.iter().flat_map(Measurement::series);

    if has_curve && shows_nothing_else {
        efficiency::scene(run, &costs, font)
    } else if series.any(|series| Series::is_sweep(&series)) {
        scaling::scene(run, font)
    } else {
        bars::scene(run, font)
    }
}

#[cfg(test)]
mod tests {
    use super::font::Ruler;
    use super::palette::{BLUE, GREEN, ORANGE, PURPLE, REFERENCE, VERMILION, WARNING};
    use super::scene::{Anchor, Frame, Shape, Text};
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::report::fixture;

    /// The box of a text as wide as the widest viewer's font makes it.
    fn text_box(text: &Text, ruler: Ruler<'_>) -> Frame {
        let width = ruler.width(&text.words, text.size);
        let left = match text.anchor {
            Anchor::Start => text.at.x,
            Anchor::Middle => text.at.x - width / 2.0,
            Anchor::End => text.at.x - width,
        };

        Frame {
            left,
            top: text.at.y - 0.75 * text.size,
            right: left + width,
            bottom: text.at.y + 0.25 * text.size,
        }
    }

    fn meet(a: &Frame, b: &Frame) -> bool {
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }

    /// Sweeps of one and of many measurements, with curves far apart and on top of each other.
    fn sweeps() -> Vec<Run> {
        let time = |workers: f64| 0.9 / workers + 0.1;
        let sweep = |counts: &[usize]| measurement(counts, 8, time, 3);
        let mut engines = sweep(&[1, 2, 3, 4, 64, 128]);
        for arm in &mut engines.arms[4..] {
            arm.engine = "an-engine-with-a-long-name".to_owned();
            arm.workers /= 32;
        }

        vec![
            fixture::of(vec![sweep(&[1, 2, 4, 8, 16, 32, 64, 128, 1024])]),
            fixture::of(vec![engines]),
            fixture::of(vec![sweep(&[1, 2]); 36]),
        ]
    }

    fn scenes(font: &Font) -> Vec<Scene> {
        let mut runs = fixture::every_run();
        runs.extend(sweeps());
        runs.push(fixture::of(vec![
            fixture::measurement(
                "image", 128, 0.999, 1234.0
            );
            36
        ]));
        let (first, second) = (fixture::compared(), fixture::compared());
        let compared = [("first.json", &first), ("second.json", &second)];
        let compared = compared.map(|(name, run)| NamedRun { name, run });

        let mut scenes: Vec<Scene> = runs.iter().map(|run| drawing(run, font)).collect();
        scenes.push(changes::several(&compared, font));
        scenes
    }

    #[test]
    fn no_text_meets_another_or_a_mark_or_the_edge() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);
        let marks = [BLUE, GREEN, ORANGE, PURPLE, REFERENCE, VERMILION, WARNING];

        for scene in scenes(&font) {
            let mut boxes: Vec<(Frame, &str)> = Vec::new();
            for shape in &scene.shapes {
                let Shape::Text(text) = shape else { continue };
                let (frame, words) = (text_box(text, ruler), text.words.as_str());
                assert!(
                    frame.left >= 0.0
                        && frame.right <= scene.width
                        && frame.top >= 0.0
                        && frame.bottom <= scene.height,
                    "`{words}` leaves the page"
                );
                for (other, others) in &boxes {
                    assert!(!meet(&frame, other), "`{words}` meets `{others}`");
                }
                boxes.push((frame, words));
            }

            for shape in &scene.shapes {
                let Shape::Area(area) = shape else { continue };
                if !marks.contains(&area.paint) {
                    continue;
                }
                let edge =
                    |start: f64, extreme: fn(f64, f64) -> f64, side: fn(&scene::Point) -> f64| {
                        area.outline.iter().map(side).fold(start, extreme)
                    };
                let mark = Frame {
                    left: edge(f64::INFINITY, f64::min, |at| at.x),
                    top: edge(f64::INFINITY, f64::min, |at| at.y),
                    right: edge(f64::NEG_INFINITY, f64::max, |at| at.x),
                    bottom: edge(f64::NEG_INFINITY, f64::max, |at| at.y),
                };
                let met = boxes.iter().find(|(frame, _)| meet(frame, &mark));
                assert!(met.is_none(), "`{}` meets a mark", met.unwrap().1);
            }
        }
    }

    #[test]
    fn whatever_the_run_a_chart_is_no_wider_than_1600() {
        let font = Font::embedded().unwrap();

        for scene in scenes(&font) {
            assert!(
                scene.width <= 1600.0,
                "{} is {} wide",
                scene.title,
                scene.width
            );
            for shape in &scene.shapes {
                let points = match shape {
                    Shape::Area(area) => &area.outline,
                    Shape::Line(line) => &line.points,
                    Shape::Text(_) | Shape::Hint(_) => continue,
                };
                for at in points {
                    assert!(
                        (0.0..=scene.width).contains(&at.x) && (0.0..=scene.height).contains(&at.y),
                        "{at:?} is outside of {} x {} of {}",
                        scene.width,
                        scene.height,
                        scene.title
                    );
                }
            }
        }
    }
}
