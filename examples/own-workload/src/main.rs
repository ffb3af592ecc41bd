//! A program that measures one workload of its own: counting primes by trial division.

use parbench::workload::{Context, Error, Tasks, Workload, default_tasks};
use parbench::{results::Work, stop::Stop, units::Bounded};

#[derive(clap::Args, serde::Serialize, serde::Deserialize)]
struct Primes {
    /// Count the primes below N
    #[arg(long, value_name = "N", default_value = "100000")]
    below: Bounded<1, 1_000_000_000>,
    /// Equal tasks
    #[arg(long, value_name = "N", default_value_t = default_tasks())]
    tasks: Tasks,
    /// Count only those that are two less than another prime
    #[arg(long)]
    twins: bool,
}

impl Workload for Primes {
    const NAME: &'static str = "primes";
    const ABOUT: &'static str = "Counts primes by trial division";
    type Params = Self;
    type Partial = usize;
    type Answer = usize;

    fn prepare(params: Self, _: &Context<'_>) -> Result<Self, Error> {
        Ok(params)
    }

    fn tasks(&self) -> usize {
        self.tasks.count()
    }

    fn work(&self) -> Work {
        Work::new(self.below.get(), "numbers")
    }

    fn task(&self, index: usize, _: &Stop) -> Result<usize, Error> {
        // Every task has small numbers and large ones, which take longer.
        let is_mine = |&n: &u64| n / 100 % self.tasks.get() == index as u64;
        let counts = |&n: &u64| is_prime(n) && (!self.twins || is_prime(n + 2));
        Ok((0..self.below.get()).filter(is_mine).filter(counts).count())
    }

    fn combine(&self, partials: Vec<usize>) -> Result<usize, Error> {
        Ok(partials.iter().sum())
    }

    fn describe(&self, _: usize, primes: &usize) -> String {
        format!("{primes} primes")
    }
}

fn is_prime(n: u64) -> bool {
    n > 1 && (2..=n.isqrt()).all(|d| !n.is_multiple_of(d))
}

fn main() -> std::process::ExitCode {
    parbench::Program::new().workload::<Primes>().main()
}
