//! The chart of what tasks cost: efficiency against the work in a task on a logarithmic scale, a
//! curve for each engine with each number of workers. Curves of one engine share a colour; all
//! differ in their points.

use super::axis::Axis;
use super::facts::facts;
use super::font::{Font, Ruler};
use super::look::{Look, Marker};
use super::page::{GAP, Label, MARGIN, Page, SMALL_SIZE, WIDTH, sentences};
use super::palette::{GRID, INK, Paint, QUIET, RULE};
use super::scene::{Anchor, DASHED, DOTTED, Dash, Frame, Point, SOLID, Scene};
use crate::analysis::{CurvePoint, TaskCost};
use crate::report::findings::{Kind, findings};
use crate::report::words::task_cost::{advice, name};
use crate::results::Run;
use crate::units::count;

const HEIGHT: f64 = 300.0;
const STROKE: f64 = 2.0;
const RADIUS: f64 = 4.0;
/// Efficiencies above this are left out: the machine changed its pace, and they say nothing.
const HIGHEST: f64 = 1.5;
const SUBTITLE: &str = "Efficiency: the share of the workers' time that goes into the work itself";
/// How the lines of one engine differ.
const DASHES: [Dash; 3] = [SOLID, DASHED, DOTTED];

/// A curve, and how it is drawn.
struct Curve<'a> {
    cost: &'a TaskCost,
    paint: Paint,
    marker: Marker,
    dash: Dash,
}

/// Which work and which efficiency stand where.
struct Plot {
    frame: Frame,
    works: Axis,
    efficiencies: Axis,
}

/// The chart of `costs`, which `run` shows.
pub(super) fn scene(run: &Run, costs: &[TaskCost], font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let findings = findings(run);
    let curves: Vec<Curve<'_>> = (0..costs.len())
        .map(|place| Curve::of(run, costs, place))
        .collect();
    let title = "How much work does a task need?";
    let mut page = Page::new(title, WIDTH, &findings, ruler);

    page.paragraph(SUBTITLE, SMALL_SIZE, QUIET);
    page.skip(2.0 * GAP);
    Plot::of(costs, &page).draw(&mut page, &curves);
    for curve in &curves {
        curve.draw_advice(&mut page);
    }
    let left_out: Vec<String> = costs.iter().filter_map(left_out).collect();
    for sentence in &left_out {
        page.skip(6.0);
        page.paragraph(sentence, SMALL_SIZE, QUIET);
    }
    page.footer(&findings, &facts(run));

    let mut words = sentences(&findings, |kind| {
        kind.is_note() || matches!(kind, Kind::Advice | Kind::Problem)
    });
    words.extend(left_out.into_iter().map(|sentence| sentence + "."));
    page.finish(&words)
}

/// Which points of a curve are not drawn, if any.
fn left_out(cost: &TaskCost) -> Option<String> {
    let number = cost.curve.iter().filter(|point| !is_drawn(point)).count();

    (number > 0).then(|| {
        format!(
            "{}: {} above {:.0} % {} left out: the machine changed its pace meanwhile",
            name(cost),
            count(number, "point"),
            HIGHEST * 100.0,
            if number == 1 { "is" } else { "are" }
        )
    })
}

fn is_drawn(point: &CurvePoint) -> bool {
    point.efficiency.median <= HIGHEST
}

impl<'a> Curve<'a> {
    /// That of the cost at `place` of all `costs`.
    fn of(run: &Run, costs: &'a [TaskCost], place: usize) -> Self {
        let cost = &costs[place];
        let of_engine = costs[..place]
            .iter()
            .filter(|other| other.engine == cost.engine);
        let number = of_engine.count();

        Self {
            cost,
            paint: Look::of(run, &cost.engine).paint,
            marker: Marker::numbered(place),
            dash: DASHES[number % DASHES.len()],
        }
    }

    /// The line, broken where a point is left out, and the points with their intervals.
    fn draw(&self, page: &mut Page<'_>, plot: &Plot) {
        for piece in self.cost.curve.split(|point| !is_drawn(point)) {
            let points: Vec<Point> = piece.iter().map(|point| plot.at(point)).collect();
            if points.len() > 1 {
                page.scene.line(points, self.paint, STROKE, self.dash);
            }
        }

        for point in self.cost.curve.iter().filter(|point| is_drawn(point)) {
            let at = plot.at(point);
            if let (Some(low), Some(high)) = (point.efficiency.low, point.efficiency.high) {
                let upper = plot.up(high).max(plot.frame.top);
                let ends = vec![Point::new(at.x, plot.up(low)), Point::new(at.x, upper)];
                page.scene.line(ends, self.paint, 1.3, SOLID);
                if plot.up(high) < plot.frame.top {
                    let arrow = [(0.0, 0.0), (-4.0, 7.0), (4.0, 7.0)];
                    let arrow = arrow.map(|(x, y)| Point::new(at.x + x, upper + y));
                    page.scene.area(arrow.to_vec(), self.paint, 1.0);
                }
            }
            page.scene
                .area(self.marker.outline(at, RADIUS), self.paint, 1.0);
        }
    }

    /// How much work tasks need, behind a piece of the curve.
    fn draw_advice(&self, page: &mut Page<'_>) {
        const SAMPLE: f64 = 34.0;

        page.skip(6.0);
        let middle = page.y + 0.72 * SMALL_SIZE;
        let level = [MARGIN, MARGIN + SAMPLE].map(|x| Point::new(x, middle));
        page.scene
            .line(level.to_vec(), self.paint, STROKE, self.dash);
        let dot = self
            .marker
            .outline(Point::new(MARGIN + SAMPLE / 2.0, middle), RADIUS);
        page.scene.area(dot, self.paint, 1.0);

        let words = format!("{}: {}", name(self.cost), advice(self.cost));
        let room = page.room() - SAMPLE - GAP;
        page.lines(MARGIN + SAMPLE + GAP, room, SMALL_SIZE, INK, &words);
    }
}

