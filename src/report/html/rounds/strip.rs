//! The strip of one arm: a drawing whose places are shares of its size, so that it is as wide as
//! there is room while points and letters stay as they are.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::mark::{BEYOND, Mark};
use super::scale::{Scale, median_s, percent, relative};
use crate::report::html::words::shown;
use crate::results::Measurement;
use crate::units::{Seconds, count};

/// The heights at which dots can stand: half a pixel each.
const LEVELS: f64 = 128.0;

/// The strip of the arm at `arm`, with its name and its median.
pub(super) fn figure(
    id: &str,
    name: &str,
    measurement: &Measurement,
    arm: usize,
    scale: &Scale,
) -> Markup {
    let label = measurement.arms[arm].label();
    let median_s = median_s(measurement, arm);
    let title = format!("{name}, {label}: {}", described(measurement, arm));
    let drawing = format!("0 0 {} {LEVELS}", measurement.rounds.len());
    let rounds = || 0..measurement.rounds.len();
    let is_usual = |place: &usize| Mark::of(measurement, *place, arm).is_none();
    let point = |place: usize| Point::new(measurement, place, arm, median_s, scale);
    let usual: Vec<Point> = rounds().filter(is_usual).map(point).collect();
    let marked: String = rounds()
        .filter_map(|place| Some(point(place).shape(Mark::of(measurement, place, arm)?)))
        .collect();
    let beyond: String = rounds().filter_map(|place| point(place).beyond()).collect();

    html! {
        figure.strip {
            figcaption {
                span.arm { (shown(&label)) } " "
                span.reading { (Seconds(median_s)) }
            }
            svg.strip width="100%" height="64" role="img" aria-labelledby=(id) {
                title id=(id) { (shown(&title)) }
                (PreEscaped(median_line(scale)))
                // As wide as there is room, with points that stay round.
                svg viewBox=(drawing) preserveAspectRatio="none" { path d=(dots(&usual)) {} }
                (PreEscaped(marked))
                (PreEscaped(beyond))
            }
        }
    }
}

/// A mark of which the shape is that with this `id`.
pub(super) fn used(id: &str, x: &str, y: &str) -> Markup {
    html! { use href={ "#" (id) } x=(x) y=(y) {} }
}

/// `11 rounds, median 648 ms, from 640 ms to 702 ms; cold: round 1`.
fn described(measurement: &Measurement, arm: usize) -> String {
    let times = || {
        measurement
            .rounds
            .iter()
            .map(|round| round.times[arm].wall_s)
    };
    let mut text = format!(
        "{}, median {}, from {} to {}",
        count(measurement.rounds.len(), "round"),
        Seconds(median_s(measurement, arm)),
        Seconds(times().fold(f64::INFINITY, f64::min)),
        Seconds(times().fold(0.0, f64::max))
    );

    for mark in Mark::ALL {
        let rounds: Vec<String> = (0..measurement.rounds.len())
            .filter(|place| Mark::of(measurement, *place, arm) == Some(mark))
            .map(|place| (place + 1).to_string())
            .collect();
        if !rounds.is_empty() {
            let _ = write!(text, "; {}: round {}", mark.name(), rounds.join(", "));
        }
    }
    text
}

fn median_line(scale: &Scale) -> String {
    let y = places(scale.height(1.0).share);

    format!("<line x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>")
}

/// All `points` as one outline in a drawing that is as wide as there are rounds: lines without
/// length, whose round ends make dots, each given from the one before it. What a dot stands for is
/// in the table of the rounds.
fn dots(points: &[Point]) -> String {
    let mut outline = String::new();
    let (mut before_x, mut before_y) = (0.0, 0.0);

    for point in points {
        let (x, y) = (point.place as f64 + 0.5, (LEVELS * point.y).round());
        let (right, down) = (x - before_x, y - before_y);
        // The sign of a number ends the one before it.
        let between = if down < 0.0 { "" } else { " " };
        let _ = write!(outline, "m{right}{between}{}h0", down + 0.0);
        (before_x, before_y) = (x, y);
    }
    outline
}

/// The point of one round.
struct Point {
    /// Its round, from 0.
    place: usize,
    /// From the left and from the top, as shares of the strip.
    x: f64,
    y: f64,
    /// How far its time is from the median, where it is drawn at the edge only: `+428 %`.
    beyond: Option<String>,
}

impl Point {
    fn new(
        measurement: &Measurement,
        place: usize,
        arm: usize,
        median_s: f64,
        scale: &Scale,
    ) -> Self {
        let wall_s = measurement.rounds[place].times[arm].wall_s;
        let ratio = relative(wall_s, median_s);
        let height = scale.height(ratio);

        Self {
            place,
            x: (place as f64 + 0.5) / measurement.rounds.len() as f64,
            y: height.share,
            beyond: height.is_beyond.then(|| percent(ratio)),
        }
    }

    fn shape(&self, mark: Mark) -> String {
        used(mark.id(), &places(self.x), &places(self.y)).into_string()
    }

    /// The sign that it is drawn at the edge of the strip only, and how far away it is for who
    /// hovers over it.
    fn beyond(&self) -> Option<String> {
        let far = self.beyond.as_ref()?;
        let (x, y) = (places(self.x), places(self.y));

        Some(format!(
            "<use href=\"#{BEYOND}\" x=\"{x}\" y=\"{y}\"><title>{far}</title></use>"
        ))
    }
}

/// A share in per cent, as places in a drawing are given: `12.5%`.
fn places(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);

    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
