//! The chart of a history: a panel for each figure with every run as a point, its levels as lines,
//! and its changes marked. What is up is more time or more speed-up, against the first level.

mod drawn;

use self::drawn::{drawn, group};
use super::axis::Axis;
use super::font::{Font, Ruler};
use super::legend::{Key, Sample};
use super::look::{Look, Marker};
use super::page::{GAP, Grid, Label, Page, SMALL_SIZE};
use super::palette::{BLUE, GRID, INK, QUIET, RULE, WARNING};
use super::scene::{Anchor, DASHED, Frame, Point, SOLID, Scene};
use crate::history::{Account, Judged};
use crate::printable::printable;
use crate::report::words::history::{remarks, whole};
use crate::report::words::history_names::{change, commit, day, machine, name, subject};
use crate::report::words::reasons::value;
use crate::results::Outcome;

const HEIGHT: f64 = 170.0;
/// Between the plot's edges and its first and last run.
const INSET: f64 = 8.0;
/// Of a point, where there are few of them and where there are many.
const RADII: [f64; 2] = [3.0, 1.6];
/// From this many runs on points are small.
const MANY: usize = 150;

/// How single runs look.
const RUNS: Look = Look {
    paint: BLUE,
    marker: Marker::Diamond,
};

/// The chart of `account`.
pub(super) fn scene(account: &Account, font: &Font) -> Scene {
    let panels: Vec<&Judged> = account
        .judged
        .iter()
        .filter(|judged| !judged.series.points.is_empty())
        .collect();
    let grid = Grid::new(panels.len(), 2);
    let mut page = Page::new(
        "What changed, and when?",
        grid.page_width(),
        &[],
        Ruler::new(font),
    );

    page.paragraph(&subject(account), SMALL_SIZE, QUIET);
    let most = panels.iter().map(|judged| judged.series.points.len()).max();
    if let Some(neighbours) = most.map(group).filter(|neighbours| *neighbours > 1) {
        let note = format!(
            "Of up to {neighbours} neighbouring runs only the highest and the lowest are drawn."
        );
        page.paragraph(&note, SMALL_SIZE, QUIET);
    }
    if panels.is_empty() {
        page.nothing();
    } else {
        page.legend(&keys());
        page.panels(grid, panels.len(), |page, index, left, right| {
            Panel::of(account, panels[index], page, left, right).draw(page);
        });
    }
    let machines = account.machines[..account.judged_machines].iter();
    page.footer(&[], &machines.map(machine).collect::<Vec<_>>());

    let sentences = remarks(account);
    let sentences = sentences
        .iter()
        .map(|remark| format!("{}: {}.", remark.label, remark.text));
    let verdict = format!("Verdict: {}.", whole(account));
    page.finish(&sentences.chain([verdict]).collect::<Vec<_>>())
}

fn keys() -> [Key; 4] {
    let key = |sample, words: &str| Key {
        sample,
        words: words.to_owned(),
    };

    [
        key(Sample::Hollow(RUNS), "a run far from its level"),
        key(Sample::Change, "level"),
        key(Sample::Ideal, "change"),
        key(Sample::Level, "the first level"),
    ]
}

/// A figure, and where its values stand.
struct Panel<'a> {
    account: &'a Account,
    judged: &'a Judged,
    /// What changes refer to.
    first: f64,
    axis: Axis,
    frame: Frame,
}

impl<'a> Panel<'a> {
    /// Names the panel on the page and finds its places below that.
    fn of(
        account: &'a Account,
        judged: &'a Judged,
        page: &mut Page<'_>,
        left: f64,
        right: f64,
    ) -> Self {
        let first = judged.levels.first().copied().unwrap_or(1.0);
        let now = judged.levels.last().copied().unwrap_or(first);
        let remark = format!(
            "now {}, {}",
            value(judged.series.metric, now),
            judged.standing.why.name()
        );
        page.panel_name(&name(account, judged), Some(&remark), left, right - left);

        let values = judged.series.points.iter().map(|point| point.value);
        let all = values.chain(judged.levels.iter().copied());
        let (low, high) = all
            .map(|value| value / first - 1.0)
            .fold((0.0_f64, 0.0_f64), |(low, high), change| {
                (low.min(change), high.max(change))
            });
        let axis = Axis::changes(low, high);
        let labels = axis.ticks.iter().map(|tick| &tick.label);
        let top = page.y + SMALL_SIZE;
        let frame = Frame {
            left: left + page.ruler.widest(labels, SMALL_SIZE) + GAP,
            top,
            right,
            bottom: top + HEIGHT,
        };

        Self {
            account,
            judged,
            first,
            axis,
            frame,
        }
    }

    fn across(&self, point: usize) -> f64 {
        let (left, right) = (self.frame.left + INSET, self.frame.right - INSET);
        let last = self.judged.series.points.len().saturating_sub(1);
        if last == 0 {
            return f64::midpoint(left, right);
        }

        left + point as f64 / last as f64 * (right - left)
    }

    fn up(&self, value: f64) -> f64 {
        let share = self.axis.share(value / self.first - 1.0);

        self.frame.bottom - share * self.frame.height()
    }

    fn draw(&self, page: &mut Page<'_>) {
        let Frame { left, right, .. } = self.frame;
        for tick in &self.axis.ticks {
            let y = self.up(self.first * (1.0 + tick.value));
            page.scene.level(left, right, y, GRID);
            let at = Point::new(left - GAP, y + 0.35 * SMALL_SIZE);
            page.text(at, Anchor::End, SMALL_SIZE, QUIET, &tick.label);
        }
        page.scene.level(left, right, self.frame.bottom, RULE);
        let level = [left, right].map(|x| Point::new(x, self.up(self.first)));
        page.scene.line(level.to_vec(), RULE, 1.5, SOLID);

        self.draw_runs(page);
        self.draw_levels(page);
        self.draw_changes(page);
        page.y = self.frame.bottom;
        page.tick_labels(&self.labels());
    }

