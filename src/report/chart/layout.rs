//! Where everything of the chart stands: a run becomes a scene. Widths are measured, never guessed, so that
//! no two texts meet; with many groups the chart grows wider.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::font::Font;
use super::group::{Bar, Group, groups, legend};
use super::page::{GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::scene::{Scene, WHITE};
use crate::report::words;
use crate::results::{Measurement, Run, Summary};
use crate::units::{Ratio, Seconds};

const GRID: RGBColor = RGBColor(225, 225, 225);
const PLOT_HEIGHT: f64 = 260.0;
/// A group is no wider than this for each bar, or one alone would look lost.
const WIDEST_BAR_SLOT: f64 = 115.0;
const WIDEST_BAR: f64 = 64.0;
const SPEEDUP_SIZE: f64 = 17.0;

/// The chart of `run`.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let groups = groups(run);
    let summaries: Vec<Summary> = run
        .measurements
        .iter()
        .filter_map(Measurement::summary)
        .collect();
    let mut page = Page::new(title(run), description(run), ruler);
    if summaries.is_empty() {
        page.heading(run);
        page.skip(50.0);
        page.text(MARGIN, HPos::Left, TEXT_SIZE, INK, NOTHING);
        page.skip(50.0);
    } else {
        let axis = Axis::of(&summaries);
        let plot = Plot::new(&axis, &groups, ruler);
        page.scene.width = plot.width;
        page.heading(run);
        let whiskers = groups
            .iter()
            .flat_map(|group| &group.bars)
            .any(|bar| bar.min < bar.max);
        page.legend(&legend(run), whiskers);
        plot.draw(&mut page, &axis, &groups);
    }
    page.finish()
}

/// What an empty chart says.
pub(super) const NOTHING: &str = "No round is complete, so there is nothing to draw.";

fn title(run: &Run) -> String {
    let arm = match run.measurements.first() {
        Some(first) if !words::names_workers(run) && !words::names_engines(run) => {
            format!("on {}", words::count(first.workers, "worker"))
        }
        _ => "distributed".to_owned(),
    };
    format!("Median time of a round: serial and {arm}")
}

/// The figures as sentences.
fn description(run: &Run) -> String {
    let mut sentences = words::caveats(run);
    for measurement in &run.measurements {
        let Some(summary) = measurement.summary() else {
            continue;
        };
        let arm = |median, min, max| {
            format!("{} ({} to {})", Seconds(median), Seconds(min), Seconds(max))
        };
        let s = &summary;
        let serial = arm(s.serial_median_s, s.serial_min_s, s.serial_max_s);
        let distributed = arm(
            s.distributed_median_s,
            s.distributed_min_s,
            s.distributed_max_s,
        );
        sentences.push(format!(
            "{}: serial {serial}, distributed {distributed}, speed-up {} ({} to {}).",
            words::name(run, measurement),
            Ratio(summary.speedup),
            Ratio(summary.speedup_min),
            Ratio(summary.speedup_max),
        ));
    }
    if sentences.is_empty() {
        NOTHING.to_owned()
    } else {
        sentences.join(" ")
    }
}

impl Group {
    /// The width below which this group's texts would touch each other or its neighbour's.
    fn least_width(&self, ruler: Ruler<'_>) -> f64 {
        let labels = self
            .labels
            .iter()
            .map(|label| ruler.width(label, TEXT_SIZE))
            .fold(0.0, f64::max);
        let count = self.bars.len() as f64;
        let values = (count * self.value_width(ruler) + (count - 1.0) * GAP).max(0.0);
        labels.max(values).max(self.speedup_width(ruler)) + 2.0 * GAP
    }

    /// The width of the widest of the values on its bars.
    fn value_width(&self, ruler: Ruler<'_>) -> f64 {
        let value = |bar: &Bar| ruler.width(&Seconds(bar.median).to_string(), SMALL_SIZE);
        self.bars.iter().map(value).fold(0.0, f64::max)
    }

