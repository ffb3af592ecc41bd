//! What a change was: a step at one run, or a drift over many. A drift looks like a staircase to
//! anybody who looks for steps, so both are fitted to the same runs, and the better fit is what it
//! was.

use super::CONFIDENCE;
use crate::stats::{median, shift, trend};

/// The runs on each side of a step that its size is estimated from, at the most.
const NEAREST: usize = 100;

/// The values that a trend is fitted to at the most: of more, the medians of equal groups.
const MOST_IN_TREND: usize = 400;

/// A change of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// What it was.
    pub shape: Shape,
    /// The index of the first point after a step, or of the first one of a drift.
    pub from: usize,
    /// The index behind the last point before the next change.
    pub to: usize,
    /// By how much.
    pub amount: Amount,
}

/// What a change was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// From one run to the next.
    Step,
    /// A little with each run.
    Drift {
        /// The chance of as clear a rise or fall in runs without an order.
        p_value: f64,
    },
    /// Several changes, of which none counts alone.
    Stairs {
        /// How many.
        steps: usize,
        /// The index of the first point after the last of them.
        last: usize,
    },
}

/// A change as a factor: 1.1 is 10 % worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The estimate.
    pub change: f64,
    /// The lower end of its 99 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Amount {
    /// From `before` to `after`, which are logarithms. Where there are too few values for an
    /// interval, it may be anything.
    pub(super) fn between(before: &[f64], after: &[f64]) -> Self {
        let before = &before[before.len().saturating_sub(NEAREST)..];
        let after = &after[..after.len().min(NEAREST)];

        match shift(before, after, CONFIDENCE) {
            Some(shift) => Self {
                change: shift.estimate.exp(),
                low: shift.interval.low.exp(),
                high: shift.interval.high.exp(),
            },
            None => Self {
                change: median(after)
                    .zip(median(before))
                    .map_or(1.0, |(a, b)| (a - b).exp()),
                low: 0.0,
                high: f64::INFINITY,
            },
        }
    }

    /// Whether all of it is worse by more than `tolerance`.
    #[must_use]
    pub fn is_worse(self, tolerance: f64) -> bool {
        self.low > 1.0 + tolerance
    }

    /// Whether all of it is better by more than `tolerance`.
    #[must_use]
    pub fn is_better(self, tolerance: f64) -> bool {
        self.high < 1.0 / (1.0 + tolerance)
    }
}

/// A straight line through some of the values.
#[derive(Clone, Copy)]
struct Line {
    /// The index where it begins.
    from: usize,
    start: f64,
    slope: f64,
}

/// What the pieces of a series were made of.
pub(super) struct Fit {
    /// By their first points.
    pub(super) episodes: Vec<Episode>,
    /// The level, or the place on the line, of each value.
    pub(super) fitted: Vec<f64>,
}

/// The changes of `values` that `starts`, the first index of each piece, make.
pub(super) fn fit(values: &[f64], starts: &[usize]) -> Fit {
    let mut bounds = starts.to_vec();
    bounds.push(values.len());
    let mut fit = Fit {
        episodes: Vec::new(),
        fitted: levels(values, &bounds),
    };

    let drifts = drifts(values, &fit.fitted, &bounds);
    for place in 1..starts.len() {
        let is_inside = |drift: &(usize, usize, Line)| drift.0 < place && place <= drift.1;
        if !drifts.iter().any(is_inside) {
            let (from, to) = (bounds[place], bounds[place + 1]);
            let before = &values[bounds[place - 1]..from];
            fit.episodes.push(Episode {
                shape: Shape::Step,
                from,
                to,
                amount: Amount::between(before, &values[from..to]),
            });
        }
    }
    for (first, last, line) in drifts {
        let (from, to) = (bounds[first], bounds[last + 1]);
        for (index, fitted) in fit.fitted.iter_mut().enumerate().take(to).skip(from) {
            *fitted = line.at(index);
        }
        fit.episodes.extend(drift(values, from, to));
    }

    fit.episodes.sort_by_key(|episode| episode.from);
    fit
}

/// The median of each piece, at each of its values.
fn levels(values: &[f64], bounds: &[usize]) -> Vec<f64> {
    bounds
        .windows(2)
        .flat_map(|piece| {
            let values = &values[piece[0]..piece[1]];
            let level = median(values).unwrap_or_default();
            vec![level; values.len()]
        })
        .collect()
}

