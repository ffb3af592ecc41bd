//! A drawing as areas, lines and texts in units of its own. It knows nothing of runs, and nothing
//! of the formats that it is written in.

use super::palette::{PAGE, Paint};

/// A place; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// What is drawn, in the order of drawing.
#[derive(Debug)]
pub(super) enum Shape {
    Area(Area),
    Line(Line),
    Text(Text),
    Hint(Hint),
}

/// A filled polygon.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) outline: Vec<Point>,
    pub(super) paint: Paint,
    /// From 0, nothing, to 1.
    pub(super) opacity: f64,
}

/// A line from point to point.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) points: Vec<Point>,
    pub(super) paint: Paint,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

/// How a line is broken: the lengths of its pieces and gaps in turn; none where it is whole.
pub(super) type Dash = &'static [f64];

pub(super) const SOLID: Dash = &[];
pub(super) const DASHED: Dash = &[7.0, 5.0];
pub(super) const DOTTED: Dash = &[2.0, 3.5];

/// A line of text; `at` is where its anchor stands on the baseline, `size` its em.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) anchor: Anchor,
    pub(super) size: f64,
    pub(super) paint: Paint,
    pub(super) words: String,
}

/// Words that a viewer shows for what is pointed at. Nothing of it is drawn.
#[derive(Debug)]
pub(super) struct Hint {
    pub(super) outline: Vec<Point>,
    pub(super) words: String,
}

/// The part of a text that stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A whole drawing, and its words for those who cannot see it.
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) shapes: Vec<Shape>,
}

impl Point {
    pub(super) fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl Frame {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The corners, in turn.
    pub(super) fn corners(&self) -> Vec<Point> {
        vec![
            Point::new(self.left, self.top),
            Point::new(self.right, self.top),
            Point::new(self.right, self.bottom),
            Point::new(self.left, self.bottom),
        ]
    }
}

impl Scene {
    /// A filled rectangle.
    pub(super) fn rect(&mut self, frame: Frame, paint: Paint) {
        self.area(frame.corners(), paint, 1.0);
    }

    pub(super) fn area(&mut self, outline: Vec<Point>, paint: Paint, opacity: f64) {
        self.shapes.push(Shape::Area(Area {
            outline,
            paint,
            opacity,
        }));
    }

    pub(super) fn line(&mut self, points: Vec<Point>, paint: Paint, width: f64, dash: Dash) {
        self.shapes.push(Shape::Line(Line {
            points,
            paint,
            width,
            dash,
        }));
    }

    /// A thin level line, which is as sharp as a pixel allows.
    pub(super) fn level(&mut self, left: f64, right: f64, y: f64, paint: Paint) {
        let y = y.round();

        self.rect(
            Frame {
                left,
                top: y,
                right,
                bottom: y + 1.0,
            },
            paint,
        );
    }

    /// A thin upright line.
    pub(super) fn upright(&mut self, x: f64, top: f64, bottom: f64, paint: Paint) {
        let x = x.round();

        self.rect(
            Frame {
                left: x,
                top,
                right: x + 1.0,
                bottom,
            },
            paint,
        );
    }

    /// A polygon with a border of its colour, the inside empty.
    pub(super) fn hollow(&mut self, mut outline: Vec<Point>, paint: Paint, width: f64) {
        self.area(outline.clone(), PAGE, 1.0);
        outline.extend(outline.first().copied());
        self.line(outline, paint, width, SOLID);
    }

    /// What is to be said of the place inside `outline`.
    pub(super) fn hint(&mut self, outline: Vec<Point>, words: String) {
        self.shapes.push(Shape::Hint(Hint { outline, words }));
    }

    /// A rectangle with a border and slanted lines inside, which is neither full nor empty.
    pub(super) fn hatched(&mut self, frame: Frame, paint: Paint) {
        const DISTANCE: f64 = 7.0;

        self.area(frame.corners(), paint, 0.15);
        let height = frame.height();
        let mut foot = DISTANCE / 2.0;
        while foot < frame.width() + height {
            // From the lower edge up to the right, cut off where it leaves the rectangle.
            let before = (foot - frame.width()).max(0.0);
            let after = foot.min(height);
            let at = |up: f64| Point::new(frame.left + foot - up, frame.bottom - up);
            self.line(vec![at(before), at(after)], paint, 1.5, SOLID);
            foot += DISTANCE;
        }

        let mut border = frame.corners();
        border.extend(border.first().copied());
        self.line(border, paint, 1.5, SOLID);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::palette::BLUE;

    #[test]
    fn a_hatch_stays_inside_its_rectangle() {
        for (width, height) in [(100.0, 20.0), (3.0, 20.0), (0.0, 20.0), (50.0, 80.0)] {
            let mut scene = Scene {
                width: 200.0,
                height: 200.0,
                title: String::new(),
                description: String::new(),
                shapes: Vec::new(),
            };
            let frame = Frame {
                left: 10.0,
                top: 10.0,
                right: 10.0 + width,
                bottom: 10.0 + height,
            };
            scene.hatched(frame, BLUE);

            for shape in &scene.shapes {
                let Shape::Line(line) = shape else { continue };
                for point in &line.points {
                    assert!(
                        (frame.left - 1e-9..=frame.right + 1e-9).contains(&point.x)
                            && (frame.top - 1e-9..=frame.bottom + 1e-9).contains(&point.y),
                        "{point:?} is outside {frame:?}"
                    );
                }
            }
        }
    }
}