    /// The room that its speed-ups need in a row.
    fn speedup_width(&self, ruler: Ruler<'_>) -> f64 {
        let widths = self
            .bars
            .iter()
            .filter_map(|bar| Some(ruler.width(bar.speedup.as_ref()?, SPEEDUP_SIZE)));
        let (widest, count) = widths.fold((0.0, 0.0), |(widest, count), width| {
            (f64::max(widest, width), count + 1.0)
        });
        // A single one stands over all bars; several stand over their own, beside the plain loop's.
        if count > 1.0 {
            (count + 1.0) * (widest + GAP) - GAP
        } else {
            widest
        }
    }

    /// From one bar's middle to the next one's.
    fn step(&self, bar_width: f64, ruler: Ruler<'_>) -> f64 {
        let speedups = self.bars.iter().filter_map(|bar| bar.speedup.as_ref());
        let widest = speedups
            .clone()
            .map(|text| ruler.width(text, SPEEDUP_SIZE))
            .fold(0.0, f64::max);
        let apart = if speedups.count() > 1 {
            widest + GAP
        } else {
            0.0
        };
        (bar_width + 2.0)
            .max(self.value_width(ruler) + GAP)
            .max(apart)
    }
}

/// The part with the axis and the groups.
struct Plot {
    width: f64,
    left: f64,
    slot: f64,
}

impl Plot {
    fn new(axis: &Axis, groups: &[Group], ruler: Ruler<'_>) -> Self {
        let names = [SPEEDUP, scale_name(axis)];
        let labels = axis
            .ticks
            .iter()
            .map(|(_, label)| label.as_str())
            .chain(names);
        let left = MARGIN
            + labels
                .map(|label| ruler.width(label, SMALL_SIZE))
                .fold(0.0, f64::max)
            + 2.0 * GAP;
        let count = groups.len() as f64;
        let least = groups
            .iter()
            .map(|group| group.least_width(ruler))
            .fold(0.0, f64::max);
        let bars = groups
            .iter()
            .map(|group| group.bars.len())
            .max()
            .unwrap_or_default()
            .max(2);
        let widest = WIDEST_BAR_SLOT * bars as f64;
        let whole = (left + least * count + MARGIN).max(WIDTH).ceil();
        Self {
            width: whole,
            left,
            slot: ((whole - MARGIN - left) / count).min(widest.max(least)),
        }
    }

    fn draw(&self, page: &mut Page<'_>, axis: &Axis, groups: &[Group]) {
        let right = page.scene.width - MARGIN;
        page.skip(42.0);
        page.text(
            self.left - 2.0 * GAP,
            HPos::Right,
            SMALL_SIZE,
            GREY,
            SPEEDUP,
        );
        let speedups = page.y;
        let top = speedups + 40.0;
        page.y = top - 20.0;
        page.text(
            self.left - 2.0 * GAP,
            HPos::Right,
            SMALL_SIZE,
            GREY,
            scale_name(axis),
        );
        let foot = top + PLOT_HEIGHT;
        let at = |seconds: f64| (foot - axis.height(seconds) * PLOT_HEIGHT).round();
        for (seconds, label) in &axis.ticks {
            let y = at(*seconds);
            page.rect(self.left, y, right, y + 1.0, GRID);
            page.y = y + 4.5;
            page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, label);
        }
        let first = self.left + (right - self.left - self.slot * groups.len() as f64) / 2.0;
        for (index, group) in groups.iter().enumerate() {
            let middle = first + self.slot * (index as f64 + 0.5);
            page.y = speedups;
            self.group(page, middle.round(), group, &at);
            page.y = foot;
            for (line, label) in group.labels.iter().enumerate() {
                page.skip(LINE);
                let colour = if line == 0 { INK } else { GREY };
                page.text(middle.round(), HPos::Center, TEXT_SIZE, colour, label);
            }
        }
        page.rect(self.left, foot, right, foot + 1.0, GREY);
        page.y = foot
            + LINE
                * groups
                    .iter()
                    .map(|group| group.labels.len())
                    .max()
                    .unwrap_or(0) as f64;
    }

    /// A group's speed-up and bars, each with its whisker and its value on top.
    fn group(&self, page: &mut Page<'_>, middle: f64, group: &Group, at: &dyn Fn(f64) -> f64) {
        let count = group.bars.len() as f64;
        let bar_width = (self.slot * 0.76 / count).min(WIDEST_BAR).round();
        let step = group.step(bar_width, page.ruler);
        let place = |index: usize| (middle + (index as f64 - (count - 1.0) / 2.0) * step).round();
        for (index, bar) in group.bars.iter().enumerate() {
            if let Some(speedup) = &bar.speedup {
                let x = if group.bars.len() == 2 {
                    middle
                } else {
                    place(index)
                };
                page.text(x, HPos::Center, SPEEDUP_SIZE, INK, speedup);
            }
        }
        for (index, bar) in group.bars.iter().enumerate() {
            let x = place(index);
            page.rect(
                x - bar_width / 2.0,
                at(bar.median),
                x + bar_width / 2.0,
                at(0.0),
                bar.fill,
            );
            if bar.min < bar.max {
                page.whisker(x, at(bar.max), at(bar.min));
            }
            page.y = at(bar.max) - GAP;
            let value = Seconds(bar.median).to_string();
            // White behind the digits, or a line of the grid would strike them through.
            let half = page.ruler.width(&value, SMALL_SIZE) / 2.0;
            page.rect(x - half, page.y - SMALL_SIZE, x + half, page.y + 2.0, WHITE);
            page.text(x, HPos::Center, SMALL_SIZE, INK, &value);
        }
    }
}

