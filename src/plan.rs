//! What will be measured, valid by construction: cases and worker counts. Nothing runs here.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde_json::Value;

use crate::engine::{self, Address, Cluster, ENGINES};
use crate::machine;
use crate::results::{ClusterKind, Comparison, Outcome, Run, Sampling};
use crate::stop::Stop;
use crate::units::Bytes;
use crate::workload::{self, WORKLOADS};

/// The most workers that an engine is asked for.
pub const MOST_WORKERS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// What lies between the seeds of one pass and the next: the golden ratio in 64 bits, as in SplitMix64.
const NEXT_PASS: u64 = 0x9E37_79B9_7F4A_7C15;

/// The seed of the next pass. An odd step, so that no seed comes back before all others were there.
fn next_seed(seed: u64) -> u64 {
    seed.wrapping_add(NEXT_PASS)
}

/// One invocation's measurements.
pub struct Plan {
    /// In the order of measuring.
    pub cases: Vec<Case>,
    /// How many rounds each case gets.
    pub sampling: Sampling,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
    /// How many times as long every task takes: 1, but for showing that a regression is found.
    pub slowdown: f64,
    /// Where the engines beyond this machine are.
    pub cluster: Cluster,
}

/// Why a stored run cannot be measured again.
#[derive(Debug, thiserror::Error)]
pub enum Unrepeatable {
    /// It holds something that this program does not have.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// It was measured on a cluster, and none is named now.
    #[error("{name} was measured on {theirs}: name it with --ray-address")]
    Cluster {
        /// The run.
        name: String,
        /// Its cluster.
        theirs: ClusterKind,
    },
    /// It was measured on a Ray that was started for it, and a cluster is named now.
    #[error(
        "{name} was measured on a local Ray, and --ray-address is {address}: use --ray-address local"
    )]
    LocalRay {
        /// The run.
        name: String,
        /// What is named now.
        address: Address,
    },
}

/// Something in a stored run that this program does not have.
#[derive(Debug, thiserror::Error)]
#[error("{name} holds the {what} {value:?}, which this parbench does not know: it knows {known}")]
pub struct Unknown {
    name: String,
    what: &'static str,
    value: String,
    known: String,
}

impl Plan {
    /// The plan that `run`, called `name`, was measured by: the same parameters, engines, workers and
    /// sampling, with this much memory and this cluster.
    pub fn of(
        run: &Run,
        name: &str,
        memory: Bytes,
        cluster: Cluster,
    ) -> Result<Self, Unrepeatable> {
        same_kind_of_cluster(run, name, &cluster)?;
        let mut cases: Vec<Case> = Vec::new();
        for measurement in &run.measurements {
            let unknown = |what, value: &str, known: Vec<&str>| Unknown {
                name: name.to_owned(),
                what,
                value: value.to_owned(),
                known: known.join(", "),
            };
            let workload = workload::find(&measurement.workload).ok_or_else(|| {
                unknown(
                    "workload",
                    &measurement.workload,
                    WORKLOADS.iter().map(|known| known.name).collect(),
                )
            })?;
            let engine = engine::find(&measurement.engine).ok_or_else(|| {
                unknown(
                    "engine",
                    &measurement.engine,
                    ENGINES.iter().map(|known| known.name).collect(),
                )
            })?;
            let workers = NonZeroUsize::new(measurement.workers)
                .unwrap_or(NonZeroUsize::MIN)
                .min(MOST_WORKERS);
            let params = measurement.params.clone();
            let same = |case: &Case| {
                case.workload.name == workload.name
                    && case.engine.name == engine.name
                    && case.params == params
            };
            if let Some(case) = cases.last_mut().filter(|case| same(case)) {
                case.workers.add(workers);
            } else {
                let workers = WorkerCounts(vec![workers]);
                cases.push(Case {
                    workload,
                    params,
                    engine,
                    workers,
                    flags: Vec::new(),
                });
            }
        }
        Ok(Self {
            cases,
            sampling: run.sampling,
            memory,
            slowdown: 1.0,
            cluster,
        })
    }

