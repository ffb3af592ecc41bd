//! Where everything of the chart stands: a run becomes a scene. Widths are measured, never guessed, so that
//! no two texts meet; with many groups the chart grows wider.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::font::Font;
use super::page::{
    DISTRIBUTED, GAP, GREY, INK, LINE, MARGIN, Page, Ruler, SERIAL, SMALL_SIZE, TEXT_SIZE, WIDTH,
};
use super::scene::{Scene, WHITE};
use crate::report::words;
use crate::results::{Measurement, Run, Summary};
use crate::units::{Ratio, Seconds};

const GRID: RGBColor = RGBColor(225, 225, 225);
const PLOT_HEIGHT: f64 = 260.0;
/// A group is no wider than this, or one alone would look lost.
const WIDEST_SLOT: f64 = 230.0;
const WIDEST_BAR: f64 = 64.0;
const SPEEDUP_SIZE: f64 = 17.0;

/// One measurement as it is drawn.
struct Group {
    labels: Vec<String>,
    summary: Option<Summary>,
}

/// One arm's bar.
struct Bar {
    median: f64,
    min: f64,
    max: f64,
    fill: RGBColor,
}

/// The chart of `run`.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let groups: Vec<Group> = run.measurements.iter().map(|one| Group::of(run, one)).collect();
    let summaries: Vec<Summary> = groups.iter().filter_map(|group| group.summary).collect();
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
        page.legend(summaries.iter().any(|summary| bars(summary).iter().any(|bar| bar.min < bar.max)));
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
        let Some(summary) = measurement.summary() else { continue };
        let [serial, distributed] = bars(&summary)
            .map(|bar| format!("{} ({} to {})", Seconds(bar.median), Seconds(bar.min), Seconds(bar.max)));
        sentences.push(format!(
            "{}: serial {serial}, distributed {distributed}, speed-up {} ({} to {}).",
            words::name(run, measurement),
            Ratio(summary.speedup),
            Ratio(summary.speedup_min),
            Ratio(summary.speedup_max),
        ));
    }
    if sentences.is_empty() { NOTHING.to_owned() } else { sentences.join(" ") }
}

fn bars(summary: &Summary) -> [Bar; 2] {
    let s = summary;
    [
        Bar { median: s.serial_median_s, min: s.serial_min_s, max: s.serial_max_s, fill: SERIAL },
        Bar {
            median: s.distributed_median_s,
            min: s.distributed_min_s,
            max: s.distributed_max_s,
            fill: DISTRIBUTED,
        },
    ]
}

impl Group {
    fn of(run: &Run, measurement: &Measurement) -> Self {
        let summary = measurement.summary();
        let variant = words::variant(run, measurement);
        let remark = match summary {
            None => "no complete round",
            Some(summary) if !summary.steady => "cold round only",
            Some(_) => "",
        };
        let labels = [measurement.workload.as_str(), &variant, remark];
        let labels = labels.into_iter().filter(|label| !label.is_empty()).map(str::to_owned).collect();
        Self { labels, summary }
    }

    /// The width below which this group's texts would touch each other or its neighbour's.
    fn least_width(&self, ruler: Ruler<'_>) -> f64 {
        let labels = self.labels.iter().map(|label| ruler.width(label, TEXT_SIZE)).fold(0.0, f64::max);
        let values = self.summary.map_or(0.0, |summary| 2.0 * value_width(&summary, ruler) + GAP);
        let speedup = self
            .summary
            .map_or(0.0, |summary| ruler.width(&Ratio(summary.speedup).to_string(), SPEEDUP_SIZE));
        labels.max(values).max(speedup) + 2.0 * GAP
    }
}

/// The width of the wider of a group's two values.
fn value_width(summary: &Summary, ruler: Ruler<'_>) -> f64 {
    bars(summary)
        .iter()
        .map(|bar| ruler.width(&Seconds(bar.median).to_string(), SMALL_SIZE))
        .fold(0.0, f64::max)
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
        let labels = axis.ticks.iter().map(|(_, label)| label.as_str()).chain(names);
        let left =
            MARGIN + labels.map(|label| ruler.width(label, SMALL_SIZE)).fold(0.0, f64::max) + 2.0 * GAP;
        let count = groups.len() as f64;
        let least = groups.iter().map(|group| group.least_width(ruler)).fold(0.0, f64::max);
        let whole = (left + least * count + MARGIN).max(WIDTH).ceil();
        Self { width: whole, left, slot: ((whole - MARGIN - left) / count).min(WIDEST_SLOT.max(least)) }
    }

    fn draw(&self, page: &mut Page<'_>, axis: &Axis, groups: &[Group]) {
        let right = page.scene.width - MARGIN;
        page.skip(42.0);
        page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, SPEEDUP);
        let speedups = page.y;
        let top = speedups + 40.0;
        page.y = top - 20.0;
        page.text(self.left - 2.0 * GAP, HPos::Right, SMALL_SIZE, GREY, scale_name(axis));
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
        page.y = foot + LINE * groups.iter().map(|group| group.labels.len()).max().unwrap_or(0) as f64;
    }

    /// A group's speed-up and bars, each with its whisker and its value on top.
    fn group(&self, page: &mut Page<'_>, middle: f64, group: &Group, at: &dyn Fn(f64) -> f64) {
        let Some(summary) = group.summary else { return };
        page.text(middle, HPos::Center, SPEEDUP_SIZE, INK, &Ratio(summary.speedup).to_string());
        let bar_width = (self.slot * 0.38).min(WIDEST_BAR).round();
        let off = (f64::midpoint(bar_width, 2.0)).max(f64::midpoint(value_width(&summary, page.ruler), GAP));
        for (bar, off) in bars(&summary).iter().zip([-off, off]) {
            let x = (middle + off).round();
            page.rect(x - bar_width / 2.0, at(bar.median), x + bar_width / 2.0, at(0.0), bar.fill);
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
        let (top, bottom) = (text.baseline - 0.75 * text.size, text.baseline + 0.25 * text.size);
        Rect { left, top, right: left + width, bottom, fill: text.colour }
    }

    fn meet(a: &Rect, b: &Rect) -> bool {
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }

    #[test]
    fn no_text_meets_another_or_a_bar_or_the_edge() {
        let font = Font::embedded().unwrap();
        let ruler = Ruler::new(&font);
        let mut runs = fixture::every_run();
        runs.push(fixture::of(vec![fixture::measurement("image", 128, 0.999, 1234.0); 40]));
        for scene in runs.iter().map(|run| scene(run, &font)) {
            let page = Rect { left: 0.0, top: 0.0, right: scene.width, bottom: scene.height, fill: WHITE };
            let mut boxes: Vec<(Rect, &str)> = Vec::new();
            for shape in &scene.shapes {
                let Shape::Text(text) = shape else { continue };
                let this = text_box(text, ruler);
                let words = text.words.as_str();
                assert!(this.left >= page.left && this.right <= page.right, "{words} leaves the page");
                assert!(this.top >= page.top && this.bottom <= page.bottom, "{words} leaves the page");
                for (other, others) in &boxes {
                    assert!(!meet(&this, other), "`{words}` meets `{others}`");
                }
                boxes.push((this, words));
            }
            for shape in &scene.shapes {
                let Shape::Rect(rect) = shape else { continue };
                if rect.fill != WHITE && rect.fill != GRID {
                    let met = boxes.iter().find(|(this, _)| meet(this, rect));
                    assert!(met.is_none(), "`{}` meets a bar or a whisker", met.unwrap().1);
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
