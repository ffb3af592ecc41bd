//! What a task costs on an engine, as stored: every round's times, and what follows from them. Measuring is
//! done elsewhere.

use serde::Serialize;

use super::{Environment, Threshold};
use crate::stats::{fewest_for, median, median_interval};

const CONFIDENCE: f64 = 0.95;
/// Besides break-even: what METG is usually given for, and where a task's cost hardly matters any more.
const LEVELS: [f64; 2] = [0.5, 0.9];
/// Above 1, because a core may clock a little higher beside busy ones than alone; not by more than a twentieth.
const HIGHEST_POSSIBLE: f64 = 1.05;

/// What was found, as shown and stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overhead {
    /// The program's version.
    pub parbench_version: String,
    /// When it began.
    pub started_at: String,
    /// Whether a signal ended it: then the rounds are those that were complete.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Where.
    pub environment: Environment,
    /// Each engine with each number of workers, in the order of measuring.
    pub engines: Vec<EngineOverhead>,
}

/// What a task costs on one engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EngineOverhead {
    /// The engine's name.
    pub engine: String,
    /// Its workers.
    pub workers: usize,
    /// Seconds until it was ready.
    pub startup_s: f64,
    /// What follows from the rounds.
    pub summary: OverheadSummary,
    /// Tasks in a batch of those that do nothing.
    pub batch_tasks: usize,
    /// The batches of tasks that do something, by rising duration.
    pub rungs: Vec<Rung>,
    /// Every round.
    pub rounds: Vec<OverheadRound>,
}

/// A batch of equal tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Steps of arithmetic in each task.
    pub steps: u64,
    /// How many tasks.
    pub tasks: usize,
}

/// One round: everything once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverheadRound {
    /// Seconds of a batch of tasks that do nothing, divided by their number.
    pub task_s: f64,
    /// Seconds from submitting a task that does nothing to having its result, right after another one: the median
    /// of some.
    pub spinning_s: f64,
    /// The same after a rest, when every worker sleeps.
    pub parked_s: f64,
    /// Each rung's times.
    pub rungs: Vec<RungTimes>,
}

/// A rung in one round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RungTimes {
    /// Seconds of one task's own work, on one thread just before.
    pub work_s: f64,
    /// Seconds of the whole batch on the engine.
    pub wall_s: f64,
}

/// What the rounds of an engine say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverheadSummary {
    /// Seconds per task in a batch of tasks that do nothing.
    pub task_s: Estimate,
    /// Seconds of a round trip, the workers awake.
    pub spinning_s: Estimate,
    /// Seconds of a round trip, the workers asleep.
    pub parked_s: Estimate,
    /// Efficiency against a task's duration, by rising duration.
    pub curve: Vec<CurvePoint>,
    /// The least durations for an efficiency, by rising efficiency: break-even with the loop, 50 %, 90 %.
    pub thresholds: Vec<Threshold>,
}

/// A median with its 95 % interval, as far as the rounds give one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The middle of the rounds.
    pub median: f64,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// Its upper end; none as well where it lies beyond what was tried.
    pub high: Option<f64>,
}

/// The efficiency that tasks of one duration reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Seconds of one task's own work: its steps, each of the median duration of a step in all rounds and rungs. So
    /// the points have the order of the work, also where a rung's own timings are disturbed.
    pub work_s: f64,
    /// The share of all workers' time that is such work: 1 is a speed-up of as much as there are workers.
    pub efficiency: Estimate,
}

impl CurvePoint {
    /// Whether the efficiency is higher than any machine allows, beyond the noise of the rounds: the machine changed
    /// its pace between a task's work on one thread and the batch on the engine.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        self.efficiency
            .low
            .is_some_and(|low| low > HIGHEST_POSSIBLE)
    }
}

impl EngineOverhead {
    /// What follows from `rounds`, of which each has every one of the `rungs`. `None` without a round.
    #[must_use]
    pub fn of(
        (engine, workers): (&str, usize),
        startup_s: f64,
        batch_tasks: usize,
        rungs: Vec<Rung>,
        rounds: Vec<OverheadRound>,
    ) -> Option<Self> {
        let summary = OverheadSummary::of(workers, &rungs, &rounds)?;
        Some(Self {
            engine: engine.to_owned(),
            workers,
            startup_s,
            summary,
            batch_tasks,
            rungs,
            rounds,
        })
    }

    /// What a task must last for `efficiency`, if that was asked.
    #[must_use]
    pub fn threshold(&self, efficiency: f64) -> Option<&Threshold> {
        self.summary
            .thresholds
            .iter()
            .find(|threshold| threshold.efficiency == efficiency)
    }

    /// The fewest rounds that give intervals.
    #[must_use]
    pub fn fewest_rounds() -> usize {
        fewest_for(CONFIDENCE)
    }

    /// The efficiency at which the engine is as fast as the plain loop.
    #[must_use]
    pub fn break_even(&self) -> f64 {
        1.0 / self.workers as f64
    }
}

impl OverheadSummary {
    fn of(workers: usize, rungs: &[Rung], rounds: &[OverheadRound]) -> Option<Self> {
        let over = |of: fn(&OverheadRound) -> f64| {
            Estimate::of(&rounds.iter().map(of).collect::<Vec<_>>())
        };
        let efficiency = |rung: usize, round: &OverheadRound| {
            let RungTimes { work_s, wall_s } = round.rungs[rung];
            rungs[rung].tasks as f64 * work_s / (workers as f64 * wall_s)
        };
        let step_s = median_step(rungs, rounds).unwrap_or(f64::NAN);
        let point = |rung: usize| {
            let efficiencies: Vec<f64> =
                rounds.iter().map(|round| efficiency(rung, round)).collect();
            let work_s = rungs[rung].steps as f64 * step_s;
            Some(CurvePoint {
                work_s,
                efficiency: Estimate::of(&efficiencies)?,
            })
        };
        let curve: Vec<CurvePoint> = (0..rungs.len()).map(point).collect::<Option<_>>()?;

        let break_even = 1.0 / workers as f64;
        let mut levels: Vec<f64> = std::iter::once(break_even).chain(LEVELS).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        Some(Self {
            task_s: over(|round| round.task_s)?,
            spinning_s: over(|round| round.spinning_s)?,
            parked_s: over(|round| round.parked_s)?,
            thresholds: levels
                .into_iter()
                .map(|level| Threshold::of(&curve, level))
                .collect(),
            curve,
        })
    }
}

