//! Where everything of the bar chart stands: a run becomes a scene. With many groups the chart
//! grows wider.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::font::Font;
use super::group::{groups, legend};
use super::page::{INK, MARGIN, Page, Ruler, TEXT_SIZE};
use super::plot::Plot;
use super::scene::Scene;
use crate::report::findings::findings;
use crate::report::words::names::name;
use crate::report::words::run::figures;
use crate::results::{ArmFigures, Run};
use crate::units::count;

/// What an empty chart says.
pub(super) const NOTHING: &str = "No round is complete, so there is nothing to draw.";

/// Above and below that.
const NOTHING_MARGIN: f64 = 50.0;

/// The chart of `run`.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let groups = groups(run);
    let arms: Vec<ArmFigures> = groups
        .iter()
        .flat_map(|group| &group.bars)
        .map(|bar| bar.figures)
        .collect();
    let mut page = Page::new(title(run), description(run), ruler);

    if arms.is_empty() {
        page.heading(run);
        page.skip(NOTHING_MARGIN);
        page.text(MARGIN, HPos::Left, TEXT_SIZE, INK, NOTHING);
        page.skip(NOTHING_MARGIN);
        return page.finish();
    }

    let axis = Axis::of(&arms);
    let plot = Plot::new(&axis, &groups, ruler);
    page.scene.width = plot.width();
    page.heading(run);
    let has_whiskers = arms.iter().any(|arm| arm.min_s < arm.max_s);
    page.legend(&legend(run), has_whiskers);
    plot.draw(&mut page, &axis, &groups);
    page.finish()
}

fn title(run: &Run) -> String {
    const TIME: &str = "Median time of a round";

    let Some(first) = run.pairs().next() else {
        return TIME.to_owned();
    };
    let workers = count(first.workers(), "worker");
    let share_engine = run.pairs().all(|pair| pair.engine() == first.engine());
    let share_workers = run.pairs().all(|pair| pair.workers() == first.workers());

    match (share_engine, share_workers) {
        (true, true) => format!("{TIME}: serial, and {} on {workers}", first.engine()),
        (false, true) => format!("{TIME} by engine, on {workers}"),
        (true, false) => format!("{TIME} by number of workers"),
        (false, false) => format!("{TIME} by engine and number of workers"),
    }
}

/// What the reader must know, then the figures, as sentences.
fn description(run: &Run) -> String {
    let findings = findings(run);
    let notes = findings
        .iter()
        .filter(|finding| finding.kind.is_note())
        .map(|finding| format!("{}.", finding.sentence()));
    let figures = run.measurements.iter().filter_map(|measurement| {
        let figures = figures(measurement)?;
        Some(format!("{}: {figures}.", name(run, measurement)))
    });

    let sentences: Vec<String> = notes.chain(figures).collect();
    if sentences.is_empty() {
        NOTHING.to_owned()
    } else {
        sentences.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::plot::GRID;
    use crate::report::chart::scene::{Rect, Shape, Text, WHITE};
    use crate::report::fixture;

    /// The box of a text as wide as the widest viewer's font makes it.
    fn text_box(text: &Text, ruler: Ruler<'_>) -> Rect {
        let width = ruler.width(&text.words, text.size);
        let left = match text.anchor {
            HPos::Left => text.x,
            HPos::Center => text.x - width / 2.0,
            HPos::Right => text.x - width,
        };
        let (top, bottom) = (
            text.baseline - 0.75 * text.size,
            text.baseline + 0.25 * text.size,
        );
        Rect {
            left,
            top,
            right: left + width,
            bottom,
            fill: text.colour,
        }
    }

    fn meet(a: &Rect, b: &Rect) -> bool {
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }

    #[test]
    fn no_text_meets_another_or_a_bar_or_the_edge() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);
        let mut runs = fixture::every_run();
        runs.push(fixture::of(vec![
            fixture::measurement(
                "image", 128, 0.999, 1234.0
            );
            40
        ]));
        for scene in runs.iter().map(|run| scene(run, &font)) {
            let page = Rect {
                left: 0.0,
                top: 0.0,
                right: scene.width,
                bottom: scene.height,
                fill: WHITE,
            };
            let mut boxes: Vec<(Rect, &str)> = Vec::new();
            for shape in &scene.shapes {
                let Shape::Text(text) = shape else { continue };
                let this = text_box(text, ruler);
                let words = text.words.as_str();
                assert!(
                    this.left >= page.left && this.right <= page.right,
                    "{words} leaves the page"
                );
                assert!(
                    this.top >= page.top && this.bottom <= page.bottom,
                    "{words} leaves the page"
                );
                for (other, others) in &boxes {
                    assert!(!meet(&this, other), "`{words}` meets `{others}`");
                }
                boxes.push((this, words));
            }
            for shape in &scene.shapes {
                let Shape::Rect(rect) = shape else { continue };
                if rect.fill != WHITE && rect.fill != GRID {
                    let met = boxes.iter().find(|(this, _)| meet(this, rect));
                    assert!(
                        met.is_none(),
                        "`{}` meets a bar or a whisker",
                        met.unwrap().1
                    );
                }
            }
        }
    }

    #[test]
    fn few_groups_fit_a_page_and_many_widen_it() {
        let font = Font::embedded().unwrap();
        assert_eq!(scene(&fixture::run(), &font).width, 800.0);
        let nine = scene(&fixture::nine(), &font).width;
        assert!((800.0..1100.0).contains(&nine), "{nine}");
    }
}
