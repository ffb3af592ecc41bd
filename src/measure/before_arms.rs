//! What stands before the arms of a round: what an empty task costs, and how fast the machine is
//! just now.

use super::Error;
use super::arm::execute;
use super::gauges::streamed_bytes;
use super::session::{ArmOnEngine, Session};
use crate::engine::Batch;
use crate::results::Calibration;
use crate::units::{Bytes, seconds};

/// Batches of empty tasks in each round, for each arm.
const EMPTY_BATCHES: u32 = 4;
/// But no further one after this long: on a cluster one batch is long enough to be steady.
const EMPTY_LIMIT_S: f64 = 0.02;
/// Numbers of workers that a round looks at: of a long sweep, all of them would take more threads
/// than the arms themselves.
const MOST_COUNTS: usize = 4;
/// Tasks that hold less than this are in the caches, however fast the memory behind them is.
const BEYOND_CACHES: Bytes = Bytes(8 << 20);

impl Session<'_> {
    /// How fast the machine is before round `number`. Memory counts for tasks that hold more than
    /// the caches.
    pub(super) fn calibration(&self, number: u32) -> Result<Calibration, Error> {
        let counts = looked_at(&self.worker_counts(), number);
        let gauges = self.conditions.gauges;
        let mut calibration = gauges.calibrate(&counts)?;

        if self.workload.task_bytes() >= BEYOND_CACHES && self.has_room_to_stream(&counts) {
            calibration.streams = gauges.stream(&counts)?;
        }
        Ok(calibration)
    }

    /// Whether the run may use the memory that threads stream through beside what its tasks keep.
    fn has_room_to_stream(&self, counts: &[usize]) -> bool {
        let most = counts.last().copied().unwrap_or(1);
        let memory = self.plan.memory_of(self.case);
        let task = self.workload.task_bytes();

        let tasks = memory.holding(task).map_or(0, |holding| holding.min(most));
        let kept = task.0.saturating_mul(tasks as u64);
        memory.0.saturating_sub(kept) >= streamed_bytes(most).0
    }

    /// The numbers of workers of the arms that distribute tasks, ascending, each once.
    pub(super) fn worker_counts(&self) -> Vec<usize> {
        let distributes = |arm: &&ArmOnEngine| self.engines[arm.engine].engine.has_dispatch();
        let counts = self
            .arms
            .iter()
            .filter(distributes)
            .map(|arm| arm.workers.get());
        let mut counts: Vec<usize> = counts.collect();

        counts.sort_unstable();
        counts.dedup();
        counts
    }

    /// Seconds of an empty task for each arm, where that means something. The least of several
    /// batches: a worker that slept, or that lost its CPU, is no property of the engine.
    pub(super) fn dispatch(&mut self) -> Result<Vec<Option<f64>>, Error> {
        let mut dispatch_s = vec![None; self.arms.len()];
        let Session {
            arms,
            engines,
            empty,
            loop_has_cost,
            conditions,
            ..
        } = self;
        let (clock, stop) = (conditions.clock, conditions.stop);

        for (arm, dispatch_s) in arms.iter().zip(&mut dispatch_s) {
            if !engines[arm.engine].engine.has_dispatch() && !*loop_has_cost {
                continue;
            }

            engines.give_turn(arm.engine, stop)?;
            let engine = &mut engines[arm.engine].engine;
            let batch = Batch::all(empty, arm.workers, stop);
            engine.limit(arm.workers);
            let (mut least, mut spent) = (f64::INFINITY, 0.0);
            for _ in 0..EMPTY_BATCHES {
                let (executed, time) = execute(&mut **engine, &batch, clock);
                executed?;
                let took = seconds(time.wall);
                engine.take_spans();

                (least, spent) = (least.min(took), spent + took);
                if spent > EMPTY_LIMIT_S {
                    break;
                }
            }
            *dispatch_s = Some(least / empty.tasks() as f64);
        }
        Ok(dispatch_s)
    }
}

/// The numbers of workers that round `number` looks at, of all `counts`, ascending: the largest,
/// and others in turn.
fn looked_at(counts: &[usize], number: u32) -> Vec<usize> {
    let Some((&largest, others)) = counts.split_last() else {
        return Vec::new();
    };
    let many = others.len().min(MOST_COUNTS - 1);

    let first = number as usize * many;
    let in_turn = (first..first + many).map(|place| others[place % others.len()]);
    let mut looked_at: Vec<usize> = in_turn.chain([largest]).collect();
    looked_at.sort_unstable();
    looked_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_its_turn_and_few_are_looked_at_in_every_round() {
        assert_eq!(looked_at(&[], 3), [0; 0]);
        assert_eq!(looked_at(&[1, 2, 4, 8], 3), [1, 2, 4, 8]);

        let counts: Vec<usize> = (1..=64).collect();
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..21 {
            let now = looked_at(&counts, number);
            assert_eq!((now.len(), now.last()), (MOST_COUNTS, Some(&64)));
            assert!(now.windows(2).all(|pair| pair[0] < pair[1]), "{now:?}");
            seen.extend(now);
        }
        assert!(seen.iter().eq(&counts));
    }
}
