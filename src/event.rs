//! What happens while parbench works, as one enum, and the one-method trait of observers: progress
//! bars, verbose lines, tests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Steps of equal weight begin: files to make, checks to run.
    StepsStarted {
        /// What happens: `making images`.
        what: &'static str,
        /// How many steps.
        steps: usize,
    },
    /// One of them is done.
    StepDone,
    /// What the step that runs is at: `a check: fib, round 3`.
    StepReached(String),
    /// All of them are, or they ended early.
    StepsFinished,
    /// The rounds of a workload begin.
    MeasurementStarted {
        /// The workload's name.
        workload: String,
        /// What its arms are called, the reference first.
        arms: Vec<String>,
        /// Which measurement of the pass this is, counted from 1.
        number: usize,
        /// How many measurements the pass has.
        total: usize,
    },
    /// One task's result, reported once for each arm of a measurement.
    TaskAnswered {
        /// What the arm is called.
        arm: String,
        /// The task, from 0.
        index: usize,
        /// What it found, in the workload's words.
        text: String,
    },
    /// A round begins.
    RoundStarted {
        /// Its number, counted from 1, warm-up included.
        number: usize,
    },
    /// An arm of a round begins that may take long: that of a cold round, of which no times are
    /// known.
    ArmStarted {
        /// What the arm is called.
        arm: String,
    },
    /// A round is complete.
    RoundFinished {
        /// The rounds complete so far, warm-up included.
        done: usize,
        /// The share of this measurement that is done, from 0 to 1.
        progress: f64,
        /// The time that is left at most, where the rounds so far allow to say it.
        left: Option<Duration>,
        /// What each arm is called and what it took, the reference first.
        times: Vec<(String, Duration)>,
    },
    /// The workload's rounds ended, complete or not.
    MeasurementFinished,
    /// Measurements are repeated: a further pass over suspects, the second pass of a baseline.
    PassStarted {
        /// Why, as `measuring image again: 2nd of at most 3 passes`.
        what: String,
    },
    /// What is about to happen and how long it takes, for people who wait for it.
    Announced(String),
    /// Something the user may want to know.
    Note(String),
    /// Something the user should know that stops nothing.
    Warning(String),
}

/// Something that watches.
pub trait Observer: Send + Sync {
    /// Called at each event, outside every timed region.
    fn observe(&self, event: &Event);
}

/// An observer that ignores everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _: &Event) {}
}

/// An observer of measurements that are one step of something larger: all that it passes on is what
/// the step is at.
pub struct WithinStep<'a> {
    observer: &'a dyn Observer,
    step: &'static str,
    /// What is measured.
    workload: Mutex<String>,
}

impl<'a> WithinStep<'a> {
    /// Tells `observer` what a `step` is at, such as `a check`.
    pub fn new(observer: &'a dyn Observer, step: &'static str) -> Self {
        Self {
            observer,
            step,
            workload: Mutex::default(),
        }
    }

    fn reached(&self, place: &str) {
        let text = format!("{}: {place}", self.step);
        self.observer.observe(&Event::StepReached(text));
    }
}

impl Observer for WithinStep<'_> {
    fn observe(&self, event: &Event) {
        let mut measured = self.workload.lock().unwrap_or_else(PoisonError::into_inner);

        match event {
            Event::MeasurementStarted { workload, .. } => {
                measured.clone_from(workload);
                self.reached(workload);
            }
            Event::RoundStarted { number } => self.reached(&format!("{measured}, round {number}")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Mutex<Vec<Event>>);

    impl Observer for Seen {
        fn observe(&self, event: &Event) {
            self.0.lock().unwrap().push(event.clone());
        }
    }

    #[test]
    fn of_a_step_no_more_is_passed_on_than_what_it_is_at() {
        let seen = Seen::default();
        let step = WithinStep::new(&seen, "a check");
        step.observe(&Event::MeasurementStarted {
            workload: "fib".to_owned(),
            arms: vec!["serial".to_owned()],
            number: 1,
            total: 1,
        });
        step.observe(&Event::RoundStarted { number: 3 });
        step.observe(&Event::MeasurementFinished);

        let reached = |text: &str| Event::StepReached(text.to_owned());
        assert_eq!(
            *seen.0.lock().unwrap(),
            [reached("a check: fib"), reached("a check: fib, round 3")]
        );
    }
}