    fn draw_runs(&self, page: &mut Page<'_>) {
        let points = &self.judged.series.points;
        let radius = RADII[usize::from(points.len() >= MANY)];

        for place in drawn(points) {
            let at = Point::new(self.across(place), self.up(points[place].value));
            // By rising place.
            let strays = &self.judged.strays;
            if strays
                .binary_search_by_key(&place, |stray| stray.at)
                .is_ok()
            {
                let outline = RUNS.marker.outline(at, radius + 1.0);
                page.scene.hollow(outline, RUNS.paint, 1.5);
            } else {
                let outline = RUNS.marker.outline(at, radius);
                page.scene.area(outline, RUNS.paint, 1.0);
            }
        }
    }

    fn draw_levels(&self, page: &mut Page<'_>) {
        for stretch in self.judged.stretches() {
            let ends = [stretch.start, stretch.end - 1];
            let line = ends.map(|at| Point::new(self.across(at), self.up(self.judged.levels[at])));
            page.scene.line(line.to_vec(), INK, 2.0, SOLID);
        }
    }

    /// A line at each change, with its size where there is room.
    fn draw_changes(&self, page: &mut Page<'_>) {
        let mut label_end = f64::NEG_INFINITY;

        for episode in &self.judged.episodes {
            let x = self.across(episode.from);
            let ends = [self.frame.top, self.frame.bottom].map(|y| Point::new(x, y));
            let counts = self.judged.standing.why.episode().is_some_and(|counted| {
                counted.from == episode.from && self.judged.standing.outcome == Outcome::Regressed
            });
            let paint = if counts { WARNING } else { RULE };
            page.scene.line(ends.to_vec(), paint, 1.5, DASHED);

            let words = format!("{} %", change(self.judged.series.metric, episode));
            let half = page.ruler.width(&words, SMALL_SIZE) / 2.0;
            let x = x.clamp(
                self.frame.left + half,
                (self.frame.right - half).max(self.frame.left + half),
            );
            if x - half > label_end {
                let at = Point::new(x, self.frame.top - 4.0);
                let paint = if counts { WARNING } else { QUIET };
                page.text(at, Anchor::Middle, SMALL_SIZE, paint, &words);
                label_end = x + half + GAP;
            }
        }
    }

    /// The changes by their commits, then the first and the last day.
    fn labels(&self) -> Vec<Label> {
        let record = |point: usize| self.account.record(self.judged, point);
        let at = |point: usize, words: Option<String>| {
            Some(Label {
                x: self.across(point),
                words: printable(&words?).into_owned(),
            })
        };
        let last = self.judged.series.points.len().saturating_sub(1);

        let changes = self.judged.episodes.iter().filter_map(|episode| {
            let words =
                record(episode.from).map(|record| commit(record).unwrap_or_else(|| day(record)));
            at(episode.from, words)
        });
        let ends = [0, last]
            .into_iter()
            .filter_map(|point| at(point, record(point).map(day)));
        changes
            .chain(ends)
            .map(|label| self.inside(label))
            .collect()
    }

    /// `label` where half of it does not leave the panel.
    fn inside(&self, label: Label) -> Label {
        /// Of a label's letters, at the most.
        const LETTER: f64 = 0.62 * SMALL_SIZE;

        let half = label.words.chars().count() as f64 * LETTER / 2.0;
        let (left, right) = (self.frame.left + half, self.frame.right - half);
        Label {
            x: label.x.clamp(left.min(right), right.max(left)),
            ..label
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Question, fixture};
    use crate::report::chart::scene::Shape;
    use crate::results::Metric;

    fn drawn(factors: &[f64]) -> Scene {
        let question = Question {
            tolerance: 0.05,
            deciding: &Metric::DECIDING,
            accepted: None,
        };
        let account = Account::of(fixture::of(factors), &question, false);

        scene(&account, &Font::embedded().unwrap())
    }

    #[test]
    fn a_change_is_marked_in_the_panels_of_its_figures() {
        let factors: Vec<f64> = (0..40)
            .map(|run| if run < 30 { 1.0 } else { 1.2 })
            .collect();
        let scene = drawn(&factors);
        let texts: Vec<&str> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Text(text) => Some(text.words.as_str()),
                _ => None,
            })
            .collect();

        let marked = texts.iter().filter(|text| **text == "0abc01e").count();
        assert_eq!(marked, 2, "{texts:?}");
        for name in ["fib serial", "fib pool 2", "fib pool 2 speed-up"] {
            assert!(texts.contains(&name), "{texts:?}");
        }
        assert!(
            scene
                .description
                .contains("regressed: fib pool 2: changed at 0abc01e")
        );
    }

    #[test]
    fn whatever_the_history_all_of_it_is_on_the_page() {
        let spikes: Vec<f64> = (0..200)
            .map(|run| if run % 50 == 9 { 3.0 } else { 1.0 })
            .collect();
        for factors in [&[][..], &[1.0], &[1.0; 2], &spikes] {
            let scene = drawn(factors);
            for shape in &scene.shapes {
                let points = match shape {
                    Shape::Area(area) => area.outline.clone(),
                    Shape::Line(line) => line.points.clone(),
                    Shape::Text(text) => vec![text.at],
                    Shape::Hint(hint) => hint.outline.clone(),
                };
                for at in points {
                    assert!(
                        (0.0..=scene.width).contains(&at.x) && (0.0..=scene.height).contains(&at.y),
                        "{at:?} of {} runs",
                        factors.len()
                    );
                }
            }
        }
    }
}
