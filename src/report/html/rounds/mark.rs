//! What sets a round apart. Each kind has a shape of its own, since colour alone says nothing to
//! some.

use crate::results::{ArmTime, Measurement, Round};

/// The id of the sign of a point that lies above or below its strip.
pub(super) const BEYOND: &str = "mark-beyond";
/// A bar above the point and one below it.
pub(super) const BEYOND_SHAPE: &str = "M-6-9h12M-6 9h12";

/// A kind of round that is no usual one, the kinds that say most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Cold,
    Stopped,
    Disturbed,
    Crowded,
    LeftOut,
}

impl Mark {
    pub(super) const ALL: [Self; 5] = [
        Self::Cold,
        Self::Stopped,
        Self::Disturbed,
        Self::Crowded,
        Self::LeftOut,
    ];

    /// That of the arm at `arm` in the round at `place`; `None` for a usual round.
    pub(super) fn of(measurement: &Measurement, place: usize, arm: usize) -> Option<Self> {
        let round = &measurement.rounds[place];

        if round.cold {
            Some(Self::Cold)
        } else if round.machine.stopped {
            Some(Self::Stopped)
        } else if round.disturbed() {
            Some(Self::Disturbed)
        } else if is_crowded(measurement, round, arm) {
            Some(Self::Crowded)
        } else {
            is_left_out(measurement, place).then_some(Self::LeftOut)
        }
    }

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Cold => "mark-cold",
            Self::Stopped => "mark-stopped",
            Self::Disturbed => "mark-disturbed",
            Self::Crowded => "mark-crowded",
            Self::LeftOut => "mark-left-out",
        }
    }

    /// Its outline around the point: a diamond, two bars, a triangle, a cross, a ring.
    pub(super) fn shape(self) -> &'static str {
        match self {
            Self::Cold => "M0-6L6 0 0 6-6 0z",
            Self::Stopped => "M-5-5h3V5h-3zM2-5h3V5h-3z",
            Self::Disturbed => "M0-6L6 5H-6z",
            Self::Crowded => "M-5-5L5 5M5-5L-5 5",
            Self::LeftOut => "M5 0A5 5 0 1 1-5 0A5 5 0 1 1 5 0z",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Stopped => "stopped",
            Self::Disturbed => "disturbed",
            Self::Crowded => "beside other programs",
            Self::LeftOut => "left out",
        }
    }

    /// What it means.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Cold => "the cold round",
            Self::Stopped => "the program was stopped and continued",
            Self::Disturbed => {
                "disturbed by the machine (steal, throttling, a cluster that stood still)"
            }
            Self::Crowded => "other programs were in the way",
            Self::LeftOut => "left out: no partner with the opposite order of arms",
        }
    }
}

/// Why the round at `place` is marked in any of the arms, all of it, for a reader who asks.
pub(super) fn reasons(measurement: &Measurement, place: usize) -> Vec<String> {
    let round = &measurement.rounds[place];
    let machine = &round.machine;
    let above = |share: Option<f64>, bound: f64| share.filter(|share| *share > bound);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let stood_still = |time: &ArmTime| time.cluster.is_some_and(|cluster| cluster.held_s > 0.0);

    let cold = round.cold.then(|| "cold".to_owned());
    let stopped = machine.stopped.then(|| "stopped and continued".to_owned());
    let steal = above(machine.steal, Round::STEAL_BOUND)
        .map(|share| format!("{} stolen by the hypervisor", percent(share)));
    let throttled = above(machine.throttled, Round::THROTTLED_BOUND)
        .map(|share| format!("{} throttled by a quota", percent(share)));
    let held = round
        .times
        .iter()
        .any(stood_still)
        .then(|| "the cluster stood still".to_owned());
    let others = machine
        .other_programs
        .filter(|_| is_crowded_anywhere(measurement, round))
        .map(|others| format!("other programs used {:.1} CPUs", others.cores));
    let left_out = is_left_out(measurement, place).then(|| "left out".to_owned());

    [cold, stopped, steal, throttled, held, others, left_out]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether other programs took CPUs that the arm's workers would have used.
fn is_crowded(measurement: &Measurement, round: &Round, arm: usize) -> bool {
    let workers = measurement.arms[arm].workers;

    round
        .machine
        .other_programs
        .is_some_and(|others| others.are_in_the_way_of(workers))
}

fn is_crowded_anywhere(measurement: &Measurement, round: &Round) -> bool {
    let mut arms = 0..measurement.arms.len();

    arms.any(|arm| is_crowded(measurement, round, arm))
}

fn is_left_out(measurement: &Measurement, place: usize) -> bool {
    place + 1 == measurement.rounds.len() && measurement.leaves_a_round_out()
}
