//! From how many calls of a function at once on an engine pays, and from how many in a job that runs
//! once.

use serde::Serialize;

use super::Estimate;
use crate::results::{Pair, PairedRound};

/// From how many calls at once on an arm is faster than the plain loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BreakEven {
    /// Seconds of a call in the plain loop.
    pub call_s: Estimate,
    /// Seconds that handing out a batch takes, as the arm does it, with the function where that is
    /// sent along, without the data of its calls.
    pub dispatch_s: Estimate,
    /// Seconds of pickling an item and its result and reading both again.
    pub transfer_s: f64,
    /// Items that go out together now: a batch.
    pub chunk: usize,
    /// Whether a larger chunk would be larger batches.
    pub takes_chunks: bool,
    /// The least number of them that pays; `None` where none does in the median, since moving the
    /// data of a call takes longer than workers save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_chunk: Option<Estimate>,
    /// Calls of a job that runs once, from which the time to start is made up for; `None` where
    /// they never are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_calls: Option<Estimate>,
}

impl BreakEven {
    /// Whether batches of the size that was measured should pay, by what their parts cost.
    #[must_use]
    pub fn pays_as_measured(&self) -> bool {
        self.from_chunk
            .is_some_and(|least| least.median.ceil() <= self.chunk as f64)
    }
}

impl Pair<'_> {
    /// From how many calls at once on the arm is faster than the plain loop; `None` where that is
    /// no question: with one worker, where threads take turns, and where calls or batches are so
    /// unequal that one worker has more than its share whatever a call costs.
    ///
    /// With N workers and c calls at once, n calls take n (t / N + d / c + p) where the loop takes
    /// n t: t is a call, d handing out a batch, p moving an item and its result. So c has to be
    /// more than d / (t (1 - 1 / N) - p). A job that runs once has whole calls on every
    /// worker, so its n is counted in turns of N.
    #[must_use]
    pub fn break_even(self) -> Option<BreakEven> {
        let facts = self.measurement.function_of(self.index)?;
        let (tasks, workers) = (self.measurement.tasks.max(1) as f64, self.workers());
        if workers < 2 || self.takes_turns() {
            return None;
        }
        let is_one_call = facts.longest_s * workers as f64 > facts.total_s;
        let leaves_one_without = self.measurement.tasks.div_ceil(self.batch()) < workers;
        if is_one_call || leaves_one_without {
            return None;
        }

        let rounds = self.counted();
        let chunk = self.batch();
        let (_, function_s) = self.function_with_batch(facts);
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
        let batch_s = |round: &PairedRound<'_>| Some(self.batch_s(round)? + function_s);
        let startup_s = self.startup_s();

        Some(BreakEven {
            call_s: estimate(&|round| Some(call_s(round)))?,
            dispatch_s: estimate(&batch_s)?,
            transfer_s,
            chunk,
            takes_chunks: self.takes_chunks(),
            from_chunk: estimate(&|round| {
                let saved_s = call_s(round) * (1.0 - 1.0 / workers as f64) - transfer_s;
                let pays = saved_s > 0.0;
                Some(if pays {
                    batch_s(round)? / saved_s
                } else {
                    f64::INFINITY
                })
            })
            .filter(|least| least.median.is_finite()),
            from_calls: estimate(&|round| {
                let cost_s = batch_s(round)? / chunk as f64 + transfer_s;
                calls_that_make_up_for(startup_s, call_s(round), cost_s, workers)
            }),
        })
    }
}

/// The least number of calls that take longer one after another than on `workers` workers that
/// start in `startup_s`, where each takes `call_s` and `cost_s` beside it; `None` where none do.
///
/// In k turns, n calls save n (t - e) - k t, and there are at most k N of them. So k has to be at
/// least s / (N (t - e) - t), and n at least (s + k t) / (t - e).
pub(super) fn calls_that_make_up_for(
    startup_s: f64,
    call_s: f64,
    cost_s: f64,
    workers: usize,
) -> Option<f64> {
    let saved_s = call_s - cost_s;
    let saved_in_turn_s = workers as f64 * saved_s - call_s;
    if saved_in_turn_s <= 0.0 {
        return None;
    }

    let turns = (startup_s / saved_in_turn_s).ceil().max(1.0);
    Some(((startup_s + turns * call_s) / saved_s).ceil())
}
