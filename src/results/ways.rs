//! What arms in other ways show: another command beside the first one, numbers of threads in each
//! task, and one worker beside a truly serial program. Views: nothing is stored in this form.

use super::recommendation::gain;
use super::{Arm, Estimate, Measurement, OWN, Pair, Round, Series, Way};
use crate::stats::median;

/// An arm of the other command beside the same engine and workers of the first one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Versus {
    /// The arm of the other command.
    pub arm: usize,
    /// That of the first one.
    pub beside: usize,
    /// How many times as fast the other one is, paired by rounds.
    pub gain: Estimate,
    /// How many times as fast it is as its own first arm, which is its plain loop or its one worker.
    pub of_own_first: Option<Estimate>,
}

impl Arm {
    /// Whether it runs the command that another one is compared with.
    #[must_use]
    pub fn is_of_other_command(&self) -> bool {
        matches!(self.way(), Some((Way::Other, _)))
    }

    /// How many tasks run at once and how many threads each of them has, where the arm is about that.
    #[must_use]
    pub fn split(&self) -> Option<(usize, usize)> {
        match self.way()? {
            (Way::Threads(threads), _) => Some((self.workers / threads, threads.get())),
            (Way::Other, _) => None,
        }
    }

    fn way(&self) -> Option<(Way, &str)> {
        Way::of_engine(&self.engine)
    }
}

impl Measurement {
    /// Every arm of the other command that has a counterpart, in the order of the arms; empty below 6
    /// steady rounds, which give no interval.
    #[must_use]
    pub fn versus(&self) -> Vec<Versus> {
        let rounds: Vec<&Round> = self.steady().collect();
        let indices = || 0..self.arms.len();
        let first = indices().find(|&index| self.arms[index].is_of_other_command());

        let versus = |arm: usize| {
            let (Way::Other, engine) = self.arms[arm].way()? else {
                return None;
            };
            let beside = indices().find(|&index| {
                let other = &self.arms[index];
                other.engine == engine && other.workers == self.arms[arm].workers
            })?;
            Some(Versus {
                arm,
                beside,
                gain: gain(self, &rounds, beside, arm)?,
                of_own_first: first
                    .filter(|&first| first != arm)
                    .and_then(|first| gain(self, &rounds, first, arm)),
            })
        };
        indices().filter_map(versus).collect()
    }

    /// The arms that cut the cores into tasks and threads, by rising number of cores, as one series; the
    /// recommended arm of it is the best split. `None` where none do.
    #[must_use]
    pub fn splits(&self) -> Option<Series<'_>> {
        let mut pairs: Vec<Pair<'_>> = self
            .pairs()
            .filter(|pair| pair.arm().split().is_some())
            .collect();
        pairs.sort_by_key(|pair| pair.workers());

        (!pairs.is_empty()).then_some(Series {
            measurement: self,
            pairs,
        })
    }

    /// How many times as fast the arm at `index` is as its engine with one worker, where that is not
    /// the reference already: beside a serial program, one worker is something else.
    #[must_use]
    pub fn of_one_worker(&self, index: usize) -> Option<Estimate> {
        let arm = &self.arms[index];
        if self.reference_arm().engine == arm.engine || !self.has_own_workers() {
            return None;
        }

        let one = self
            .arms
            .iter()
            .position(|other| other.engine == arm.engine && other.workers == 1)?;
        let rounds: Vec<&Round> = self.steady().collect();
        gain(self, &rounds, one, index).filter(|_| one != index)
    }

    /// Seconds that a task that does nothing takes in the reference, where that is known: of a command,
    /// the start of a process by itself.
    #[must_use]
    pub fn start_alone_s(&self) -> Option<f64> {
        let rounds = self.counted().into_iter();
        let starts: Option<Vec<f64>> = rounds
            .map(|round| round.times[self.reference].dispatch_s)
            .collect();

        median(&starts?)
    }

    /// Whether tasks start their own workers.
    #[must_use]
    pub fn has_own_workers(&self) -> bool {
        self.arms.iter().any(|arm| arm.engine == OWN)
    }
}
