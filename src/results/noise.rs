//! How often a check is wrong on a machine, as stored: every check, and the rates that follow.
//! Running the checks is a command's.

use serde::Serialize;

use super::{Environment, Judgement};
use crate::stats::{proportion_interval, trials_needed};

/// Tolerances that are tried out on what was measured.
const TOLERANCES: [f64; 7] = [Noise::LEAST_TOLERANCE, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2];
const CONFIDENCE: f64 = 0.95;

/// What was found, as shown and stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// The program's version.
    pub parbench_version: String,
    /// When it began.
    pub started_at: String,
    /// Where.
    pub environment: Environment,
    /// The rates at each tolerance.
    pub rates: Vec<AtTolerance>,
    /// The smallest tolerance that is shown to have few enough false alarms and misses of what was
    /// injected: by the upper ends of their intervals. Absent when none is.
    pub supported_tolerance: Option<f64>,
    /// Every check.
    pub checks: Vec<Check>,
}

/// The rates at one tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtTolerance {
    /// 0.1 for 10 %.
    pub tolerance: f64,
    /// Checks without a change that said `regressed`.
    pub false_alarms: Rate,
    /// Of checks with each slow-down, those that did not.
    pub misses: Vec<(f64, Rate)>,
}

/// A share of trials, with its exact 95 % interval (Clopper and Pearson).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// How many.
    pub hits: u64,
    /// Of how many.
    pub trials: u64,
    /// Lower end of the interval of the true rate.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One check, as much of it as decides what it would have said at any tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The slow-down that was injected: 1 for none.
    pub slowdown: f64,
    /// It would have said `regressed` at tolerances below this: 0 for none.
    pub regresses_below: f64,
    /// Because of this metric, if of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl Noise {
    /// The tolerance that checks are judged by when the rates at others are to be derived: the
    /// least that is tried out.
    pub const LEAST_TOLERANCE: f64 = 0.02;

    /// The most false alarms that a supported tolerance may have.
    pub const ACCEPTED_FALSE_ALARMS: f64 = 0.01;

    /// The most misses that it may have, of each slow-down.
    pub const ACCEPTED_MISSES: f64 = 0.05;

    /// What follows from `checks` with each of the `slowdowns`, of which 1 is none.
    #[must_use]
    pub fn of(
        parbench_version: String,
        started_at: String,
        environment: Environment,
        slowdowns: &[f64],
        checks: Vec<Check>,
    ) -> Self {
        let rates: Vec<_> = TOLERANCES
            .iter()
            .map(|&at| AtTolerance::of(&checks, slowdowns, at))
            .collect();
        let supported = rates
            .iter()
            .find(|rates| rates.are_accepted())
            .map(|rates| rates.tolerance);
        Self {
            parbench_version,
            started_at,
            environment,
            rates,
            supported_tolerance: supported,
            checks,
        }
    }

    /// The tolerance at which most is shown: the supported one, or the one that is the least far
    /// from it.
    #[must_use]
    pub fn best(&self) -> Option<&AtTolerance> {
        let supported = self
            .rates
            .iter()
            .find(|rates| Some(rates.tolerance) == self.supported_tolerance);
        supported.or_else(|| {
            self.rates
                .iter()
                .min_by(|a, b| a.distance().total_cmp(&b.distance()))
        })
    }
}

impl Check {
    /// Of a check that was confirmed at [`Noise::LEAST_TOLERANCE`], with each of its judgements and
    /// the tolerance below which that one would have said `regressed`.
    #[must_use]
    pub fn of<'a>(slowdown: f64, judged: impl IntoIterator<Item = (&'a Judgement, f64)>) -> Self {
        let worst = judged
            .into_iter()
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .filter(|(_, regresses_below)| *regresses_below > 0.0);

        Self {
            slowdown,
            regresses_below: worst.map_or(0.0, |(_, regresses_below)| regresses_below),
            because: worst.map(|(judgement, _)| {
                format!("{} {}", judgement.workload, judgement.metric.name())
            }),
        }
    }
}

impl AtTolerance {
    fn of(checks: &[Check], kinds: &[f64], tolerance: f64) -> Self {
        let rate = |slowdown: f64, wanted: bool| {
            let of_kind = checks.iter().filter(|check| check.slowdown == slowdown);
            let (mut hits, mut trials) = (0, 0);
            for check in of_kind {
                trials += 1;
                hits += u64::from((tolerance < check.regresses_below) == wanted);
            }
            Rate::of(hits, trials)
        };

        let injected = kinds.iter().filter(|slowdown| **slowdown > 1.0);
        let misses = injected
            .map(|&slowdown| (slowdown, rate(slowdown, false)))
            .collect();

        Self {
            tolerance,
            false_alarms: rate(1.0, true),
            misses,
        }
    }

