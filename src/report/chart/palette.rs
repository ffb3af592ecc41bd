//! The colours of charts, each with a shade for light pages and one for dark ones, and how engines
//! look. Engines differ in their markers, too: no chart depends on colours alone.

use super::scene::Point;
use crate::results::{Run, SERIAL};

/// A colour by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    /// What an SVG calls it.
    pub(super) class: &'static str,
    pub(super) light: Rgb,
    pub(super) dark: Rgb,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) [u8; 3]);

pub(super) const PAGE: Paint = paint("page", [255, 255, 255], [20, 24, 29]);
pub(super) const INK: Paint = paint("ink", [34, 34, 34], [232, 234, 237]);
pub(super) const QUIET: Paint = paint("quiet", [91, 95, 99], [165, 171, 178]);
pub(super) const GRID: Paint = paint("grid", [226, 228, 230], [45, 51, 58]);
/// What is an axis or a mark on it.
pub(super) const RULE: Paint = paint("rule", [140, 144, 148], [118, 125, 133]);
pub(super) const WARNING: Paint = paint("warning", [168, 52, 0], [255, 138, 76]);
/// The changes that are tolerated, and behind them the noise of a run.
pub(super) const TOLERATED: Paint = paint("tolerated", [214, 229, 220], [38, 62, 52]);
pub(super) const NOISE: Paint = paint("noise", [236, 240, 238], [29, 39, 37]);
pub(super) const REFERENCE: Paint = paint("reference", [128, 132, 137], [134, 141, 149]);

/// Okabe and Ito's, which differ for every common kind of colour-blindness. Their blue is too dark
/// for dark pages and makes room for their sky blue.
pub(super) const BLUE: Paint = paint("blue", [0, 114, 178], [86, 180, 233]);
pub(super) const ORANGE: Paint = paint("orange", [230, 159, 0], [230, 159, 0]);
pub(super) const GREEN: Paint = paint("green", [0, 158, 115], [0, 178, 130]);
pub(super) const PURPLE: Paint = paint("purple", [204, 121, 167], [204, 121, 167]);
pub(super) const VERMILION: Paint = paint("vermilion", [213, 94, 0], [230, 110, 20]);

const ENGINES: [Paint; 5] = [BLUE, ORANGE, GREEN, PURPLE, VERMILION];

const fn paint(class: &'static str, light: [u8; 3], dark: [u8; 3]) -> Paint {
    Paint {
        class,
        light: Rgb(light),
        dark: Rgb(dark),
    }
}

/// How the bars, curves and points of an engine look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) paint: Paint,
    pub(super) marker: Marker,
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Diamond,
    Triangle,
}

impl Look {
    /// That of `engine`: the engines of `run` have theirs in the order in which they appear.
    pub(super) fn of(run: &Run, engine: &str) -> Self {
        if engine == SERIAL {
            return Self {
                paint: REFERENCE,
                marker: Marker::Square,
            };
        }

        let mut engines: Vec<&str> = Vec::new();
        for arm in run
            .measurements
            .iter()
            .flat_map(|measurement| &measurement.arms)
        {
            if arm.engine != SERIAL && !engines.contains(&arm.engine.as_str()) {
                engines.push(&arm.engine);
            }
        }
        let place = engines
            .iter()
            .position(|known| *known == engine)
            .unwrap_or_default();

        Self {
            paint: ENGINES[place % ENGINES.len()],
            marker: Marker::numbered(place),
        }
    }
}

impl Marker {
    /// One after another, and then again.
    pub(super) fn numbered(number: usize) -> Self {
        const ALL: [Marker; 4] = [
            Marker::Circle,
            Marker::Square,
            Marker::Diamond,
            Marker::Triangle,
        ];

        ALL[number % ALL.len()]
    }

    /// Its outline around `centre`. All have about the area of a circle of this radius.
    pub(super) fn outline(self, centre: Point, radius: f64) -> Vec<Point> {
        let polygon = |corners: usize, first: f64, scale: f64| -> Vec<Point> {
            let corner = |number: usize| {
                let turn = first + number as f64 / corners as f64;
                let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
                Point {
                    x: centre.x + radius * scale * cos,
                    y: centre.y + radius * scale * sin,
                }
            };
            (0..corners).map(corner).collect()
        };

        match self {
            Self::Circle => polygon(24, 0.0, 1.0),
            Self::Square => polygon(4, 0.125, 1.25),
            Self::Diamond => polygon(4, 0.0, 1.3),
            Self::Triangle => polygon(3, 0.75, 1.4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn engines_differ_in_colour_and_marker() {
        let run = fixture::engines();
        let looks = ["pool", "process", "ray"].map(|engine| Look::of(&run, engine));

        assert_eq!(looks.map(|look| look.paint), [BLUE, ORANGE, GREEN]);
        assert_eq!(
            looks.map(|look| look.marker),
            [Marker::Circle, Marker::Square, Marker::Diamond]
        );
        assert_eq!(Look::of(&run, SERIAL).paint, REFERENCE);
    }

    /// The Web Content Accessibility Guidelines ask for a contrast of 4.5 for text, and of 3 for
    /// what has to be seen.
    #[test]
    fn everything_can_be_told_from_the_page() {
        let luminance = |Rgb(channels): Rgb| {
            let linear = channels.map(|channel| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.040_45 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let contrast = |first: Rgb, second: Rgb| {
            let (first, second) = (luminance(first) + 0.05, luminance(second) + 0.05);
            first.max(second) / first.min(second)
        };

        for text in [INK, QUIET, WARNING] {
            assert!(contrast(text.light, PAGE.light) > 4.5, "{text:?}");
            assert!(contrast(text.dark, PAGE.dark) > 4.5, "{text:?}");
        }
        // Okabe and Ito's orange is as light as 2.2 on white: what has it has an outline or a name.
        for mark in ENGINES.into_iter().chain([RULE, REFERENCE]) {
            assert!(contrast(mark.light, PAGE.light) > 2.2, "{mark:?}");
            assert!(contrast(mark.dark, PAGE.dark) > 3.0, "{mark:?}");
        }
    }
}
