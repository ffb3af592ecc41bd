//! What tools that follow figures from run to run are given: every arm with a steady round, by a
//! name that stays the same. An arm that has nothing but the cold round would look like a
//! regression there.

use crate::analysis::{ArmFigures, Summary};
use crate::report::words::names::identities;
use crate::results::{Measurement, Pair, Run};
use crate::units::count;

/// An arm whose figures are worth following.
pub(super) struct Tracked<'a> {
    /// `fib/serial`, `fib/pool-2`.
    pub(super) identity: String,
    pub(super) figures: ArmFigures,
    /// Its figures beside the reference, unless it is the reference.
    pub(super) pair: Option<TrackedPair<'a>>,
    measurement: &'a Measurement,
    cpu_model: &'a str,
}

/// An arm beside its reference.
pub(super) struct TrackedPair<'a> {
    pub(super) summary: Summary,
    pair: Pair<'a>,
}

/// An interval's ends.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            high: self.high * factor,
        }
    }
}

/// The arms of `run` that are worth following.
pub(super) fn tracked(run: &Run) -> Vec<Tracked<'_>> {
    let mut tracked = Vec::new();

    for (measurement, identities) in run.measurements.iter().zip(identities(run)) {
        if measurement.steady().next().is_none() {
            continue;
        }
        for (index, identity) in identities.into_iter().enumerate() {
            tracked.extend(arm(run, measurement, index, identity));
        }
    }
    tracked
}

fn arm<'a>(
    run: &'a Run,
    measurement: &'a Measurement,
    index: usize,
    identity: String,
) -> Option<Tracked<'a>> {
    let pair = measurement
        .pairs()
        .find(|pair| pair.index == index)
        .and_then(|pair| {
            let summary = pair.summary()?;
            Some(TrackedPair { summary, pair })
        });

    Some(Tracked {
        identity,
        figures: measurement.figures(index)?,
        pair,
        measurement,
        cpu_model: &run.environment.cpu_model,
    })
}

impl Tracked<'_> {
    /// The least and the greatest time, in seconds.
    pub(super) fn time_bounds(&self) -> Bounds {
        Bounds {
            low: self.figures.min_s,
            high: self.figures.max_s,
        }
    }

    /// What was measured in how many rounds, and where.
    pub(super) fn conditions(&self) -> String {
        let work = &self.measurement.work;

        format!(
            "{} {} in {}, {}, {}",
            work.amount,
            work.unit,
            count(self.measurement.tasks, "task"),
            count(self.measurement.steady().count(), "steady round"),
            self.cpu_model,
        )
    }
}

impl TrackedPair<'_> {
    /// The 95 % interval of the speed-up, from 6 steady rounds on.
    pub(super) fn speedup_bounds(&self) -> Option<Bounds> {
        let low = self.summary.speedup_low?;
        let high = self.summary.speedup_high?;

        Some(Bounds { low, high })
    }

    /// The same of the efficiency.
    pub(super) fn efficiency_bounds(&self) -> Option<Bounds> {
        let workers = self.pair.workers().max(1) as f64;
        let Bounds { low, high } = self.speedup_bounds()?;

        Some(Bounds {
            low: low / workers,
            high: high / workers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_cold_round_alone_is_not_followed() {
        let run = fixture::broken();
        let identities: Vec<String> = tracked(&run)
            .into_iter()
            .map(|tracked| tracked.identity)
            .collect();

        assert_eq!(identities, ["fib/serial", "fib/pool-2"]);
    }
}
