//! The engines of a case while they run. The next case of the same workload goes on with those that
//! fit: starting a cluster takes longer than many a case.

use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};

use super::{Conditions, Error};
use crate::engine::{self, Engine, Options};
use crate::plan::{Arm, Case, Plan};
use crate::stop::Stop;
use crate::units::{Bytes, seconds};
use crate::workload::WorkerProgram;

/// Running engines. Dropping them ends them.
#[derive(Default)]
pub(super) struct Engines {
    started: Vec<Started>,
    /// Whether several of them work on the cluster, so that its CPUs are one engine's at a time.
    take_turns: bool,
}

/// A running engine.
pub(super) struct Started {
    pub(super) name: String,
    pub(super) engine: Box<dyn Engine>,
    /// Seconds from asking for it to its being ready.
    pub(super) startup_s: f64,
    /// The most workers that an arm of it uses.
    pub(super) workers: NonZeroUsize,
    pub(super) is_in_process: bool,
    uses_cluster: bool,
    /// What it was started with.
    memory: Bytes,
    worker: Option<WorkerProgram>,
}

impl Engines {
    /// The engines of `case`, each with the most workers that an arm of it uses: those of `idle`
    /// that fit, and the others started now.
    pub(super) fn start(
        case: &Case,
        plan: &Plan,
        mut idle: Self,
        conditions: Conditions<'_>,
    ) -> Result<Self, Error> {
        let memory = plan.memory_of(case);
        let worker = case.workload.worker_program(&case.params);
        let wanted = case.engines();
        let fits = |started: &Started, arm: &Arm| {
            let same = (started.name.as_str(), started.workers, started.memory);
            same == (arm.engine.name(), arm.workers, memory) && started.worker == worker
        };

        // Stop unneeded engines before others are started.
        let (kept, ended): (Vec<_>, Vec<_>) = idle
            .started
            .drain(..)
            .partition(|started| wanted.iter().any(|arm| fits(started, arm)));
        idle.started = ended;
        drop(idle);

        let on_cluster = wanted.iter().filter(|arm| arm.engine.uses_cluster());
        let mut engines = Self {
            started: kept,
            take_turns: on_cluster.count() > 1,
        };
        for arm in &wanted {
            if !engines.iter().any(|started| fits(started, arm)) {
                if arm.engine.uses_cluster() {
                    engines.release_others(None, conditions.stop)?;
                }
                let options = Options {
                    worker: worker.as_ref(),
                    ..plan.options(case, arm.workers, conditions.stop)
                };
                engines.started.push(started(arm, options, conditions)?);
            }
        }
        Ok(engines)
    }

    /// Has every engine's lost and released workers back, except where engines take turns.
    pub(super) fn restore(&mut self, stop: &Stop) -> Result<(), engine::Error> {
        if self.take_turns {
            return Ok(());
        }

        self.iter_mut()
            .try_for_each(|started| started.engine.restore(stop))
    }

    /// Gives the cluster's CPUs to the engine at `place`, where several engines share them. Never
    /// timed.
    pub(super) fn give_turn(&mut self, place: usize, stop: &Stop) -> Result<(), engine::Error> {
        if !self.take_turns || !self[place].uses_cluster {
            return Ok(());
        }

        self.release_others(Some(place), stop)?;
        self[place].engine.restore(stop)
    }

    /// Has every engine but the one at `place` give back the cluster's CPUs, where engines take
    /// turns.
    fn release_others(&mut self, place: Option<usize>, stop: &Stop) -> Result<(), engine::Error> {
        if !self.take_turns {
            return Ok(());
        }

        for (other, started) in self.iter_mut().enumerate() {
            if started.uses_cluster && Some(other) != place {
                started.engine.release(stop)?;
            }
        }
        Ok(())
    }

    /// The place of the engine that runs `arm`.
    pub(super) fn place_of(&self, arm: &Arm) -> usize {
        let is_its_engine = |started: &Started| started.name == arm.engine.name();

        self.iter().position(is_its_engine).unwrap_or_default()
    }
}

fn started(arm: &Arm, options: Options<'_>, conditions: Conditions<'_>) -> Result<Started, Error> {
    let clock = conditions.clock;

    let start = clock.now();
    let engine = arm.engine.start(&options)?;
    let startup_s = seconds(clock.since(start));

    Ok(Started {
        name: arm.engine.name().to_owned(),
        engine,
        startup_s,
        workers: arm.workers,
        is_in_process: arm.engine.is_in_process(),
        uses_cluster: arm.engine.uses_cluster(),
        memory: options.memory,
        worker: options.worker.cloned(),
    })
}

impl Deref for Engines {
    type Target = [Started];

    fn deref(&self) -> &[Started] {
        &self.started
    }
}

impl DerefMut for Engines {
    fn deref_mut(&mut self) -> &mut [Started] {
        &mut self.started
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        for started in self.started.drain(..) {
            started.engine.shutdown();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::engine::{self, Batch, Cluster, Definition, Options};
    use crate::event::Silent;
    use crate::measure::{Machine, Monotonic, Session};
    use crate::results::{Rounds, Sampling, WORTH};
    use crate::stop::Stop;
    use crate::workload;

    /// Counts how often it was started and ended.
    #[derive(Clone, Default)]
    struct Counting {
        starts: Arc<AtomicUsize>,
        ends: Arc<AtomicUsize>,
    }

    impl Counting {
        fn counts(&self) -> (usize, usize) {
            let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);

            (count(&self.starts), count(&self.ends))
        }
    }

    impl Definition for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn about(&self) -> &'static str {
            "Counts how often it was started and ended"
        }

