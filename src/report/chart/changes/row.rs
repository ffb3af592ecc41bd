//! The lines of a comparison, one for each metric, with the scale that they share below them.

use super::scale::{CHANGE, Columns, Scale, parts};
use crate::report::chart::look::Marker;
use crate::report::chart::page::{GAP, Label, MARGIN, Page, SMALL_SIZE};
use crate::report::chart::palette::{
    BLUE, GREEN, INK, NOISE, Paint, QUIET, RULE, TOLERATED, VERMILION, WARNING,
};
use crate::report::chart::scene::{Anchor, Frame, Point, SOLID};
use crate::report::words::comparison::{arm, figure};
use crate::report::words::reasons::verdict;
use crate::results::{Judgement, Outcome};

const ROW: f64 = 26.0;
/// What the scale may show, in per cent; what comes first is more important.
const TICKS: [f64; 19] = [
    0.0, 10.0, -10.0, 50.0, -50.0, 100.0, 20.0, -20.0, 5.0, -5.0, 2.0, -2.0, 1.0, -1.0, 0.5, -0.5,
    30.0, -30.0, 70.0,
];

/// How a line looks: what got worse is loud, what stayed open is quiet.
struct Style {
    paint: Paint,
    words: Paint,
    stroke: f64,
    marker: Marker,
    radius: f64,
    is_hollow: bool,
}

/// The lines of those metrics that share a scale, with the scale below them.
pub(super) fn block(
    page: &mut Page<'_>,
    judgements: &[&Judgement],
    columns: &Columns,
    scale: &Scale,
) {
    let Some(first) = judgements.first() else {
        return;
    };

    page.skip(GAP + SMALL_SIZE);
    let Frame { left, right, .. } = columns.plot;
    let heading = [
        (MARGIN, Anchor::Start, figure(first.metric)),
        (left, Anchor::Start, "better"),
        (right, Anchor::End, "worse"),
        (columns.change, Anchor::End, CHANGE),
    ];
    for (x, anchor, words) in heading {
        page.text(Point::new(x, page.y), anchor, SMALL_SIZE, QUIET, words);
    }
    page.y = (page.y + 6.0).round();

    let top = page.y;
    let bottom = top + ROW * judgements.len() as f64;
    for judgement in judgements {
        shade(page, judgement, columns, scale);
        page.skip(ROW);
    }
    let zero = columns.across(scale, 1.0);
    page.scene.upright(zero, top, bottom, RULE);
    page.y = top;
    for judgement in judgements {
        line(page, judgement, columns, scale);
        page.skip(ROW);
    }

    page.scene.level(left, right, bottom, RULE);
    let is_time = first.metric.is_time();
    let labels: Vec<Label> = TICKS
        .into_iter()
        .filter_map(|percent| tick(percent, is_time, columns, scale))
        .collect();
    page.tick_labels(&labels);
}

/// A tick at a change of `percent`, if the scale has it.
fn tick(percent: f64, is_time: bool, columns: &Columns, scale: &Scale) -> Option<Label> {
    let factor = 1.0 + percent / 100.0;
    let worse = if is_time { factor } else { 1.0 / factor };
    let words = if percent == 0.0 {
        "0".to_owned()
    } else {
        format!("{percent:+}")
    };

    (worse.ln().abs() <= scale.reach).then(|| Label {
        x: columns.across(scale, worse),
        words,
    })
}

/// Whether a metric differs from itself by more than what is tolerated.
pub(super) fn has_noise(judgement: &Judgement) -> bool {
    judgement.threshold > judgement.tolerance * 1.001
}

/// The changes that do not count.
fn shade(page: &mut Page<'_>, judgement: &Judgement, columns: &Columns, scale: &Scale) {
    // A little longer than the line, or there would be seams in a picture of another size.
    let (top, bottom) = (page.y, page.y + ROW + 0.5);
    let mut band = |tolerance: f64, paint: Paint| {
        let at = |change: f64| {
            columns
                .across(scale, change)
                .clamp(columns.plot.left, columns.plot.right)
        };
        let frame = Frame {
            left: at(1.0 / (1.0 + tolerance)),
            top,
            right: at(1.0 + tolerance),
            bottom,
        };
        page.scene.rect(frame, paint);
    };

    if has_noise(judgement) {
        band(judgement.threshold, NOISE);
    }
    band(judgement.tolerance, TOLERATED);
}

/// A metric: its name, its interval, its figures and its verdict.
fn line(page: &mut Page<'_>, judgement: &Judgement, columns: &Columns, scale: &Scale) {
    let style = Style::of(judgement);
    let middle = page.y + ROW / 2.0;
    let baseline = middle + 0.35 * SMALL_SIZE;
    let mut write = |x: f64, anchor: Anchor, words: &str| {
        page.text(
            Point::new(x, baseline),
            anchor,
            SMALL_SIZE,
            style.words,
            words,
        );
    };
    let (change, interval) = parts(judgement);
    write(columns.change, Anchor::End, &change);
    write(columns.change + GAP, Anchor::Start, &interval);
    write(columns.verdict, Anchor::Start, verdict(judgement));
    let name = page.ruler.fitted(&arm(judgement), SMALL_SIZE, columns.name);
    page.text(
        Point::new(MARGIN, baseline),
        Anchor::Start,
        SMALL_SIZE,
        style.words,
        &name,
    );

    let Frame { left, right, .. } = columns.plot;
    let [low, at, high] = [judgement.low, judgement.change, judgement.high]
        .map(|change| columns.across(scale, change));
    if low.is_nan() || high.is_nan() {
        return;
    }
    let ends = [low, high].map(|x| Point::new(x.clamp(left, right), middle));
    page.scene
        .line(ends.to_vec(), style.paint, style.stroke, SOLID);
    for (is_beyond, tip, back) in [(low < left, left, 9.0), (high > right, right, -9.0)] {
        if is_beyond {
            let half = style.radius + 2.0;
            let arrow = vec![
                Point::new(tip, middle),
                Point::new(tip + back, middle - half),
                Point::new(tip + back, middle + half),
            ];
            page.scene.area(arrow, style.paint, 1.0);
        }
    }

    if (left..=right).contains(&at) {
        let marker = style.marker.outline(Point::new(at, middle), style.radius);
        if style.is_hollow {
            page.scene.hollow(marker, style.paint, 1.5);
        } else {
            page.scene.area(marker, style.paint, 1.0);
        }
    }
}

impl Style {
    fn of(judgement: &Judgement) -> Self {
        let usual = Self {
            paint: GREEN,
            words: INK,
            stroke: 2.0,
            marker: Marker::Circle,
            radius: 4.0,
            is_hollow: false,
        };
        let quiet = Self {
            paint: QUIET,
            words: QUIET,
            stroke: 1.2,
            is_hollow: true,
            ..usual
        };

        match judgement.outcome {
            _ if judgement.informational => quiet,
            Outcome::Inconclusive => quiet,
            Outcome::Ok if judgement.improved() => Self {
                paint: BLUE,
                marker: Marker::Square,
                ..usual
            },
            Outcome::Ok => usual,
            Outcome::Regressed => Self {
                paint: VERMILION,
                words: WARNING,
                stroke: 4.0,
                marker: Marker::Diamond,
                radius: 6.0,
                ..usual
            },
        }
    }
}
