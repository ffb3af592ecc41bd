//! What tools that follow figures from run to run are given: every measurement with a steady round, by a name that
//! stays the same. A measurement that has nothing but the cold round would look like a regression there.

use crate::report::words::names::identities;
use crate::results::{Measurement, Run, Summary};
use crate::units::count;

/// A measurement whose figures are worth following.
pub(super) struct Tracked<'a> {
    /// `fib/pool-2`.
    pub(super) identity: String,
    pub(super) measurement: &'a Measurement,
    pub(super) summary: Summary,
    cpu_model: &'a str,
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

/// The measurements of `run` that are worth following.
pub(super) fn tracked(run: &Run) -> impl Iterator<Item = Tracked<'_>> {
    let named = identities(run).into_iter().zip(&run.measurements);

    named.filter_map(|(identity, measurement)| {
        let summary = measurement.summary().filter(|summary| summary.steady)?;

        Some(Tracked {
            identity,
            measurement,
            summary,
            cpu_model: &run.environment.cpu_model,
        })
    })
}

impl Tracked<'_> {
    /// The 95 % interval of the speed-up, from 6 steady rounds on.
    pub(super) fn speedup_bounds(&self) -> Option<Bounds> {
        let low = self.summary.speedup_low?;
        let high = self.summary.speedup_high?;

        Some(Bounds { low, high })
    }

    /// The same of the efficiency.
    pub(super) fn efficiency_bounds(&self) -> Option<Bounds> {
        let workers = self.measurement.workers.max(1) as f64;
        let Bounds { low, high } = self.speedup_bounds()?;

        Some(Bounds {
            low: low / workers,
            high: high / workers,
        })
    }

    /// What was measured in how many rounds, and where.
    pub(super) fn conditions(&self) -> String {
        let work = &self.measurement.work;

        format!(
            "{} {} in {}, {}, {}",
            work.amount,
            work.unit,
            count(self.measurement.tasks, "task"),
            count(self.summary.steady_rounds, "steady round"),
            self.cpu_model,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_cold_round_alone_is_not_followed() {
        let run = fixture::broken();
        let identities: Vec<String> = tracked(&run).map(|tracked| tracked.identity).collect();

        assert_eq!(identities, ["fib/pool-2"]);
    }
}
