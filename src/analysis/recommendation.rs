//! With how many workers the work is done best: which number is enough, which is cheapest, and what
//! a further worker would add.

use serde::Serialize;

use super::{Estimate, Series};
use crate::results::{Measurement, Round};
use crate::stats::median;

/// How many times as long as the fastest a number of workers may take and still be as good: its
/// speed-up is 5 % below then.
const AS_GOOD: f64 = 1.0 / 0.95;

/// The number of workers to use. Arms are given by their index in the measurement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The arm with the fewest workers whose speed-up is not certainly more than 5 % below that of
    /// the fastest, and which is certainly faster than the first arm unless it is that. The plain
    /// loop counts as one worker, in place of an engine's, but for a program with workers of its
    /// own.
    pub arm: usize,
    /// The fastest arm, by the rounds' own ratios.
    pub fastest: usize,
    /// Whether nothing is certain: `arm` is the first one of all, and others may be worth having.
    pub is_open: bool,
    /// The step to more workers that may be worth them and may not, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_step: Option<Step>,
    /// From the recommended arm to the fastest, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_fastest: Option<Step>,
    /// The arm that reserves the least core-seconds for the work.
    pub cheapest: usize,
    /// What the last of its workers added: the step to it from the next smaller number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_fewer: Option<Step>,
    /// What the next larger number would add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_more: Option<Step>,
    /// What the work costs on it.
    pub cost: Cost,
    /// What it costs in the plain loop, or in what else is the reference.
    pub reference_cost: Cost,
}

/// From one number of workers to a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The arm with fewer workers.
    pub from: usize,
    /// The arm with more.
    pub to: usize,
    /// How many times as fast the second is.
    pub gain: Estimate,
}

/// What the reference's work costs on an arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// The workers times the seconds: the cores that nobody else can use meanwhile.
    pub reserved_core_s: f64,
    /// The seconds of CPU time that were used, where the system reports them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_cpu_s: Option<f64>,
}

impl Series<'_> {
    /// The recommended number of workers; `None` below 6 steady rounds, which give no interval.
    #[must_use]
    pub fn recommendation(&self) -> Option<Recommendation> {
        let measurement = self.measurement;
        let steady: Vec<&Round> = measurement.steady().collect();
        let candidates = self.candidates();
        let gain = |from: usize, to: usize| gain(measurement, &steady, from, to);

        let fastest = fastest(&candidates, gain)?;
        let first = *candidates.first()?;
        let is_as_good = |&&arm: &&usize| {
            let times_as_long = gain(arm, fastest).and_then(|gain| gain.low);
            times_as_long.is_some_and(|least| least <= AS_GOOD)
        };
        let is_certain = |arm: usize| {
            let gained = gain(first, arm).and_then(|gain| gain.low);
            arm == first || gained.is_some_and(|least| least > 1.0)
        };
        let place = candidates
            .iter()
            .position(|arm| is_as_good(&arm) && is_certain(*arm))?;
        let arm = candidates[place];

        let step = |from: usize, to: usize| {
            let gain = gain(from, to)?;
            Some(Step { from, to, gain })
        };
        let cost = |arm: usize| Cost::of(measurement, &steady, arm);
        let to_fastest = (arm != fastest).then(|| step(arm, fastest)).flatten();
        let to_more = candidates.get(place + 1).and_then(|&more| step(arm, more));
        let open_step = self.open_step(&[to_fastest, to_more]);

        Some(Recommendation {
            arm,
            fastest,
            is_open: arm == first && open_step.is_some(),
            open_step,
            to_fastest,
            cheapest: least(&candidates, |&arm| Some(cost(arm)?.reserved_core_s))?,
            from_fewer: place
                .checked_sub(1)
                .and_then(|fewer| step(candidates[fewer], arm)),
            to_more,
            cost: cost(arm)?,
            reference_cost: cost(measurement.reference)?,
        })
    }

    /// The first of `steps` that may be worth its workers. What more workers than cores might bring
    /// opens nothing: there is no reason to expect any, unless other programs had the cores.
    fn open_step(&self, steps: &[Option<Step>]) -> Option<Step> {
        let worth = self.measurement.worth;
        let may_be_worth_it = |step: &&Step| {
            let pair = self.pair_at(step.to);
            let has_cores = pair.is_some_and(|pair| {
                let is_busy = pair.summary().is_some_and(|summary| summary.busy_machine);
                is_busy || self.has_cores_for(pair.workers())
            });
            let is_certain = step.gain.low.is_some_and(|gain| gain > worth);

            has_cores && !is_certain && step.gain.high.is_some_and(|gain| gain > worth)
        };

        steps.iter().flatten().find(may_be_worth_it).copied()
    }

    /// What each number of workers brings over the next smaller one, by rising workers; empty below
    /// 6 steady rounds.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let steady: Vec<&Round> = self.measurement.steady().collect();
        let candidates = self.candidates();
        let neighbours = candidates.windows(2);

        neighbours
            .filter_map(|arms| {
                let (from, to) = (arms[0], arms[1]);
                let gain = gain(self.measurement, &steady, from, to)?;
                Some(Step { from, to, gain })
            })
            .collect()
    }

    /// The arms to choose from, by rising workers. The plain loop, where it is the reference,
    /// stands for one worker: what one worker of an engine takes beside it is the engine's cost. A
    /// serial program beside one with workers of its own is another program, so both are there.
    fn candidates(&self) -> Vec<usize> {
        let reference = self.measurement.reference;
        let is_loop = self.measurement.arms[reference].is_serial();
        let stands_for_one = is_loop && !self.measurement.has_own_workers();
        let arms = self
            .pairs
            .iter()
            .filter(|pair| !stands_for_one || pair.workers() > 1)
            .map(|pair| pair.index);

        is_loop
            .then_some(reference)
            .into_iter()
            .chain(arms)
            .collect()
    }
}

