//! The chart of a run with several numbers of workers: speed-up against workers, a panel for each
//! measurement and a curve for each engine, with the number of workers to use. Nothing is drawn
//! beyond the numbers that were measured.

mod curve;
mod plot;

use self::curve::{Curve, Ring};
use self::plot::Plot;
use super::facts::facts;
use super::font::{Font, Ruler};
use super::legend::{Key, Sample};
use super::look::Marker;
use super::page::{Grid, Page, SMALL_SIZE, sentences};
use super::palette::INK;
use super::scene::{Point, SOLID, Scene};
use crate::analysis::ScalePoint;
use crate::report::findings::{Finding, Kind, Subject, findings};
use crate::report::words::names::name;
use crate::results::{Measurement, Run};

const RING: f64 = 8.5;

/// What is drawn of a measurement.
struct Panel {
    name: String,
    remark: Option<&'static str>,
    curves: Vec<Curve>,
    /// The CPUs that the program could use, where all engines ran on them.
    cpus: Option<usize>,
    /// What speed-ups refer to.
    reference: String,
    /// How the engines compare, where there are several.
    best_engine: Option<String>,
}

/// The chart of `run`.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let findings = findings(run);
    let numbered = run.measurements.iter().enumerate();
    let panels: Vec<Panel> = numbered
        .map(|(place, measurement)| Panel::of(run, place, measurement, &findings))
        .collect();
    let has_points = panels.iter().any(|panel| panel.points().next().is_some());
    let grid = Grid::new(panels.len(), 2);
    let mut page = Page::new(title(run), grid.page_width(), &findings, ruler);

    if has_points {
        page.legend(&keys(&panels));
        page.panels(grid, panels.len(), |page, index, left, right| {
            panels[index].draw(page, left, right);
        });
    } else {
        page.nothing();
    }
    page.footer(&findings, &facts(run));

    page.finish(&sentences(&findings, |kind| {
        kind.is_note()
            || matches!(
                kind,
                Kind::Recommendation | Kind::BestEngine | Kind::Law | Kind::Verdict | Kind::Problem
            )
    }))
}

fn title(run: &Run) -> &'static str {
    if run.measurements.iter().any(Measurement::is_weak_scaling) {
        "How many workers? Speed-up by number of workers, for work that grows with them"
    } else {
        "How many workers? Speed-up by number of workers"
    }
}

/// What the legend says of those things that the panels show.
fn keys(panels: &[Panel]) -> Vec<Key> {
    let curves = || panels.iter().flat_map(|panel| &panel.curves);
    let look = curves().next().map(|curve| curve.look);
    let is_outside = |curve: &&Curve| curve.points.iter().any(|point| !point.is_within_cores);
    let outside = curves().find(is_outside).map(|curve| curve.look);
    let has_law = curves().any(|curve| curve.law.is_some());
    let has_cpus = panels.iter().any(|panel| panel.cpus_in_range().is_some());
    let has_ring = panels.iter().any(|panel| !panel.rings().is_empty());
    let reference = panels
        .first()
        .map(|panel| panel.reference.clone())
        .unwrap_or_default();

    let entries = [
        (
            look.map(Sample::Curve),
            "median and 95 % interval".to_owned(),
        ),
        (
            has_ring.then_some(Sample::Ring),
            "use this many workers".to_owned(),
        ),
        (
            Some(Sample::Ideal),
            "ideal: as many times as fast as workers".to_owned(),
        ),
        (Some(Sample::Level), format!("as fast as {reference}")),
        (
            has_cpus.then_some(Sample::Cpus),
            "CPUs that may be used".to_owned(),
        ),
        (has_law.then_some(Sample::Law), "fitted law".to_owned()),
        (
            outside.map(Sample::Hollow),
            "more workers than granted cores, not fitted".to_owned(),
        ),
    ];
    let keys = entries.into_iter().filter_map(|(sample, words)| {
        let sample = sample?;
        Some(Key { sample, words })
    });

    keys.collect()
}

