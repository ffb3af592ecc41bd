//! What will be measured, valid by construction: cases, each with its arms.

mod case;
mod choice;
mod fitting;
mod hosted;
mod left_out;
mod repeat;
mod worker_counts;

use std::collections::HashSet;
use std::num::NonZeroUsize;

use crate::engine::{self, Cluster};
use crate::results::{Comparison, Outcome, Run, Sampling};
use crate::stop::Stop;
use crate::units::{Bytes, count};

pub use case::{Arm, Case};
pub use choice::{Choice, Refusal, Scaling};
pub use repeat::Known;
pub use worker_counts::{MOST_WORKERS, WorkerCounts};

/// What lies between the seeds of one pass and the next: the golden ratio in 64 bits, as in
/// SplitMix64.
const NEXT_PASS: u64 = 0x9E37_79B9_7F4A_7C15;

/// The seed of the next pass. An odd step, so that no seed comes back before all others were there.
fn next_seed(seed: u64) -> u64 {
    seed.wrapping_add(NEXT_PASS)
}

/// One invocation's measurements.
#[derive(Clone)]
pub struct Plan {
    /// In the order of measuring.
    pub cases: Vec<Case>,
    /// How many rounds each case gets.
    pub sampling: Sampling,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// The speed-up from which distributing is worth having.
    pub worth: f64,
    /// How many times as long every task takes: 1, but for showing that a regression is found.
    pub slowdown: f64,
    /// Whether the spans of single tasks are stored.
    pub store_spans: bool,
    /// Where the engines beyond this machine are.
    pub cluster: Cluster,
    /// What was asked for and is not measured, a line each.
    pub left_out: Vec<String>,
}

impl Plan {
    /// The most workers that any arm asks for.
    #[must_use]
    pub fn most_workers(&self) -> NonZeroUsize {
        let arms = self.cases.iter().flat_map(|case| &case.arms);

        arms.map(|arm| arm.workers)
            .max()
            .unwrap_or(NonZeroUsize::MIN)
    }

    /// Memory for the running tasks of one engine of `case`. Tasks keep memory for the next ones:
    /// all engines of this process share that, and every other engine keeps its own.
    #[must_use]
    pub fn memory_of(&self, case: &Case) -> Bytes {
        let mut engines: Vec<_> = case.others().map(|arm| &arm.engine).collect();
        engines.dedup_by_key(|engine| engine.name().to_owned());
        let (here, elsewhere): (Vec<_>, Vec<_>) = engines
            .into_iter()
            .partition(|engine| engine.is_in_process());
        let holders = usize::from(!here.is_empty()) + elsewhere.len();

        Bytes(self.memory.0 / holders.max(1) as u64)
    }

    /// What an engine of `case` is started with for at most `workers`.
    #[must_use]
    pub fn options<'a>(
        &'a self,
        case: &Case,
        workers: NonZeroUsize,
        stop: &'a Stop,
    ) -> engine::Options<'a> {
        engine::Options {
            workers,
            most_workers: self.most_workers().max(workers),
            memory: self.memory_of(case),
            worker: None,
            cluster: &self.cluster,
            stop,
        }
    }

    /// Has cases that would take their fastest loop, and that `run` measured, keep the references
    /// that they had there.
    pub fn keep_references(&mut self, run: &Run) {
        let open = self.cases.iter_mut().filter(|case| case.takes_fastest_loop);

        for case in open {
            let mut measurements = run.measurements.iter();
            if let Some(measurement) = measurements.find(|measurement| case.is_of(measurement)) {
                case.reference = measurement.reference;
                case.takes_fastest_loop = false;
            }
        }
    }

    /// The same once more, with its arms in another order.
    #[must_use]
    pub fn next_pass(&self) -> Self {
        let mut plan = self.clone();
        plan.sampling.order_seed = next_seed(self.sampling.order_seed);

        plan
    }

    /// Refuses the same work on the same engine with as many workers twice, as a line that says
    /// which: nobody could tell the two apart in the stored run.
    pub fn check_pairs(&self) -> Result<(), String> {
        let mut seen = HashSet::new();

        for case in &self.cases {
            let params = case.params.to_string();
            for arm in case.other_indices().map(|index| &case.arms[index]) {
                let (workload, engine) = (case.workload.name(), arm.engine.name());
                if !seen.insert((workload, params.clone(), engine, arm.workers)) {
                    return Err(format!(
                        "{workload} on {engine} with {} is planned twice: leave one of them out",
                        count(arm.workers.get(), "worker")
                    ));
                }
            }
        }
        Ok(())
    }

    /// A further pass over the suspects of `comparison`: every case that has one, with its arms in
    /// another order than in any pass before. A case keeps all of its arms: with fewer of them,
    /// each engine would have more memory and other neighbours than in the baseline.
    #[must_use]
    pub fn confirming(&self, comparison: &Comparison) -> Self {
        let is_suspected = |case: &Case| {
            let mut suspects = comparison.with(Outcome::Regressed);
            suspects.any(|suspect| suspect.workload == case.workload.name())
        };
        let mut plan = self.next_pass();

        plan.cases.retain(is_suspected);
        plan.cases.reverse();

        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pass_has_an_order_of_its_own() {
        for first in [0, 7, u64::MAX] {
            let second = next_seed(first);
            let seeds = [first, second, next_seed(second)];
            assert!(
                seeds[0] != seeds[1] && seeds[1] != seeds[2] && seeds[0] != seeds[2],
                "{seeds:?}"
            );
        }
    }
}
