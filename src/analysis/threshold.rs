//! How long a task must be for an efficiency, read from the curve that reports show, and why that
//! is sometimes withheld.

use super::{CurvePoint, Estimate};
use crate::stats::{crossing, lasting_crossing};

/// An interval whose ends are further apart than this factor does not say how long a task should
/// be.
const WIDEST: f64 = 10.0;

/// What a task must last for an efficiency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The efficiency.
    pub efficiency: f64,
    /// Seconds of a task in the plain loop from which on the curve stays at the efficiency or above
    /// it.
    ///
    /// The interval begins where the upper ends of the curve's own intervals first reach the
    /// efficiency and ends where the lower ends stay above it. `None` where that is not known;
    /// `withheld` then has the reason.
    pub work_s: Option<Estimate>,
    /// The same with the engine's cost in it, all workers' time per task, as METG counts: METG(50
    /// %) where the efficiency is 0.5.
    ///
    /// Source: E. Slaughter et al., Task Bench: A Parameterized Benchmark for Evaluating Parallel
    /// Runtime Performance, SC 2020.
    pub granularity_s: Option<Estimate>,
    /// Why there are no seconds.
    pub withheld: Option<Withheld>,
}

/// Why it is not known how long a task must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// No amount of work that was tried reaches the efficiency, not even at the upper end of its
    /// interval.
    NotReached,
    /// The interval is wider than a factor of ten, or reaches beyond the work that was tried.
    TooNoisy,
    /// The rounds are too few for an interval.
    TooFewRounds,
}

impl Threshold {
    /// Reads the threshold of `efficiency` from a curve of rising work.
    pub(super) fn of(curve: &[CurvePoint], efficiency: f64) -> Self {
        let (work_s, withheld) = match reading(curve, efficiency) {
            Ok(work_s) => (Some(work_s), None),
            Err(reason) => (None, Some(reason)),
        };

        Self {
            efficiency,
            work_s,
            granularity_s: work_s.map(|work_s| work_s.divided(efficiency)),
            withheld,
        }
    }
}

fn reading(curve: &[CurvePoint], level: f64) -> Result<Estimate, Withheld> {
    if curve.iter().any(|point| point.efficiency.low.is_none()) {
        return Err(Withheld::TooFewRounds);
    }

    let along = |end: fn(&CurvePoint) -> f64| -> Vec<(f64, f64)> {
        curve
            .iter()
            .map(|point| (point.work_s, log_odds(end(point))))
            .collect()
    };
    let level = log_odds(level);
    let upper_ends = along(|point| point.efficiency.high.unwrap_or(f64::INFINITY));
    let medians = along(|point| point.efficiency.median);
    // An impossible efficiency proves nothing: the true one may be anything below it.
    let lower_ends = along(|point| {
        if point.is_impossible() {
            0.0
        } else {
            point.efficiency.low.unwrap_or_default()
        }
    });

    let earliest = crossing(&upper_ends, level).ok_or(Withheld::NotReached)?;
    if upper_ends
        .first()
        .is_some_and(|&(_, highest)| highest >= level)
    {
        // So may shorter tasks than any that were tried.
        return Err(Withheld::TooNoisy);
    }
    let median = lasting_crossing(&medians, level).ok_or(Withheld::TooNoisy)?;
    let latest = lasting_crossing(&lower_ends, level).ok_or(Withheld::TooNoisy)?;

    if latest > WIDEST * earliest {
        return Err(Withheld::TooNoisy);
    }
    Ok(Estimate {
        median,
        low: Some(earliest),
        high: Some(latest),
    })
}

