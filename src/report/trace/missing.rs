//! What of an arm a trace leaves out, and why.

use super::event::Ns;
use super::slots::{Placed, place};
use crate::printable::printable;
use crate::results::{Arm, ArmTime};
use crate::units::count;

/// The share of its tasks' time that an arm may lose to keep its slots from overlapping. An answer
/// that was read late costs less; tasks that are each timed by themselves overlap by half or more.
const MOST_CUT: f64 = 0.25;

/// What of an arm is not shown, in all rounds of the trace together.
#[derive(Default)]
pub(super) struct Missing {
    /// Rounds without any time of a task.
    untimed: usize,
    /// Whether there were such times in any of them.
    was_timed: bool,
    /// Spans that were not stored.
    unstored: usize,
    /// Rounds in which the arm did its work several times.
    repeated: usize,
    /// Rounds whose tasks overlap.
    overlapping: usize,
    /// Workers that were lost in rounds with several passes.
    pub(super) lost_workers: usize,
    /// How much shorter tasks are here.
    cut: Ns,
    /// The most moments of a round that its counter does without.
    pub(super) counts: usize,
    /// The most tasks of a round whose waiting and flows are not shown.
    pub(super) waiting: usize,
}

impl Missing {
    /// The tasks of `time`, of a round that begins at `begin`, if they can be shown.
    pub(super) fn showable(&mut self, time: &ArmTime, begin: Ns) -> Option<Placed> {
        self.unstored += time.spans_left_out;
        if time.spans.is_empty() {
            self.untimed += 1;
            self.was_timed |= time.busy.is_some();
            return None;
        }
        // The spans of all passes count from the beginning of their own.
        if time.passes.is_some_and(|passes| passes > 1) {
            self.repeated += 1;
            return None;
        }

        let placed = place(&time.spans, begin);
        if placed.cut as f64 > MOST_CUT * placed.stored as f64 {
            self.overlapping += 1;
            return None;
        }
        self.cut = self.cut.saturating_add(placed.cut);
        Some(placed)
    }

    /// Why `arm` has no times of its tasks.
    fn why_untimed(&self, arm: &Arm) -> &'static str {
        if arm.is_serial() {
            "since the plain loop does not time its tasks"
        } else if self.was_timed {
            "since no times of its tasks are stored"
        } else {
            "since this engine does not time its tasks"
        }
    }

    /// In sentences without a full stop, for `arm`, which is called `label`.
    pub(super) fn notes(&self, arm: &Arm, label: &str) -> Vec<String> {
        let rounds = |count: usize, why: &str| {
            (count > 0).then(|| {
                let rounds = if count == 1 { "round" } else { "rounds" };
                format!("{label} is shown as a whole in {count} {rounds}, {why}")
            })
        };
        let lost = arm.placement.lost_slots.iter().map(|lost| {
            format!(
                "{label} lost slots at times that are not stored: {}, {}",
                lost.slots,
                printable(&lost.why)
            )
        });

        [
            rounds(self.untimed, self.why_untimed(arm)),
            rounds(
                self.repeated,
                "since its tasks ran several times under the CPU quota",
            ),
            rounds(
                self.overlapping,
                "since the times of its tasks overlap, as where each is timed by itself",
            ),
            (self.unstored > 0).then(|| {
                format!(
                    "{} tasks of {label} are missing: a run stores no more",
                    self.unstored
                )
            }),
            (self.lost_workers > 0).then(|| {
                let lost = count(self.lost_workers, "worker");
                format!("when {label} lost {lost} is not shown, since its tasks ran several times")
            }),
            (self.cut > 0).then(|| {
                format!(
                    "tasks of {label} are {:.3} us shorter in all, so that none overlap on a worker",
                    self.cut as f64 / 1e3
                )
            }),
            (self.counts > 0).then(|| {
                format!("the counter of {label} does without {} moments", self.counts)
            }),
            (self.waiting > 0).then(|| {
                format!(
                    "how long each of the {} tasks of {label} waited is only in the counter, \
                     and their flows are left out",
                    self.waiting
                )
            }),
        ]
        .into_iter()
        .flatten()
        .chain(lost)
        .collect()
    }
}