impl Measurement {
    /// What the work costs on the arm at `index`; `None` without a steady round.
    #[must_use]
    pub fn cost(&self, index: usize) -> Option<Cost> {
        let steady: Vec<&Round> = self.steady().collect();

        Cost::of(self, &steady, index)
    }

    /// Seconds that the arm took in `round` for as much work as the reference does.
    fn unit_s(&self, round: &Round, arm: usize) -> f64 {
        round.times[arm].wall_s.max(1e-9) / self.arms[arm].scale.max(1) as f64
    }
}

impl Cost {
    fn of(measurement: &Measurement, rounds: &[&Round], index: usize) -> Option<Self> {
        let arm = &measurement.arms[index];
        let wall_s = median_of(rounds, |round| measurement.unit_s(round, index))?;
        let used = |round: &&Round| {
            let cpu = round.times[index].cpu?;
            Some(cpu.total_s() / arm.scale.max(1) as f64)
        };
        let used: Option<Vec<f64>> = rounds.iter().map(used).collect();

        Some(Self {
            reserved_core_s: wall_s * arm.workers.max(1) as f64,
            used_cpu_s: used.and_then(|used| median(&used)),
        })
    }
}

/// How many times as fast `to` is as `from`, paired by rounds; `None` without an interval.
pub(super) fn gain(
    measurement: &Measurement,
    rounds: &[&Round],
    from: usize,
    to: usize,
) -> Option<Estimate> {
    let ratio = |round: &&Round| measurement.unit_s(round, from) / measurement.unit_s(round, to);
    let ratios: Vec<f64> = rounds.iter().map(ratio).collect();

    Estimate::of(&ratios).filter(|gain| gain.low.is_some())
}

fn median_of(rounds: &[&Round], value: impl Fn(&Round) -> f64) -> Option<f64> {
    let values: Vec<f64> = rounds.iter().map(|round| value(round)).collect();

    median(&values)
}

/// The fastest of `arms`: one takes the place of those before it where it was faster in the median
/// round.
pub(super) fn fastest(
    arms: &[usize],
    gain: impl Fn(usize, usize) -> Option<Estimate>,
) -> Option<usize> {
    let mut fastest = *arms.first()?;
    for &arm in arms {
        if gain(fastest, arm)?.median > 1.0 {
            fastest = arm;
        }
    }

    Some(fastest)
}

