//! Where everything stands in the chart of what tasks cost: efficiency against the duration of a task on a
//! logarithmic scale, a curve for each engine, with the band that METG(50 %) lies in.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::font::Font;
use super::page::{GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::scene::{Curve, Scene, Shape};
use crate::report::overhead::{caveats, name, sentence};
use crate::results::{CurvePoint, EngineOverhead, Overhead};

/// Of Okabe and Ito's colours, those that stand out on white; more engines than these begin anew.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];
const GRID: RGBColor = RGBColor(225, 225, 225);
const HALF: RGBColor = RGBColor(150, 150, 150);
const HEIGHT: f64 = 300.0;
const STROKE: f64 = 2.0;
const DOT: f64 = 3.0;

/// The chart of `overhead`.
pub(super) fn scene(overhead: &Overhead, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let sentences: Vec<String> = overhead
        .engines
        .iter()
        .map(|engine| format!("{}: {}.", name(engine), sentence(engine)))
        .collect();
    let title = "Efficiency against the work in a task".to_owned();
    let mut page = Page::new(title, sentences.join(" "), ruler);
    page.heading_of(
        &overhead.environment,
        &overhead.started_at,
        &caveats(overhead),
    );
    legend(&mut page, overhead);
    Plot::new(overhead, ruler).draw(&mut page, overhead);
    page.finish()
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

fn legend(page: &mut Page<'_>, overhead: &Overhead) {
    page.skip(30.0);
    let mut x = MARGIN;
    for (index, engine) in overhead.engines.iter().enumerate() {
        let words = name(engine);
        let width = 12.0 + GAP + page.ruler.width(&words, TEXT_SIZE);
        if x > MARGIN && x + width > WIDTH - MARGIN {
            page.skip(LINE);
            x = MARGIN;
        }
        page.rect(x, page.y - 10.0, x + 12.0, page.y + 2.0, colour(index));
        page.text(x + 12.0 + GAP, HPos::Left, TEXT_SIZE, INK, &words);
        x += width + 4.0 * GAP;
    }
}

/// The part with the axes and the curves.
struct Plot {
    left: f64,
    right: f64,
    works: Axis,
    /// The efficiency at the top.
    top: f64,
}

impl Plot {
    fn new(overhead: &Overhead, ruler: Ruler<'_>) -> Self {
        let points = || {
            overhead
                .engines
                .iter()
                .flat_map(|engine| &engine.summary.curve)
        };
        let works = Axis::spanning(points().map(|point| point.work_s));
        let highest =
            points().map(|point| point.efficiency.high.unwrap_or(point.efficiency.median));
        // A fifth above 1 at the most: an efficiency above it is a machine that changed its pace meanwhile.
        let top = highest.fold(1.0, f64::max).min(1.2);
        let left = MARGIN + ruler.width("100 %", SMALL_SIZE) + 2.0 * GAP;
        Self {
            left,
            right: WIDTH - MARGIN - 2.0 * GAP,
            works,
            top,
        }
    }

    fn draw(&self, page: &mut Page<'_>, overhead: &Overhead) {
        page.skip(2.0 * LINE);
        let foot = page.y + HEIGHT;
        let height =
            |efficiency: f64| (foot - efficiency.clamp(0.0, self.top) / self.top * HEIGHT).round();
        let across = |work: f64| self.left + self.works.height(work) * (self.right - self.left);
        for quarter in 0..=4_u8 {
            let efficiency = f64::from(quarter) / 4.0;
            let (y, ink) = (height(efficiency), if quarter == 2 { HALF } else { GRID });
            page.rect(self.left, y, self.right, y + 1.0, ink);
            page.y = y + 4.5;
            let label = format!("{:.0} %", efficiency * 100.0);
            page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, &label);
        }
        page.y = foot + LINE;
        for tick in &self.works.ticks {
            let x = across(tick.seconds).round();
            page.rect(x, height(self.top), x + 1.0, foot, GRID);
            page.text(x, HPos::Center, SMALL_SIZE, GREY, &tick.label);
        }
        page.rect(self.left, foot, self.right, foot + 1.0, GREY);
        for (index, engine) in overhead.engines.iter().enumerate() {
            line(page, engine, colour(index), &across, &height);
        }
        page.skip(LINE);
        let words = "work in a task, log scale; upright lines: 95 % intervals; half of METG(50 %) is where a curve \
                     meets 50 %";
        page.text(
            f64::midpoint(self.left, self.right),
            HPos::Center,
            SMALL_SIZE,
            GREY,
            words,
        );
    }
}

fn line(
    page: &mut Page<'_>,
    engine: &EngineOverhead,
    colour: RGBColor,
    across: &dyn Fn(f64) -> f64,
    height: &dyn Fn(f64) -> f64,
) {
    let at = |point: &CurvePoint| (across(point.work_s), height(point.efficiency.median));
    let points = engine.summary.curve.iter().map(at).collect();
    page.scene.shapes.push(Shape::Curve(Curve {
        points,
        width: STROKE,
        colour,
    }));
    for point in &engine.summary.curve {
        let (x, y) = at(point);
        page.rect(x - DOT, y - DOT, x + DOT, y + DOT, colour);
        if let (Some(low), Some(high)) = (point.efficiency.low, point.efficiency.high) {
            page.rect(x - 0.5, height(high), x + 0.5, height(low), colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_curve_stands_on_the_page_and_rises_with_its_points() {
        let font = Font::embedded().unwrap();
        let overhead = fixture::overhead();
        let scene = scene(&overhead, &font);
        let curves: Vec<&Curve> = scene
            .shapes
            .iter()
            .filter_map(|shape| {
                if let Shape::Curve(curve) = shape {
                    Some(curve)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(curves.len(), overhead.engines.len());
        for (curve, engine) in curves.iter().zip(&overhead.engines) {
            assert_eq!(curve.points.len(), engine.summary.curve.len());
            let on_page =
                |&(x, y): &(f64, f64)| x > 0.0 && x < scene.width && y > 0.0 && y < scene.height;
            assert!(curve.points.iter().all(on_page));
            assert!(curve.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
            // More efficient is further up.
            for (pair, points) in curve.points.windows(2).zip(engine.summary.curve.windows(2)) {
                let rises = points[0].efficiency.median < points[1].efficiency.median;
                assert_eq!(pair[0].1 > pair[1].1, rises);
            }
        }
        assert!(
            scene.description.contains("tasks pay from"),
            "{}",
            scene.description
        );
    }
}