    /// The same once more.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            cases: self.cases.iter().map(Case::again).collect(),
            sampling: self.sampling,
            memory: self.memory,
            slowdown: self.slowdown,
            cluster: self.cluster.clone(),
        }
    }

    /// The most workers that any case asks for.
    #[must_use]
    pub fn most_workers(&self) -> usize {
        let workers = self.cases.iter().flat_map(|case| case.workers.as_slice());
        workers.map(|workers| workers.get()).max().unwrap_or(1)
    }

    /// What an engine is started with for so many workers.
    #[must_use]
    pub fn options<'a>(&'a self, workers: NonZeroUsize, stop: &'a Stop) -> engine::Options<'a> {
        let counts = self.cases.iter().flat_map(|case| case.workers.as_slice());
        let most_workers = counts.copied().max().unwrap_or(workers).max(workers);
        engine::Options {
            workers,
            most_workers,
            memory: self.memory,
            cluster: &self.cluster,
            stop,
        }
    }

    /// A further pass over the suspects of `comparison`: their cases in reversed order, with another order of the arms
    /// than in any pass before.
    #[must_use]
    pub fn confirming(&self, comparison: &Comparison) -> Self {
        let suspected = |case: &Case, workers: NonZeroUsize| {
            comparison.with(Outcome::Regressed).any(|suspect| {
                suspect.workload == case.workload.name
                    && suspect.engine == case.engine.name
                    && suspect.workers == workers.get()
            })
        };
        let mut plan = self.again();
        for case in &mut plan.cases {
            let kept = case
                .workers
                .0
                .iter()
                .rev()
                .copied()
                .filter(|&workers| suspected(case, workers))
                .collect();
            case.workers = WorkerCounts(kept);
        }
        plan.cases.retain(|case| !case.workers.0.is_empty());
        plan.cases.reverse();
        plan.sampling.order_seed = next_seed(self.sampling.order_seed);
        plan
    }
}

/// Refuses to measure on another kind of cluster than the run's.
fn same_kind_of_cluster(run: &Run, name: &str, cluster: &Cluster) -> Result<(), Unrepeatable> {
    let kinds = run
        .measurements
        .iter()
        .filter_map(|measurement| measurement.placement.cluster.as_ref());
    for kind in kinds {
        let (name, address) = (name.to_owned(), cluster.address.clone());
        match (kind, &address) {
            (ClusterKind::Joined { .. }, Address::Local) => {
                return Err(Unrepeatable::Cluster {
                    name,
                    theirs: kind.clone(),
                });
            }
            (ClusterKind::Local, Address::Auto | Address::Running { .. }) => {
                return Err(Unrepeatable::LocalRay { name, address });
            }
            (ClusterKind::Joined { .. }, _) | (ClusterKind::Local, Address::Local) => {}
        }
    }
    Ok(())
}

/// One workload with its parameters, on one engine, with one or more numbers of workers.
pub struct Case {
    /// The workload.
    pub workload: &'static workload::Definition,
    /// Its complete parameters.
    pub params: Value,
    /// The engine of the distributed arm.
    pub engine: &'static engine::Definition,
    /// Its numbers of workers, each a measurement of its own.
    pub workers: WorkerCounts,
    /// The workload's flags by their own names, with what the user types for them here.
    pub flags: Vec<(String, String)>,
}

impl Case {
    fn again(&self) -> Self {
        let Self {
            workload,
            params,
            engine,
            workers,
            flags,
        } = self;
        let (params, workers, flags) = (params.clone(), workers.clone(), flags.clone());
        Self {
            workload,
            params,
            engine,
            workers,
            flags,
        }
    }

    /// `message` with every flag of the workload as the user types it: a way out must name flags that exist.
    #[must_use]
    pub fn as_typed(&self, message: &str) -> String {
        let mut words = Vec::new();
        for word in message.split(' ') {
            let end = word
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .unwrap_or(word.len());
            let typed = self.flags.iter().find(|(own, _)| own == &word[..end]);
            words.push(typed.map_or_else(
                || word.to_owned(),
                |(_, typed)| format!("{typed}{}", &word[end..]),
            ));
        }
        words.join(" ")
    }
}

