//! What the machine withheld in a stretch of time, from the counters at both ends.

use std::time::Duration;

use super::neighbours::Stretch;
use crate::machine::Counters;
use crate::results::MachineUse;
use crate::units::seconds;

/// Shares of `stretch`, where the system reports them.
pub(super) fn withheld(stretch: &Stretch) -> MachineUse {
    let wall = seconds(stretch.wall).max(1e-9);
    let share_of = |time: fn(&Counters) -> Option<Duration>| {
        Some(seconds(time(&stretch.after)?.saturating_sub(time(&stretch.before)?)) / wall)
    };

    let processors = stretch.after.processors;
    let cpus = processors.map_or(1, |processors| processors.cpus).max(1);
    let stolen = share_of(|counters| counters.processors.map(|processors| processors.steal));

    MachineUse {
        steal: stolen.map(|cores| (cores / cpus as f64).min(1.0)),
        throttled: share_of(|counters| counters.throttled),
        load: stretch.after.load,
        ..MachineUse::default()
    }
}
