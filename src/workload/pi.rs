//! The workload `pi`: a Monte-Carlo estimate from points in a square, which is pure arithmetic.
//! `parbench_kernels` draws and counts the points; this file seeds the streams and makes the
//! estimate.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;
use serde::{Deserialize, Serialize};

use super::{Context, Error, Tasks, Workload, default_tasks};
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bounded;
use parbench_kernels::isa::Isa;
use parbench_kernels::points::{LANES, Points};

/// Steps of all lanes between two checks of the stop flag: a million points, well under a
/// millisecond.
const STEPS_PER_CHECK: u64 = 1 << 15;

/// The parameters of `pi`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Points that each task draws: 1 to 1000000000000
    #[arg(long, value_name = "N", default_value = "10000000")]
    samples: Bounded<1, 1_000_000_000_000>,
    /// Number of tasks, each with its own random stream: 1 to 1000000 [default: number of usable
    /// CPUs]
    #[arg(
        long,
        value_name = "N",
        default_value = default_tasks().to_string(),
        hide_default_value = true
    )]
    tasks: Tasks,
    /// Seed of the random streams: 0 to 18446744073709551615
    #[arg(long, value_name = "N", default_value = "42")]
    seed: Bounded<0, { u64::MAX }>,
}

/// The answer of all tasks.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// Points inside the circle, by task.
    inside: Vec<u64>,
    /// Their sum.
    total_inside: u64,
    /// Points drawn by all tasks together.
    samples: u64,
    /// 4 x `total_inside` / `samples`.
    estimate: f64,
    /// Its standard error: 4 sqrt(p (1 - p) / `samples`), where p is the share of points inside.
    standard_error: f64,
}

/// The workload, ready to run.
pub(super) struct Pi {
    samples: u64,
    tasks: usize,
    seed: u64,
    isa: Isa,
}

impl Workload for Pi {
    const NAME: &'static str = "pi";
    const ABOUT: &'static str = "Monte-Carlo estimate of pi: pure arithmetic";
    type Params = Params;
    type Partial = u64;
    type Answer = Answer;

    fn prepare(params: Params, _context: &Context<'_>) -> Result<Self, Error> {
        let Params {
            samples,
            tasks,
            seed,
        } = params;

        Ok(Self {
            samples: samples.get(),
            tasks: tasks.count(),
            seed: seed.get(),
            isa: Isa::selected(),
        })
    }

    fn tasks(&self) -> usize {
        self.tasks
    }

    fn work(&self) -> Work {
        Work {
            amount: self.samples * self.tasks as u64,
            unit: "samples".to_owned(),
        }
    }

    /// Where the lanes do not divide the samples, the first lanes draw one point more.
    fn task(&self, index: usize, stop: &Stop) -> Result<u64, Error> {
        let mut points = Points::new(first_state(self.seed, index as u64));
        let mut steps_left = self.samples / LANES as u64;
        let mut inside = 0;

        while steps_left > 0 {
            stop.check()?;
            let steps = steps_left.min(STEPS_PER_CHECK);
            inside += points.count(steps, self.isa);
            steps_left -= steps;
        }

        let rest = usize::try_from(self.samples % LANES as u64).unwrap_or(LANES);
        Ok(inside + points.count_rest(rest))
    }

    fn combine(&self, inside: Vec<u64>) -> Result<Answer, Error> {
        let total_inside: u64 = inside.iter().sum();
        let samples = self.work().amount;

        let share = total_inside as f64 / samples as f64;
        let standard_error = 4.0 * (share * (1.0 - share) / samples as f64).sqrt();

        Ok(Answer {
            inside,
            total_inside,
            samples,
            estimate: 4.0 * share,
            standard_error,
        })
    }

    fn describe(&self, _index: usize, inside: &u64) -> String {
        format!("{inside} of {} points inside", self.samples)
    }
}

/// The state of lane 0 of a task's generators: four outputs of SplitMix64. Its own seed is the
/// first output for `seed`, exclusive-or the task's index times an odd number. So two tasks with
/// the same seed never share a stream. `rand_xoshiro`'s `seed_from_u64` makes the same state.
///
/// Source of SplitMix64: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.
fn first_state(seed: u64, task: u64) -> [u64; 4] {
    let mixed = SplitMix64::seed_from_u64(seed).next_u64();
    let mut words = SplitMix64::seed_from_u64(mixed ^ task.wrapping_mul(0xd134_2543_de82_ef95));

    std::array::from_fn(|_| words.next_u64())
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn pi(samples: u64, tasks: usize, seed: u64) -> Pi {
        Pi {
            samples,
            tasks,
            seed,
            isa: Isa::detect(),
        }
    }

    /// The count by its documented definition, on `rand_xoshiro` alone.
    fn reference(samples: u64, seed: u64, task: u64) -> u64 {
        let mixed = SplitMix64::seed_from_u64(seed).next_u64();
        let odd = 0xd134_2543_de82_ef95_u64;
        let mut first = Xoshiro256PlusPlus::seed_from_u64(mixed ^ task.wrapping_mul(odd));
        let mut inside = 0;

        for number in 0..32 {
            let mut lane = first.clone();

            for _ in 0..samples / 32 + u64::from(number < samples % 32) {
                let bytes = lane.next_u64().to_le_bytes();
                let half = |at: usize| i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
                let [x, y] = [0, 4].map(|at| i128::from(half(at)));
                inside += u64::from(x * x + y * y <= 1 << 62);
            }

            first.jump();
        }

        inside
    }

    #[test]
    fn counts_equal_rand_xoshiro_for_any_samples() {
        let stop = Stop::new();
        let past_a_check = (STEPS_PER_CHECK + 5) * 32 + 7;

        for samples in [1, 31, 32, 33, 1000, 99_999, past_a_check] {
            for task in [0, 1, 5] {
                let count = pi(samples, 6, 42).task(task, &stop).unwrap();
                let expected = reference(samples, 42, task as u64);
                assert_eq!(count, expected, "{samples} samples, task {task}");
            }
        }

        let count = |seed: u64| pi(1000, 1, seed).task(0, &stop).unwrap();
        assert_ne!(count(42), count(43));
    }

    #[test]
    fn the_estimate_is_pi_within_its_standard_error() {
        let workload = pi(1_000_000, 4, 42);
        let counts = (0..4)
            .map(|task| workload.task(task, &Stop::new()).unwrap())
            .collect();
        let answer = workload.combine(counts).unwrap();

        assert_eq!(answer.total_inside, answer.inside.iter().sum::<u64>());
        assert_eq!(answer.samples, 4_000_000);

        let error = (answer.estimate - std::f64::consts::PI).abs();
        assert!(error < 4.0 * answer.standard_error, "{answer:?}");

        let expected = 0.000_821;
        assert!(
            (answer.standard_error - expected).abs() < 1e-5,
            "{answer:?}"
        );
    }

    #[test]
    fn a_raised_flag_ends_a_task() {
        let stop = Stop::new();
        stop.raise(2);

        let result = pi(1_000_000_000_000, 1, 1).task(0, &stop);
        assert!(matches!(result, Err(Error::Interrupted(_))));
    }
}
