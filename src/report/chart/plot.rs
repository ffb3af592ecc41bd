//! The part of the bar chart with the axis and the groups. Widths are measured, never guessed, so
//! that no two texts meet.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::group::{Bar, Group};
use super::page::{GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::scene::WHITE;
use crate::units::Seconds;

pub(super) const GRID: RGBColor = RGBColor(225, 225, 225);
const HEIGHT: f64 = 260.0;

/// A group is no wider than this for each bar, or one alone would look lost.
const WIDEST_BAR_SLOT: f64 = 115.0;
const WIDEST_BAR: f64 = 64.0;
/// The share of a group's width that its bars fill at most.
const BARS_SHARE: f64 = 0.76;
/// Between two bars at the least.
const BAR_GAP: f64 = 2.0;

const SPEEDUP: &str = "speed-up";
const WORKERS: &str = "workers";
const SPEEDUP_SIZE: f64 = 17.0;
/// From the line of the speed-ups to the top of the axis.
const SPEEDUP_TO_TOP: f64 = 40.0;

/// How wide everything is.
pub(super) struct Plot {
    width: f64,
    left: f64,
    /// What each group has.
    slot: f64,
}

impl Plot {
    pub(super) fn new(axis: &Axis, groups: &[Group], ruler: Ruler<'_>) -> Self {
        let labels = axis.ticks.iter().map(|tick| tick.label.as_str()).chain([
            SPEEDUP,
            WORKERS,
            scale_name(axis),
        ]);
        let widest_label = largest(labels.map(|label| ruler.width(label, SMALL_SIZE)));
        let left = MARGIN + widest_label + 2.0 * GAP;

        let count = groups.len() as f64;
        let least = largest(groups.iter().map(|group| least_width(group, ruler)));
        let most_bars = groups.iter().map(|group| group.bars.len()).max();
        let widest = WIDEST_BAR_SLOT * most_bars.unwrap_or_default().max(2) as f64;
        let width = (left + least * count + MARGIN).max(WIDTH).ceil();

        Self {
            width,
            left,
            slot: ((width - MARGIN - left) / count).min(widest.max(least)),
        }
    }

    /// The width of the whole chart.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    pub(super) fn draw(&self, page: &mut Page<'_>, axis: &Axis, groups: &[Group]) {
        page.skip(42.0);
        self.axis_text(page, SPEEDUP);
        let speedups = page.y;
        let top = speedups + SPEEDUP_TO_TOP;
        page.y = top - 20.0;
        self.axis_text(page, scale_name(axis));

        let foot = top + HEIGHT;
        let at = |seconds: f64| (foot - axis.height(seconds) * HEIGHT).round();
        let right = self.width - MARGIN;
        for tick in &axis.ticks {
            let y = at(tick.seconds);
            page.rect(self.left, y, right, y + 1.0, GRID);
            page.y = y + 4.5;
            self.axis_text(page, &tick.label);
        }

        let names_workers = groups
            .iter()
            .flat_map(|group| &group.bars)
            .any(|bar| bar.workers.is_some());
        let workers_height = if names_workers { LINE } else { 0.0 };
        if names_workers {
            page.y = foot + LINE;
            self.axis_text(page, WORKERS);
        }

        let first = self.left + (right - self.left - self.slot * groups.len() as f64) / 2.0;
        for (index, group) in groups.iter().enumerate() {
            let middle = (first + self.slot * (index as f64 + 0.5)).round();
            page.y = speedups;
            self.group(page, middle, group, &at);
            page.y = foot + workers_height;
            labels(page, middle, group);
        }

        page.rect(self.left, foot, right, foot + 1.0, GREY);
        let most_labels = groups.iter().map(|group| group.labels.len()).max();
        page.y = foot + workers_height + LINE * most_labels.unwrap_or(0) as f64;
    }

    /// `text` left of the axis.
    fn axis_text(&self, page: &mut Page<'_>, text: &str) {
        page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, text);
    }

    /// A group's speed-ups and bars, each with its whisker and its value on top; `at` is a time's
    /// height.
    fn group(&self, page: &mut Page<'_>, middle: f64, group: &Group, at: &dyn Fn(f64) -> f64) {
        let count = group.bars.len() as f64;
        let bar_width = (self.slot * BARS_SHARE / count).min(WIDEST_BAR).round();
        let step = step(group, bar_width, page.ruler);
        let place = |index: usize| (middle + (index as f64 - (count - 1.0) / 2.0) * step).round();

        for (index, bar) in group.bars.iter().enumerate() {
            let Some(speedup) = &bar.speedup else {
                continue;
            };
            let x = if group.bars.len() == 2 {
                middle
            } else {
                place(index)
            };
            page.text(x, HPos::Center, SPEEDUP_SIZE, INK, speedup);
        }
        for (index, bar) in group.bars.iter().enumerate() {
            draw_bar(page, bar, place(index), bar_width, at);
        }
    }
}

