//! The curve of an engine: its speed-ups with their intervals, the law that fits them, the number
//! of workers to use, and what is to be said of it.

use super::plot::Plot;
use crate::analysis::{FittedLaw, ScalePoint, Series};
use crate::report::chart::look::{Look, Marker};
use crate::report::chart::page::{Page, SMALL_SIZE};
use crate::report::chart::palette::{INK, QUIET};
use crate::report::chart::scene::{DOTTED, Point, SOLID};
use crate::report::findings::{Finding, Kind, Subject};
use crate::report::words::law::{self, notable_fraction};
use crate::report::words::run::verdict;
use crate::results::Run;

const RADIUS: f64 = 4.5;
const STROKE: f64 = 2.5;

/// The number of workers to use: one of the engine's, or that of the reference.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Ring {
    pub(super) workers: usize,
    pub(super) speedup: f64,
}

/// The speed-ups of an engine.
pub(super) struct Curve {
    engine: String,
    pub(super) look: Look,
    pub(super) points: Vec<ScalePoint>,
    pub(super) law: Option<FittedLaw>,
    pub(super) ring: Option<Ring>,
    /// What is to be said of it.
    advice: String,
    /// The law in words, or the serial fractions where there is none.
    law_words: Option<String>,
}

impl Ring {
    fn of(series: &Series<'_>) -> Option<Self> {
        // The recommended one is of all splits together.
        if is_of_split(series) {
            return None;
        }
        let recommendation = series
            .recommendation()
            .filter(|recommendation| !recommendation.is_open);
        let recommended = recommendation?.arm;

        Some(match series.pair_at(recommended) {
            Some(pair) => Self {
                workers: pair.workers(),
                speedup: pair.summary()?.speedup,
            },
            None => Self {
                workers: series.measurement.reference_arm().workers,
                speedup: 1.0,
            },
        })
    }
}

/// Whether the series is about one number of threads of several, of which the best split is one.
fn is_of_split(series: &Series<'_>) -> bool {
    series.pairs[0].arm().split().is_some()
}

/// What is said of a series: the number of workers, and what more of them would bring, without the
/// cause, which the table has.
fn advice(series: &Series<'_>, findings: &[Finding], subject: Subject) -> String {
    let whole = findings
        .iter()
        .find(|finding| finding.subject == subject && finding.kind == Kind::Recommendation);
    let Some(whole) = whole else {
        let of_split = is_of_split(series).then(|| fastest(series)).flatten();
        return of_split
            .unwrap_or_else(|| "no advice: it takes at least 6 steady rounds".to_owned());
    };

    let mut clauses = whole.text.split("; ").map(str::to_owned);
    let choice = clauses.next();
    // Where none of the workers is worth it, the most that they bring.
    let further = most_that_is_not_worth_it(series).or_else(|| clauses.next());
    let clauses: Vec<String> = choice.into_iter().chain(further).collect();

    clauses.join("; ")
}

/// What the fastest number of workers shows.
fn fastest(series: &Series<'_>) -> Option<String> {
    let pairs = series.pairs.iter().copied();
    let all = pairs.filter_map(|pair| Some((pair, pair.summary()?)));
    let (pair, summary) = all.max_by(|a, b| a.1.speedup.total_cmp(&b.1.speedup))?;

    Some(verdict(pair, &summary))
}

/// The law of a series, or its serial fractions where the advice does not hold that of the number
/// of workers to use.
fn law_words(
    series: &Series<'_>,
    has_law: bool,
    findings: &[Finding],
    subject: Subject,
) -> Option<String> {
    let law = findings
        .iter()
        .find(|finding| finding.subject == subject && finding.kind == Kind::Law)?;
    let recommended = series
        .recommendation()
        .filter(|recommendation| !recommendation.is_open);
    let fraction = recommended
        .and_then(|recommendation| series.pair_at(recommendation.arm))
        .and_then(|pair| notable_fraction(series, pair.workers()));

    (has_law || fraction.is_none()).then(|| law.text.clone())
}

