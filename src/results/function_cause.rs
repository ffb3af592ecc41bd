//! Why an engine that calls functions of another language is slower than its workers could be, and from
//! how many calls at once on it pays. Single calls are not looked at while they are timed: what is
//! known of them is from a pass of its own.

use serde::Serialize;

use super::cause::{Cause, Shortfall, own_threads};
use super::measurement::HOST_FOLLOWS;
use super::summary::median_of;
use super::{Estimate, FunctionFacts, Measurement, Pair, PairedRound, Summary};

/// The engine whose workers are threads of one interpreter.
const THREADS: &str = "threads";
/// Threads that take turns keep few cores busy beyond one: while one starts, the other still runs.
const TURNS: f64 = 1.3;
/// The part of an arm's time that makes its longest call the limit.
const MOST: f64 = 0.65;

/// From how many calls at once on an arm is faster than the plain loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BreakEven {
    /// Seconds of a call in the plain loop.
    pub call_s: Estimate,
    /// Seconds that handing out a call takes, as the arm does it, without moving its data.
    pub dispatch_s: Estimate,
    /// Seconds of pickling an item and its result and reading both again.
    pub transfer_s: f64,
    /// Items that go out together now.
    pub chunk: usize,
    /// The least number of them that pays; `None` where none does in the median, since moving the data of
    /// a call takes longer than workers save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_chunk: Option<Estimate>,
    /// Calls of a job that runs once, from which the time to start is made up for; `None` where they
    /// never are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_calls: Option<Estimate>,
}

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

    /// Items that go to one of `workers` workers together.
    fn chunk(&self, workers: usize) -> usize {
        /// Chunks for each worker, as `multiprocessing.Pool` makes them.
        const CHUNKS: usize = 4;

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
    fn shares_memory(self) -> bool {
        self.engine().split(HOST_FOLLOWS).next() == Some(THREADS)
    }

    /// The largest reason for what the arm takes beyond a perfect split.
    pub(super) fn function_shortfall(self, summary: &Summary) -> Option<Shortfall> {
        let facts = self.measurement.function_of(self.index)?;
        if summary.busy_machine {
            return None;
        }
        let rounds = self.counted();
        let workers = self.workers().max(1) as f64;
        let beyond_s = median_of(&rounds, |round| {
            Some(round.arm.wall_s - round.reference_s() / workers)
        })?;

        let handing_out_s =
            summary.dispatch_median_s.unwrap_or_default() * self.measurement.tasks as f64;
        let transfer_s = if self.shares_memory() {
            0.0
        } else {
            facts.pickle_s
        };
        let grown_s = median_of(&rounds, |round| {
            Some(round.arm.cpu?.total_s() - round.reference.cpu?.total_s())
        });
        let inflation_s = (grown_s.unwrap_or_default() - handing_out_s - transfer_s) / workers;
        let used = self.cores_used();

        let parts = [
            (handing_out_s, Cause::Dispatch),
            (
                transfer_s,
                Cause::Transfer(facts.sent_bytes + facts.returned_bytes),
            ),
            (inflation_s, self.inflation_of(&rounds)),
        ];
        let (seconds, part) = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let is_long = facts.longest_s > MOST * summary.arm.median_s;
        let found = if let Some(threads) = own_threads(&rounds) {
            (beyond_s, threads)
        } else if self.measurement.tasks < self.workers() {
            (beyond_s, Cause::FewTasks)
        } else if let Some(cores) = used.filter(|cores| self.takes_turns() && *cores < TURNS) {
            // What threads wait for each other is their own cost, whatever handing out takes.
            (beyond_s, Cause::TakesTurns(cores))
        } else if is_long && seconds < beyond_s / 2.0 {
            (beyond_s, Cause::Imbalance)
        } else {
            (seconds, part)
        };

        let (seconds, cause) = found;
        (seconds > 0.0 && beyond_s > 0.0).then_some(Shortfall {
            beyond_s,
            seconds: seconds.min(beyond_s),
            cause,
        })
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

    /// From how many calls at once on the arm is faster than the plain loop; `None` where that is no
    /// question: with one worker, and where threads take turns.
    ///
    /// With N workers and c calls at once, n calls take n (t / N + d / c + p) where the loop takes n t:
    /// t is a call, d handing out, p moving an item and its result. So c has to be more than
    /// d / (t (1 - 1 / N) - p), and n, where starting takes s, more than s / (t (1 - 1 / N) - d / c - p).
    #[must_use]
    pub fn break_even(self) -> Option<BreakEven> {
        let facts = self.measurement.function_of(self.index)?;
        let (tasks, workers) = (self.measurement.tasks.max(1) as f64, self.workers());
        if workers < 2 || self.takes_turns() {
            return None;
        }

        let rounds = self.counted();
        let chunk = if self.shares_memory() {
            1
        } else {
            self.measurement.chunk(workers)
        };
        let transfer_s = if self.shares_memory() {
            0.0
        } else {
            facts.pickle_s / tasks
        };
        let estimate = |value: &dyn Fn(&PairedRound<'_>) -> Option<f64>| {
            let values: Option<Vec<f64>> = rounds.iter().map(value).collect();
            Estimate::of(&values?).filter(|estimate| estimate.low.is_some())
        };
        let call_s = |round: &PairedRound<'_>| round.reference_s() / tasks;
        let saved_s =
            |round: &PairedRound<'_>| call_s(round) * (1.0 - 1.0 / workers as f64) - transfer_s;
        let startup_s = self.startup_s();

        Some(BreakEven {
            call_s: estimate(&|round| Some(call_s(round)))?,
            dispatch_s: estimate(&|round| round.dispatch_s())?,
            transfer_s,
            chunk,
            from_chunk: estimate(&|round| {
                let (whole, saved_s) = (round.dispatch_s()? * chunk as f64, saved_s(round));
                let pays = saved_s > 0.0;
                Some(if pays { whole / saved_s } else { f64::INFINITY })
            })
            .filter(|least| least.median.is_finite()),
            from_calls: estimate(&|round| {
                let saved_s = saved_s(round) - round.dispatch_s()?;
                Some(startup_s / saved_s).filter(|least| least.is_finite() && *least >= 0.0)
            }),
        })
    }
}

#[cfg(test)]
mod tests;
