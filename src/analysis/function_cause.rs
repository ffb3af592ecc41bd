//! Why an engine that calls functions of another language is slower than its workers could be.
//! Single calls are not looked at while they are timed: what is known of them is from a pass of its
//! own.

use super::Summary;
use super::cause::{Cause, Shortfall, beyond_split_s, own_threads};
use super::summary::median_of;
use crate::results::{FunctionFacts, HOST_FOLLOWS, Measurement, Pair, PairedRound, Round};
use crate::stats::median;

/// The engine whose workers are threads of one interpreter.
const THREADS: &str = "threads";
/// Engines whose executor hands out single calls, whatever the chunk.
const ONE_BY_ONE: [&str; 2] = [THREADS, "interpreters"];
/// The engine that sends the function once, and not with each batch.
const RAY: &str = "ray";
/// Chunks for each worker, as `multiprocessing.Pool` makes them.
const CHUNKS: usize = 4;
/// Calls that do nothing in a pass of such calls. None of their batches may leave a worker without
/// one, so that these are smaller than those of many calls.
const EMPTY_CALLS: usize = 256;
/// Threads that take turns keep few cores busy beyond one: while one starts, the other still runs.
const TURNS: f64 = 1.3;
/// Calls that take longer than this many times are not taken for slowed down by what they share:
/// memory, caches and clocks.
const MOST_INFLATED: f64 = 10.0;
/// The part of an arm's time that makes its longest call the limit.
const MOST: f64 = 0.65;
/// The part of what an arm takes beyond a perfect split that makes a reason the cause.
const LEAST: f64 = 0.25;

impl Measurement {
    /// What is known of the function in the interpreter of the arm at `index`.
    #[must_use]
    pub fn function_of(&self, index: usize) -> Option<&FunctionFacts> {
        let label = self.arms[index].engine.split_once(HOST_FOLLOWS);

        match label {
            Some((_, label)) => self.functions.iter().find(|facts| facts.label == label),
            None => self.functions.first(),
        }
    }

    /// The plain loop in the interpreter that `facts` are of.
    #[must_use]
    pub fn loop_of(&self, facts: &FunctionFacts) -> Option<usize> {
        let is_of = |&index: &usize| {
            let function = self.function_of(index);
            self.arms[index].is_serial()
                && function.is_some_and(|function| function.label == facts.label)
        };

        (0..self.arms.len()).find(is_of)
    }

    /// How many cores the arm at `index` keeps busy.
    #[must_use]
    pub fn cores_of(&self, index: usize) -> Option<f64> {
        let rounds = self.counted();
        let cores = |round: &Round| {
            let time = &round.times[index];
            Some(time.cpu?.total_s() / time.wall_s.max(1e-9))
        };
        let cores: Option<Vec<f64>> = rounds.into_iter().map(cores).collect();

        median(&cores?)
    }

    /// Items that go to one of `workers` workers together.
    fn chunk(&self, workers: usize) -> usize {
        match self.params.get("chunk").and_then(|chunk| chunk.as_str()) {
            Some("auto") => self.tasks.div_ceil(CHUNKS * workers.max(1)).max(1),
            Some(number) => number.parse().unwrap_or(1),
            None => 1,
        }
    }
}

