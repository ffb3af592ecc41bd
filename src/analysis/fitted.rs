//! A law of scaling, fitted to a series of worker counts, with the intervals of what it says.

use serde::Serialize;

use super::Series;
use crate::results::{Pair, Round};
use crate::stats::{Interval, Law, Model, bootstrap_medians, expanded_percentiles, median};

/// How many numbers of workers a law needs: one more than it has terms.
const FEWEST_FOR_AMDAHL: usize = 3;
const FEWEST_FOR_UNIVERSAL: usize = 4;

/// How often the rounds are drawn again for an interval.
const RESAMPLES: usize = 2000;
/// A report is a function of its run: the draws are always the same.
const SEED: u64 = 1990;
const CONFIDENCE: f64 = 0.95;
/// The fewest rounds for an interval, as for a speed-up.
const FEWEST_ROUNDS: usize = 6;

/// A law of scaling that was fitted to the counts within the granted cores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FittedLaw {
    /// Which law.
    #[serde(serialize_with = "name")]
    pub model: Model,
    /// The numbers of workers that it was fitted to.
    pub workers: Vec<usize>,
    /// The share of the work that waits for one worker.
    pub sigma: Coefficient,
    /// The share of the work that each pair of workers adds; of the universal law only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kappa: Option<Coefficient>,
    /// The number of workers beyond which more of them take longer, where that is certain and lies
    /// within those that were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak: Option<Coefficient>,
    /// The relative error of the law's times, as the root of the mean square.
    pub misfit: f64,
    /// The law of the times divided by the reference's.
    #[serde(skip)]
    law: Law,
}

/// A value that a fit gave, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// The value.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Coefficient {
    fn new(value: f64, interval: Interval) -> Self {
        Self {
            value,
            low: interval.low.min(value),
            high: interval.high.max(value),
        }
    }

    /// Whether the interval ends at 0: then there may be nothing of it.
    #[must_use]
    pub fn may_be_zero(&self) -> bool {
        self.low <= 0.0
    }
}

impl FittedLaw {
    /// The speed-up that the law gives for `workers`. It means something within the numbers of
    /// workers that it was fitted to.
    #[must_use]
    pub fn speedup(&self, workers: f64) -> f64 {
        1.0 / self.law.seconds(workers)
    }
}

impl Series<'_> {
    /// The law that fits the numbers of workers within the granted cores: Amdahl's for three of
    /// them, Gunther's for more. `None` for fewer, for fewer than 6 steady rounds, and where the
    /// work grows with the workers.
    ///
    /// Each round's times are first divided by their geometric mean, so that a slow moment weighs
    /// on all counts alike; the law is that of their medians. The intervals come from drawing the
    /// rounds again ([`bootstrap_medians`]).
    #[must_use]
    pub fn law(&self) -> Option<FittedLaw> {
        let fitted = self.pairs_within_cores();
        let steady: Vec<&Round> = self.measurement.steady().collect();
        let is_too_little = fitted.len() < FEWEST_FOR_AMDAHL || steady.len() < FEWEST_ROUNDS;
        if is_too_little || self.measurement.is_weak_scaling() {
            return None;
        }

        let model = if fitted.len() < FEWEST_FOR_UNIVERSAL {
            Model::Amdahl
        } else {
            Model::Universal
        };
        let workers: Vec<usize> = fitted.iter().map(|pair| pair.workers()).collect();
        let relative: Vec<Vec<f64>> = relative_times(&fitted, &steady);
        let fit = |medians: &[f64]| Law::fit(&points(&workers, medians), model);

        let medians: Vec<f64> = relative.iter().filter_map(|times| median(times)).collect();
        let law = fit(&medians)?;
        let mut draws: Vec<Law> = Vec::with_capacity(RESAMPLES);
        bootstrap_medians(&relative, RESAMPLES, SEED, |medians| {
            draws.extend(fit(medians));
        });

        let coefficient = |term: &dyn Fn(&Law) -> f64| {
            let values = draws.iter().map(term).collect();
            let interval = expanded_percentiles(values, steady.len(), CONFIDENCE)?;
            Some(Coefficient::new(term(&law), interval))
        };
        let kappa = match model {
            Model::Amdahl => None,
            Model::Universal => Some(coefficient(&Law::kappa)?),
        };
        let peak_of = |law: &Law| law.peak().unwrap_or(f64::INFINITY);
        let peak = coefficient(&peak_of)?;

        Some(FittedLaw {
            model,
            sigma: coefficient(&Law::sigma)?,
            kappa,
            peak: is_within(&peak, &workers).then_some(peak),
            misfit: law.misfit(&points(&workers, &medians)),
            workers,
            law: divided(law, self.relative_reference(&fitted, &steady)?),
        })
    }

    /// The median over the rounds of the reference's time, divided like the others.
    fn relative_reference(&self, fitted: &[Pair<'_>], rounds: &[&Round]) -> Option<f64> {
        let reference = |round: &&Round| {
            round.times[self.measurement.reference].wall_s / geometric_mean(fitted, round)
        };

        median(&rounds.iter().map(reference).collect::<Vec<f64>>())
    }
}

/// The times of each of `pairs`, round by round, divided by the round's geometric mean.
fn relative_times(pairs: &[Pair<'_>], rounds: &[&Round]) -> Vec<Vec<f64>> {
    let means: Vec<f64> = rounds
        .iter()
        .map(|round| geometric_mean(pairs, round))
        .collect();
    let times = |pair: &Pair<'_>| {
        std::iter::zip(rounds, &means)
            .map(|(round, mean)| pair.in_round(round).arm_s() / mean)
            .collect()
    };

    pairs.iter().map(times).collect()
}

fn geometric_mean(pairs: &[Pair<'_>], round: &Round) -> f64 {
    let logarithms: f64 = pairs
        .iter()
        .map(|pair| pair.in_round(round).arm_s().max(1e-9).ln())
        .sum();

    (logarithms / pairs.len().max(1) as f64).exp()
}

fn points(workers: &[usize], seconds: &[f64]) -> Vec<(f64, f64)> {
    std::iter::zip(workers, seconds)
        .map(|(&workers, &seconds)| (workers as f64, seconds))
        .collect()
}

/// Whether the whole interval of a peak lies within the numbers of workers that were measured: what
/// a law says beyond them is a guess.
fn is_within(peak: &Coefficient, workers: &[usize]) -> bool {
    let (Some(&least), Some(&most)) = (workers.first(), workers.last()) else {
        return false;
    };

    least as f64 <= peak.low && peak.high <= most as f64
}

fn divided(law: Law, divisor: f64) -> Law {
    Law {
        base: law.base / divisor,
        contention: law.contention / divisor,
        coherency: law.coherency / divisor,
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn name<S: serde::Serializer>(model: &Model, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(model.name())
}

#[cfg(test)]
mod tests;
