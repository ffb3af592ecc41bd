//! One workload with its parameters, and the arms that are measured beside one another.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::engine::{self, Cluster, serial};
use crate::results::{HOST_FOLLOWS, Measurement, Round, TaskVariant, is_serial};
use crate::workload;

/// One workload with its parameters and its arms: one measurement.
#[derive(Clone)]
pub struct Case {
    /// The workload.
    pub workload: Arc<dyn workload::Definition>,
    /// Its complete parameters.
    pub params: Value,
    /// The arms, each engine with each number of workers once.
    pub arms: Vec<Arm>,
    /// The index of the arm that ratios refer to.
    pub reference: usize,
    /// Whether that is the fastest one of several plain loops instead, which only measuring shows.
    /// What is measured again keeps its reference.
    pub takes_fastest_loop: bool,
}

/// An engine with a number of workers.
#[derive(Clone)]
pub struct Arm {
    /// The engine.
    pub engine: Arc<dyn engine::Definition>,
    /// How many of its workers the arm uses.
    pub workers: NonZeroUsize,
    /// How many times it does the case's work: 1, or its workers where the work grows with them.
    pub scale: NonZeroUsize,
}

impl Case {
    /// The case without the arm at `index`, where the others can be measured without it: a program
    /// may fail with one number of workers, as for want of memory. `None` for the reference, for
    /// the only other arm, and for tasks that run in this process, whose failure says something
    /// about all arms of an engine.
    #[must_use]
    pub fn without(&self, index: usize) -> Option<Self> {
        let has_others = index != self.reference && self.pairs() > 1;
        if !has_others || !self.workload.may_have_own_workers() {
            return None;
        }

        let mut rest = self.clone();
        rest.arms.remove(index);
        rest.reference -= usize::from(index < self.reference);
        Some(rest)
    }

    /// The case without the arms of the engine called `name`, where several hosts have engines and
    /// one of them lacks it. `None` for a plain loop, and where nothing is left to compare.
    #[must_use]
    pub fn without_engine(&self, name: &str) -> Option<Self> {
        if is_serial(name) || !name.contains(HOST_FOLLOWS) {
            return None;
        }

        let mut rest = self.clone();
        rest.arms.retain(|arm| arm.engine.name() != name);
        // The loops of the hosts come first, so the reference keeps its place.
        let has_engines = rest.arms.iter().any(|arm| !is_serial(arm.engine.name()));
        has_engines.then_some(rest)
    }

    /// Whether `measurement` is one of this case: the same work on the same arms.
    #[must_use]
    pub fn is_of(&self, measurement: &Measurement) -> bool {
        let planned = self.arms.iter();
        let planned = planned.map(|arm| (arm.engine.name(), arm.workers.get(), arm.scale.get()));
        let measured = measurement.arms.iter();
        let measured = measured.map(|arm| (arm.engine.as_str(), arm.workers, arm.scale));

        measurement.workload == self.workload.name()
            && measurement.params == self.params
            && planned.eq(measured)
    }

    /// For each arm, the first one that runs the same command with as many threads. The plain loop
    /// does with one, unless it runs a program of its own.
    #[must_use]
    pub fn first_arms(&self) -> Vec<usize> {
        let has_serial_program = self.workload.has_serial_program(&self.params);
        let of_loop = (!has_serial_program).then_some(TaskVariant::Threads(NonZeroUsize::MIN));
        let variant = |arm: &Arm| {
            let variant = TaskVariant::of_engine(arm.engine.name());
            variant.map_or(of_loop, |(variant, _)| Some(variant))
        };
        let first = |arm: &Arm| {
            let mut arms = self.arms.iter();
            arms.position(|other| variant(other) == variant(arm))
        };

        self.arms.iter().filter_map(first).collect()
    }

    /// The arm that ratios refer to.
    #[must_use]
    pub fn reference_arm(&self) -> &Arm {
        &self.arms[self.reference]
    }

    /// Every other arm.
    #[must_use]
    pub fn others(&self) -> impl DoubleEndedIterator<Item = &Arm> {
        self.other_indices().map(|index| &self.arms[index])
    }

    /// How many arms there are beside the reference.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.arms.len() - 1
    }

    /// The indices of all arms but the reference.
    #[must_use]
    pub fn other_indices(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let reference = self.reference;

        (0..self.arms.len()).filter(move |&index| index != reference)
    }

    /// What the arms are called, the reference first.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.reference_first()
            .map(|index| self.arms[index].label())
            .collect()
    }

    /// What each arm is called and what it took in `round`, the reference first.
    #[must_use]
    pub fn times(&self, round: &Round) -> Vec<(String, Duration)> {
        self.reference_first()
            .map(|index| {
                let wall = Duration::try_from_secs_f64(round.times[index].wall_s);
                (self.arms[index].label(), wall.unwrap_or_default())
            })
            .collect()
    }

    fn reference_first(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.reference).chain(self.other_indices())
    }

    /// Every engine once, with the most workers that an arm of it has, in the order of the arms.
    #[must_use]
    pub fn engines(&self) -> Vec<Arm> {
        let mut engines: Vec<Arm> = Vec::new();

        for arm in &self.arms {
            match engines
                .iter_mut()
                .find(|known| known.engine.name() == arm.engine.name())
            {
                Some(known) => known.workers = known.workers.max(arm.workers),
                None => engines.push(arm.clone()),
            }
        }
        engines
    }

    /// Whether an engine of it would disturb the arms of other engines.
    #[must_use]
    pub fn disturbs_others(&self, cluster: &Cluster) -> bool {
        self.arms
            .iter()
            .any(|arm| arm.engine.disturbs_others(cluster))
    }

    /// Whether an arm of it works on a cluster.
    #[must_use]
    pub fn uses_cluster(&self) -> bool {
        self.arms.iter().any(|arm| arm.engine.uses_cluster())
    }
}

impl Arm {
    /// The plain loop.
    #[must_use]
    pub fn serial() -> Self {
        Self::new(&serial(), NonZeroUsize::MIN)
    }

    /// `engine` with `workers`, for the case's work.
    pub(super) fn new(engine: &Arc<dyn engine::Definition>, workers: NonZeroUsize) -> Self {
        Self {
            engine: Arc::clone(engine),
            workers,
            scale: NonZeroUsize::MIN,
        }
    }

    /// What reports call it: `serial`, or the engine with its workers, as `pool 2`.
    #[must_use]
    pub fn label(&self) -> String {
        crate::results::arm_label(self.engine.name(), self.workers.get())
    }
}