/// One or more numbers of workers, none twice, each from 1 to [`MOST_WORKERS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCounts(Vec<NonZeroUsize>);

impl WorkerCounts {
    /// As many as there are CPUs to use.
    #[must_use]
    pub fn usable() -> Self {
        Self(vec![machine::planned_cpus().min(MOST_WORKERS)])
    }

    /// Appends `count`, unless it is there already.
    fn add(&mut self, count: NonZeroUsize) {
        if !self.0.contains(&count) {
            self.0.push(count);
        }
    }

    /// The numbers, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[NonZeroUsize] {
        &self.0
    }
}

impl FromStr for WorkerCounts {
    type Err = String;

    /// `4`, `1,2,4`, `1..8` or `1-8` (both ends), `max`; 0 and `max` are the usable CPUs.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "must be workers from 1 to {MOST_WORKERS}, such as 4 or 1,2,4 or 1..8 (both included) or max"
            )
        };
        let count = |text: &str| match text.trim() {
            "0" | "max" => Ok(machine::planned_cpus().min(MOST_WORKERS)),
            text => text
                .parse()
                .ok()
                .filter(|&n| n <= MOST_WORKERS)
                .ok_or_else(wrong),
        };
        let mut counts = Vec::new();
        for part in text.split(',') {
            match part.split_once("..").or_else(|| part.split_once('-')) {
                Some((first, last)) => {
                    let range = count(first)?.get()..=count(last)?.get();
                    if range.is_empty() {
                        return Err(wrong());
                    }
                    counts.extend(range.filter_map(NonZeroUsize::new));
                }
                None => counts.push(count(part)?),
            }
        }
        let mut seen = std::collections::HashSet::new();
        counts.retain(|&count| seen.insert(count));
        if counts.is_empty() {
            Err(wrong())
        } else {
            Ok(Self(counts))
        }
    }
}

impl fmt::Display for WorkerCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(","),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_with_the_same_measurement_twice_is_measured_once() {
        let mut run: Run = serde_json::from_str(include_str!("../results/reference.json")).unwrap();
        run.measurements.truncate(1);
        let first = run.measurements[0].clone();
        let wider = crate::results::Measurement {
            workers: first.workers + 1,
            ..first.clone()
        };
        run.measurements.extend([wider, first.clone()]);

        let Ok(plan) = Plan::of(&run, "base.json", Bytes(1 << 30), Cluster::default()) else {
            panic!("all of it is known");
        };
        let counts: Vec<usize> = plan.cases[0]
            .workers
            .as_slice()
            .iter()
            .map(|count| count.get())
            .collect();
        assert_eq!(
            (plan.cases.len(), counts),
            (1, vec![first.workers, first.workers + 1])
        );
    }

    #[test]
    fn worker_counts_take_every_documented_form() {
        let counts = |text: &str| {
            let parsed = text.parse::<WorkerCounts>();
            parsed.map(|counts| counts.0.iter().map(|count| count.get()).collect::<Vec<_>>())
        };
        assert_eq!(counts("4").unwrap(), [4]);
        assert_eq!(counts("1,2,4").unwrap(), [1, 2, 4]);
        assert_eq!(counts("1..4").unwrap(), [1, 2, 3, 4]);
        assert_eq!(counts("1-4").unwrap(), [1, 2, 3, 4]);
        assert_eq!(counts("2,1..3").unwrap(), [2, 1, 3]);
        assert_eq!(counts("max").unwrap(), counts("0").unwrap());
        for wrong in [
            "", "-1", "1025", "x", "4..2", "4..2,1", "1,", "1...3", "4-2", "1-", "1--2",
        ] {
            let error = counts(wrong).unwrap_err();
            assert!(
                error.starts_with("must be workers from 1 to 1024"),
                "{wrong}: {error}"
            );
        }
    }

    #[test]
    fn each_pass_has_an_order_of_its_own() {
        for first in [0, 7, u64::MAX] {
            let second = next_seed(first);
            let seeds = [first, second, next_seed(second)];
            assert!(
                seeds[0] != seeds[1] && seeds[1] != seeds[2] && seeds[0] != seeds[2],
                "{seeds:?}"
            );
        }
    }
}
