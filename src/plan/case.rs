//! One workload with its parameters, and the arms that are measured beside one another.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::WorkerCounts;
use crate::engine::{self, Cluster, serial};
use crate::results::Round;
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

/// How the work depends on the workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// The same work for any number of workers.
    #[default]
    Strong,
    /// N times the work for N workers.
    Weak,
}

/// Engines and numbers of workers as they are chosen for a run.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// The engines beside the plain loop.
    pub engines: &'a [Arc<dyn engine::Definition>],
    /// Whether they were asked for, and are not the default.
    pub are_chosen: bool,
    /// How many workers each of them has.
    pub workers: &'a WorkerCounts,
    /// How the work depends on them.
    pub scaling: Scaling,
    /// Where the engines beyond this machine are.
    pub cluster: &'a Cluster,
}

/// Why a case cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("engine {engine} cannot run {workload}: {reason}")]
pub struct Refusal {
    /// The engine.
    pub engine: String,
    /// The workload.
    pub workload: String,
    /// Why not.
    pub reason: String,
}

impl Case {
    /// The cases that measure `workload` on all arms of `choice`, each beside the plain loop: one
    /// case for all engines that can stand beside one another, and one for each engine that would
    /// disturb the others.
    pub fn all_of(
        workload: &Arc<dyn workload::Definition>,
        params: &Value,
        choice: Choice<'_>,
    ) -> Result<Vec<Self>, Refusal> {
        if workload.has_own_workers(params) {
            return Self::of_own_workers(workload, params, choice).map(|case| vec![case]);
        }
        for engine in choice.engines {
            engine
                .accepts(workload.as_ref())
                .map_err(|reason| Refusal {
                    engine: engine.name().to_owned(),
                    workload: workload.name().to_owned(),
                    reason,
                })?;
        }

        let (alone, together): (Vec<_>, Vec<_>) = choice
            .engines
            .iter()
            .cloned()
            .partition(|engine| engine.disturbs_others(choice.cluster));
        let together = (!together.is_empty()).then_some(together);
        let groups = together
            .into_iter()
            .chain(alone.into_iter().map(|engine| vec![engine]));

        let case = |engines: Vec<Arc<dyn engine::Definition>>| {
            let arms = engines.iter().flat_map(|engine| {
                let arm = |&workers| Arm {
                    engine: Arc::clone(engine),
                    workers,
                    scale: match choice.scaling {
                        Scaling::Strong => NonZeroUsize::MIN,
                        Scaling::Weak => workers,
                    },
                };
                choice.workers.as_slice().iter().map(arm)
            });
            Self {
                workload: Arc::clone(workload),
                params: params.clone(),
                arms: std::iter::once(Arm::serial()).chain(arms).collect(),
                reference: 0,
            }
        };
        Ok(groups.map(case).collect())
    }

    /// The case that measures a workload which starts its own workers: each number of them beside
    /// one.
    fn of_own_workers(
        workload: &Arc<dyn workload::Definition>,
        params: &Value,
        choice: Choice<'_>,
    ) -> Result<Self, Refusal> {
        let refusal = |reason: &str| Refusal {
            engine: choice
                .engines
                .last()
                .map_or("", |engine| engine.name())
                .to_owned(),
            workload: workload.name().to_owned(),
            reason: reason.to_owned(),
        };
        if choice.scaling == Scaling::Weak {
            return Err(refusal(
                "a program with workers of its own has one size of work",
            ));
        }
        if choice.are_chosen {
            return Err(refusal(
                "it starts its own workers, so it runs on no engine",
            ));
        }

        let arm = |workers| Arm {
            engine: engine::own(),
            workers,
            scale: NonZeroUsize::MIN,
        };
        let counts = choice.workers.as_slice().iter().copied();
        let others = counts.filter(|workers| workers.get() > 1);
        Ok(Self {
            workload: Arc::clone(workload),
            params: params.clone(),
            arms: std::iter::once(NonZeroUsize::MIN)
                .chain(others)
                .map(arm)
                .collect(),
            reference: 0,
        })
    }

    /// The case without the arm at `index`, where the others can be measured without it: a program
    /// with workers of its own may fail with one number of them. `None` for the reference, for the only
    /// other arm, and for engines, whose failures say something about all of their arms.
    #[must_use]
    pub fn without(&self, index: usize) -> Option<Self> {
        let has_others = index != self.reference && self.pairs() > 1;
        if !has_others || !self.workload.has_own_workers(&self.params) {
            return None;
        }

        let mut rest = self.clone();
        rest.arms.remove(index);
        rest.reference -= usize::from(index < self.reference);
        Some(rest)
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
        Self {
            engine: serial(),
            workers: NonZeroUsize::MIN,
            scale: NonZeroUsize::MIN,
        }
    }

    /// What reports call it: `serial`, or the engine with its workers, as `pool 2`.
    #[must_use]
    pub fn label(&self) -> String {
        crate::results::arm_label(self.engine.name(), self.workers.get())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workload::built_in;

    fn cases(engines: &str, workers: &str) -> Vec<Case> {
        let known = engine::built_in();
        let engines: Vec<_> = engines
            .split(',')
            .map(|name| known.find(name).unwrap())
            .collect();
        let choice = Choice {
            engines: &engines,
            are_chosen: true,
            workers: &workers.parse().unwrap(),
            scaling: Scaling::Strong,
            cluster: &Cluster::default(),
        };

        Case::all_of(&built_in().find("pi").unwrap(), &json!({}), choice).unwrap()
    }

    fn labels(case: &Case) -> Vec<String> {
        case.arms.iter().map(Arm::label).collect()
    }

    #[test]
    fn engines_and_workers_are_arms_of_one_case_beside_the_plain_loop() {
        let [case] = &cases("pool,process", "1,3")[..] else {
            panic!("one case")
        };
        let expected = ["serial", "pool 1", "pool 3", "process 1", "process 3"];
        assert_eq!(labels(case), expected);
        assert_eq!(
            (case.reference_arm().label().as_str(), case.pairs()),
            ("serial", 4)
        );

        let engines: Vec<String> = case.engines().iter().map(Arm::label).collect();
        assert_eq!(
            engines,
            ["serial", "pool 3", "process 3"],
            "started once, for the most workers"
        );
    }

    #[test]
    fn a_local_ray_has_rounds_of_its_own() {
        let cases = cases("ray,pool", "2");
        let labels: Vec<_> = cases.iter().map(labels).collect();
        assert_eq!(labels, [["serial", "pool 2"], ["serial", "ray 2"]]);
    }
}
