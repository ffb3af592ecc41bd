//! One case ready for rounds: its workload prepared, its engines started. Who asks for the rounds,
//! and how many, is up to the caller: the loop of a run, or another process that lets two programs
//! take turns.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::agreement::{Agreements, Rule};
use super::engines::{Engines, Started};
use super::neighbours::Neighbours;
use super::{Conditions, Error};
use crate::engine::{Batch, Pass};
use crate::failure::Failure;
use crate::plan::{Case, Plan};
use crate::results::{Arm, Measurement, Round, is_serial};
use crate::stats::median;
use crate::workload::{self, Context, Shared};

/// Empty tasks in a batch: enough to see what one costs, in a fraction of a millisecond.
const EMPTY_TASKS: u32 = 256;

/// A prepared case on its running engines. Dropping it ends the engines.
pub struct Session<'a> {
    pub(super) case: &'a Case,
    pub(super) plan: &'a Plan,
    pub(super) conditions: Conditions<'a>,
    pub(super) workload: Shared,
    /// Tasks that do nothing.
    pub(super) empty: Shared,
    /// Whether they cost something in the plain loop, too, as starting a process does.
    pub(super) loop_has_cost: bool,
    pub(super) engines: Engines,
    pub(super) arms: Vec<ArmOnEngine>,
    /// What every arm must find.
    pub(super) agreements: Agreements,
    /// The arm that failed, if one did.
    pub(super) failed_arm: Option<usize>,
    /// Whether the workload has cleaned up after all arms.
    is_cleaned_up: bool,
    /// What other programs used meanwhile.
    pub(super) neighbours: Neighbours,
    /// Whether a cluster's slots are given back after each round.
    shares_slots: bool,
}

/// Which engine an arm uses, and how many of its workers.
#[derive(Clone, Copy)]
pub(super) struct ArmOnEngine {
    /// The index of the engine among those that were started.
    pub(super) engine: usize,
    pub(super) workers: NonZeroUsize,
    /// How many times it does the case's work.
    pub(super) scale: NonZeroUsize,
}

impl<'a> Session<'a> {
    /// Prepares `case` of `plan` and starts its engines. Every arm must find `answer`, where that
    /// is known already.
    pub fn start(
        case: &'a Case,
        plan: &'a Plan,
        answer: Option<&Value>,
        conditions: Conditions<'a>,
    ) -> Result<Self, Error> {
        let mut session = Self::start_on(Engines::default(), case, plan, answer, conditions)?;
        session.prepare_engines().map_err(|(_, error)| error)?;

        Ok(session)
    }

    /// The same on those of the `idle` engines that fit, which are still to be prepared.
    pub(super) fn start_on(
        idle: Engines,
        case: &'a Case,
        plan: &'a Plan,
        answer: Option<&Value>,
        conditions: Conditions<'a>,
    ) -> Result<Self, Error> {
        let memory = plan.memory_of(case);
        let workers = case
            .others()
            .map(|arm| arm.workers)
            .max()
            .unwrap_or(NonZeroUsize::MIN);
        let Conditions { stop, observer, .. } = conditions;
        let context = Context {
            task_timeout: plan.cluster.longest_task(),
            stop,
            observer,
            workers,
            memory,
        };

        let workload = case.workload.prepare(case.params.clone(), &context)?;
        let needed = workload.task_bytes();
        if needed > memory {
            return Err(Error::Memory {
                needed,
                allowed: memory,
            });
        }
        let workload = workload::slowed(workload, plan.slowdown);
        let own_empty = workload.empty_tasks(&context).transpose()?;
        let loop_has_cost = own_empty.is_some();
        let empty = match own_empty {
            Some(empty) => empty,
            None => workload::empty_tasks(EMPTY_TASKS, &context)?,
        };

        let labels = case.arms.iter().map(crate::plan::Arm::label).collect();
        let agreements = Agreements::new(rule_of(case, &workload), labels, answer);

        let engines = Engines::start(case, plan, idle, conditions)?;
        let on_engine = |arm: &crate::plan::Arm| ArmOnEngine {
            engine: engines.place_of(arm),
            workers: arm.workers,
            scale: arm.scale,
        };
        let arms = case.arms.iter().map(on_engine).collect();

        Ok(Self {
            case,
            plan,
            conditions,
            workload,
            empty,
            loop_has_cost,
            engines,
            arms,
            agreements,
            failed_arm: None,
            is_cleaned_up: false,
            neighbours: Neighbours::default(),
            shares_slots: false,
        })
    }

    /// Prepares the engines for the workload; fails with the place of the one that failed.
    pub(super) fn prepare_engines(&mut self) -> Result<(), (usize, Error)> {
        let stop = self.conditions.stop;

        for place in 0..self.engines.len() {
            let prepared = self
                .engines
                .give_turn(place, stop)
                .and_then(|()| self.engines[place].engine.prepare(&self.workload, stop));
            prepared.map_err(|error| (place, error.into()))?;
        }
        Ok(())
    }

