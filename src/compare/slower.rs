//! How much slower the machine itself was: times of a machine that became slower say no more than
//! that about the program.

use super::CONFIDENCE;
use crate::results::{MachineMatch, Metric, Pair, PairedRound, Stream};
use crate::stats::{median, ratio_of_medians};

/// By how much the machine was slower in what `metric` depends on: 0.1 for 10 %. 0 where the
/// machine cancels.
pub(super) fn slower_by(
    old: Pair<'_>,
    new: Pair<'_>,
    metric: Metric,
    machine: MachineMatch,
) -> f64 {
    if machine == MachineMatch::Interleaved {
        return 0.0;
    }

    let between = Between { old, new };
    let workers = new.workers();
    let reference_workers = new.measurement.reference_arm().workers;
    let one_core = || between.arithmetic().max(between.shared_cache());
    let serial = || {
        let starvation = between.slower(|round| Some(round.reference_starvation()));
        starvation.max(between.crowded(reference_workers))
    };
    let distributed = || {
        let starvation = between.slower(|round| Some(round.arm_starvation()));
        between.cores() * starvation.max(between.crowded(workers))
    };

    let factor = match (metric, machine) {
        (Metric::Speedup, _) => (distributed() * serial()).max(between.memory(workers)),
        // Their times are in units of the arithmetic already.
        (_, MachineMatch::SameModel) => 1.0,
        (Metric::SerialTime, _) => one_core().max(between.memory(reference_workers)) * serial(),
        (Metric::DistributedTime, _) => one_core().max(between.memory(workers)) * distributed(),
        (Metric::TaskOverhead, _) => one_core().max(between.handoff()),
    };
    factor - 1.0
}

/// Two runs, of which each question asks how many times as slow the machine of the newer was: never
/// less than 1.
struct Between<'a> {
    old: Pair<'a>,
    new: Pair<'a>,
}

impl Between<'_> {
    fn slower(&self, value: impl Fn(PairedRound<'_>) -> Option<f64>) -> f64 {
        // Not every round knows everything: of many numbers of workers each looks at a few.
        let typical = |pair: Pair<'_>| median(&known(pair, &value));
        let typical = typical(self.old).zip(typical(self.new));

        typical.map_or(1.0, |(old, new)| (new / old).max(1.0))
    }

    fn arithmetic(&self) -> f64 {
        self.slower(|round| Some(round.round.calibration.arithmetic_s))
    }

    fn shared_cache(&self) -> f64 {
        self.slower(|round| Some(round.round.calibration.memory_s))
    }

    /// How much slower memory streamed. It counts only where the 99 % interval is above 1, because
    /// it varies by a tenth between runs. Then the upper end counts, because how much a task
    /// depends on it is not known.
    fn memory(&self, workers: usize) -> f64 {
        let slower = |seconds: fn(Stream) -> f64| {
            let value =
                |round: PairedRound<'_>| round.round.calibration.stream_of(workers).map(seconds);
            let ratio =
                ratio_of_medians(&known(self.new, value), &known(self.old, value), CONFIDENCE);
            ratio
                .filter(|ratio| ratio.low > 1.0)
                .map_or(1.0, |ratio| ratio.high)
        };

        f64::max(
            slower(|stream| stream.update_s),
            slower(|stream| stream.write_s),
        )
    }

    fn cores(&self) -> f64 {
        let workers = self.new.workers();
        self.slower(|round| Some(1.0 / round.round.calibration.granted_to(workers)?))
    }

    fn handoff(&self) -> f64 {
        self.slower(|round| round.round.calibration.handoff_s)
    }

    /// What other programs took from `workers`.
    fn crowded(&self, workers: usize) -> f64 {
        self.slower(|round| Some(round.round.machine.other_programs?.slow_down(workers)))
    }
}

/// The value of each steady round that knows it.
fn known(pair: Pair<'_>, value: impl Fn(PairedRound<'_>) -> Option<f64>) -> Vec<f64> {
    pair.steady().filter_map(value).collect()
}