impl Panel {
    fn of(run: &Run, place: usize, measurement: &Measurement, findings: &[Finding]) -> Self {
        let is_elsewhere = measurement.pairs().any(|pair| pair.placement().elsewhere);
        let series = measurement.series();
        let curves = series
            .iter()
            .map(|series| Curve::of(run, place, series, findings));

        Self {
            name: name(run, measurement),
            remark: if measurement.rounds.is_empty() {
                Some("no complete round")
            } else if measurement.steady().next().is_none() {
                Some("cold round only")
            } else {
                None
            },
            curves: curves.collect(),
            cpus: (!is_elsewhere).then_some(run.environment.usable_cpus),
            reference: measurement.reference_arm().label(),
            best_engine: findings
                .iter()
                .find(|finding| {
                    finding.subject == Subject::Measurement(place)
                        && matches!(finding.kind, Kind::BestEngine | Kind::Recommendation)
                })
                .map(|finding| finding.text.clone()),
        }
    }

    fn points(&self) -> impl Iterator<Item = &ScalePoint> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    /// The CPUs that may be used, if as many workers were tried.
    fn cpus_in_range(&self) -> Option<usize> {
        let least = self.points().map(|point| point.workers).min()?;
        let most = self.points().map(|point| point.workers).max()?;

        self.cpus.filter(|cpus| (least..=most).contains(cpus))
    }

    /// What is recommended, each number of workers once.
    fn rings(&self) -> Vec<Ring> {
        let mut rings: Vec<Ring> = Vec::new();
        for ring in self.curves.iter().filter_map(|curve| curve.ring) {
            if !rings.contains(&ring) {
                rings.push(ring);
            }
        }

        rings
    }

    /// The numbers of workers that the plot shows, in ascending order: those of the points, and the
    /// plain loop's where it is recommended.
    fn counts(&self) -> Vec<usize> {
        let points = self.points().map(|point| point.workers);
        let rings = self.rings().into_iter().map(|ring| ring.workers);
        let mut counts: Vec<usize> = points.chain(rings).collect();
        counts.sort_unstable();
        counts.dedup();

        counts
    }