/// The longest chains of neighbouring pieces that a line fits better than their `levels` do: the
/// first and the last piece of each, and its line.
fn drifts(values: &[f64], levels: &[f64], bounds: &[usize]) -> Vec<(usize, usize, Line)> {
    let pieces = bounds.len() - 1;
    let mut drifts: Vec<(usize, usize, Line)> = Vec::new();

    for length in (2..=pieces).rev() {
        for first in 0..=pieces - length {
            let last = first + length - 1;
            let is_taken = drifts
                .iter()
                .any(|&(from, to, _)| first <= to && from <= last);
            if is_taken {
                continue;
            }
            let line = better_line(values, levels, &bounds[first..=last + 1]);
            drifts.extend(line.map(|line| (first, last, line)));
        }
    }
    drifts
}

/// The line through the values between the first and the last of `bounds`, where it fits them
/// better than a level for each piece does. Steps of two directions are no line.
///
/// Both are fitted with medians, and compared by the Bayesian information criterion for errors as
/// Laplace has them: 2 n ln(mean |error|) + p ln(n), where p is 2 for a line, and a level for each
/// piece and a place for each step otherwise. (G. Schwarz, Estimating the dimension of a model,
/// Annals of Statistics 6, 1978.)
fn better_line(values: &[f64], levels: &[f64], bounds: &[usize]) -> Option<Line> {
    let (from, to) = (*bounds.first()?, *bounds.last()?);
    let mut directions = bounds[1..bounds.len() - 1]
        .iter()
        .map(|&at| levels[at] > levels[at - 1]);
    let is_upwards = directions.next()?;
    if directions.any(|other| other != is_upwards) {
        return None;
    }

    let line = line(values, from, to)?;
    let count = (to - from) as f64;
    let cost = |error: f64, parameters: usize| {
        2.0 * count * error.max(f64::EPSILON).ln() + parameters as f64 * count.ln()
    };
    let error_of = |fitted: &dyn Fn(usize) -> f64| {
        let errors = (from..to).map(|index| (values[index] - fitted(index)).abs());
        errors.sum::<f64>() / count
    };
    let pieces = bounds.len() - 1;
    let of_steps = cost(error_of(&|index| levels[index]), 2 * pieces - 1);
    let of_line = cost(error_of(&|index| line.at(index)), 2);

    (of_line < of_steps).then_some(line)
}

impl Line {
    fn at(self, index: usize) -> f64 {
        self.start + self.slope * (index as f64 - self.from as f64)
    }
}

/// The line through the values between two indices.
fn line(values: &[f64], from: usize, to: usize) -> Option<Line> {
    let (groups, size) = condensed(&values[from..to]);
    let slope = trend(&groups, CONFIDENCE)?.slope / size as f64;

    let starts: Vec<f64> = values[from..to]
        .iter()
        .enumerate()
        .map(|(place, value)| value - slope * place as f64)
        .collect();
    Some(Line {
        from,
        start: median(&starts)?,
        slope,
    })
}

/// A drift from one index to another.
fn drift(values: &[f64], from: usize, to: usize) -> Option<Episode> {
    let (groups, size) = condensed(&values[from..to]);
    let trend = trend(&groups, CONFIDENCE)?;
    let runs = (to - from - 1) as f64 / size as f64;
    let over_all = |slope: f64| (slope * runs).exp();

    Some(Episode {
        shape: Shape::Drift {
            p_value: trend.p_value,
        },
        from,
        to,
        amount: Amount {
            change: over_all(trend.slope),
            low: over_all(trend.interval.low),
            high: over_all(trend.interval.high),
        },
    })
}

/// The medians of equal groups of `values`, so that there are not too many, and the size of a
/// group.
fn condensed(values: &[f64]) -> (Vec<f64>, usize) {
    let size = values.len().div_ceil(MOST_IN_TREND).max(1);
    let groups = values.chunks_exact(size).filter_map(median);

    (groups.collect(), size)
}