const SPEEDUP: &str = "speed-up";

fn scale_name(axis: &Axis) -> &'static str {
    if axis.log { "time, log scale" } else { "time" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::scene::{Rect, Shape, Text};
    use crate::report::fixture;

    /// The box of a text as wide as the widest viewer's font makes it.
    fn text_box(text: &Text, ruler: Ruler<'_>) -> Rect {
        let width = ruler.width(&text.words, text.size);
        let left = match text.anchor {
            HPos::Left => text.x,
            HPos::Center => text.x - width / 2.0,
            HPos::Right => text.x - width,
        };
        let (top, bottom) = (
            text.baseline - 0.75 * text.size,
            text.baseline + 0.25 * text.size,
        );
        Rect {
            left,
            top,
            right: left + width,
            bottom,
            fill: text.colour,
        }
    }

    fn meet(a: &Rect, b: &Rect) -> bool {
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }

    #[test]
    fn no_text_meets_another_or_a_bar_or_the_edge() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);
        let mut runs = fixture::every_run();
        runs.push(fixture::of(vec![
            fixture::measurement(
                "image", 128, 0.999, 1234.0
            );
            40
        ]));
        for scene in runs.iter().map(|run| scene(run, &font)) {
            let page = Rect {
                left: 0.0,
                top: 0.0,
                right: scene.width,
                bottom: scene.height,
                fill: WHITE,
            };
            let mut boxes: Vec<(Rect, &str)> = Vec::new();
            for shape in &scene.shapes {
                let Shape::Text(text) = shape else { continue };
                let this = text_box(text, ruler);
                let words = text.words.as_str();
                assert!(
                    this.left >= page.left && this.right <= page.right,
                    "{words} leaves the page"
                );
                assert!(
                    this.top >= page.top && this.bottom <= page.bottom,
                    "{words} leaves the page"
                );
                for (other, others) in &boxes {
                    assert!(!meet(&this, other), "`{words}` meets `{others}`");
                }
                boxes.push((this, words));
            }
            for shape in &scene.shapes {
                let Shape::Rect(rect) = shape else { continue };
                if rect.fill != WHITE && rect.fill != GRID {
                    let met = boxes.iter().find(|(this, _)| meet(this, rect));
                    assert!(
                        met.is_none(),
                        "`{}` meets a bar or a whisker",
                        met.unwrap().1
                    );
                }
            }
        }
    }

    #[test]
    fn few_groups_fit_a_page_and_many_widen_it() {
        let font = Font::embedded().unwrap();
        assert_eq!(scene(&fixture::run(), &font).width, 800.0);
        let nine = scene(&fixture::nine(), &font).width;
        assert!((800.0..1100.0).contains(&nine), "{nine}");
    }
}
