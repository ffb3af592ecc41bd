//! Where everything stands in the chart of what tasks cost: efficiency against the work in a task
//! on a logarithmic scale, a curve for each engine with each number of workers.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::font::Font;
use super::page::{GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::scene::{Curve, Scene, Shape};
use crate::report::findings::{Kind, findings};
use crate::report::words::task_cost::name;
use crate::results::{CurvePoint, Run, TaskCost};

/// Of Okabe and Ito's colours, those that stand out on white; with more curves they begin again.
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

/// What the axes and the lines are.
const CAPTION: &str = "work in a task, log scale; upright lines: 95 % intervals; \
                       half of METG(50 %) is where a curve meets 50 %";

/// The chart of `costs`, which `run` shows.
pub(super) fn scene(run: &Run, costs: &[TaskCost], font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let sentences: Vec<String> = findings(run)
        .iter()
        .filter(|finding| finding.kind == Kind::Advice)
        .map(|finding| format!("{}.", finding.sentence()))
        .collect();

    let title = "Efficiency against the work in a task".to_owned();
    let mut page = Page::new(title, sentences.join(" "), ruler);
    page.heading(run);
    legend(&mut page, costs);
    page.skip(2.0 * LINE);
    Plot::new(costs, page.y, ruler).draw(&mut page, costs);

    page.finish()
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

fn legend(page: &mut Page<'_>, costs: &[TaskCost]) {
    page.skip(30.0);
    let mut x = MARGIN;

    for (index, cost) in costs.iter().enumerate() {
        let words = name(cost);
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
    /// Where an efficiency of 0 stands.
    foot: f64,
    works: Axis,
    /// The efficiency at the top.
    top: f64,
}

impl Plot {
    /// The plot of `costs` whose upper edge is at `y`.
    fn new(costs: &[TaskCost], y: f64, ruler: Ruler<'_>) -> Self {
        let points = || costs.iter().flat_map(|cost| &cost.curve);
        let highest =
            points().map(|point| point.efficiency.high.unwrap_or(point.efficiency.median));

        Self {
            left: MARGIN + ruler.width("100 %", SMALL_SIZE) + 2.0 * GAP,
            right: WIDTH - MARGIN - 2.0 * GAP,
            foot: y + HEIGHT,
            works: Axis::spanning(points().map(|point| point.work_s)),
            // A fifth above 1 at the most: beyond that the machine changed its pace meanwhile.
            top: highest.fold(1.0, f64::max).min(1.2),
        }
    }

    fn across(&self, work_s: f64) -> f64 {
        self.left + self.works.height(work_s) * (self.right - self.left)
    }

    fn height(&self, efficiency: f64) -> f64 {
        let share = efficiency.clamp(0.0, self.top) / self.top;

        (self.foot - share * HEIGHT).round()
    }

    fn draw(&self, page: &mut Page<'_>, costs: &[TaskCost]) {
        self.grid(page);
        for (index, cost) in costs.iter().enumerate() {
            self.curve(page, cost, colour(index));
        }

        page.skip(LINE);
        let middle = f64::midpoint(self.left, self.right);
        page.text(middle, HPos::Center, SMALL_SIZE, GREY, CAPTION);
    }

    fn grid(&self, page: &mut Page<'_>) {
        for quarter in 0..=4_u8 {
            let efficiency = f64::from(quarter) / 4.0;
            let y = self.height(efficiency);
            let ink = if quarter == 2 { HALF } else { GRID };
            page.rect(self.left, y, self.right, y + 1.0, ink);

            page.y = y + 4.5;
            let label = format!("{:.0} %", efficiency * 100.0);
            page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, &label);
        }

        page.y = self.foot + LINE;
        for tick in &self.works.ticks {
            let x = self.across(tick.seconds).round();
            page.rect(x, self.height(self.top), x + 1.0, self.foot, GRID);
            page.text(x, HPos::Center, SMALL_SIZE, GREY, &tick.label);
        }
        page.rect(self.left, self.foot, self.right, self.foot + 1.0, GREY);
    }

    fn curve(&self, page: &mut Page<'_>, cost: &TaskCost, colour: RGBColor) {
        let place = |point: &CurvePoint| {
            (
                self.across(point.work_s),
                self.height(point.efficiency.median),
            )
        };
        page.scene.shapes.push(Shape::Curve(Curve {
            points: cost.curve.iter().map(place).collect(),
            width: STROKE,
            colour,
        }));

        for point in &cost.curve {
            let (x, y) = place(point);
            page.rect(x - DOT, y - DOT, x + DOT, y + DOT, colour);
            if let (Some(low), Some(high)) = (point.efficiency.low, point.efficiency.high) {
                page.rect(
                    x - 0.5,
                    self.height(high),
                    x + 0.5,
                    self.height(low),
                    colour,
                );
            }
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
        let run = fixture::overhead();
        let costs = run.task_costs();
        let scene = scene(&run, &costs, &font);
        let curves: Vec<&Curve> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Curve(curve) => Some(curve),
                _ => None,
            })
            .collect();

        assert_eq!(curves.len(), costs.len());
        for (curve, cost) in curves.iter().zip(&costs) {
            assert_eq!(curve.points.len(), cost.curve.len());
            let on_page =
                |&(x, y): &(f64, f64)| x > 0.0 && x < scene.width && y > 0.0 && y < scene.height;
            assert!(curve.points.iter().all(on_page));
            assert!(curve.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
            // More efficient is further up.
            for (pair, points) in curve.points.windows(2).zip(cost.curve.windows(2)) {
                let rises = points[0].efficiency.median < points[1].efficiency.median;
                assert_eq!(pair[0].1 > pair[1].1, rises);
            }
        }

        let description = &scene.description;
        assert!(
            description.contains("pool 2: tasks pay with at least"),
            "{description}"
        );
    }
}