    /// Gives a cluster's slots back, now and after each round, so that another program can have
    /// them meanwhile.
    pub fn share_slots(&mut self) -> Result<(), Error> {
        self.shares_slots = true;

        self.release()
    }

    /// Gives a cluster's slots back, where they are shared.
    pub(super) fn release(&mut self) -> Result<(), Error> {
        if self.shares_slots {
            for started in self.engines.iter_mut() {
                started.engine.release(self.conditions.stop)?;
            }
        }
        Ok(())
    }

    /// Has the workload clean up after all arms, unless it has done so already. A signal that comes
    /// after another one ends that, and not the program: the rounds are complete.
    pub fn clean_up(&mut self) -> Result<(), Error> {
        if !std::mem::replace(&mut self.is_cleaned_up, true) {
            let stop = self.conditions.stop;
            stop.cleaning_up(|further| self.workload.after_all(further))?;
        }
        Ok(())
    }

    /// Parts of the work that were left out because they are broken.
    #[must_use]
    pub fn problems(&self) -> Vec<Failure> {
        self.workload.problems()
    }

    /// Runs every task once more on each engine, untimed, and checks what a partial result cannot
    /// show. After the cold round, or that would not be cold. Engines that distribute tasks do it
    /// for the plain loop, which keeps its memory in the same process, in less time.
    pub fn audit(&mut self) -> Result<(), Error> {
        let distributes = |started: &Started| started.engine.has_dispatch();
        let alone = !self.engines.iter().any(distributes);
        let stop = self.conditions.stop;

        self.engines.restore(stop)?;
        for place in 0..self.engines.len() {
            if !alone && !distributes(&self.engines[place]) {
                continue;
            }

            self.engines.give_turn(place, stop)?;
            let started = &mut self.engines[place];
            let batch = Batch::all(&self.workload, started.workers, stop);
            started.engine.limit(started.workers);
            started.engine.execute(&Batch {
                pass: Pass::Audit,
                ..batch
            })?;
            started.engine.take_spans();
        }
        self.release()
    }

    /// What was measured, with these rounds; `None` before any arm has an answer.
    #[must_use]
    pub fn measurement(&self, rounds: Vec<Round>) -> Option<Measurement> {
        let arms = self.arms.iter().map(|arm| {
            let started = &self.engines[arm.engine];
            Arm {
                engine: started.name.clone(),
                workers: arm.workers.get(),
                scale: arm.scale.get(),
                startup_s: started.startup_s + started.engine.startup_s(),
                placement: started.engine.placement(),
                detail: started.engine.detail(),
            }
        });

        let reference = self.reference(&rounds);
        Some(Measurement {
            functions: self.workload.functions(),
            workload: self.case.workload.name().to_owned(),
            params: self.case.params.clone(),
            tasks: self.workload.tasks(),
            task_bytes: self.workload.task_bytes(),
            memory_bytes: self.plan.memory_of(self.case),
            work: self.workload.work(),
            answer: self.agreements.answer()?,
            answer_may_vary: rule_of(self.case, &self.workload) != Rule::Identical,
            arms: arms.collect(),
            reference,
            worth: self.plan.worth,
            rounds,
        })
    }
}

impl Session<'_> {
    /// The arm that ratios refer to: of several plain loops, the one with the least median time.
    /// Another interpreter may be slower by itself, and what it gains from that is no gain.
    fn reference(&self, rounds: &[Round]) -> usize {
        if !self.case.takes_fastest_loop {
            return self.case.reference;
        }

        let arms = self.case.arms.iter().enumerate();
        let loops = arms.filter(|(_, arm)| is_serial(arm.engine.name()));
        let median_s = |index: usize| {
            let steady = rounds.iter().filter(|round| !round.cold);
            let times: Vec<f64> = steady.map(|round| round.times[index].wall_s).collect();
            median(&times)
        };
        let times = loops.filter_map(|(index, _)| Some((index, median_s(index)?)));
        let fastest = times.min_by(|(_, a), (_, b)| a.total_cmp(b));

        fastest.map_or(self.case.reference, |(index, _)| index)
    }
}

/// Which answers have to be the same.
fn rule_of(case: &Case, workload: &Shared) -> Rule {
    if case.workload.has_own_workers(&case.params) {
        Rule::RepeatsOf((0..case.arms.len()).collect())
    } else if !case.workload.variants(&case.params).is_empty() {
        Rule::RepeatsOf(case.first_arms())
    } else if workload.may_vary() {
        Rule::RepeatsOf(vec![case.reference; case.arms.len()])
    } else {
        Rule::Identical
    }
}
