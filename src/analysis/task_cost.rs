//! What a task costs on an engine, derived from a run's measurements of the workload `busy`:
//! batches of empty tasks, round trips, and batches of tasks with more and more work.

use serde::Deserialize;

use super::{CurvePoint, Estimate, Threshold};
use crate::results::{BUSY, Measurement, Pair, PairedRound, Run, Shape};
use crate::stats::median;

/// Besides break-even: what METG is usually given for, and where a task's cost hardly matters any
/// more.
const LEVELS: [f64; 2] = [0.5, 0.9];
/// Seconds that a step of arithmetic takes at least, on any machine.
const LEAST_STEP_S: f64 = 1e-12;

/// What a task costs on one engine with one number of workers.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCost {
    /// The engine's name.
    pub engine: String,
    /// Its workers.
    pub workers: usize,
    /// Seconds until it was ready.
    pub startup_s: f64,
    /// The rounds of the measurement that has the fewest.
    pub rounds: usize,
    /// Seconds of a batch of empty tasks, divided by their number.
    pub task_s: Option<Estimate>,
    /// Seconds from submitting an empty task to having its result, the workers awake.
    pub awake_s: Option<Estimate>,
    /// The same after a rest, when every worker sleeps.
    pub asleep_s: Option<Estimate>,
    /// Efficiency against the work in a task, by rising work.
    pub curve: Vec<CurvePoint>,
    /// The least work for an efficiency, by rising efficiency: break-even with the plain loop, 50
    /// %, 90 %. Empty without a curve.
    pub thresholds: Vec<Threshold>,
}

impl Run {
    /// Whether `measurement` is one of those of `busy` that show together what a task costs, since
    /// their parameters differ. A single one is a measurement like any other.
    #[must_use]
    pub fn shows_task_cost(&self, measurement: &Measurement) -> bool {
        let is_of_busy = |measurement: &Measurement| measurement.workload == BUSY;
        let mut others = self.measurements.iter().filter(|other| is_of_busy(other));

        is_of_busy(measurement) && others.any(|other| other.params != measurement.params)
    }

    /// What a task costs on each engine with each number of workers, in the order of measuring;
    /// empty unless the run holds measurements of `busy` with different parameters.
    #[must_use]
    pub fn task_costs(&self) -> Vec<TaskCost> {
        let members = self
            .measurements
            .iter()
            .filter(|measurement| self.shows_task_cost(measurement));

        task_costs(members)
    }
}

/// What `measurements` of `busy` show of each arm beside their reference.
pub(super) fn task_costs<'a>(measurements: impl Iterator<Item = &'a Measurement>) -> Vec<TaskCost> {
    let mut arms: Vec<Vec<Sample<'a>>> = Vec::new();

    for sample in measurements.flat_map(samples) {
        match arms
            .iter_mut()
            .find(|samples| samples[0].is_on_same_arm(sample))
        {
            Some(samples) => samples.push(sample),
            None => arms.push(vec![sample]),
        }
    }
    arms.iter().map(|samples| TaskCost::of(samples)).collect()
}

/// An arm of a measurement of `busy`.
#[derive(Clone, Copy)]
struct Sample<'a> {
    pair: Pair<'a>,
    params: Params,
}

/// What is needed of the parameters of `busy`.
#[derive(Clone, Copy, Deserialize)]
struct Params {
    steps: u64,
    #[serde(default)]
    shape: Shape,
}

/// The arms of `measurement`, if its parameters are those of `busy`.
fn samples(measurement: &Measurement) -> impl Iterator<Item = Sample<'_>> {
    let params = Params::deserialize(&measurement.params).ok();
    let sample = move |params| measurement.pairs().map(move |pair| Sample { pair, params });

    params.into_iter().flat_map(sample)
}

impl<'a> Sample<'a> {
    fn is_on_same_arm(self, other: Self) -> bool {
        self.pair.engine() == other.pair.engine() && self.pair.workers() == other.pair.workers()
    }

    fn is_empty_with(self, shape: Shape) -> bool {
        self.params.shape == shape && self.params.steps == 0
    }

    fn is_of_curve(self) -> bool {
        self.params.shape == Shape::Batch && self.params.steps > 0
    }