    fn are_accepted(&self) -> bool {
        self.distance() <= 1.0
    }

    /// How many times what is accepted the worst of the rates may be.
    fn distance(&self) -> f64 {
        let alarms = self.false_alarms.high / Noise::ACCEPTED_FALSE_ALARMS;
        self.misses
            .iter()
            .map(|(_, rate)| rate.high / Noise::ACCEPTED_MISSES)
            .fold(alarms, f64::max)
    }
}

impl Rate {
    /// `hits` of `trials`.
    #[must_use]
    pub fn of(hits: u64, trials: u64) -> Self {
        let interval = proportion_interval(hits, trials, CONFIDENCE);
        let (low, high) = interval.map_or((0.0, 1.0), |interval| (interval.low, interval.high));
        Self {
            hits,
            trials,
            low,
            high,
        }
    }

    /// The trials that would show at most `bound`, if none of the further ones is a hit; `None`
    /// when a million are not enough.
    #[must_use]
    pub fn trials_needed(&self, bound: f64) -> Option<u64> {
        trials_needed(self.hits, bound, CONFIDENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(slowdown: f64, regresses_below: f64) -> Check {
        Check {
            slowdown,
            regresses_below,
            because: None,
        }
    }

    #[test]
    fn the_smallest_tolerance_with_few_errors_is_supported() {
        let mut checks = vec![check(1.0, 0.0); 600];
        checks.extend(vec![check(1.1, 0.08); 200]);
        checks[0] = check(1.0, 0.06);
        checks[1] = check(1.0, 0.025);
        checks[2] = check(1.0, 0.025);
        let noise_of = |checks: Vec<Check>| {
            let (version, started_at) = (String::new(), String::new());
            Noise::of(
                version,
                started_at,
                Environment::probe(),
                &[1.0, 1.1],
                checks,
            )
        };
        let noise = noise_of(checks.clone());
        let hits = |at: usize| {
            (
                noise.rates[at].false_alarms.hits,
                noise.rates[at].misses[0].1.hits,
            )
        };
        // 2 %: three false alarms of 600; 3 %, 5 %: one; 10 %: all of the slow-downs are missed.
        assert_eq!([0, 1, 2, 4].map(hits), [(3, 0), (1, 0), (1, 0), (0, 200)]);
        assert_eq!(noise.supported_tolerance, Some(0.03));
        // Clopper and Pearson's interval for 0 of 600 ends at 0.61 %: 1 - 0.025^(1/600).
        assert!(
            (noise.rates[4].false_alarms.high - (1.0 - 0.025_f64.powf(1.0 / 600.0))).abs() < 1e-6
        );
        assert_eq!(noise_of(vec![check(1.0, 0.5)]).supported_tolerance, None);
    }

    #[test]
    fn a_tolerance_is_supported_by_what_is_shown_and_not_by_what_is_possible() {
        let noise_of = |nulls: usize, slowdowns: &[f64]| {
            let mut checks = vec![check(1.0, 0.0); nulls];
            for &slowdown in slowdowns.iter().filter(|slowdown| **slowdown > 1.0) {
                checks.extend(vec![check(slowdown, slowdown - 1.0); nulls]);
            }
            Noise::of(
                String::new(),
                String::new(),
                Environment::probe(),
                slowdowns,
                checks,
            )
        };
        // 0 of 20 may be 17 %, 0 of 200 may be 1.8 %; 368 are the fewest that show 1 %.
        for (nulls, supported) in [(20, None), (200, None), (367, None), (368, Some(0.02))] {
            assert_eq!(
                noise_of(nulls, &[1.0]).supported_tolerance,
                supported,
                "{nulls} checks"
            );
            assert_eq!(
                noise_of(nulls, &[1.0, 1.2]).supported_tolerance,
                supported,
                "{nulls} checks of each kind"
            );
        }
        let noise = noise_of(20, &[1.0, 1.1]);
        assert_eq!(
            noise.best().unwrap().tolerance,
            0.02,
            "at 10 % all of the slow-downs are missed"
        );
        assert_eq!(
            noise.rates[0]
                .false_alarms
                .trials_needed(Noise::ACCEPTED_FALSE_ALARMS),
            Some(368)
        );
    }
}
