//! The page that a chart is laid out on: its colours and sizes, how wide texts are, and the parts
//! that every chart has, the heading and the legend. Axis and bars are up to the layout.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::font::Font;
use super::scene::{Rect, Scene, Shape, Text};
use crate::printable::printable;
use crate::report::findings::{Finding, Kind, findings};
use crate::results::Run;
use crate::units::count;

/// Okabe and Ito's blue. Their colours differ for every common kind of colour-blindness, and this
/// one and the orange that follows it on a printer without colours, too.
pub(super) const SERIAL_FILL: RGBColor = RGBColor(0, 114, 178);
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const GREY: RGBColor = RGBColor(95, 95, 95);
const WARNING: RGBColor = RGBColor(176, 58, 0);

/// The width that fits a README; more groups than it holds make the chart wider.
pub(super) const WIDTH: f64 = 800.0;
pub(super) const MARGIN: f64 = 24.0;
/// From one line's baseline to the next.
pub(super) const LINE: f64 = 18.0;
/// Blank space between neighbours that must not touch.
pub(super) const GAP: f64 = 6.0;

const TITLE_SIZE: f64 = 20.0;
pub(super) const TEXT_SIZE: f64 = 13.0;
pub(super) const SMALL_SIZE: f64 = 12.0;

/// How wide texts are, at the most.
#[derive(Clone, Copy)]
pub(super) struct Ruler<'a> {
    font: &'a Font,
}

impl<'a> Ruler<'a> {
    /// Where Open Sans is missing, viewers take another of the SVG's fonts: those that systems
    /// bring are no more than this much wider.
    const ALLOWANCE: f64 = 1.04;

    pub(super) fn new(font: &'a Font) -> Self {
        Self { font }
    }

    pub(super) fn width(self, text: &str, size: f64) -> f64 {
        self.font.width(text, size) * Self::ALLOWANCE
    }

    /// `text`, cut so that it is at most `room` wide.
    pub(super) fn fitted(self, text: &str, size: f64, room: f64) -> String {
        let mut kept = text.to_owned();
        let mut fitted = text.to_owned();

        while self.width(&fitted, size) > room && kept.pop().is_some() {
            fitted = format!("{}…", kept.trim_end());
        }
        fitted
    }
}

/// What a colour stands for.
pub(super) struct LegendEntry {
    pub(super) name: String,
    pub(super) fill: RGBColor,
}

/// A page that is filled from top to bottom.
pub(super) struct Page<'a> {
    pub(super) scene: Scene,
    pub(super) ruler: Ruler<'a>,
    /// Where the next line's baseline stands.
    pub(super) y: f64,
}

impl<'a> Page<'a> {
    pub(super) fn new(title: String, description: String, ruler: Ruler<'a>) -> Self {
        let scene = Scene {
            width: WIDTH,
            height: 0.0,
            title,
            description,
            shapes: Vec::new(),
        };

        Self {
            scene,
            y: 0.0,
            ruler,
        }
    }

    pub(super) fn finish(mut self) -> Scene {
        self.scene.height = (self.y + MARGIN).round();
        self.scene
    }

    pub(super) fn skip(&mut self, height: f64) {
        self.y += height;
    }

    pub(super) fn text(&mut self, x: f64, anchor: HPos, size: f64, colour: RGBColor, text: &str) {
        // XML has no place for control characters, and a picture has no shape for them.
        let words = printable(text).into_owned();

        self.scene.shapes.push(Shape::Text(Text {
            x,
            baseline: self.y,
            anchor,
            size,
            colour,
            words,
        }));
    }

    pub(super) fn rect(&mut self, left: f64, top: f64, right: f64, bottom: f64, fill: RGBColor) {
        self.scene.shapes.push(Shape::Rect(Rect {
            left,
            top,
            right,
            bottom,
            fill,
        }));
    }

    /// The title, the machine, and what the reader must know of `run`.
    pub(super) fn heading(&mut self, run: &Run) {
        let mut warnings: Vec<String> = findings(run)
            .iter()
            .filter(|finding| finding.kind == Kind::Limit)
            .map(Finding::sentence)
            .collect();
        if !run.problems.is_empty() {
            warnings.push(format!(
                "{} in this run",
                count(run.problems.len(), "problem")
            ));
        }

        let room = self.scene.width - 2.0 * MARGIN;
        self.skip(38.0);
        let title = self.scene.title.clone();
        self.text(MARGIN, HPos::Left, TITLE_SIZE, INK, &title);

        self.skip(22.0);
        let day: String = run.started_at.chars().take(10).collect();
        let facts = format!(
            ", {}, {day}",
            count(run.environment.usable_cpus, "usable CPU")
        );
        let model = self.ruler.fitted(
            run.environment.cpu_model.trim(),
            TEXT_SIZE,
            room - self.ruler.width(&facts, TEXT_SIZE),
        );
        self.text(
            MARGIN,
            HPos::Left,
            TEXT_SIZE,
            GREY,
            &format!("{model}{facts}"),
        );

        for warning in &warnings {
            self.skip(LINE);
            self.text(
                MARGIN,
                HPos::Left,
                TEXT_SIZE,
                WARNING,
                &self.ruler.fitted(warning, TEXT_SIZE, room),
            );
        }
    }

    /// Which colour is which engine, and what the whiskers are if there are any.
    pub(super) fn legend(&mut self, entries: &[LegendEntry], has_whiskers: bool) {
        self.skip(30.0);
        let mut x = MARGIN;

        for LegendEntry { name, fill } in entries {
            self.rect(x, self.y - 10.0, x + 12.0, self.y + 2.0, *fill);
            self.text(x + 12.0 + GAP, HPos::Left, TEXT_SIZE, INK, name);
            x += 12.0 + GAP + self.ruler.width(name, TEXT_SIZE) + 4.0 * GAP;
        }
        if has_whiskers {
            self.whisker(x + 5.0, self.y - 11.0, self.y + 3.0);
            self.text(
                x + 10.0 + GAP,
                HPos::Left,
                TEXT_SIZE,
                INK,
                "least to greatest",
            );
        }
    }

    pub(super) fn whisker(&mut self, x: f64, top: f64, bottom: f64) {
        let (x, top, bottom) = (x.round(), top.round(), bottom.round());

        self.rect(x - 0.5, top, x + 0.5, bottom, INK);
        self.rect(x - 4.5, top - 0.5, x + 4.5, top + 0.5, INK);
        self.rect(x - 4.5, bottom - 0.5, x + 4.5, bottom + 0.5, INK);
    }
}
