//! How long each step of starting on Ray may take.

use std::time::Duration;

use crate::engine::{Address, Options};

/// Importing Ray.
const IMPORT: Duration = Duration::from_secs(30);
/// Being let in by a running cluster.
const JOIN: Duration = Duration::from_secs(7);
/// Being granted CPUs there, which others may hold.
const SLOTS: Duration = Duration::from_secs(20);
/// Starting a Ray on this machine, and then its workers: nobody else holds its CPUs, but the machine
/// may be busy.
const LOCAL: Duration = Duration::from_mins(1);
/// More of it for each worker: a node starts their processes one after another.
const SLOTS_PER_WORKER: Duration = Duration::from_secs(1);

/// The limits of one start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) import: Duration,
    pub(super) join: Duration,
    pub(super) slots: Duration,
}

impl Limits {
    /// `--start-timeout` for each step, or what is usual there.
    pub(super) fn of(options: &Options<'_>) -> Self {
        let (join, slots) = match options.cluster.address {
            Address::Local => (LOCAL, LOCAL),
            _ => (JOIN, SLOTS),
        };
        let workers = u32::try_from(options.workers.get()).unwrap_or(u32::MAX);
        let slots = slots.saturating_add(SLOTS_PER_WORKER.saturating_mul(workers));

        let limit = |usual| options.cluster.start_timeout.unwrap_or(usual);
        Self {
            import: limit(IMPORT),
            join: limit(join),
            slots: limit(slots),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Cluster;
    use crate::stop::Stop;
    use crate::units::Bytes;

    fn limits(workers: usize, cluster: &Cluster) -> Limits {
        let stop = Stop::new();
        let workers = workers.try_into().unwrap();
        let memory = Bytes(0);
        Limits::of(&Options {
            workers,
            most_workers: workers,
            memory,
            worker: None,
            cluster,
            stop: &stop,
        })
    }

    #[test]
    fn more_workers_have_more_time() {
        let cluster = Cluster {
            address: Address::Auto,
            ..Cluster::default()
        };
        assert_eq!(limits(1, &cluster).slots, Duration::from_secs(21));
        assert_eq!(limits(80, &cluster).slots, Duration::from_secs(100));
    }

    #[test]
    fn a_local_ray_has_more_time_than_a_cluster() {
        let cluster = Cluster::default();
        assert_eq!(limits(2, &cluster).slots, Duration::from_secs(62));
        assert_eq!(limits(2, &cluster).join, Duration::from_mins(1));
    }

    #[test]
    fn the_flag_holds_for_each_step() {
        let limit = Duration::from_mins(5);
        let cluster = Cluster {
            start_timeout: Some(limit),
            ..Cluster::default()
        };
        assert_eq!(
            limits(80, &cluster),
            Limits {
                import: limit,
                join: limit,
                slots: limit
            }
        );
    }
}
