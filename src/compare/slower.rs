//! How much slower the machine itself was: times of a machine that became slower say no more than
//! that about the program.

use super::CONFIDENCE;
use crate::results::{Condition, MachineMatch, Metric, Pair, PairedRound, SlowDown, Stream};
use crate::stats::{median, ratio_of_medians};

/// In what the machine became slower of all that `metric` depends on. Nothing where the machine
/// cancels.
pub(super) fn slow_downs(
    old: Pair<'_>,
    new: Pair<'_>,
    metric: Metric,
    machine: MachineMatch,
) -> Vec<SlowDown> {
    let cancels = match machine {
        MachineMatch::Interleaved => true,
        // Times are in units of the arithmetic already.
        MachineMatch::SameModel => metric.is_time(),
        _ => false,
    };
    if cancels {
        return Vec::new();
    }

    let between = Between { old, new };
    let conditions: &[Condition] = match metric {
        Metric::SerialTime => &[
            Condition::Arithmetic,
            Condition::Crowding,
            Condition::Memory,
            Condition::Update,
            Condition::Write,
        ],
        Metric::DistributedTime => &[
            Condition::Arithmetic,
            Condition::Cores,
            Condition::Crowding,
            Condition::Memory,
            Condition::Update,
            Condition::Write,
        ],
        // The speed of one core cancels.
        Metric::Speedup => &[
            Condition::Cores,
            Condition::Crowding,
            Condition::Update,
            Condition::Write,
        ],
        Metric::TaskOverhead => &[Condition::Arithmetic, Condition::Memory, Condition::Handoff],
    };

    conditions
        .iter()
        .map(|&condition| SlowDown {
            condition,
            factor: between.slower_by(condition, metric),
        })
        .filter(|slow_down| slow_down.factor > 1.0)
        .collect()
}

/// How many times as slow all of `slow_downs` together may have made `metric`: what takes CPUs away
/// comes on top of what makes them slower, of which the largest counts. In a speed-up the two do
/// not add up.
#[must_use]
pub fn combined(metric: Metric, slow_downs: &[SlowDown]) -> f64 {
    let (withheld, slower): (Vec<&SlowDown>, Vec<&SlowDown>) = slow_downs
        .iter()
        .partition(|slow_down| slow_down.condition.withholds());
    let withheld: f64 = withheld.iter().map(|slow_down| slow_down.factor).product();
    let slower = slower
        .iter()
        .map(|slow_down| slow_down.factor)
        .fold(1.0, f64::max);

    match metric {
        Metric::Speedup => withheld.max(slower),
        Metric::SerialTime | Metric::DistributedTime | Metric::TaskOverhead => withheld * slower,
    }
}

/// Two runs, of which each question asks how many times as slow the machine of the newer was: never
/// less than 1.
struct Between<'a> {
    old: Pair<'a>,
    new: Pair<'a>,
}

impl Between<'_> {
    /// How many times as slow in `condition`, of what `metric` depends on.
    fn slower_by(&self, condition: Condition, metric: Metric) -> f64 {
        let reference_workers = self.new.measurement.reference_arm().workers;
        let workers = match metric {
            Metric::SerialTime => reference_workers,
            Metric::DistributedTime | Metric::Speedup | Metric::TaskOverhead => self.new.workers(),
        };

        match condition {
            Condition::Arithmetic => {
                self.slower(|round| Some(round.round.calibration.arithmetic_s))
            }
            Condition::Cores => {
                self.slower(|round| Some(1.0 / round.round.calibration.granted_to(workers)?))
            }
            Condition::Crowding => match metric {
                Metric::SerialTime | Metric::TaskOverhead => self.reference_crowding(),
                Metric::DistributedTime => self.arm_crowding(),
                // Both of its times may have been held up.
                Metric::Speedup => self.reference_crowding() * self.arm_crowding(),
            },
            Condition::Memory => self.slower(|round| Some(round.round.calibration.memory_s)),
            Condition::Update => self.stream(workers, |stream| stream.update_s),
            Condition::Write => self.stream(workers, |stream| stream.write_s),
            Condition::Handoff => self.slower(|round| round.round.calibration.handoff_s),
        }
    }

    /// What other programs took from the reference arm.
    fn reference_crowding(&self) -> f64 {
        let starvation = self.slower(|round| Some(round.reference_starvation()));
        starvation.max(self.crowded(self.new.measurement.reference_arm().workers))
    }

    /// What they took from the other one.
    fn arm_crowding(&self) -> f64 {
        let starvation = self.slower(|round| Some(round.arm_starvation()));
        starvation.max(self.crowded(self.new.workers()))
    }

    fn slower(&self, value: impl Fn(PairedRound<'_>) -> Option<f64>) -> f64 {
        // Not every round knows everything: of many numbers of workers each looks at a few.
        let typical = |pair: Pair<'_>| median(&known(pair, &value));
        let typical = typical(self.old).zip(typical(self.new));

        typical.map_or(1.0, |(old, new)| (new / old).max(1.0))
    }

    /// How much slower memory streamed. It counts only where the 99 % interval is above 1, because
    /// it varies by a tenth between runs. Then the upper end counts, because how much a task
    /// depends on it is not known.
    fn stream(&self, workers: usize, seconds: fn(Stream) -> f64) -> f64 {
        let value =
            |round: PairedRound<'_>| round.round.calibration.stream_of(workers).map(seconds);
        let ratio = ratio_of_medians(&known(self.new, value), &known(self.old, value), CONFIDENCE);

        ratio
            .filter(|ratio| ratio.low > 1.0)
            .map_or(1.0, |ratio| ratio.high)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_withheld_multiplies_and_of_speeds_the_slowest_counts() {
        let slow_down = |condition, factor| SlowDown { condition, factor };
        let all = [
            slow_down(Condition::Cores, 1.2),
            slow_down(Condition::Crowding, 1.5),
            slow_down(Condition::Update, 1.9),
            slow_down(Condition::Write, 1.3),
        ];

        assert!((combined(Metric::DistributedTime, &all) - 1.2 * 1.5 * 1.9).abs() < 1e-12);
        assert!((combined(Metric::Speedup, &all) - 1.9).abs() < 1e-12);
        assert_eq!(combined(Metric::SerialTime, &[]), 1.0);
    }
}