/// What the fastest arm shows, where the reference is recommended all the same.
fn most_that_is_not_worth_it(series: &Series<'_>) -> Option<String> {
    let recommended = series
        .recommendation()
        .filter(|recommendation| !recommendation.is_open)?;
    if series.pair_at(recommended.arm).is_some() {
        return None;
    }

    let fastest = series.pair_at(recommended.fastest)?;
    Some(verdict(fastest, &fastest.summary()?))
}

impl Curve {
    pub(super) fn of(run: &Run, place: usize, series: &Series<'_>, findings: &[Finding]) -> Self {
        let subject = Subject::Series {
            measurement: place,
            arm: series.pairs[0].index,
        };

        let law = series.law();
        let law_words = law_words(series, law.is_some(), findings, subject);

        Self {
            engine: series.engine().to_owned(),
            look: Look::of(run, series.engine()),
            points: series.points(),
            law,
            ring: Ring::of(series),
            advice: advice(series, findings, subject),
            law_words,
        }
    }

    /// The band between the ends of the intervals, and each of these.
    pub(super) fn draw_interval(&self, page: &mut Page<'_>, plot: &Plot) {
        let bounded = |point: &ScalePoint| {
            let x = plot.across(point.workers as f64);
            let (low, high) = (point.speedup.low?, point.speedup.high?);
            Some((Point::new(x, plot.up(low)), Point::new(x, plot.up(high))))
        };

        for neighbours in self.points.windows(2) {
            let (Some(first), Some(second)) = (bounded(&neighbours[0]), bounded(&neighbours[1]))
            else {
                continue;
            };
            let outline = vec![first.0, first.1, second.1, second.0];
            page.scene.area(outline, self.look.paint, 0.22);
        }
        for (low, high) in self.points.iter().filter_map(bounded) {
            page.scene
                .line(vec![low, high], self.look.paint, 1.5, SOLID);
        }
    }

    pub(super) fn draw_line(&self, page: &mut Page<'_>, plot: &Plot) {
        const STEPS: u32 = 48;

        let line = self.points.iter().map(|point| plot.at(point)).collect();
        page.scene.line(line, self.look.paint, STROKE, SOLID);
        if let Some(law) = &self.law
            && let (Some(&least), Some(&most)) =
                (law.workers.iter().min(), law.workers.iter().max())
        {
            let (least, most) = (least as f64, most as f64);
            let at = |step: u32| {
                let workers = least + (most - least) * f64::from(step) / f64::from(STEPS);
                Point::new(plot.across(workers), plot.up(law.speedup(workers)))
            };
            page.scene
                .line((0..=STEPS).map(at).collect(), INK, 2.0, DOTTED);
        }

        for point in &self.points {
            let marker = self.look.marker.outline(plot.at(point), RADIUS);
            if point.is_within_cores {
                page.scene.area(marker, self.look.paint, 1.0);
            } else {
                page.scene.hollow(marker, self.look.paint, 2.0);
            }
        }
    }

    /// What each number of workers brings, for those who point at it.
    pub(super) fn draw_hints(&self, page: &mut Page<'_>, plot: &Plot) {
        /// From the middle to the corners: larger than a marker, so that it is easily met.
        const REACH: f64 = 10.0;

        for point in &self.points {
            let outline = Marker::Square.outline(plot.at(point), REACH);
            page.scene.hint(outline, law::point(&self.engine, point));
        }
    }

    /// What is to be said of the curve, behind a point that looks like its own.
    pub(super) fn draw_advice(&self, page: &mut Page<'_>, left: f64, right: f64) {
        const INDENT: f64 = 18.0;

        page.skip(5.0);
        let dot = Point::new(left + 7.0, page.y + 0.72 * SMALL_SIZE);
        let marker = self.look.marker.outline(dot, RADIUS);
        page.scene.area(marker, self.look.paint, 1.0);
        let words = format!("{}: {}", self.engine, self.advice);
        let (left, room) = (left + INDENT, right - left - INDENT);
        page.lines(left, room, SMALL_SIZE, INK, &words);
        if let Some(law) = &self.law_words {
            page.lines(left, room, SMALL_SIZE, QUIET, law);
        }
    }
}