        fn start(&self, _options: &Options<'_>) -> Result<Box<dyn Engine>, engine::Error> {
            self.starts.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(self.clone()))
        }
    }

    impl Engine for Counting {
        fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, engine::Error> {
            Ok(vec![Value::Null; batch.tasks])
        }

        fn shutdown(self: Box<Self>) {
            self.ends.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn plan() -> Plan {
        Plan {
            cases: Vec::new(),
            sampling: Sampling {
                warmup: 1,
                rounds: Rounds::Exactly(1),
                order_seed: 0,
            },
            memory: Bytes(1 << 30),
            worth: WORTH,
            slowdown: 1.0,
            store_spans: false,
            cluster: Cluster::default(),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn an_engine_goes_on_where_it_fits_and_is_ended_where_it_does_not() {
        let engine = Counting::default();
        let case = |workers| {
            let workers = NonZeroUsize::new(workers).unwrap();
            Case {
                workload: workload::busy(),
                params: json!({}),
                arms: vec![
                    Arm::serial(),
                    Arm {
                        engine: Arc::new(engine.clone()),
                        workers,
                        scale: NonZeroUsize::MIN,
                    },
                ],
                reference: 0,
                takes_fastest_loop: false,
            }
        };
        let (clock, gauges, stop) = (Monotonic::start(), Machine::new(), Stop::new());
        let conditions = Conditions {
            clock: &clock,
            gauges: &gauges,
            stop: &stop,
            observer: &Silent,
        };
        let plan = plan();
        let next = |workers, idle| Engines::start(&case(workers), &plan, idle, conditions).unwrap();

        let engines = next(2, Engines::default());
        assert_eq!((engines.len(), engine.counts()), (2, (1, 0)));
        let engines = next(2, engines);
        assert_eq!((engines.len(), engine.counts()), (2, (1, 0)), "it goes on");
        let engines = next(3, engines);
        assert_eq!(
            (engines.len(), engine.counts()),
            (2, (2, 1)),
            "it has too few workers"
        );
        drop(engines);
        assert_eq!(engine.counts(), (2, 2));
    }

    /// An engine of a cluster that has CPUs for one of them only.
    #[derive(Clone)]
    struct Sharing {
        name: &'static str,
        holder: Arc<Mutex<Option<&'static str>>>,
    }

    impl Sharing {
        fn take(&self) -> Result<(), engine::Error> {
            let mut holder = self.holder.lock().unwrap();

            match holder.replace(self.name) {
                Some(other) if other != self.name => {
                    Err(engine::Error::failed(format!("{other} has the CPUs")))
                }
                _ => Ok(()),
            }
        }
    }

    impl Definition for Sharing {
        fn name(&self) -> &'static str {
            self.name
        }

        fn about(&self) -> &'static str {
            "Shares the CPUs of a cluster"
        }

        fn start(&self, _options: &Options<'_>) -> Result<Box<dyn Engine>, engine::Error> {
            self.take()?;
            Ok(Box::new(self.clone()))
        }

        fn uses_cluster(&self) -> bool {
            true
        }
    }

    impl Engine for Sharing {
        fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, engine::Error> {
            self.take()?;
            Ok(vec![Value::Null; batch.tasks])
        }

        fn restore(&mut self, _stop: &Stop) -> Result<(), engine::Error> {
            self.take()
        }

        fn release(&mut self, _stop: &Stop) -> Result<(), engine::Error> {
            self.holder
                .lock()
                .unwrap()
                .take_if(|holder| *holder == self.name);
            Ok(())
        }

        fn shutdown(self: Box<Self>) {}
    }

    #[test]
    fn engines_of_one_cluster_take_turns_at_its_cpus() {
        let holder = Arc::default();
        let arm = |name, workers| {
            let holder = Arc::clone(&holder);
            Arm {
                engine: Arc::new(Sharing { name, holder }),
                workers: NonZeroUsize::new(workers).unwrap(),
                scale: NonZeroUsize::MIN,
            }
        };
        let mut plan = plan();
        plan.cases.push(Case {
            workload: workload::busy(),
            params: json!({"tasks": 2, "steps": 1, "shape": "batch"}),
            arms: vec![
                Arm::serial(),
                arm("one", 1),
                arm("other", 1),
                arm("one", 2),
                arm("other", 2),
            ],
            reference: 0,
            takes_fastest_loop: false,
        });
        let (clock, gauges, stop) = (Monotonic::start(), Machine::new(), Stop::new());
        let conditions = Conditions {
            clock: &clock,
            gauges: &gauges,
            stop: &stop,
            observer: &Silent,
        };

        let case = &plan.cases[0];
        let mut session = Session::start(case, &plan, None, conditions).unwrap();
        session.round(0, &[4, 1, 0, 2, 3]).unwrap();
        session.audit().unwrap();
        session.round(1, &[0, 1, 2, 3, 4]).unwrap();
    }
}
