//! A bar: the time of an arm, and what it shows beside its reference.

use crate::analysis::{SPEEDUP_CONFIDENCE, Summary, Verdict};
use crate::report::chart::legend::whisker;
use crate::report::chart::look::Look;
use crate::report::chart::page::{GAP, NAME_SIZE, Page, SMALL_SIZE, TEXT_SIZE};
use crate::report::chart::palette::{INK, Paint, QUIET, WARNING};
use crate::report::chart::scene::{Anchor, Frame, Point};
use crate::report::tone::Tone;
use crate::report::words::ratio::{interval, ratio};
use crate::report::words::run::{grade, price};
use crate::results::{Measurement, Pair, Run};
use crate::stats::{Interval, median_interval};
use crate::units::{Seconds, three_digits};

/// From one bar to the next, for one with and one without a claim beside it.
const TALL_ROW: f64 = 46.0;
const ROW: f64 = 33.0;
const BAR: f64 = 23.0;
/// Names of engines may be of any length.
pub(super) const WIDEST_LABEL: f64 = 150.0;

/// The time of an arm.
pub(super) struct Bar {
    pub(super) label: String,
    look: Look,
    median_s: f64,
    pub(super) interval: Option<Interval>,
    /// What it shows beside the reference; `None` for the reference itself.
    pub(super) claim: Option<Claim>,
}

/// What an arm shows beside its reference.
pub(super) struct Claim {
    pub(super) speedup: String,
    pub(super) verdict: String,
    paint: Paint,
    pub(super) is_resolved: bool,
}

impl Bar {
    pub(super) fn of(run: &Run, measurement: &Measurement, index: usize) -> Option<Self> {
        let arm = &measurement.arms[index];
        let times: Vec<f64> = measurement
            .steady()
            .map(|round| round.times[index].wall_s)
            .collect();
        let pair = measurement.pairs().find(|pair| pair.index == index);

        Some(Self {
            label: arm.label(),
            look: Look::of(run, &arm.engine),
            median_s: measurement.figures(index)?.median_s,
            interval: median_interval(&times, SPEEDUP_CONFIDENCE),
            claim: pair.and_then(|pair| Some(Claim::of(pair, &pair.summary()?))),
        })
    }

    /// Where the bar and its whisker end.
    pub(super) fn end_s(&self) -> f64 {
        self.interval
            .map_or(self.median_s, |interval| interval.high.max(self.median_s))
    }

    pub(super) fn height(&self) -> f64 {
        if self.claim.is_some() { TALL_ROW } else { ROW }
    }

    pub(super) fn time(&self) -> String {
        Seconds(self.median_s).to_string()
    }

    /// `pool 2 648 ms [639, 651]`.
    pub(super) fn words(&self) -> String {
        let unit = Seconds(self.median_s).unit().seconds;
        let interval = self
            .interval
            .map_or_else(String::new, |Interval { low, high, .. }| {
                format!(
                    " [{}, {}]",
                    three_digits(low / unit),
                    three_digits(high / unit)
                )
            });

        format!("{} {}{interval}", self.label, self.time())
    }

    /// Draws the row that begins where the page has come to.
    pub(super) fn draw(
        &self,
        page: &mut Page<'_>,
        left: f64,
        claim: f64,
        across: &dyn Fn(f64) -> f64,
    ) {
        let middle = page.y + self.height() / 2.0;
        let baseline = middle + 0.35 * TEXT_SIZE;
        let label = page.ruler.fitted(&self.label, TEXT_SIZE, WIDEST_LABEL);
        page.text(
            Point::new(left, baseline),
            Anchor::Start,
            TEXT_SIZE,
            INK,
            &label,
        );

        let bar = Frame {
            left: across(0.0),
            top: middle - BAR / 2.0,
            right: across(self.median_s),
            bottom: middle + BAR / 2.0,
        };
        if self.claim.as_ref().is_some_and(|claim| !claim.is_resolved) {
            page.scene.hatched(bar, self.look.paint);
        } else {
            page.scene.rect(bar, self.look.paint);
        }
        if let Some(Interval { low, high, .. }) = self.interval {
            whisker(&mut page.scene, across(low), across(high), middle);
        }
        let time = Point::new(across(self.end_s()) + 1.5 * GAP, baseline);
        page.text(time, Anchor::Start, TEXT_SIZE, INK, &self.time());

        if let Some(words) = &self.claim {
            let at = |y: f64| Point::new(claim, y);
            page.text(
                at(middle - 2.5),
                Anchor::Start,
                NAME_SIZE,
                INK,
                &words.speedup,
            );
            let verdict = at(middle + 2.5 + 0.9 * SMALL_SIZE);
            page.text(
                verdict,
                Anchor::Start,
                SMALL_SIZE,
                words.paint,
                &words.verdict,
            );
        }
        page.skip(self.height());
    }
}

impl Claim {
    fn of(pair: Pair<'_>, summary: &Summary) -> Self {
        let is_resolved = summary.verdict != Verdict::NotResolved;
        let interval = interval(summary);
        let grade = grade(pair, summary);
        let verdict = if interval.is_empty() {
            format!("{grade}, fewer than 6 steady rounds")
        } else if is_resolved {
            format!("{grade},{}", price(pair, summary))
        } else {
            grade
        };

        Self {
            speedup: format!("{} {interval}", ratio(summary.speedup))
                .trim_end()
                .to_owned(),
            verdict: verdict.trim_end_matches(',').to_owned(),
            paint: match Tone::of_verdict(summary) {
                Tone::Bad => WARNING,
                Tone::Good => INK,
                Tone::Doubtful | Tone::Neutral | Tone::Faint => QUIET,
            },
            is_resolved,
        }
    }
}
