//! What arms of variants show: another command beside the first one, numbers of threads in each
//! task, and one worker beside a truly serial program. Views: nothing is stored in this form.

use super::recommendation::gain;
use super::{Estimate, Series};
use crate::results::{Arm, Measurement, OWN, Pair, Round, TaskVariant};

/// An arm of the other command beside the same engine and workers of the first one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Versus {
    /// The arm of the other command.
    pub arm: usize,
    /// That of the first one.
    pub beside: usize,
    /// How many times as fast the other one is, paired by rounds.
    pub gain: Estimate,
    /// The first arm of the other command, which is its plain loop or its one worker, and how many
    /// times as fast as that this arm is.
    pub over_first: Option<(usize, Estimate)>,
}

impl Arm {
    /// Whether it runs the command that another one is compared with.
    #[must_use]
    pub fn is_of_other_command(&self) -> bool {
        matches!(self.variant(), Some((TaskVariant::Other, _)))
    }

    /// Whether its tasks are a variant of the reference's.
    #[must_use]
    pub fn is_variant(&self) -> bool {
        self.variant().is_some()
    }

    /// How many tasks run at once and how many threads each of them has, where the arm is about
    /// that.
    #[must_use]
    pub fn split(&self) -> Option<(usize, usize)> {
        match self.variant()? {
            (TaskVariant::Threads(threads), _) => Some((self.workers / threads, threads.get())),
            (TaskVariant::Other, _) => None,
        }
    }

    /// The engine that runs the tasks of a split.
    #[must_use]
    pub fn engine_of_split(&self) -> Option<&str> {
        match self.variant()? {
            (TaskVariant::Threads(_), engine) => Some(engine),
            (TaskVariant::Other, _) => None,
        }
    }

    fn variant(&self) -> Option<(TaskVariant, &str)> {
        TaskVariant::of_engine(&self.engine)
    }
}

impl Measurement {
    /// Every arm of the other command that has a counterpart, in the order of the arms; empty below
    /// 6 steady rounds, which give no interval.
    #[must_use]
    pub fn versus(&self) -> Vec<Versus> {
        let rounds: Vec<&Round> = self.steady().collect();
        let indices = || 0..self.arms.len();
        let first = indices().find(|&index| self.arms[index].is_of_other_command());

        let versus = |arm: usize| {
            let (TaskVariant::Other, engine) = self.arms[arm].variant()? else {
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
                over_first: first
                    .filter(|&first| first != arm)
                    .and_then(|first| Some((first, gain(self, &rounds, first, arm)?))),
            })
        };
        indices().filter_map(versus).collect()
    }

    /// The arms that cut the cores into tasks and threads, by rising number of cores, as one
    /// series; the recommended arm of it is the best split. `None` where none do.
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

    /// How many times as fast the arm at `index` is as its engine with one worker, where that is
    /// not the reference already: beside a serial program, one worker is something else.
    #[must_use]
    pub fn gain_over_one_worker(&self, index: usize) -> Option<Estimate> {
        let arm = &self.arms[index];
        if !self.reference_arm().is_serial() || arm.engine != OWN {
            return None;
        }

        let base = self
            .arms
            .iter()
            .position(|other| other.engine == arm.engine && other.workers == 1)?;
        let rounds: Vec<&Round> = self.steady().collect();
        gain(self, &rounds, base, index).filter(|_| base != index)
    }

    /// Seconds that a task that does nothing takes in the reference, where that is known: of a
    /// command, the start of a process by itself.
    #[must_use]
    pub fn start_alone(&self) -> Option<Estimate> {
        self.start_on(self.reference)
    }

    /// The same on the arm at `index`, for each of the tasks that run at once.
    #[must_use]
    pub fn start_on(&self, index: usize) -> Option<Estimate> {
        let workers = self.arms[index].workers as f64;
        let rounds = self.counted().into_iter();
        let starts: Option<Vec<f64>> = rounds
            .map(|round| Some(round.times[index].dispatch_s? * workers))
            .collect();

        Estimate::of(&starts?)
    }

    /// Whether tasks start their own workers.
    #[must_use]
    pub fn has_own_workers(&self) -> bool {
        self.arms.iter().any(|arm| arm.engine == OWN)
    }
}
