//! The workload `pi`: a Monte-Carlo estimate from points in a square. Pure arithmetic. Drawing and
//! counting are `crate::kernel`'s; here are the streams' seeds and the estimate.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;
use serde::{Deserialize, Serialize};

use super::{Context, Error, Tasks, Workload, default_tasks};
use crate::kernel::isa::Isa;
use crate::kernel::points::{LANES, Points};
use crate::results::Work;
use crate::stop::Stop;
use crate::units::Bounded;

/// Steps of all lanes between two looks at the stop flag: a million points, well under a millisecond.
const STEPS_PER_LOOK: u64 = 1 << 15;

/// What decides the answer of `pi`.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(super) struct Params {
    /// Points that each task draws: 1 to 1000000000000
    #[arg(long, value_name = "N", default_value = "10000000")]
    samples: Bounded<1, 1_000_000_000_000>,
    /// Equal tasks, each with its own random stream: 1 to 1000000 [default: the usable CPUs]
    #[arg(long, value_name = "N", default_value = default_tasks().to_string(), hide_default_value = true)]
    tasks: Tasks,
    /// Seed of the random streams: 0 to 18446744073709551615
    #[arg(long, value_name = "N", default_value = "42")]
    seed: Bounded<0, { u64::MAX }>,
}

/// What all tasks found.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// Points inside the circle, for each task.
    inside: Vec<u64>,
    /// Their sum.
    total_inside: u64,
    /// Points drawn by all tasks together.
    samples: u64,
    /// 4 x `total_inside` / `samples`.
    estimate: f64,
    /// The estimate's standard error: 4 sqrt(p (1 - p) / `samples`), where p is the share inside.
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

    /// Samples that are no multiple of the lanes: the first lanes draw one point more.
    fn task(&self, index: usize, stop: &Stop) -> Result<u64, Error> {
        let mut points = Points::new(first_state(self.seed, index as u64));
        let (mut steps, rest) = (self.samples / LANES as u64, self.samples % LANES as u64);
        let mut inside = 0;
        while steps > 0 {
            stop.check()?;
            let now = steps.min(STEPS_PER_LOOK);
            inside += points.count(now, self.isa);
            steps -= now;
        }
        Ok(inside + points.count_rest(usize::try_from(rest).unwrap_or(LANES)))
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

/// The state of lane 0 of a task's generators: four outputs of SplitMix64, seeded with the first output
/// that `seed` gives, exclusive-or the task's index times an odd number. So two tasks of one seed never
/// share a stream, and `rand_xoshiro`'s `seed_from_u64` makes the same state.
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

    /// The documented definition, on `rand_xoshiro` alone.
    fn reference(samples: u64, seed: u64, task: u64) -> u64 {
        let mixed = SplitMix64::seed_from_u64(seed).next_u64();
        let odd = 0xd134_2543_de82_ef95_u64;
        let mut lane = Xoshiro256PlusPlus::seed_from_u64(mixed ^ task.wrapping_mul(odd));
        let mut inside = 0;
        for number in 0..32 {
            let mut own = lane.clone();
            for _ in 0..samples / 32 + u64::from(number < samples % 32) {
                let bytes = own.next_u64().to_le_bytes();
                let half = |at: usize| i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
                let [x, y] = [0, 4].map(|at| i128::from(half(at)));
                inside += u64::from(x * x + y * y <= 1 << 62);
            }
            lane.jump();
        }
        inside
    }

    #[test]
    fn counts_equal_rand_xoshiro_for_any_samples() {
        let stop = Stop::new();
        for samples in [1, 31, 32, 33, 1000, 99_999, (STEPS_PER_LOOK + 5) * 32 + 7] {
            for task in [0, 1, 5] {
                let count = pi(samples, 6, 42).task(task, &stop).unwrap();
                assert_eq!(
                    count,
                    reference(samples, 42, task as u64),
                    "{samples} samples, task {task}"
                );
            }
        }
        assert_ne!(
            pi(1000, 1, 42).task(0, &stop).unwrap(),
            pi(1000, 1, 43).task(0, &stop).unwrap()
        );
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
        assert!(
            (answer.standard_error - 0.000_821).abs() < 1e-5,
            "{answer:?}"
        );
    }

    #[test]
    fn a_raised_flag_ends_a_task() {
        let stop = Stop::new();
        stop.raise(2);
        assert!(matches!(
            pi(1_000_000_000_000, 1, 1).task(0, &stop),
            Err(Error::Interrupted(_))
        ));
    }
}