/// The first of `arms` whose figure is the least; `None` where one has none.
fn least(arms: &[usize], figure: impl Fn(&usize) -> Option<f64>) -> Option<usize> {
    let figures: Option<Vec<f64>> = arms.iter().map(figure).collect();
    let (place, _) = figures?
        .into_iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1))?;

    arms.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::{measurement, noisy, rounds};
    use crate::results::CpuUse;

    const COUNTS: [usize; 4] = [1, 2, 4, 8];

    fn recommended(measurement: &Measurement) -> Recommendation {
        measurement.series()[0].recommendation().unwrap()
    }

    fn workers(measurement: &Measurement, arm: usize) -> usize {
        measurement.arms[arm].workers
    }

    #[test]
    fn one_worker_of_another_program_is_chosen_beside_the_serial_one() {
        let mut measurement = measurement(&[1, 2], 12, |_| 0.5, 3);
        for arm in measurement.arms.iter_mut().skip(1) {
            arm.engine = crate::results::OWN.to_owned();
        }

        let recommended = recommended(&measurement);
        let arm = &measurement.arms[recommended.arm];
        assert_eq!((arm.engine.as_str(), arm.workers), ("own", 1));
    }

    #[test]
    fn the_smallest_count_that_is_as_good_as_the_fastest() {
        // Eight workers are 3 % faster than four, these twice as fast as two.
        let time = |workers: f64| {
            let close_to_linear = 1.04 / workers;
            if workers < 8.0 {
                close_to_linear
            } else {
                0.2525
            }
        };
        let measurement = measurement(&COUNTS, 12, time, 5);
        let recommendation = recommended(&measurement);

        assert_eq!(workers(&measurement, recommendation.arm), 4);
        assert_eq!(workers(&measurement, recommendation.fastest), 8);
        assert_eq!(recommendation.cheapest, measurement.reference);
        assert_eq!(
            workers(&measurement, recommendation.from_fewer.unwrap().from),
            2
        );
        let more = recommendation.to_more.unwrap().gain;
        assert!((more.median - 1.03).abs() < 0.005, "{more:?}");
    }

    #[test]
    fn it_is_open_while_the_fastest_may_be_worth_its_workers() {
        let mut measurement = measurement(&[2], 12, |_| 0.97, 5);
        assert!(!recommended(&measurement).is_open);

        for round in measurement.rounds.iter_mut().step_by(2) {
            round.times[1].wall_s *= 0.6;
        }
        let recommendation = recommended(&measurement);
        assert_eq!(recommendation.arm, measurement.reference);
        assert!(recommendation.is_open);
    }

    /// Two workers that are twice as fast as the loop, and four that are in some rounds.
    fn four_are_open() -> Measurement {
        let mut measurement = measurement(&[2, 4], 12, |_| 0.5, 5);
        for (number, round) in measurement.rounds.iter_mut().enumerate() {
            round.times[2].wall_s *= if number % 2 == 0 { 0.7 } else { 1.05 };
        }

        measurement
    }

    #[test]
    fn what_is_certain_is_recommended_while_more_workers_are_open() {
        let measurement = four_are_open();
        let recommendation = recommended(&measurement);

        assert_eq!(workers(&measurement, recommendation.arm), 2);
        assert!(!recommendation.is_open);
        assert_eq!(
            workers(&measurement, recommendation.open_step.unwrap().to),
            4
        );
    }

    #[test]
    fn more_workers_than_cores_open_nothing() {
        let mut measurement = four_are_open();
        rounds(&mut measurement, |round| {
            for granted in &mut round.calibration.granted {
                granted.cores = granted.cores.min(2.0);
            }
        });
        let recommendation = recommended(&measurement);

        assert_eq!(workers(&measurement, recommendation.arm), 2);
        assert_eq!(recommendation.open_step, None);
    }

    #[test]
    fn the_fastest_is_so_in_the_rounds_and_not_by_their_medians() {
        // The machine slows down: four workers win each round, but their median is of slower ones.
        let mut measurement = measurement(&[2, 4], 9, |_| 0.5, 5);
        for (number, round) in measurement.rounds.iter_mut().enumerate() {
            let (two_s, four_s) = match number {
                0..4 => (1.0, 0.9),
                4 => (1.1, 1.2),
                _ => (2.0, 1.8),
            };
            round.times[0].wall_s = 9.0;
            round.times[1].wall_s = two_s;
            round.times[2].wall_s = four_s;
        }

        assert_eq!(workers(&measurement, recommended(&measurement).fastest), 4);
    }

    #[test]
    fn a_count_is_as_good_until_its_speed_up_is_5_percent_below_the_best() {
        let with = |two_s: f64| {
            let measurement = measurement(&[2, 4], 12, |n| if n < 3.0 { two_s } else { 0.5 }, 5);
            workers(&measurement, recommended(&measurement).arm)
        };

        // 1 / 0.95 = 1.0526.
        assert_eq!(with(0.5 * 1.052), 2);
        assert_eq!(with(0.5 * 1.056), 4);
    }

    #[test]
    fn the_plain_loop_is_one_worker_where_nothing_gains() {
        let measurement = measurement(&COUNTS, 12, |_| 1.1, 5);
        let recommendation = recommended(&measurement);

        assert_eq!(
            (recommendation.arm, recommendation.from_fewer),
            (measurement.reference, None)
        );
        assert_eq!(workers(&measurement, recommendation.to_more.unwrap().to), 2);
    }

    #[test]
    fn beside_another_engine_the_reference_is_no_candidate() {
        let mut measurement = measurement(&[2, 4], 12, |workers| 1.2 / workers, 5);
        measurement.arms[0].engine = "process".to_owned();

        assert_eq!(workers(&measurement, recommended(&measurement).arm), 4);
    }

    #[test]
    fn costs_are_those_of_the_references_work() {
        let mut measurement = measurement(&[2, 4], 12, |_| 1.0, 5);
        (measurement.arms[1].scale, measurement.arms[2].scale) = (2, 4);
        rounds(&mut measurement, |round| {
            round.times[2].cpu = Some(CpuUse {
                user_s: 3.9,
                system_s: 0.1,
                preemptions: Some(0),
                waited_s: None,
            });
        });
        let recommendation = recommended(&measurement);

        assert_eq!(workers(&measurement, recommendation.arm), 4);
        assert!(
            (recommendation.cost.reserved_core_s - 1.0).abs() < 0.01,
            "{recommendation:?}"
        );
        assert!((recommendation.cost.used_cpu_s.unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(recommendation.reference_cost.used_cpu_s, None);
    }

    #[test]
    fn few_rounds_recommend_nothing() {
        let measurement = measurement(&COUNTS, 5, |workers| 1.0 / workers, 5);

        assert_eq!(measurement.series()[0].recommendation(), None);
    }

    /// A count that is truly as good as the best is to be among those that are not ruled out, and
    /// what is recommended is to need no more workers than it. Four of these counts are within 5 %
    /// of the best by the law of the times; in a seeded simulation of 400 runs the smallest of them
    /// was passed over in at most 7 of 100. A count that is far from it, as one worker is here, was
    /// never recommended; where noise is small, none but the smallest good one was.
    #[test]
    fn the_recommended_count_is_neither_too_large_nor_too_small() {
        const TRIALS: u64 = 400;
        let time = |workers: f64| 0.9 / workers + 0.1 + 0.004 * (workers - 1.0);
        let counts = [1, 4, 8, 12, 16, 20];
        let best = counts.map(|count| time(count as f64)).into_iter();
        let best = best.fold(f64::INFINITY, f64::min);
        let is_good = |count: &&usize| time(**count as f64) <= AS_GOOD * best;
        let smallest = *counts.iter().find(is_good).unwrap();

        for (noise, rounds) in [(0.01, 6), (0.02, 10), (0.05, 20)] {
            let choices: Vec<usize> = (0..TRIALS)
                .map(|seed| {
                    let measurement = noisy(&counts, rounds, time, noise, seed);
                    workers(&measurement, recommended(&measurement).arm)
                })
                .collect();
            let share_of = |is_wanted: &dyn Fn(usize) -> bool| {
                let wanted = choices.iter().filter(|count| is_wanted(**count)).count();
                wanted as f64 / TRIALS as f64
            };
            let share = share_of(&|count| count <= smallest);
            assert!(share >= 0.93, "{noise}: {share}");
            assert_eq!(share_of(&|count| count == 1), 0.0, "{noise}");
            if noise == 0.01 {
                let exact = share_of(&|count| count == smallest);
                assert!(exact >= 0.93, "{noise}: {exact}");
            }
        }
    }
}
