//! Engines and numbers of workers as they are chosen for a run, and the cases that they make.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

use super::{Arm, Case, WorkerCounts};
use crate::engine::{self, Cluster, serial};
use crate::machine;
use crate::results::OWN;
use crate::workload::{self, TaskVariant};

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
    pub engines_are_chosen: bool,
    /// How many workers each of them has.
    pub workers: &'a WorkerCounts,
    /// Whether these were asked for, and are not the default.
    pub workers_are_chosen: bool,
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
        if !workload.hosted_engines().is_empty() {
            return Self::of_hosted(workload, params, choice);
        }
        if workload.has_own_workers(params) {
            return Self::of_own_workers(workload, params, choice).map(|case| vec![case]);
        }
        accept(workload.as_ref(), params, choice)?;

        let (alone, together): (Vec<_>, Vec<_>) = choice
            .engines
            .iter()
            .cloned()
            .partition(|engine| engine.disturbs_others(choice.cluster));
        let together = (!together.is_empty()).then_some(together);
        let groups = together
            .into_iter()
            .chain(alone.into_iter().map(|engine| vec![engine]));

        let variants = workload.variants(params);
        let case = |engines: Vec<Arc<dyn engine::Definition>>| Self {
            workload: Arc::clone(workload),
            params: params.clone(),
            arms: arms(workload.as_ref(), &engines, &variants, choice),
            reference: 0,
            takes_fastest_loop: false,
        };
        let cases: Vec<Self> = groups.map(case).collect();
        match cases.iter().find(|case| case.pairs() == 0) {
            Some(_) => Err(Refusal {
                engine: choice.name(),
                workload: workload.name().to_owned(),
                reason: format!(
                    "no number of processes (-j) with any number of threads (--threads) fits into {} CPUs",
                    machine::planned_cpus()
                ),
            }),
            None => Ok(cases),
        }
    }

    /// The case that measures a workload which starts its own workers: each number of them beside
    /// one, or beside a serial program.
    fn of_own_workers(
        workload: &Arc<dyn workload::Definition>,
        params: &Value,
        choice: Choice<'_>,
    ) -> Result<Self, Refusal> {
        let refusal = |reason: &str| Refusal {
            engine: choice.name(),
            workload: workload.name().to_owned(),
            reason: reason.to_owned(),
        };
        if choice.scaling == Scaling::Weak {
            return Err(Refusal {
                engine: OWN.to_owned(),
                ..refusal(
                    "with {workers} there is one size of work, so weak scaling has no meaning: leave out --scale weak",
                )
            });
        }
        if choice.engines_are_chosen {
            return Err(refusal(
                "it starts its own workers, so it runs on no engine",
            ));
        }

        let counts = choice.workers.as_slice().iter().copied();
        let more = counts.filter(|workers| workers.get() > 1);
        let counts: Vec<_> = std::iter::once(NonZeroUsize::MIN).chain(more).collect();
        let on = |engine: &Arc<dyn engine::Definition>| {
            let arms = counts.iter().map(|&workers| Arm::new(engine, workers));
            arms.collect::<Vec<_>>()
        };
        let serial = workload.has_serial_program(params).then(Arm::serial);
        let variants = workload.variants(params).into_iter();
        let others = variants.flat_map(|variant| on(&engine::of_variant(variant, engine::own())));

        Ok(Self {
            workload: Arc::clone(workload),
            params: params.clone(),
            arms: serial
                .into_iter()
                .chain(on(&engine::own()))
                .chain(others)
                .collect(),
            reference: 0,
            takes_fastest_loop: false,
        })
    }
}

impl Choice<'_> {
    /// The name of the engine that was asked for last.
    pub(super) fn name(&self) -> String {
        let engine = self.engines.last();

        engine.map_or("", |engine| engine.name()).to_owned()
    }
}

/// The plain loop, then each of `engines` with each number of workers, and all of that once more
/// for the other command; or the engines with numbers of threads in each task.
fn arms(
    workload: &dyn workload::Definition,
    engines: &[Arc<dyn engine::Definition>],
    variants: &[TaskVariant],
    choice: Choice<'_>,
) -> Vec<Arm> {
    let mut arms = vec![Arm::serial()];
    let counts = |engine: &Arc<dyn engine::Definition>| counts(workload, engine.as_ref(), choice);
    let scaled = |engine: &Arc<dyn engine::Definition>, workers| Arm {
        scale: match choice.scaling {
            Scaling::Strong => NonZeroUsize::MIN,
            Scaling::Weak => workers,
        },
        ..Arm::new(engine, workers)
    };
    let has_threads = variants
        .iter()
        .any(|variant| matches!(variant, TaskVariant::Threads(_)));

    if !has_threads {
        for engine in engines {
            let workers = counts(engine).into_iter();
            arms.extend(workers.map(|workers| scaled(engine, workers)));
        }
    }
    for &variant in variants {
        if variant == TaskVariant::Other {
            let loop_of_other = engine::of_variant(variant, serial());
            arms.push(Arm::new(&loop_of_other, NonZeroUsize::MIN));
        }
        for engine in engines {
            let engine = engine::of_variant(variant, Arc::clone(engine));
            let workers = match variant {
                TaskVariant::Other => counts(&engine),
                TaskVariant::Threads(threads) => splits(threads, choice),
            };
            arms.extend(workers.into_iter().map(|workers| scaled(&engine, workers)));
        }
    }
    arms
}