/// Seconds of one step of a task's work: the median over all rungs of all rounds.
fn median_step(rungs: &[Rung], rounds: &[OverheadRound]) -> Option<f64> {
    let step_of = |(rung, times): (&Rung, &RungTimes)| times.work_s / rung.steps as f64;
    let steps: Vec<f64> = rounds
        .iter()
        .flat_map(|round| rungs.iter().zip(&round.rungs).map(step_of))
        .collect();

    median(&steps)
}

impl Estimate {
    fn of(values: &[f64]) -> Option<Self> {
        let interval = median_interval(values, CONFIDENCE);
        let end = |end: Option<f64>| end.filter(|end| end.is_finite());
        Some(Self {
            median: median(values)?,
            low: end(interval.map(|interval| interval.low)),
            high: end(interval.map(|interval| interval.high)),
        })
    }

    /// The estimate of this quantity divided by `divisor`.
    pub(super) fn divided(self, divisor: f64) -> Self {
        Self {
            median: self.median / divisor,
            low: self.low.map(|low| low / divisor),
            high: self.high.map(|high| high / divisor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Withheld;

    /// Rounds of an engine that costs every worker `cost` for each task, with tasks of 2^-3 to 2^8 times that.
    fn engine(workers: usize, cost: f64, most: i32) -> EngineOverhead {
        let tasks = 100 * workers;
        let works: Vec<f64> = (-3..=most).map(|power| cost * 2_f64.powi(power)).collect();
        let rungs = (0..works.len())
            .map(|doublings| Rung {
                steps: 1 << doublings,
                tasks,
            })
            .collect();
        let times = |work: &f64| RungTimes {
            work_s: *work,
            wall_s: 100.0 * (work + cost),
        };
        let round = OverheadRound {
            task_s: cost / workers as f64,
            spinning_s: 2.0 * cost,
            parked_s: 9.0 * cost,
            rungs: works.iter().map(times).collect(),
        };
        EngineOverhead::of(("pool", workers), 0.1, tasks, rungs, vec![round; 6]).unwrap()
    }

    /// With a constant cost the model is exact: efficiency = work / (work + cost), one half where they are equal.
    #[test]
    fn a_constant_cost_is_its_own_threshold_of_one_half() {
        let engine = engine(4, 1e-6, 8);
        let half = engine.threshold(0.5).unwrap();
        let near = |estimate: Option<Estimate>, wanted: f64| {
            let estimate = estimate.unwrap();
            assert!(
                (estimate.median / wanted - 1.0).abs() < 1e-9,
                "{estimate:?}"
            );
            assert!(estimate.low.is_some() && estimate.high.is_some());
        };
        near(half.work_s, 1e-6);
        near(half.granularity_s, 2e-6);
        near(engine.threshold(0.9).unwrap().work_s, 9e-6);
        // Four workers are as fast as the loop with a quarter of their time: work / (work + cost) = 1 / 4.
        near(
            engine.threshold(engine.break_even()).unwrap().work_s,
            1e-6 / 3.0,
        );
        assert_eq!(engine.summary.spinning_s.median, 2e-6);
    }

    #[test]
    fn two_workers_break_even_at_one_half() {
        let levels = |workers| -> Vec<f64> {
            let engine = engine(workers, 1e-6, 8);
            engine
                .summary
                .thresholds
                .iter()
                .map(|threshold| threshold.efficiency)
                .collect()
        };
        assert_eq!(levels(2), [0.5, 0.9]);
        assert_eq!(levels(4), [0.25, 0.5, 0.9]);
        assert_eq!(levels(1), [0.5, 0.9, 1.0]);
    }

    #[test]
    fn what_no_task_reached_has_no_threshold() {
        let engine = engine(2, 1e-6, -1);
        let half = engine.threshold(0.5).unwrap();
        assert_eq!(
            (half.work_s, half.withheld),
            (None, Some(Withheld::NotReached))
        );
        assert!(
            engine
                .summary
                .curve
                .iter()
                .all(|point| point.efficiency.median < 0.5)
        );
        assert_eq!(
            EngineOverhead::of(("pool", 2), 0.1, 1, Vec::new(), Vec::new()),
            None
        );
    }

    /// A rung whose work was timed while the machine was slow must not stand among longer ones.
    #[test]
    fn the_curve_has_the_order_of_the_work() {
        let mut engine = engine(2, 1e-6, 8);
        for round in &mut engine.rounds {
            round.rungs[4].work_s *= 5.0;
        }
        let summary = OverheadSummary::of(2, &engine.rungs, &engine.rounds).unwrap();
        let works: Vec<f64> = summary.curve.iter().map(|point| point.work_s).collect();
        assert!(
            works.is_sorted_by(|shorter, longer| shorter < longer),
            "{works:?}"
        );
        assert!((works[4] / 2e-6 - 1.0).abs() < 1e-9, "{works:?}");

        // Five times two thirds: the engine cannot have been that fast.
        assert!(summary.curve[4].is_impossible());
        assert!(!summary.curve[5].is_impossible());
    }
}
