//! What happens while parbench works, as one enum, and the one-method trait of whoever watches:
//! progress bars, verbose lines, tests. An observer cannot answer back.

use std::time::Duration;

/// Which of the two executions of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The plain loop.
    Serial,
    /// The tasks on an engine.
    Distributed,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// So many steps of equal weight begin: files to make, checks to run.
    StepsStarted {
        /// What happens: `making images`.
        what: &'static str,
        /// How many steps.
        steps: usize,
    },
    /// One of them is done.
    StepDone,
    /// All of them are, or they ended early.
    StepsFinished,
    /// A workload's rounds begin.
    MeasurementStarted {
        /// The workload's name.
        workload: &'static str,
        /// The engine of its distributed arm.
        engine: &'static str,
        /// That engine's workers.
        workers: usize,
    },
    /// One task's result, told once per arm of a measurement.
    TaskAnswered {
        /// The arm.
        arm: Arm,
        /// The task, from 0.
        index: usize,
        /// What it found, in the workload's words.
        text: String,
    },
    /// A round is complete.
    RoundFinished {
        /// The rounds complete so far, warm-up included.
        done: usize,
        /// The share of this measurement that is done, from 0 to 1.
        progress: f64,
        /// The serial arm's time.
        serial: Duration,
        /// The distributed arm's time.
        distributed: Duration,
    },
    /// The workload's rounds ended, complete or not.
    MeasurementFinished,
    /// Something the user may want to know.
    Note(String),
    /// Something the user should know that stops nothing.
    Warning(String),
}

/// Somebody who watches.
pub trait Observer: Send + Sync {
    /// Called at each event, outside every timed region.
    fn observe(&self, event: &Event);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _: &Event) {}
}