/// The numbers of workers of `engine` beside the plain loop. Where tasks are processes, one thread
/// that waits for them does what the loop does: it is left out where it only takes time. From three
/// numbers on, a law is fitted, which wants it.
fn counts(
    workload: &dyn workload::Definition,
    engine: &dyn engine::Definition,
    choice: Choice<'_>,
) -> Vec<NonZeroUsize> {
    const FEW: usize = 2;

    let all = choice.workers.as_slice();
    let is_like_loop = !workload.runs_in_process() && engine.is_in_process();
    let is_left_out = |&&workers: &&NonZeroUsize| {
        is_like_loop && all.len() == FEW && workers == NonZeroUsize::MIN
    };

    all.iter()
        .filter(|workers| !is_left_out(workers))
        .copied()
        .collect()
}

/// The numbers of cores that tasks of `threads` threads take up together, within the CPUs.
fn splits(threads: NonZeroUsize, choice: Choice<'_>) -> Vec<NonZeroUsize> {
    let cpus = machine::planned_cpus();
    let fitting = processes(threads, choice).into_iter();
    let fitting = fitting.filter(|&processes| fits(processes, threads, cpus));

    fitting
        .map(|processes| processes.saturating_mul(threads))
        .collect()
}

/// How many processes of `threads` threads are to run at once: as was asked for, or as many as fit,
/// but one.
pub(super) fn processes(threads: NonZeroUsize, choice: Choice<'_>) -> Vec<NonZeroUsize> {
    if choice.workers_are_chosen {
        return choice.workers.as_slice().to_vec();
    }

    let most = NonZeroUsize::new(machine::planned_cpus().get() / threads);
    vec![most.unwrap_or(NonZeroUsize::MIN)]
}

/// Whether `processes` of `threads` threads have `cpus` enough.
pub(super) fn fits(processes: NonZeroUsize, threads: NonZeroUsize, cpus: NonZeroUsize) -> bool {
    let cores = processes.checked_mul(threads);

    cores.is_some_and(|cores| cores <= cpus)
}

/// Refuses what an engine of `choice` cannot run.
fn accept(
    workload: &dyn workload::Definition,
    params: &Value,
    choice: Choice<'_>,
) -> Result<(), Refusal> {
    let refusal = |engine: &str, reason: String| Refusal {
        engine: engine.to_owned(),
        workload: workload.name().to_owned(),
        reason,
    };
    if choice.scaling == Scaling::Weak && workload.writes_files(params) {
        let reason = "each task runs once for each worker with --scale weak, and all of them would write to the same \
                      file: leave --output out";
        return Err(refusal(&choice.name(), reason.to_owned()));
    }

    choice.engines.iter().try_for_each(|engine| {
        let accepted = engine.accepts(workload);
        accepted.map_err(|reason| refusal(engine.name(), reason))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workload::built_in;

    fn cases(engines: &str, workers: &str) -> Vec<Case> {
        cases_of("pi", &json!({}), engines, workers)
    }

    fn cases_of(workload: &str, params: &Value, engines: &str, workers: &str) -> Vec<Case> {
        let known = engine::built_in();
        let engines: Vec<_> = engines
            .split(',')
            .map(|name| known.find(name).unwrap())
            .collect();
        let choice = Choice {
            engines: &engines,
            engines_are_chosen: true,
            workers: &workers.parse().unwrap(),
            workers_are_chosen: true,
            scaling: Scaling::Strong,
            cluster: &Cluster::default(),
        };

        Case::all_of(&built_in().find(workload).unwrap(), params, choice).unwrap()
    }

    #[test]
    fn one_thread_that_waits_for_processes_is_left_out_beside_the_loop() {
        let params = json!({"command": ["true"], "repeat": 2, "batch": 1, "placeholder": "{}", "output": "pipe"});
        let arms = |engines: &str, workers: &str| {
            let cases = cases_of("cmd", &params, engines, workers);
            labels(&cases[0])
        };

        assert_eq!(arms("pool", "1,2"), ["serial", "pool 2"]);
        assert_eq!(arms("pool", "1"), ["serial", "pool 1"]);
        assert_eq!(arms("pool", "1,2,4").len(), 4);
        assert_eq!(
            arms("process", "1,2").len(),
            3,
            "its processes cost something"
        );
    }

    #[test]
    fn the_plain_loop_runs_what_one_thread_does() {
        let params = json!({
            "command": ["true", "{workers}"], "inputs": ["a"], "threads": [1], "batch": 1, "placeholder": "{}",
            "output": "pipe",
        });
        let firsts = |params: &Value| cases_of("cmd", params, "pool", "1")[0].first_arms();
        assert_eq!(firsts(&params), [0, 0]);

        let mut beside_serial = params;
        beside_serial["serial"] = json!({"command": ["true"]});
        assert_eq!(firsts(&beside_serial), [0, 1]);
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
