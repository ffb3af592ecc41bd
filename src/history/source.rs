//! The noise of real runs, to draw runs without a change from.

use std::iter;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::FEWEST;
use super::judged::Judged;
use super::record::Record;
use super::series::{Series, series};
use crate::results::Metric;
use crate::stats::{below, median};

/// Where the noise of a figure comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The figure.
    pub name: String,
    pub(super) noise: Draws,
}

/// How a run of no change is drawn, as the logarithm of a factor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Draws {
    /// The median of as many rounds as there are, drawn from these.
    Rounds(Vec<f64>),
    /// One of these runs.
    Runs(Vec<f64>),
}

impl Source {
    /// The figures of single runs, each of which has the noise of its rounds.
    #[must_use]
    pub fn of_rounds(record: &Record) -> Vec<Self> {
        let kept = record.measurements.iter().flat_map(|kept| {
            let metrics = kept.metrics.iter().filter(|metric| decides(metric.metric));
            metrics.map(move |metric| (kept, metric))
        });

        kept.map(|(kept, metric)| {
            let per_calibration = |(value, arithmetic_s): (&f64, &f64)| {
                if metric.metric.is_time() {
                    value / arithmetic_s
                } else {
                    1.0 / value
                }
            };
            let rounds = metric.rounds.iter().zip(&kept.arithmetic_s);
            Self {
                name: name(
                    &kept.workload,
                    &metric.engine,
                    metric.workers,
                    metric.metric,
                ),
                noise: Draws::Rounds(centred(rounds.map(per_calibration).map(f64::ln))),
            }
        })
        .filter(Self::is_sound)
        .collect()
    }

    /// The figures of a history, each with the noise of its runs around what was found in it.
    #[must_use]
    pub fn of_runs(judged: &[Judged]) -> Vec<Self> {
        let deciding = judged.iter().filter(|judged| decides(judged.series.metric));

        deciding
            .map(|judged| {
                let Series {
                    workload,
                    engine,
                    workers,
                    metric,
                    points,
                    ..
                } = &judged.series;
                let errors = iter::zip(points, &judged.levels)
                    .map(|(point, level)| (point.value / level).ln());
                Self {
                    name: name(workload, engine, *workers, *metric),
                    noise: Draws::Runs(centred(errors)),
                }
            })
            .filter(Self::is_sound)
            .collect()
    }

    /// Whether it has anything to draw from.
    fn is_sound(&self) -> bool {
        let (Draws::Rounds(values) | Draws::Runs(values)) = &self.noise;

        values.len() >= FEWEST && values.iter().all(|value| value.is_finite())
    }

    pub(super) fn draw(&self, random: &mut Xoshiro256PlusPlus) -> f64 {
        match &self.noise {
            Draws::Runs(runs) => one_of(runs, random),
            Draws::Rounds(rounds) => {
                let drawn: Vec<f64> = rounds.iter().map(|_| one_of(rounds, random)).collect();
                median(&drawn).unwrap_or_default()
            }
        }
    }

    /// The standard deviation of simulated runs.
    pub(super) fn scatter(&self, seed: u64) -> f64 {
        const RUNS: usize = 1000;

        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let squares: f64 = (0..RUNS).map(|_| self.draw(&mut random).powi(2)).sum();
        (squares / RUNS as f64).sqrt()
    }
}

/// How many figures of `records` decide together.
#[must_use]
pub fn family_of(records: &[Record]) -> usize {
    let (_, series) = series(records);

    series
        .iter()
        .filter(|series| decides(series.metric))
        .count()
}

fn decides(metric: Metric) -> bool {
    Metric::DECIDING.contains(&metric)
}

/// The values less their median.
fn centred(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let middle = median(&values).unwrap_or_default();

    values.iter().map(|value| value - middle).collect()
}

fn one_of(values: &[f64], random: &mut Xoshiro256PlusPlus) -> f64 {
    values
        .get(below(values.len(), random))
        .copied()
        .unwrap_or_default()
}

/// What a figure is called.
fn name(workload: &str, engine: &str, workers: usize, metric: Metric) -> String {
    format!("{workload} {engine} {workers} {}", metric.name())
}
