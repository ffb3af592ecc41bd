//! The page that every chart is laid out on: the title, panels in rows, and the footer. What a
//! panel shows is up to the chart.

use super::font::Ruler;
use super::palette::{INK, PAGE, Paint, QUIET, RULE, WARNING};
use super::scene::{Anchor, Frame, Point, Scene, Shape, Text};
use crate::printable::printable;
use crate::report::findings::{Finding, Kind};

/// The width that fits a README, and can be read on a phone.
pub(super) const WIDTH: f64 = 680.0;
pub(super) const MARGIN: f64 = 20.0;
/// Blank space between neighbours that must not touch.
pub(super) const GAP: f64 = 8.0;

const TITLE_SIZE: f64 = 21.0;
/// Of a panel.
pub(super) const NAME_SIZE: f64 = 17.0;
pub(super) const TEXT_SIZE: f64 = 15.0;
pub(super) const SMALL_SIZE: f64 = 14.0;
/// From one line's baseline to the next, where the text has this size.
const LINE_PER_SIZE: f64 = 1.32;

/// What a chart without figures says.
pub(super) const NOTHING: &str = "No round is complete, so there are no figures to draw.";

/// A page that is filled from top to bottom.
pub(super) struct Page<'a> {
    pub(super) scene: Scene,
    pub(super) ruler: Ruler<'a>,
    /// Where the next thing begins.
    pub(super) y: f64,
}

/// How panels stand beside each other.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    columns: usize,
    cell: f64,
}

/// A label below an axis.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) words: String,
}

impl Grid {
    const GAP: f64 = 24.0;

    /// As many `columns` as there are `panels` for, which fill the usual width. For more than eight
    /// rows there are twice as many columns, on a page that is twice as wide.
    pub(super) fn new(panels: usize, columns: usize) -> Self {
        const MOST_ROWS: usize = 8;

        let columns = columns.min(panels).max(1);
        let cell = (WIDTH - 2.0 * MARGIN + Self::GAP) / columns as f64 - Self::GAP;
        let is_long = panels > MOST_ROWS * columns;

        Self {
            columns: if is_long { 2 * columns } else { columns },
            cell,
        }
    }

    /// The width of its page.
    pub(super) fn page_width(self) -> f64 {
        let columns = self.columns as f64;

        2.0 * MARGIN + columns * (self.cell + Self::GAP) - Self::GAP
    }
}

impl<'a> Page<'a> {
    /// A page with its title, and with those of `findings` that limit everything: a busy machine is
    /// said before any figure.
    pub(super) fn new(title: &str, width: f64, findings: &[Finding], ruler: Ruler<'a>) -> Self {
        let scene = Scene {
            width: width.round(),
            height: 0.0,
            title: title.to_owned(),
            description: String::new(),
            shapes: Vec::new(),
        };
        let mut page = Self {
            scene,
            ruler,
            y: MARGIN,
        };

        page.paragraph(title, TITLE_SIZE, INK);
        for finding in findings.iter().filter(|finding| {
            matches!(
                finding.kind,
                Kind::Quick | Kind::Limit | Kind::OtherPrograms
            )
        }) {
            page.warning(&finding.sentence());
        }
        page
    }

    /// The drawing, with its words for those who cannot see it.
    pub(super) fn finish(mut self, sentences: &[String]) -> Scene {
        self.scene.description = if sentences.is_empty() {
            NOTHING.to_owned()
        } else {
            sentences.join(" ")
        };
        self.scene.height = (self.y + MARGIN).ceil();

        self.scene
    }

    /// How wide the page is between its margins.
    pub(super) fn room(&self) -> f64 {
        self.scene.width - 2.0 * MARGIN
    }

    pub(super) fn skip(&mut self, height: f64) {
        self.y += height;
    }

    /// A line of text at a place of its own.
    pub(super) fn text(&mut self, at: Point, anchor: Anchor, size: f64, paint: Paint, text: &str) {
        // XML has no place for control characters, and a picture has no shape for them.
        let words = printable(text).into_owned();

        self.scene.shapes.push(Shape::Text(Text {
            at,
            anchor,
            size,
            paint,
            words,
        }));
    }

    /// A text in lines, from margin to margin.
    pub(super) fn paragraph(&mut self, text: &str, size: f64, paint: Paint) {
        let room = self.room();
        self.lines(MARGIN, room, size, paint, text);
    }