fn draw_bar(page: &mut Page<'_>, bar: &Bar, x: f64, width: f64, at: &dyn Fn(f64) -> f64) {
    page.rect(
        x - width / 2.0,
        at(bar.figures.median_s),
        x + width / 2.0,
        at(0.0),
        bar.fill,
    );
    if bar.figures.min_s < bar.figures.max_s {
        page.whisker(x, at(bar.figures.max_s), at(bar.figures.min_s));
    }

    page.y = at(bar.figures.max_s) - GAP;
    let value = Seconds(bar.figures.median_s).to_string();
    // White behind the digits, or a line of the grid would strike them through.
    let half = page.ruler.width(&value, SMALL_SIZE) / 2.0;
    page.rect(x - half, page.y - SMALL_SIZE, x + half, page.y + 2.0, WHITE);
    page.text(x, HPos::Center, SMALL_SIZE, INK, &value);

    if let Some(workers) = &bar.workers {
        page.y = at(0.0) + LINE;
        page.text(x, HPos::Center, SMALL_SIZE, INK, workers);
    }
}

/// What stands below a group.
fn labels(page: &mut Page<'_>, middle: f64, group: &Group) {
    for (line, label) in group.labels.iter().enumerate() {
        let colour = if line == 0 { INK } else { GREY };
        page.skip(LINE);
        page.text(middle, HPos::Center, TEXT_SIZE, colour, label);
    }
}

fn scale_name(axis: &Axis) -> &'static str {
    if axis.log { "time, log scale" } else { "time" }
}

/// The width below which a group's texts would touch each other or its neighbour's.
fn least_width(group: &Group, ruler: Ruler<'_>) -> f64 {
    let labels = largest(
        group
            .labels
            .iter()
            .map(|label| ruler.width(label, TEXT_SIZE)),
    );
    let count = group.bars.len() as f64;
    let values = (count * value_width(group, ruler) + (count - 1.0) * GAP).max(0.0);

    labels.max(values).max(speedups_width(group, ruler)) + 2.0 * GAP
}

/// From one bar's middle to the next one's.
fn step(group: &Group, bar_width: f64, ruler: Ruler<'_>) -> f64 {
    let speedups = speedup_widths(group, ruler);
    // A single one has the room above all bars.
    let apart = if speedups.len() > 1 {
        largest(speedups.into_iter()) + GAP
    } else {
        0.0
    };

    (bar_width + BAR_GAP)
        .max(value_width(group, ruler) + GAP)
        .max(apart)
}

/// The width of the widest of the values on a group's bars.
fn value_width(group: &Group, ruler: Ruler<'_>) -> f64 {
    let value = |bar: &Bar| ruler.width(&Seconds(bar.figures.median_s).to_string(), SMALL_SIZE);

    largest(group.bars.iter().map(value))
}

/// The room that a group's speed-ups need in a row.
fn speedups_width(group: &Group, ruler: Ruler<'_>) -> f64 {
    let widths = speedup_widths(group, ruler);
    let count = widths.len() as f64;
    let widest = largest(widths.into_iter());

    // A single one stands over all bars; several stand over their own, beside the plain loop's.
    if count > 1.0 {
        (count + 1.0) * (widest + GAP) - GAP
    } else {
        widest
    }
}

fn speedup_widths(group: &Group, ruler: Ruler<'_>) -> Vec<f64> {
    let speedups = group.bars.iter().filter_map(|bar| bar.speedup.as_ref());

    speedups
        .map(|speedup| ruler.width(speedup, SPEEDUP_SIZE))
        .collect()
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}
