//! Where the parts of a comparison's lines stand, and how far their scale reaches.

use crate::report::chart::page::{GAP, MARGIN, Page, SMALL_SIZE};
use crate::report::chart::scene::Frame;
use crate::report::words::change::interval;
use crate::report::words::comparison::{arm, figure};
use crate::report::words::reasons::verdict;
use crate::results::Judgement;

/// The plot is no narrower than this: names are cut instead.
const LEAST_PLOT: f64 = 190.0;
/// Changes beyond a factor of 2 are drawn as arrows: the figures beside them say how large they
/// are.
const FURTHEST: f64 = 2.0;
/// What stands above the figures.
pub(super) const CHANGE: &str = "change in %";

/// Where the parts of a line stand, the same in all of them.
pub(super) struct Columns {
    pub(super) name: f64,
    pub(super) plot: Frame,
    pub(super) change: f64,
    pub(super) verdict: f64,
}

/// How far the scale reaches to both sides, as a logarithm of the change.
pub(super) struct Scale {
    pub(super) reach: f64,
}

impl Columns {
    pub(super) fn of(judgements: &[&Judgement], page: &Page<'_>) -> Self {
        let widest = |text: fn(&Judgement) -> String| {
            page.ruler.widest(
                judgements.iter().map(|judgement| text(judgement)),
                SMALL_SIZE,
            )
        };
        let right = MARGIN + page.room();
        let verdict_at = right - widest(|judgement| verdict(judgement).to_owned());
        let interval_at = verdict_at - widest(|judgement| parts(judgement).1) - 1.5 * GAP;
        let change = interval_at - GAP;
        let widest_change = widest(|judgement| parts(judgement).0);
        let heading = page.ruler.width(CHANGE, SMALL_SIZE);
        let plot_right = change - widest_change.max(heading) - 1.5 * GAP;
        let names = widest(arm).max(widest(|judgement| figure(judgement.metric).to_owned()));
        let name = names.min(plot_right - LEAST_PLOT - MARGIN - GAP);

        Self {
            name,
            plot: Frame {
                left: MARGIN + name + GAP,
                top: 0.0,
                right: plot_right,
                bottom: 0.0,
            },
            change,
            verdict: verdict_at,
        }
    }

    /// Where a change stands.
    pub(super) fn across(&self, scale: &Scale, change: f64) -> f64 {
        let middle = f64::midpoint(self.plot.left, self.plot.right);

        middle + change.ln() / scale.reach * self.plot.width() / 2.0
    }
}

impl Scale {
    pub(super) fn of(judgements: &[&Judgement]) -> Self {
        let tolerated = judgements
            .iter()
            .map(|judgement| 1.0 + 1.5 * judgement.tolerance)
            .fold(1.02, f64::max);
        let furthest = judgements
            .iter()
            .flat_map(|judgement| [judgement.low.ln().abs(), judgement.high.ln().abs()])
            .fold(tolerated.ln(), f64::max);

        Self {
            reach: furthest.min(FURTHEST.ln()) * 1.05,
        }
    }
}

/// The change and its interval: `+1.2` and `[-0.5, +2.9]`.
pub(super) fn parts(judgement: &Judgement) -> (String, String) {
    let both = interval(judgement);

    match both.split_once(' ') {
        Some((change, interval)) => (change.to_owned(), interval.to_owned()),
        None => (both, String::new()),
    }
}
