//! Where everything stands in the chart of a comparison: a line for each judged metric, with its
//! change, the change's interval, and the band of changes that are tolerated.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::font::Font;
use super::page::{GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::scene::Scene;
use crate::report::findings::{Kind, comparison_findings};
use crate::report::tone::Tone;
use crate::report::words::change::{interval, share};
use crate::report::words::comparison::name;
use crate::report::words::reasons::verdict;
use crate::results::{Comparison, Judgement, Run};

const BAND: RGBColor = RGBColor(232, 240, 232);
const ZERO: RGBColor = RGBColor(150, 150, 150);
/// Of Okabe and Ito's colours, as the bars: bluish green, orange, vermilion.
const OK: RGBColor = RGBColor(0, 158, 115);
const OPEN: RGBColor = RGBColor(230, 159, 0);
const REGRESSED: RGBColor = RGBColor(213, 94, 0);

/// From one metric's line to the next.
const ROW: f64 = 24.0;

/// Changes beyond these are drawn at the edge; the figures beside them say how large they are.
const FURTHEST: f64 = 2.0;

/// The chart of what `comparison`, which belongs to `run`, found.
pub(super) fn scene(run: &Run, comparison: &Comparison, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let findings = comparison_findings(comparison);
    let description: Vec<String> = findings
        .iter()
        .filter_map(|finding| match finding.kind {
            Kind::Judged(outcome) => Some(format!("{}: {}.", outcome.name(), finding.sentence())),
            _ => None,
        })
        .collect();
    let title = "Change against the baseline: worse is to the right".to_owned();
    let mut page = Page::new(title, description.join(" "), ruler);

    page.heading(run);
    page.skip(LINE);
    let origin = format!("compared with {}", comparison.baseline.name);
    let room = WIDTH - 2.0 * MARGIN;
    page.text(
        MARGIN,
        HPos::Left,
        TEXT_SIZE,
        GREY,
        &ruler.fitted(&origin, TEXT_SIZE, room),
    );
    page.skip(16.0);

    Lines::new(comparison, ruler).draw(&mut page, comparison);
    page.finish()
}

/// The part with the scale and the metrics.
struct Lines {
    left: f64,
    right: f64,
    /// The change at the scale's ends, as a logarithm.
    reach: f64,
}

impl Lines {
    fn new(comparison: &Comparison, ruler: Ruler<'_>) -> Self {
        let widest = |text: &dyn Fn(&Judgement) -> String| {
            let widths = comparison
                .judgements
                .iter()
                .map(|judgement| ruler.width(&text(judgement), SMALL_SIZE));
            widths.fold(0.0, f64::max)
        };
        let furthest = comparison
            .judgements
            .iter()
            .flat_map(|judgement| [judgement.low.ln(), judgement.high.ln()])
            .map(f64::abs)
            .fold((1.0 + 1.5 * comparison.tolerance).ln(), f64::max);

        Self {
            left: MARGIN + widest(&name) + 2.0 * GAP,
            right: WIDTH - MARGIN - widest(&figures) - 2.0 * GAP,
            reach: furthest.min(FURTHEST.ln()) * 1.05,
        }
    }

    /// Where a change stands, no further out than the scale goes.
    fn x(&self, change: f64) -> f64 {
        let share = (change.ln() / self.reach).clamp(-1.0, 1.0);

        f64::midpoint(self.left, self.right) + share * (self.right - self.left) / 2.0
    }

    fn draw(&self, page: &mut Page<'_>, comparison: &Comparison) {
        let top = page.y;
        let bottom = top + ROW * comparison.judgements.len() as f64 + GAP;
        let tolerated = 1.0 + comparison.tolerance;

        page.rect(
            self.x(1.0 / tolerated),
            top,
            self.x(tolerated),
            bottom,
            BAND,
        );
        page.rect(self.x(1.0) - 0.5, top, self.x(1.0) + 0.5, bottom, ZERO);

        for judgement in &comparison.judgements {
            page.skip(ROW);
            self.line(page, judgement);
        }

        page.y = bottom + LINE;
        page.text(self.left, HPos::Left, SMALL_SIZE, GREY, "better");
        page.text(self.x(1.0), HPos::Center, SMALL_SIZE, GREY, "0");
        page.text(self.right, HPos::Right, SMALL_SIZE, GREY, "worse");
        page.skip(LINE);

        let legend = format!(
            "median change and its 99 % interval; shaded: the tolerated {}",
            share(comparison.tolerance)
        );
        page.text(
            f64::midpoint(self.left, self.right),
            HPos::Center,
            SMALL_SIZE,
            GREY,
            &legend,
        );
    }

    fn line(&self, page: &mut Page<'_>, judgement: &Judgement) {
        let colour = colour(Tone::of_judgement(judgement));
        let middle = page.y - 4.0;

        page.text(MARGIN, HPos::Left, SMALL_SIZE, INK, &name(judgement));
        page.rect(
            self.x(judgement.low),
            middle - 1.5,
            self.x(judgement.high),
            middle + 1.5,
            colour,
        );

        let at = self.x(judgement.change);
        page.rect(at - 4.0, middle - 4.0, at + 4.0, middle + 4.0, colour);
        page.text(
            WIDTH - MARGIN,
            HPos::Right,
            SMALL_SIZE,
            INK,
            &figures(judgement),
        );
    }
}

fn colour(tone: Tone) -> RGBColor {
    match tone {
        Tone::Good => OK,
        Tone::Doubtful => OPEN,
        Tone::Bad => REGRESSED,
        Tone::Neutral | Tone::Faint => GREY,
    }
}

/// What stands beside a line: `+1.2 [-0.5, +2.9] % ok`.
fn figures(judgement: &Judgement) -> String {
    format!("{} %  {}", interval(judgement), verdict(judgement))
}