    fn draw(&self, page: &mut Page<'_>, left: f64, right: f64) {
        page.panel_name(&self.name, self.remark, left, right - left);
        let Some(plot) = Plot::of(self, page, left, right) else {
            return;
        };

        plot.axes(page, self);
        for curve in &self.curves {
            curve.draw_interval(page, &plot);
        }
        for curve in &self.curves {
            curve.draw_line(page, &plot);
        }
        for Ring { workers, speedup } in self.rings() {
            let at = Point::new(plot.across(workers as f64), plot.up(speedup));
            let mut ring = Marker::Circle.outline(at, RING);
            ring.extend(ring.first().copied());
            page.scene.line(ring, INK, 2.0, SOLID);
        }

        for curve in &self.curves {
            curve.draw_hints(page, &plot);
        }

        page.y = plot.frame.bottom;
        plot.counts(page, self);
        for curve in &self.curves {
            curve.draw_advice(page, left, right);
        }
        if let Some(words) = &self.best_engine {
            page.skip(5.0);
            page.lines(left, right - left, SMALL_SIZE, INK, words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::{measurement, rounds};
    use crate::report::chart::scene::{DOTTED, Line, Shape};
    use crate::report::fixture;

    fn law(workers: f64) -> f64 {
        0.9 / workers + 0.1
    }

    /// A sweep on a machine of eight CPUs.
    fn sweep(counts: &[usize]) -> Run {
        let mut run = fixture::of(vec![measurement(counts, 12, law, 3)]);
        run.environment.usable_cpus = 8;

        run
    }

    fn panel(run: &Run) -> Panel {
        Panel::of(run, 0, &run.measurements[0], &findings(run))
    }

    fn drawn(run: &Run) -> Scene {
        scene(run, &Font::embedded().unwrap())
    }

    fn texts(scene: &Scene) -> Vec<&str> {
        let texts = scene.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text.words.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn dotted(scene: &Scene) -> Vec<&Line> {
        let lines = scene.shapes.iter().filter_map(|shape| match shape {
            Shape::Line(line) if line.dash == DOTTED && line.points.len() > 2 => Some(line),
            _ => None,
        });
        lines.collect()
    }

    #[test]
    fn a_sweep_shows_its_counts_its_cpus_and_what_to_use() {
        let run = sweep(&[1, 2, 4, 8]);
        let scene = drawn(&run);
        let texts = texts(&scene);

        for wanted in ["1", "2", "4", "8", "8 CPUs", "workers", "fitted law"] {
            assert!(texts.contains(&wanted), "{wanted} in {texts:?}");
        }
        assert_eq!(panel(&run).curves[0].ring.unwrap().workers, 8);
        assert_eq!(panel(&run).rings().len(), 1);
        assert!(
            texts.join(" ").contains("pool: use 8 workers, 4.7"),
            "{texts:?}"
        );
    }

    #[test]
    fn each_point_has_its_efficiency_and_its_serial_fraction() {
        let scene = drawn(&sweep(&[1, 2, 4, 8]));
        let hints: Vec<&str> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Hint(hint) => Some(hint.words.as_str()),
                _ => None,
            })
            .collect();

        assert_eq!(hints.len(), 4, "{hints:?}");
        assert!(hints[0].starts_with("pool on 1 worker: "));
        assert!(!hints[0].contains("serial fraction"), "{}", hints[0]);
        // A tenth of the work is serial: 4.7 times as fast on 8 workers.
        for part in [
            "pool on 8 workers: 4.7",
            "efficiency 58.",
            "serial fraction 10.",
        ] {
            assert!(hints[3].contains(part), "{part}: {}", hints[3]);
        }
        assert_eq!(hints[3].matches('[').count(), 3, "{}", hints[3]);
    }

    #[test]
    fn the_law_ends_where_the_counts_end() {
        let scene = drawn(&sweep(&[1, 2, 4, 8]));
        let [law] = dotted(&scene)[..] else {
            panic!("one law")
        };
        let whole = |shape: &&Shape| matches!(shape, Shape::Line(line) if line.dash.is_empty() && line.points.len() == 4);
        let Some(Shape::Line(curve)) = scene.shapes.iter().find(whole) else {
            panic!("one curve")
        };

        let ends = |line: &Line| [line.points[0].x, line.points[line.points.len() - 1].x];
        assert_eq!(ends(law), ends(curve));
    }

    #[test]
    fn two_counts_have_no_law_and_more_workers_than_cores_are_hollow() {
        assert!(dotted(&drawn(&sweep(&[1, 2]))).is_empty());

        let mut run = sweep(&[1, 2, 4, 8]);
        rounds(&mut run.measurements[0], |round| {
            for granted in &mut round.calibration.granted {
                granted.cores = (granted.workers as f64).min(4.0);
            }
        });
        let scene = drawn(&run);
        let texts = texts(&scene);
        assert!(
            texts.contains(&"more workers than granted cores, not fitted"),
            "{texts:?}"
        );
        let [law] = dotted(&scene)[..] else {
            panic!("one law")
        };
        assert!(law.points[law.points.len() - 1].x < scene.width * 0.7);
    }

    #[test]
    fn few_rounds_have_points_without_intervals_and_no_advice() {
        let mut run = sweep(&[1, 2, 4, 8]);
        run.measurements[0].rounds.truncate(4);
        let panel = panel(&run);

        assert!(panel.rings().is_empty());
        assert_eq!(panel.curves[0].points.len(), 4);
        assert!(
            panel.curves[0]
                .points
                .iter()
                .all(|point| point.speedup.low.is_none())
        );
        let scene = drawn(&run);
        assert!(
            texts(&scene).join(" ").contains("no advice"),
            "{:?}",
            texts(&scene)
        );
    }

    #[test]
    fn where_the_plain_loop_is_enough_the_most_that_workers_bring_is_said() {
        let mut run = sweep(&[1, 2]);
        run.measurements = vec![measurement(&[1, 2], 12, |workers| 1.01 - 0.02 * workers, 3)];
        let panel = panel(&run);

        let [ring] = panel.rings()[..] else {
            panic!("one ring")
        };
        assert_eq!((ring.workers, ring.speedup), (1, 1.0));
        let advice = texts(&drawn(&run)).join(" ");
        assert!(
            advice.contains("use 1 worker, the plain loop; pool 2 is 1.03x"),
            "{advice}"
        );
    }

    #[test]
    fn the_plain_loop_has_its_place_where_one_worker_was_not_measured() {
        let mut run = sweep(&[2, 4]);
        run.measurements = vec![measurement(&[2, 4], 12, |_| 1.2, 3)];

        assert_eq!(panel(&run).counts(), [1, 2, 4]);
        assert!(texts(&drawn(&run)).contains(&"use this many workers"));
    }

    #[test]
    fn the_ideal_does_not_press_the_curves_flat() {
        let mut run = sweep(&[1, 2, 4, 64]);
        run.environment.usable_cpus = 64;
        let font = Font::embedded().unwrap();
        let page = Page::new("", 680.0, &[], Ruler::new(&font));
        let plot = Plot::of(&panel(&run), &page, 20.0, 330.0).unwrap();

        assert!(plot.highest() < 16.0, "{}", plot.highest());
    }
}
