//! The plot of a panel: which number of workers and which speed-up stand where, and what curves are
//! seen against.

use super::Panel;
use crate::analysis::ScalePoint;
use crate::report::chart::axis::Axis;
use crate::report::chart::page::{GAP, Label, Page, SMALL_SIZE};
use crate::report::chart::palette::{GRID, INK, QUIET, RULE};
use crate::report::chart::scene::{Anchor, DASHED, Frame, Point, SOLID};
use crate::units::count;

const HEIGHT: f64 = 230.0;
/// Between the plot's edges and its first and last number of workers.
const INSET: f64 = 16.0;

/// The places of a panel's plot.
pub(super) struct Plot {
    pub(super) frame: Frame,
    speedups: Axis,
    least: usize,
    most: usize,
}

impl Plot {
    /// The plot of `panel` below what the page shows so far; `None` without points.
    pub(super) fn of(panel: &Panel, page: &Page<'_>, left: f64, right: f64) -> Option<Self> {
        /// How much higher than the curves the plot is at the most: the line of the ideal must not
        /// press them flat.
        const ROOM: f64 = 1.5;

        panel.points().next()?;
        let counts = panel.counts();
        let (&least, &most) = (counts.first()?, counts.last()?);
        let highest = panel
            .points()
            .map(|point| point.speedup.high.unwrap_or(point.speedup.median))
            .fold(1.0, f64::max);
        let top = (most as f64).clamp(highest, highest * ROOM);
        let speedups = Axis::numbers(top, |value, decimals| format!("{value:.decimals$}x"));

        let labels = speedups.ticks.iter().map(|tick| &tick.label);
        let above = if panel.cpus_in_range().is_some() {
            20.0
        } else {
            6.0
        };
        let frame = Frame {
            left: left + page.ruler.widest(labels, SMALL_SIZE) + GAP,
            top: page.y + above,
            right,
            bottom: page.y + above + HEIGHT,
        };

        Some(Self {
            frame,
            speedups,
            least,
            most,
        })
    }

    pub(super) fn across(&self, workers: f64) -> f64 {
        let (left, right) = (self.frame.left + INSET, self.frame.right - INSET);
        if self.least == self.most {
            return f64::midpoint(left, right);
        }

        let share = (workers - self.least as f64) / (self.most - self.least) as f64;
        left + share * (right - left)
    }

    pub(super) fn up(&self, speedup: f64) -> f64 {
        self.frame.bottom - self.speedups.share(speedup) * self.frame.height()
    }

    pub(super) fn at(&self, point: &ScalePoint) -> Point {
        Point::new(
            self.across(point.workers as f64),
            self.up(point.speedup.median),
        )
    }

    /// The grid, and the lines that curves are seen against.
    pub(super) fn axes(&self, page: &mut Page<'_>, panel: &Panel) {
        let Frame { left, right, .. } = self.frame;
        for tick in &self.speedups.ticks {
            let y = self.up(tick.value);
            page.scene.level(left, right, y, GRID);
            let at = Point::new(left - GAP, y + 0.35 * SMALL_SIZE);
            page.text(at, Anchor::End, SMALL_SIZE, QUIET, &tick.label);
        }
        page.scene.level(left, right, self.frame.bottom, RULE);

        let level = [left, right].map(|x| Point::new(x, self.up(1.0)));
        page.scene.line(level.to_vec(), RULE, 1.5, SOLID);
        let (first, last) = (
            self.least as f64,
            (self.most as f64).min(self.speedups.high()),
        );
        if first < last {
            let ideal =
                [first, last].map(|workers| Point::new(self.across(workers), self.up(workers)));
            page.scene.line(ideal.to_vec(), RULE, 1.5, DASHED);
        }

        if let Some(cpus) = panel.cpus_in_range() {
            let x = self.across(cpus as f64);
            let (top, bottom) = (self.frame.top, self.frame.bottom);
            let line = vec![Point::new(x, top - 3.0), Point::new(x, bottom)];
            page.scene.line(line, INK, 2.0, SOLID);
            let words = count(cpus, "CPU");
            let half = page.ruler.width(&words, SMALL_SIZE) / 2.0;
            let at = Point::new(x.clamp(left + half, right - half), top - 7.0);
            page.text(at, Anchor::Middle, SMALL_SIZE, INK, &words);
        }
    }

    /// The numbers of workers below the plot.
    pub(super) fn counts(&self, page: &mut Page<'_>, panel: &Panel) {
        let mut counts = panel.counts();
        for &workers in &counts {
            let x = self.across(workers as f64);
            page.scene
                .upright(x, self.frame.bottom, self.frame.bottom + 5.0, RULE);
        }

        // Where there is no room for all of them, the largest and the least are said first.
        let is_ringed = |workers: &usize| panel.rings().iter().any(|ring| ring.workers == *workers);
        counts.sort_by_key(|workers| {
            let is_end = *workers == self.least || *workers == self.most;
            (!is_end, !is_ringed(workers), std::cmp::Reverse(*workers))
        });
        let labels: Vec<Label> = counts
            .iter()
            .map(|&workers| Label {
                x: self.across(workers as f64),
                words: workers.to_string(),
            })
            .collect();
        page.skip(4.0);
        page.tick_labels(&labels);
        page.skip(SMALL_SIZE);
        let middle = Point::new(f64::midpoint(self.frame.left, self.frame.right), page.y);
        page.text(middle, Anchor::Middle, SMALL_SIZE, QUIET, "workers");
        page.skip(4.0);
    }

    /// The speed-up at the upper edge.
    #[cfg(test)]
    pub(super) fn highest(&self) -> f64 {
        self.speedups.high()
    }
}
