//! A point of the curve of efficiency against the work in a task.

use super::Estimate;

/// Above 1, because a core may clock a little higher beside busy ones than alone; not by more than
/// a twentieth.
const HIGHEST_POSSIBLE: f64 = 1.05;

/// The efficiency that tasks of one size reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Seconds of one task in the plain loop: an empty task's, and the task's steps of the median
    /// duration that a step has in all measurements of the curve. So the points have the order of
    /// the work, also where the machine was slow during one of them.
    pub work_s: f64,
    /// The share of all workers' time that is such work: 1 is a speed-up as high as the number of
    /// workers.
    pub efficiency: Estimate,
}

impl CurvePoint {
    /// Whether the efficiency is higher than any machine allows, beyond the noise of the rounds:
    /// the machine changed its pace between the plain loop and the engine.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        self.efficiency
            .low
            .is_some_and(|low| low > HIGHEST_POSSIBLE)
    }
}
