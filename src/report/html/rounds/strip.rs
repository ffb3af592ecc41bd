//! The strip of one arm: a drawing whose places are shares of its size, so that it is as wide as
//! there is room while points and letters stay as they are.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::mark::{BEYOND, Mark, reasons};
use super::scale::{Scale, median_s, percent, relative};
use crate::report::html::words::shown;
use crate::results::Measurement;
use crate::units::{Seconds, count};

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
    let rounds = || 0..measurement.rounds.len();
    let is_usual = |place: &usize| Mark::of(measurement, *place, arm).is_none();
    let point = |place: usize| Point::new(measurement, place, arm, median_s, scale);
    let usual: String = rounds()
        .filter(is_usual)
        .map(|place| point(place).dot())
        .collect();
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
                svg viewBox="0 0 1000 1000" preserveAspectRatio="none" { (PreEscaped(usual)) }
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

/// The point of one round.
struct Point {
    /// From the left and from the top, as shares of the strip.
    x: f64,
    y: f64,
    is_beyond: bool,
    /// For who hovers over it.
    words: String,
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

        let mut words = format!("round {}: {}", place + 1, Seconds(wall_s));
        if height.is_beyond {
            let _ = write!(words, " ({})", percent(ratio));
        }
        for reason in reasons(measurement, place, arm) {
            let _ = write!(words, ", {reason}");
        }
        Self {
            x: (place as f64 + 0.5) / measurement.rounds.len() as f64,
            y: height.share,
            is_beyond: height.is_beyond,
            words,
        }
    }

    /// A line without length, whose round ends make a dot.
    fn dot(&self) -> String {
        let Self { x, y, words, .. } = self;

        format!(
            "<path d=\"M{:.0} {:.0}h0\"><title>{words}</title></path>",
            1000.0 * x,
            1000.0 * y
        )
    }

    fn shape(&self, mark: Mark) -> String {
        let Self { x, y, words, .. } = self;

        format!(
            "<use href=\"#{}\" x=\"{}\" y=\"{}\"><title>{words}</title></use>",
            mark.id(),
            places(*x),
            places(*y)
        )
    }

    /// The sign that it is drawn at the edge of the strip only.
    fn beyond(&self) -> Option<String> {
        let sign = || used(BEYOND, &places(self.x), &places(self.y)).into_string();

        self.is_beyond.then(sign)
    }
}

/// A share in per cent, as places in a drawing are given: `12.5%`.
fn places(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);

    format!("{}%", text.trim_end_matches(".0"))
}