    /// A text in lines that begin at `left` and are at most `room` wide.
    pub(super) fn lines(&mut self, left: f64, room: f64, size: f64, paint: Paint, text: &str) {
        for line in self.ruler.wrapped(&printable(text), size, room) {
            self.skip(size * LINE_PER_SIZE);
            let baseline = Point::new(left, self.y - 0.3 * size);
            self.text(baseline, Anchor::Start, size, paint, &line);
        }
    }

    /// What a reader must not miss: with a sign, and in another colour.
    fn warning(&mut self, text: &str) {
        const SIGN: f64 = 18.0;

        let (left, middle) = (MARGIN, self.y + SMALL_SIZE * 0.72);
        let triangle = vec![
            Point::new(left, middle + 6.0),
            Point::new(left + 6.5, middle - 6.0),
            Point::new(left + 13.0, middle + 6.0),
        ];
        self.scene.area(triangle, WARNING, 1.0);
        for (top, bottom) in [(-2.5, 2.0), (3.2, 4.8)] {
            let bar = Frame {
                left: left + 5.6,
                top: middle + top,
                right: left + 7.4,
                bottom: middle + bottom,
            };
            self.scene.rect(bar, PAGE);
        }

        let room = self.room() - SIGN;
        self.lines(MARGIN + SIGN, room, SMALL_SIZE, WARNING, text);
    }

    /// Draws `number` panels, one after another, each by `draw` between its left and its right edge
    /// from where the page has come to. A panel leaves the page at its own end.
    pub(super) fn panels(
        &mut self,
        grid: Grid,
        number: usize,
        mut draw: impl FnMut(&mut Self, usize, f64, f64),
    ) {
        const BETWEEN: f64 = 14.0;

        for first in (0..number).step_by(grid.columns) {
            self.skip(BETWEEN);
            let top = self.y;
            let mut bottom = top;
            for column in 0..grid.columns.min(number - first) {
                self.y = top;
                let left = MARGIN + column as f64 * (grid.cell + Grid::GAP);
                draw(self, first + column, left, left + grid.cell);
                bottom = bottom.max(self.y);
            }
            self.y = bottom;
        }
    }

    /// Labels below an axis, the more important ones first: those that would touch one of them are
    /// left out.
    pub(super) fn tick_labels(&mut self, labels: &[Label]) {
        self.skip(SMALL_SIZE + 5.0);
        let mut spans: Vec<(f64, f64)> = Vec::new();

        for label in labels {
            let half = self.ruler.width(&label.words, SMALL_SIZE) / 2.0 + GAP / 2.0;
            let (left, right) = (label.x - half, label.x + half);
            if spans.iter().any(|&(from, to)| left < to && from < right) {
                continue;
            }
            spans.push((left, right));
            let at = Point::new(label.x, self.y);
            self.text(at, Anchor::Middle, SMALL_SIZE, QUIET, &label.words);
        }
        self.skip(4.0);
    }

    /// What failed, and what was measured by what on which machine.
    pub(super) fn footer(&mut self, findings: &[Finding], facts: &[String]) {
        const MOST_PROBLEMS: usize = 6;

        self.skip(16.0);
        let (left, right) = (MARGIN, MARGIN + self.room());
        self.scene.level(left, right, self.y, RULE);
        self.skip(6.0);

        let problems: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.kind == Kind::Problem)
            .collect();
        for finding in problems.iter().take(MOST_PROBLEMS) {
            self.warning(&finding.sentence());
        }
        if problems.len() > MOST_PROBLEMS {
            self.warning(&format!(
                "and {} more problems",
                problems.len() - MOST_PROBLEMS
            ));
        }
        for fact in facts {
            self.paragraph(fact, SMALL_SIZE, QUIET);
        }
    }

    /// The name of a panel, with what a reader must know of it.
    pub(super) fn panel_name(&mut self, name: &str, remark: Option<&str>, left: f64, room: f64) {
        self.lines(left, room, NAME_SIZE, INK, name);
        if let Some(remark) = remark {
            self.lines(left, room, SMALL_SIZE, QUIET, remark);
        }
        self.skip(4.0);
    }

    /// That there is nothing to draw.
    pub(super) fn nothing(&mut self) {
        self.skip(40.0);
        self.paragraph(NOTHING, TEXT_SIZE, INK);
        self.skip(24.0);
    }
}

/// Those of `findings` that are of a kind, as whole sentences.
pub(super) fn sentences(findings: &[Finding], is_wanted: impl Fn(Kind) -> bool) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| is_wanted(finding.kind))
        .map(|finding| format!("{}.", finding.sentence()))
        .collect()
}
