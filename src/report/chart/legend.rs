//! The legend: what the parts of a drawing stand for, each shown as it is drawn.

use super::look::{Look, Marker};
use super::page::{GAP, MARGIN, Page, SMALL_SIZE};
use super::palette::{INK, PAGE, Paint, QUIET, RULE};
use super::scene::{Anchor, DASHED, DOTTED, Frame, Point, SOLID, Scene};

/// An entry of the legend: what something that is drawn stands for.
pub(super) struct Key {
    pub(super) sample: Sample,
    pub(super) words: String,
}

/// What a legend shows of the drawing.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sample {
    Whisker,
    Change,
    Hatch,
    Curve(Look),
    Ideal,
    Law,
    Level,
    Cpus,
    Ring,
    Hollow(Look),
    Shade(Paint),
}

impl Page<'_> {
    /// What the drawing's parts stand for, in as many lines as it takes.
    pub(super) fn legend(&mut self, keys: &[Key]) {
        const SAMPLE: f64 = 26.0;
        const LINE: f64 = 20.0;

        self.skip(GAP);
        let mut left = MARGIN;
        let mut baseline = self.y + 13.0;
        for Key { sample, words } in keys {
            let room = self.room() - SAMPLE - GAP;
            let words = self.ruler.fitted(words, SMALL_SIZE, room);
            let width = SAMPLE + GAP + self.ruler.width(&words, SMALL_SIZE);
            if left > MARGIN && left + width > MARGIN + self.room() {
                (left, baseline) = (MARGIN, baseline + LINE);
            }
            let middle = Point::new(left + SAMPLE / 2.0, baseline - 4.5);
            sample.draw(&mut self.scene, middle, SAMPLE / 2.0);
            let at = Point::new(left + SAMPLE + GAP, baseline);
            self.text(at, Anchor::Start, SMALL_SIZE, QUIET, &words);
            left += width + 2.0 * GAP;
        }

        self.y = baseline + 5.0;
    }
}

impl Sample {
    fn draw(self, scene: &mut Scene, middle: Point, half: f64) {
        let level = vec![
            Point::new(middle.x - half, middle.y),
            Point::new(middle.x + half, middle.y),
        ];
        let frame = Frame {
            left: middle.x - half,
            top: middle.y - 6.0,
            right: middle.x + half,
            bottom: middle.y + 6.0,
        };

        match self {
            Self::Whisker => whisker(
                scene,
                middle.x - half + 3.0,
                middle.x + half - 3.0,
                middle.y,
            ),
            Self::Change => {
                scene.line(level, INK, 2.0, SOLID);
                scene.area(Marker::Circle.outline(middle, 4.0), INK, 1.0);
            }
            Self::Hatch => scene.hatched(frame, INK),
            Self::Curve(look) => {
                scene.area(frame.corners(), look.paint, 0.22);
                scene.line(level, look.paint, 2.5, SOLID);
                scene.area(look.marker.outline(middle, 4.5), look.paint, 1.0);
            }
            Self::Ideal => scene.line(level, RULE, 1.5, DASHED),
            Self::Law => scene.line(level, INK, 2.0, DOTTED),
            Self::Level => scene.line(level, RULE, 1.5, SOLID),
            Self::Cpus => {
                let upright = vec![
                    Point::new(middle.x, middle.y - 7.0),
                    Point::new(middle.x, middle.y + 7.0),
                ];
                scene.line(upright, INK, 2.0, SOLID);
            }
            Self::Ring => scene.hollow(Marker::Circle.outline(middle, 7.0), INK, 2.0),
            Self::Hollow(look) => scene.hollow(look.marker.outline(middle, 4.5), look.paint, 2.0),
            Self::Shade(paint) => scene.rect(frame, paint),
        }
    }
}

/// An interval on a level line, with a rim so that it can be seen on a bar, too.
pub(super) fn whisker(scene: &mut Scene, low: f64, high: f64, y: f64) {
    const HALF: f64 = 5.0;

    let bars = || {
        let level = vec![Point::new(low, y), Point::new(high, y)];
        let end = |x: f64| vec![Point::new(x, y - HALF), Point::new(x, y + HALF)];
        [level, end(low), end(high)]
    };
    for (paint, width) in [(PAGE, 4.0), (INK, 1.6)] {
        for bar in bars() {
            scene.line(bar, paint, width, SOLID);
        }
    }
}