/// The scale on which efficiencies are interpolated: where each task costs a worker the same, the
/// efficiency is work / (work + cost), and this is the logarithm of work / cost, a straight line.
/// Both ends are bounded, so that no efficiency is infinitely far from the others.
fn log_odds(efficiency: f64) -> f64 {
    let bounded = efficiency.clamp(0.001, 0.999);

    (bounded / (1.0 - bounded)).ln()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::analysis::TaskCost;
    use crate::analysis::ladders::{Ladder, Times};
    use crate::results::Shape;

    /// Seconds that each task costs a worker in the simulations. The efficiency of tasks with as
    /// much work w is w / (w + cost) then, so an efficiency e is reached from cost * e / (1 - e)
    /// on.
    const COST: f64 = 0.73e-6;
    const WORKERS: usize = 4;
    const TASKS: usize = 100 * WORKERS;

    /// Rounds of an engine whose timings have log-normal noise of this standard deviation, each by
    /// itself.
    struct Simulation {
        noise: f64,
        rounds: usize,
        /// The longest task's work is this power of two of the cost.
        longest: i32,
        random: Xoshiro256PlusPlus,
    }

    impl Simulation {
        fn new(noise: f64) -> Self {
            Self {
                noise,
                rounds: 12,
                longest: 8,
                random: Xoshiro256PlusPlus::seed_from_u64(11),
            }
        }

        fn uniform(&mut self) -> f64 {
            ((self.random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }

        /// A factor of noise, by the method of Box and Muller.
        fn disturbance(&mut self) -> f64 {
            let radius = (-2.0 * self.uniform().ln()).sqrt();
            (self.noise * radius * (std::f64::consts::TAU * self.uniform()).cos()).exp()
        }

        fn cost(&mut self) -> TaskCost {
            let mut ladder = Ladder::on("pool", WORKERS);
            for power in 0..=self.longest + 3 {
                let steps = 1 << power;
                let times: Vec<Times> = (0..self.rounds).map(|_| self.times(steps)).collect();
                ladder = ladder.with(Shape::Batch, steps, TASKS, &times);
            }
            ladder.cost()
        }

        fn times(&mut self, steps: u64) -> Times {
            // The whole machine is slower in some rounds, which changes no efficiency.
            let pace = self.disturbance();
            let work_s = COST / 8.0 * steps as f64;
            let engine_s = (TASKS / WORKERS) as f64 * (work_s + COST);

            Times {
                serial_s: pace * TASKS as f64 * work_s * self.disturbance(),
                engine_s: pace * engine_s * self.disturbance(),
            }
        }
    }

    fn truth(efficiency: f64) -> f64 {
        COST * efficiency / (1.0 - efficiency)
    }

    #[test]
    fn exact_curves_give_the_exact_threshold() {
        let cost = Simulation::new(0.0).cost();
        for efficiency in [0.25, 0.5, 0.9] {
            let work = cost.threshold(efficiency).unwrap().work_s.unwrap();
            let wanted = truth(efficiency);
            for end in [work.median, work.low.unwrap(), work.high.unwrap()] {
                assert!(
                    (end / wanted - 1.0).abs() < 1e-9,
                    "{efficiency}: {work:?}, not {wanted}"
                );
            }
        }
    }

    /// Also after it was decided to show an interval at all: a withheld one counts for neither
    /// side.
    #[test]
    fn a_shown_interval_covers_the_true_threshold() {
        for noise in [0.02, 0.1, 0.3, 0.6] {
            let mut simulation = Simulation::new(noise);
            let costs: Vec<TaskCost> = (0..500).map(|_| simulation.cost()).collect();

            for efficiency in [0.25, 0.5, 0.9] {
                let thresholds = costs.iter().filter_map(|cost| cost.threshold(efficiency));
                let intervals: Vec<Estimate> = thresholds
                    .filter_map(|threshold| threshold.work_s)
                    .collect();
                let truth = truth(efficiency);
                let covers =
                    |work: &&Estimate| work.low.unwrap() <= truth && truth <= work.high.unwrap();
                let covering = intervals.iter().filter(covers).count() as f64;

                // The rate is 95 %; 500 draws may miss it by two standard deviations of their own,
                // a hundredth each.
                let wanted = 0.93 * intervals.len() as f64;
                let count = intervals.len();
                assert!(
                    covering >= wanted,
                    "{noise}, {efficiency}: {covering} of {count}"
                );
                let calm = noise <= 0.02;
                assert!(
                    !calm || count == costs.len(),
                    "a calm machine is not called noisy"
                );
            }
        }
    }

    /// The advice never contradicts the rows: from the threshold on, each has the efficiency.
    #[test]
    fn every_row_from_the_threshold_on_has_the_efficiency() {
        for noise in [0.05, 0.4] {
            let mut simulation = Simulation::new(noise);
            for cost in (0..50).map(|_| simulation.cost()) {
                for threshold in &cost.thresholds {
                    let Some(work) = threshold.work_s else {
                        continue;
                    };
                    let longer = cost
                        .curve
                        .iter()
                        .filter(|point| point.work_s >= work.median);
                    assert!(longer.clone().count() > 0);
                    for point in longer {
                        assert!(
                            point.efficiency.median >= threshold.efficiency,
                            "{threshold:?} {point:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_is_withheld_with_its_reason() {
        let reason = |mut simulation: Simulation, efficiency| {
            simulation.cost().threshold(efficiency).unwrap().withheld
        };
        let short = Simulation {
            longest: 1,
            ..Simulation::new(0.02)
        };
        assert_eq!(reason(short, 0.9), Some(Withheld::NotReached));
        let few = Simulation {
            rounds: 5,
            ..Simulation::new(0.02)
        };
        assert_eq!(reason(few, 0.5), Some(Withheld::TooFewRounds));
        assert_eq!(reason(Simulation::new(2.0), 0.5), Some(Withheld::TooNoisy));
        assert_eq!(reason(Simulation::new(0.02), 0.5), None);
    }

    fn point(work_s: f64, low: f64, high: f64) -> CurvePoint {
        CurvePoint {
            work_s,
            efficiency: Estimate {
                median: f64::midpoint(low, high),
                low: Some(low),
                high: Some(high),
            },
        }
    }

    #[test]
    fn an_impossible_row_proves_no_efficiency() {
        let mut curve = vec![
            point(1.0, 0.2, 0.3),
            point(2.0, 0.55, 0.65),
            point(4.0, 0.7, 0.8),
        ];
        assert_eq!(Threshold::of(&curve, 0.5).withheld, None);

        curve.push(point(8.0, 1.2, 2.1));
        let withheld = Threshold::of(&curve, 0.5).withheld;
        assert_eq!(withheld, Some(Withheld::TooNoisy));
    }

    /// Shorter tasks may have it, too.
    #[test]
    fn a_first_row_that_may_have_the_efficiency_gives_no_threshold() {
        for first in [point(1.0, 0.4, 0.6), point(1.0, 0.6, 0.7)] {
            let curve = [first, point(2.0, 0.7, 0.75), point(4.0, 0.8, 0.85)];
            let withheld = Threshold::of(&curve, 0.5).withheld;
            assert_eq!(withheld, Some(Withheld::TooNoisy));
        }
    }
}
