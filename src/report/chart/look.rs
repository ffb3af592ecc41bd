//! How engines look in charts: they differ in colour and in marker, because no chart may depend on
//! colours alone.

use super::palette::{ENGINES, Paint, REFERENCE};
use super::scene::Point;
use crate::results::{Run, is_serial};

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
        if is_serial(engine) {
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
            if !is_serial(&arm.engine) && !engines.contains(&arm.engine.as_str()) {
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
    use crate::report::chart::palette::{BLUE, GREEN, ORANGE};
    use crate::report::fixture;
    use crate::results::SERIAL;

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
}