impl Pair<'_> {
    /// Whether the arm's workers are threads that take turns under a global interpreter lock.
    #[must_use]
    pub fn takes_turns(self) -> bool {
        let facts = self.measurement.function_of(self.index);

        self.shares_memory() && facts.is_some_and(|facts| facts.takes_turns)
    }

    /// Whether the arm's workers are threads of one interpreter.
    pub(super) fn shares_memory(self) -> bool {
        self.is_on(THREADS)
    }

    /// Whether it is `engine`, in whichever interpreter.
    fn is_on(self, engine: &str) -> bool {
        self.engine().split(HOST_FOLLOWS).next() == Some(engine)
    }

    pub(super) fn takes_chunks(self) -> bool {
        !ONE_BY_ONE.iter().any(|engine| self.is_on(engine))
    }

    /// Calls that go out together.
    pub(super) fn batch(self) -> usize {
        if self.takes_chunks() {
            self.measurement.chunk(self.workers())
        } else {
            1
        }
    }

    /// Bytes of the function as they go with a batch, and the seconds of pickling them.
    pub(super) fn function_with_batch(self, facts: &FunctionFacts) -> (u64, f64) {
        if self.shares_memory() || self.is_on(RAY) {
            (0, 0.0)
        } else {
            (facts.function_bytes, facts.function_pickle_s)
        }
    }

    /// Seconds of handing out a batch, as the calls that do nothing show it in `round`.
    pub(super) fn batch_s(self, round: &PairedRound<'_>) -> Option<f64> {
        let four_each = EMPTY_CALLS.div_ceil(CHUNKS * self.workers().max(1));

        Some(round.dispatch_s()? * self.batch().min(four_each) as f64)
    }

    /// The largest reason for what the arm takes beyond a perfect split.
    pub(super) fn function_shortfall(self, summary: &Summary) -> Option<Shortfall> {
        let facts = self.measurement.function_of(self.index)?;
        if summary.busy_machine {
            return None;
        }
        let rounds = self.counted();
        let workers = self.workers().max(1) as f64;
        let beyond_s = beyond_split_s(&rounds, workers)?;

        let count = self.measurement.tasks.div_ceil(self.batch());
        let batch_s = median_of(&rounds, |round| self.batch_s(&round));
        let handing_out_s = batch_s.unwrap_or_default() * count as f64;
        let (function_bytes, function_s) = self.function_with_batch(facts);
        let transfer_s = if self.shares_memory() {
            0.0
        } else {
            facts.pickle_s + function_s * count as f64
        };
        let grown_s = median_of(&rounds, |round| {
            Some(round.arm.cpu?.total_s() - round.reference.cpu?.total_s())
        });
        let inflation_s = (grown_s.unwrap_or_default() - handing_out_s - transfer_s) / workers;
        // What is more than that, nobody can tell: data that travels costs more than it does alone.
        let loop_s = median_of(&rounds, |round| Some(round.reference_s()))?;
        let inflation_s = inflation_s.min((MOST_INFLATED - 1.0) * loop_s / workers);
        let used = self.cores_used();

        let parts = [
            (handing_out_s, Cause::Dispatch),
            (
                transfer_s,
                Cause::Transfer(
                    facts.sent_bytes + facts.returned_bytes + function_bytes * count as u64,
                ),
            ),
            (inflation_s, self.inflation_of(&rounds)),
            (self.uneven(count) * loop_s, self.unevenness(count)),
        ];
        let (seconds, part) = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        // Later calls may be shorter than those of the first pass, as those that are kept are.
        let is_long = facts.longest_s.min(loop_s) > MOST * summary.arm.median_s;
        let waits = self.waits_in_the_loop();
        let (seconds, cause) = if let Some(threads) = own_threads(&rounds) {
            (beyond_s, threads)
        } else if self.measurement.tasks < self.workers() {
            (beyond_s, Cause::FewTasks)
        } else if let Some(cores) = used.filter(|cores| {
            self.takes_turns() && *cores < TURNS && !waits && handing_out_s < loop_s
        }) {
            // What threads wait for each other is their own cost, whatever handing out takes; but
            // where that takes longer than all the work, no lock is needed to explain the time.
            (beyond_s, Cause::TakesTurns(cores))
        } else if is_long && seconds < beyond_s / 2.0 {
            (beyond_s, Cause::Imbalance)
        } else if waits && seconds < beyond_s / 2.0 {
            // Calls that wait already in the plain loop wait longer beside others.
            let times = median_of(&rounds, |round| Some(1.0 / round.speedup()));
            (beyond_s, Cause::Waiting(times? * workers))
        } else {
            (seconds, part)
        };

        // A reason for a small part of the loss is not its cause.
        (beyond_s > 0.0 && seconds > LEAST * beyond_s).then_some(Shortfall {
            beyond_s,
            seconds: seconds.min(beyond_s),
            cause,
        })
    }

    /// The share of the work that the busiest worker has beyond its fair one, where calls go out in
    /// this many `batches`.
    fn uneven(self, batches: usize) -> f64 {
        let (tasks, workers) = (self.measurement.tasks.max(1), self.workers().max(1));
        let busiest = batches.div_ceil(workers) * self.batch();

        busiest.min(tasks) as f64 / tasks as f64 - 1.0 / workers as f64
    }

    fn unevenness(self, batches: usize) -> Cause {
        if self.batch() > 1 {
            Cause::Batches(batches)
        } else {
            Cause::Remainder
        }
    }

    /// What more CPU time for the same calls means: threads of one interpreter share its objects.
    fn inflation_of(self, rounds: &[PairedRound<'_>]) -> Cause {
        let times = median_of(rounds, PairedRound::cpu_ratio).unwrap_or(1.0);

        if self.shares_memory() {
            Cause::Contention(times)
        } else {
            Cause::Inflation(times)
        }
    }
}

#[cfg(test)]
mod tests;
