//! Which engine does the work best: the arms that the engines' series recommend, beside one
//! another.

use serde::Serialize;

use super::recommendation::{fastest, gain};
use super::{Estimate, Series};
use crate::results::{Measurement, Round};

/// The fastest of the arms that are recommended, and the others beside it. Arms are given by their
/// index in the measurement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestEngine {
    /// The fastest, by the rounds' own ratios.
    pub arm: usize,
    /// The others, in the order of their engines; at least one.
    pub others: Vec<Beside>,
}

/// An arm beside the best engine's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Beside {
    /// The slower arm.
    pub arm: usize,
    /// How many times as fast the best engine's is, paired by rounds.
    pub gain: Estimate,
}

impl Beside {
    /// Whether it may be just as fast.
    #[must_use]
    pub fn may_be_as_fast(&self) -> bool {
        self.gain.low.is_none_or(|low| low <= 1.0)
    }
}

impl Measurement {
    /// The best engine; `None` where fewer than two arms are recommended for certain.
    #[must_use]
    pub fn best_engine(&self) -> Option<BestEngine> {
        let rounds: Vec<&Round> = self.steady().collect();
        let gain = |from: usize, to: usize| gain(self, &rounds, from, to);

        let series = self.series();
        let engines = series
            .iter()
            .filter(|series| series.pairs[0].arm().split().is_none());
        let mut arms: Vec<usize> = Vec::new();
        for recommended in engines.filter_map(Series::recommendation) {
            if !recommended.is_open && !arms.contains(&recommended.arm) {
                arms.push(recommended.arm);
            }
        }

        let best = fastest(&arms, gain)?;
        let beside = |&arm: &usize| {
            let gain = gain(arm, best)?;
            Some(Beside { arm, gain })
        };
        let others: Vec<Beside> = arms
            .iter()
            .filter(|arm| **arm != best)
            .filter_map(beside)
            .collect();

        (!others.is_empty()).then_some(BestEngine { arm: best, others })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;

    /// Two workers on the pool and on processes, which take these seconds where the loop takes one.
    fn of_engines(pool_s: f64, process_s: f64) -> Measurement {
        let time = |workers: f64| if workers < 3.0 { pool_s } else { process_s };
        let mut measurement = measurement(&[2, 3], 12, time, 7);
        measurement.arms[2].engine = "process".to_owned();
        measurement.arms[2].workers = 2;

        measurement
    }

    #[test]
    fn the_faster_engine_is_the_best_by_paired_rounds() {
        let best = of_engines(0.6, 0.5).best_engine().unwrap();
        assert_eq!((best.arm, best.others[0].arm), (2, 1));
        assert!((best.others[0].gain.median - 1.2).abs() < 0.01, "{best:?}");
        assert!(!best.others[0].may_be_as_fast());

        let best = of_engines(0.5, 0.5).best_engine().unwrap();
        assert!(best.others[0].may_be_as_fast(), "{best:?}");
    }

    #[test]
    fn the_plain_loop_is_no_engine_to_choose_between() {
        assert_eq!(of_engines(1.2, 1.1).best_engine(), None);

        let best = of_engines(0.5, 1.1).best_engine().unwrap();
        assert_eq!((best.arm, best.others[0].arm), (1, 0));
    }
}