/// All of `episodes` as one, from the piece before the first of them, which begins at `begin`, to
/// the level after the last one.
pub(super) fn stairs(values: &[f64], begin: usize, episodes: &[Episode]) -> Option<Episode> {
    let (first, last) = (episodes.first()?, episodes.last()?);

    Some(Episode {
        shape: Shape::Stairs {
            steps: episodes.len(),
            last: last.from,
        },
        from: first.from,
        to: last.to,
        amount: Amount::between(&values[begin..first.from], &values[last.from..last.to]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: [f64; 8] = [0.0, 0.004, -0.003, 0.001, -0.005, 0.002, 0.005, -0.001];

    /// A value for each run, with a little noise.
    fn noisy(runs: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..runs)
            .map(|run| level(run) + NOISE[run * 5 % 8])
            .collect()
    }

    #[test]
    fn a_step_is_a_step_with_its_size() {
        let values = noisy(40, |run| if run < 30 { 0.0 } else { 0.12 });
        let fit = fit(&values, &[0, 30]);

        assert_eq!(fit.episodes.len(), 1);
        let Episode {
            shape,
            from,
            to,
            amount,
        } = fit.episodes[0];
        assert_eq!((shape, from, to), (Shape::Step, 30, 40));
        assert!(
            (amount.change / 0.12_f64.exp() - 1.0).abs() < 0.005,
            "{amount:?}"
        );
        assert!(amount.is_worse(0.1) && !amount.is_worse(0.13));
        assert!((fit.fitted[39] - 0.12).abs() < 0.003);
    }

    #[test]
    fn a_drift_is_one_change_however_many_steps_it_looks_like() {
        let values = noisy(60, |run| 0.003 * run as f64);
        for starts in [&[0, 30][..], &[0, 20, 40], &[0, 15, 30, 45]] {
            let fit = fit(&values, starts);
            assert_eq!(fit.episodes.len(), 1, "{starts:?}");
            let drift = fit.episodes[0];
            assert!(matches!(drift.shape, Shape::Drift { p_value } if p_value < 1e-6));
            assert_eq!((drift.from, drift.to), (0, 60));
            // 59 times 0.3 %.
            let whole = (59.0 * 0.003_f64).exp();
            assert!(
                (drift.amount.change / whole - 1.0).abs() < 0.01,
                "{drift:?}"
            );
            assert!(drift.amount.low < whole && whole < drift.amount.high);
        }
    }

    #[test]
    fn a_staircase_of_real_steps_is_no_drift() {
        let values = noisy(60, |run| [0.0, 0.05, 0.1][run / 20]);
        let fit = fit(&values, &[0, 20, 40]);
        assert_eq!(fit.episodes.len(), 2);
        assert!(
            fit.episodes
                .iter()
                .all(|episode| episode.shape == Shape::Step)
        );

        let stairs = stairs(&values, 0, &fit.episodes).unwrap();
        assert_eq!(stairs.shape, Shape::Stairs { steps: 2, last: 40 });
        assert!((stairs.amount.change / 0.1_f64.exp() - 1.0).abs() < 0.005);
    }

    #[test]
    fn a_drift_after_a_quiet_time_and_a_step_after_it_are_told_apart() {
        let values = noisy(90, |run| match run {
            0..30 => 0.0,
            30..70 => 0.004 * (run - 30) as f64,
            _ => 0.4,
        });
        let fit = fit(&values, &[0, 30, 40, 50, 60, 70]);
        let shapes: Vec<_> = fit
            .episodes
            .iter()
            .map(|episode| (matches!(episode.shape, Shape::Drift { .. }), episode.from))
            .collect();
        assert!(
            shapes.contains(&(true, 30)) || shapes.contains(&(true, 0)),
            "{shapes:?}"
        );
        assert!(shapes.contains(&(false, 70)), "{shapes:?}");
    }

    #[test]
    fn a_long_drift_is_fitted_to_groups() {
        let values = noisy(2000, |run| 1e-4 * run as f64);
        let fit = fit(&values, &[0, 1000]);

        assert_eq!(fit.episodes.len(), 1);
        let change = fit.episodes[0].amount.change.ln();
        assert!((change - 0.1999).abs() < 0.002, "{change}");
    }

    #[test]
    fn too_few_runs_have_an_amount_without_an_end() {
        let amount = Amount::between(&[0.0, 0.1, 0.0], &[1.0, 1.1, 1.2]);

        assert!(amount.low == 0.0 && amount.high == f64::INFINITY);
        assert!(!amount.is_worse(0.0) && !amount.is_better(0.0));
        assert!((amount.change.ln() - 1.1).abs() < 1e-12);
    }
}