impl Plot {
    /// The plot of `costs` below what the page shows so far.
    fn of(costs: &[TaskCost], page: &Page<'_>) -> Self {
        let points = || {
            costs
                .iter()
                .flat_map(|cost| &cost.curve)
                .filter(|point| is_drawn(point))
        };
        let highest = points()
            .map(|point| point.efficiency.high.unwrap_or(point.efficiency.median))
            .fold(1.0, f64::max);
        let efficiencies = Axis::percents(highest.min(HIGHEST));

        let labels = efficiencies.ticks.iter().map(|tick| &tick.label);
        Self {
            frame: Frame {
                left: MARGIN + page.ruler.widest(labels, SMALL_SIZE) + GAP,
                top: page.y,
                right: MARGIN + page.room(),
                bottom: page.y + HEIGHT,
            },
            works: Axis::logarithmic(points().map(|point| point.work_s)),
            efficiencies,
        }
    }

    fn across(&self, work_s: f64) -> f64 {
        self.frame.left + self.works.share(work_s) * self.frame.width()
    }

    fn up(&self, efficiency: f64) -> f64 {
        self.frame.bottom - self.efficiencies.share(efficiency) * self.frame.height()
    }

    fn at(&self, point: &CurvePoint) -> Point {
        Point::new(self.across(point.work_s), self.up(point.efficiency.median))
    }

    fn draw(&self, page: &mut Page<'_>, curves: &[Curve<'_>]) {
        let Frame {
            left,
            top,
            right,
            bottom,
        } = self.frame;
        for tick in &self.works.ticks {
            page.scene
                .upright(self.across(tick.value), top, bottom, GRID);
        }
        for tick in &self.efficiencies.ticks {
            let y = self.up(tick.value);
            // Half and all of what the workers can do.
            let is_special = tick.value == 0.5 || tick.value == 1.0;
            page.scene
                .level(left, right, y, if is_special { RULE } else { GRID });
            let at = Point::new(left - GAP, y + 0.35 * SMALL_SIZE);
            page.text(at, Anchor::End, SMALL_SIZE, QUIET, &tick.label);
        }
        page.scene.level(left, right, bottom, RULE);

        for curve in curves {
            curve.draw(page, self);
        }

        page.y = bottom;
        let labels: Vec<Label> = self
            .works
            .ticks
            .iter()
            .map(|tick| Label {
                x: self.across(tick.value),
                words: tick.label.clone(),
            })
            .collect();
        page.tick_labels(&labels);
        page.skip(SMALL_SIZE);
        let middle = Point::new(f64::midpoint(left, right), page.y);
        let caption = "work in a task, log scale; upright: 95 % intervals";
        page.text(middle, Anchor::Middle, SMALL_SIZE, QUIET, caption);
        page.skip(GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::scene::{Line, Shape};
    use crate::report::fixture;

    fn drawn(run: &Run, costs: &[TaskCost]) -> Scene {
        scene(run, costs, &Font::embedded().unwrap())
    }

    /// The lines of curves: those of more than two points.
    fn lines(scene: &Scene) -> Vec<&Line> {
        let lines = scene.shapes.iter().filter_map(|shape| match shape {
            Shape::Line(line) if line.points.len() > 2 => Some(line),
            _ => None,
        });
        lines.collect()
    }

    #[test]
    fn every_curve_stands_on_the_page_and_rises_with_its_points() {
        let run = fixture::overhead();
        let costs = run.task_costs();
        let scene = drawn(&run, &costs);
        let curves = lines(&scene);

        assert_eq!(curves.len(), costs.len());
        for (curve, cost) in curves.iter().zip(&costs) {
            assert_eq!(curve.points.len(), cost.curve.len());
            let on_page =
                |at: &Point| at.x > 0.0 && at.x < scene.width && at.y > 0.0 && at.y < scene.height;
            assert!(curve.points.iter().all(on_page));
            assert!(curve.points.windows(2).all(|pair| pair[0].x < pair[1].x));
            // More efficient is further up.
            for (pair, points) in curve.points.windows(2).zip(cost.curve.windows(2)) {
                let rises = points[0].efficiency.median < points[1].efficiency.median;
                assert_eq!(pair[0].y > pair[1].y, rises);
            }
        }

        let description = &scene.description;
        assert!(
            description.contains("pool 2: tasks pay with at least"),
            "{description}"
        );
    }

    #[test]
    fn an_impossible_point_is_left_out_and_said_so() {
        let run = fixture::overhead();
        let mut costs = run.task_costs();
        costs[0].curve[4].efficiency.median = 2.1;
        costs[0].curve[5].efficiency.median = 1.3;
        let scene = drawn(&run, &costs);

        let longest = costs[0].curve.len();
        assert!(lines(&scene).iter().all(|line| line.points.len() < longest));
        assert!(
            scene
                .description
                .contains("pool 2: 1 point above 150 % is left out"),
            "{}",
            scene.description
        );
    }

    #[test]
    fn curves_of_one_engine_share_its_colour_and_differ_in_their_points() {
        let run = fixture::overhead();
        let mut costs = run.task_costs();
        costs[1].engine = costs[0].engine.clone();
        let curves: Vec<Curve<'_>> = (0..3).map(|place| Curve::of(&run, &costs, place)).collect();

        assert_eq!(curves[0].paint, curves[1].paint);
        assert_ne!(curves[0].marker, curves[1].marker);
        assert_ne!(curves[0].dash, curves[1].dash);
        assert_ne!(curves[0].paint, curves[2].paint);
    }
}