    /// `figure` in each round.
    fn figures(self, figure: impl Fn(PairedRound<'a>) -> f64) -> Vec<f64> {
        self.pair.counted().into_iter().map(figure).collect()
    }

    /// Seconds of a task in the plain loop, in each round.
    fn loop_s(self) -> Vec<f64> {
        let tasks = self.pair.measurement.tasks.max(1) as f64;

        self.figures(|round| round.reference_s() / tasks)
    }

    /// Seconds of a task on the engine.
    fn task_s(self) -> Option<Estimate> {
        let tasks = self.pair.measurement.tasks.max(1) as f64;

        Estimate::of(&self.figures(|round| round.arm_s() / tasks))
    }

    fn efficiency(self) -> Option<Estimate> {
        let workers = self.pair.workers().max(1) as f64;

        Estimate::of(&self.figures(|round| round.speedup() / workers))
    }
}

impl TaskCost {
    /// What `samples` of one arm show; there is at least one.
    fn of(samples: &[Sample<'_>]) -> Self {
        let pair = samples[0].pair;
        let empty = |shape| samples.iter().find(|sample| sample.is_empty_with(shape));
        let cost_of = |shape| empty(shape).and_then(|sample| sample.task_s());
        let curve = curve(samples);

        Self {
            engine: pair.engine().to_owned(),
            workers: pair.workers(),
            startup_s: pair.startup_s(),
            rounds: samples
                .iter()
                .map(|sample| sample.pair.counted().len())
                .min()
                .unwrap_or_default(),
            task_s: cost_of(Shape::Batch),
            awake_s: cost_of(Shape::Awake),
            asleep_s: cost_of(Shape::Asleep),
            thresholds: thresholds(&curve, pair.workers()),
            curve,
        }
    }

    /// The work that a task needs for `efficiency`, if that is one of the thresholds.
    #[must_use]
    pub fn threshold(&self, efficiency: f64) -> Option<&Threshold> {
        self.thresholds
            .iter()
            .find(|threshold| threshold.efficiency == efficiency)
    }

    /// The efficiency at which the engine is as fast as the plain loop.
    #[must_use]
    pub fn break_even(&self) -> f64 {
        break_even(self.workers)
    }
}

fn break_even(workers: usize) -> f64 {
    1.0 / workers.max(1) as f64
}

fn curve(samples: &[Sample<'_>]) -> Vec<CurvePoint> {
    let mut points: Vec<Sample<'_>> = samples.to_vec();
    points.retain(|sample| sample.is_of_curve());
    points.sort_by_key(|sample| sample.params.steps);

    let empty = samples
        .iter()
        .find(|sample| sample.is_empty_with(Shape::Batch));
    let empty_s = empty
        .and_then(|sample| median(&sample.loop_s()))
        .unwrap_or_default();
    let durations = points.iter().flat_map(|sample| step_s(*sample, empty_s));
    let median_s = median(&durations.collect::<Vec<f64>>()).unwrap_or_default();
    let step_s = median_s.max(LEAST_STEP_S);

    let point = |sample: &Sample<'_>| {
        Some(CurvePoint {
            work_s: empty_s + sample.params.steps as f64 * step_s,
            efficiency: sample.efficiency()?,
        })
    };
    points.iter().filter_map(point).collect()
}

/// Seconds of a step in each round of `sample`, where an empty task takes the loop `empty_s`.
fn step_s(sample: Sample<'_>, empty_s: f64) -> Vec<f64> {
    let steps = sample.params.steps as f64;

    sample
        .loop_s()
        .into_iter()
        .map(|task_s| (task_s - empty_s) / steps)
        .collect()
}

fn thresholds(curve: &[CurvePoint], workers: usize) -> Vec<Threshold> {
    if curve.is_empty() {
        return Vec::new();
    }

    let mut levels: Vec<f64> = LEVELS.into_iter().chain([break_even(workers)]).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();

    levels
        .into_iter()
        .map(|level| Threshold::of(curve, level))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Withheld;
    use crate::analysis::ladders::{Ladder, Times};
    use crate::results::Round;

    const COST: f64 = 1e-6;

    /// Rounds of an engine that costs every worker a microsecond for each task, with tasks of 2^-3
    /// to 2^`most` times that. The plain loop takes 50 ns for an empty one.
    fn ladder(workers: usize, most: i32) -> Ladder {
        let empty_s = 50e-9;
        let tasks = 100 * workers;
        let rounds = |serial_s, engine_s| vec![Times { serial_s, engine_s }; 6];
        let alone = rounds(empty_s, 2.0 * COST);
        let asleep = rounds(empty_s, 9.0 * COST);
        let empty = rounds(tasks as f64 * empty_s, tasks as f64 * COST / workers as f64);

        let ladder = Ladder::on("pool", workers)
            .with(Shape::Batch, 0, tasks, &empty)
            .with(Shape::Awake, 0, 1, &alone)
            .with(Shape::Asleep, 0, 1, &asleep);
        (0..=most + 3).fold(ladder, |ladder, power| {
            let work_s = empty_s + COST / 8.0 * 2_f64.powi(power);
            let times = rounds(tasks as f64 * work_s, 100.0 * (work_s + COST));
            ladder.with(Shape::Batch, 1 << power, tasks, &times)
        })
    }

    fn cost(workers: usize, most: i32) -> TaskCost {
        ladder(workers, most).cost()
    }

    fn assert_near(estimate: Option<Estimate>, wanted: f64) {
        let estimate = estimate.unwrap();
        assert!(
            (estimate.median / wanted - 1.0).abs() < 1e-9,
            "{estimate:?}"
        );
        assert!(estimate.low.is_some() && estimate.high.is_some());
    }

    /// With a constant cost the model is exact: efficiency = work / (work + cost), one half where
    /// they are equal.
    #[test]
    fn a_constant_cost_is_its_own_threshold_of_one_half() {
        let cost = cost(4, 8);
        let half = cost.threshold(0.5).unwrap();
        assert_near(half.work_s, COST);
        assert_near(half.granularity_s, 2.0 * COST);
        assert_near(cost.threshold(0.9).unwrap().work_s, 9.0 * COST);
        // Four workers are as fast as the loop with a quarter of their time: work / (work + cost) =
        // 1 / 4.
        assert_near(
            cost.threshold(cost.break_even()).unwrap().work_s,
            COST / 3.0,
        );

        assert_near(cost.task_s, COST / 4.0);
        assert_near(cost.awake_s, 2.0 * COST);
        assert_near(cost.asleep_s, 9.0 * COST);
        assert_eq!(
            (cost.engine.as_str(), cost.workers, cost.rounds),
            ("pool", 4, 6)
        );
    }

    #[test]
    fn two_workers_break_even_at_one_half() {
        let levels = |workers| -> Vec<f64> {
            let thresholds = cost(workers, 8).thresholds;
            thresholds
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
        let cost = cost(2, -1);
        let half = cost.threshold(0.5).unwrap();
        assert_eq!(
            (half.work_s, half.withheld),
            (None, Some(Withheld::NotReached))
        );
        assert!(cost.curve.iter().all(|point| point.efficiency.median < 0.5));
    }

    #[test]
    fn without_a_curve_there_are_no_thresholds() {
        let cost = cost(2, -4);
        assert_eq!((cost.curve.len(), cost.thresholds.len()), (0, 0));
        assert!(cost.task_s.is_some());
    }

    #[test]
    fn every_arm_of_the_measurements_has_a_cost_of_its_own() {
        let mut measurements = ladder(2, 8).measurements;
        measurements.extend(ladder(4, 8).measurements);
        let costs = task_costs(measurements.iter());
        assert_eq!(costs, [cost(2, 8), cost(4, 8)]);
    }

    /// A batch that ran while the machine was slow must not stand among longer tasks.
    #[test]
    fn the_curve_has_the_order_of_the_work() {
        let mut ladder = ladder(2, 8);
        let slow = ladder
            .measurements
            .iter_mut()
            .find(|measurement| measurement.params["steps"] == 16)
            .unwrap();
        let slow_down = |round: &mut Round| round.times[0].wall_s *= 5.0;
        slow.rounds.iter_mut().for_each(slow_down);

        let cost = ladder.cost();
        let works: Vec<f64> = cost.curve.iter().map(|point| point.work_s).collect();
        assert!(
            works.is_sorted_by(|shorter, longer| shorter < longer),
            "{works:?}"
        );
        assert!((works[4] / 2.05e-6 - 1.0).abs() < 1e-9, "{works:?}");

        // Five times two thirds: the engine cannot have been that fast.
        assert!(cost.curve[4].is_impossible());
        assert!(!cost.curve[5].is_impossible());
    }
}
