//! Two binaries in turns on this machine: the best way to compare them, because whatever the machine does, it
//! does to both. Each runs in a process of its own; which one begins a pair of rounds is drawn.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::check::{Checked, Strictness};
use super::partner::{Broken, Partner};
use super::turns::Ask;
use crate::compare::{Pairing, Question, compare, rounds_alike};
use crate::event::Event;
use crate::measure::{Conditions, order, progress};
use crate::plan::{Case, Plan};
use crate::results::{
    Comparison, Environment, Measurement, Order, Outcome, Round, Run, SCHEMA_VERSION, Sampling,
};
use crate::units::Bytes;

/// The other program.
pub struct Other {
    /// The binary.
    pub path: PathBuf,
    /// The most time that it may take for one step.
    pub timeout: Duration,
}

/// The runs of both programs: the other one's, then this one's.
struct Pair {
    theirs: Run,
    ours: Run,
}

/// Runs both programs in turns and judges; suspects run again in fresh processes.
pub(super) fn in_turns(
    other: &Other,
    plan: &Plan,
    strictness: &Strictness,
    conditions: Conditions<'_>,
) -> Result<Checked> {
    let judged = |pair: &Pair| {
        compare(&Question {
            baseline: &pair.theirs,
            name: &other.path.display().to_string(),
            current: &pair.ours,
            pairing: Pairing::Interleaved,
            tolerance: strictness.tolerance,
            deciding: &strictness.deciding,
        })
    };
    let mut plan = plan.again();
    let cases: usize = plan
        .cases
        .iter()
        .map(|case| case.workers.as_slice().len())
        .sum();
    plan.sampling = plan.sampling.with_at_least(rounds_alike(
        cases * strictness.deciding.len(),
        Pairing::Interleaved,
    ));
    let pair = measured(other, &plan, conditions)?;
    let mut comparison: Comparison = judged(&pair)?;
    let mut run = pair.ours;
    for _ in 0..strictness.confirmations() {
        if comparison.outcome() != Outcome::Regressed {
            break;
        }
        plan = plan.confirming(&comparison);
        let again = measured(other, &plan, conditions)?;
        comparison.confirm(&judged(&again).context("a further pass")?);
        comparison.further_passes.push(again.ours.measurements);
    }
    run.comparison = Some(comparison);
    Ok(Checked::Judged(Box::new(run)))
}

fn measured(other: &Other, plan: &Plan, conditions: Conditions<'_>) -> Result<Pair> {
    let shares_slots = Cell::new(false);
    let mut pair = Pair {
        theirs: empty_run(plan),
        ours: empty_run(plan),
    };
    for case in &plan.cases {
        for index in 0..case.workers.as_slice().len() {
            let duel = Duel {
                other,
                case,
                index,
                plan,
                conditions,
                shares_slots: &shares_slots,
            };
            let (theirs, ours) = duel.fight(&mut pair)?;
            pair.theirs.measurements.push(theirs);
            pair.ours.measurements.push(ours);
        }
    }
    Ok(pair)
}

fn empty_run(plan: &Plan) -> Run {
    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: super::run::started_at(),
        interrupted: false,
        environment: Environment::probe(),
        sampling: plan.sampling,
        measurements: Vec::new(),
        comparison: None,
        problems: Vec::new(),
    }
}

/// One case with one number of workers, on both programs.
struct Duel<'a> {
    other: &'a Other,
    case: &'a Case,
    /// Which of the case's numbers of workers.
    index: usize,
    plan: &'a Plan,
    conditions: Conditions<'a>,
    /// Whether a cluster's slots do for one of the programs only, so that they are given back after each round.
    shares_slots: &'a Cell<bool>,
}

impl<'a> Duel<'a> {
    fn fight(&self, pair: &mut Pair) -> Result<(Measurement, Measurement), Broken> {
        let observer = self.conditions.observer;
        let (mut theirs, mut ours) = match self.prepared() {
            // The cluster may have too few CPUs for both at once.
            Err(Broken::Trouble(_))
                if self.case.engine.uses_cluster() && !self.shares_slots.get() =>
            {
                self.shares_slots.set(true);
                self.prepared()?
            }
            prepared => prepared?,
        };
        pair.theirs.parbench_version.clone_from(&theirs.version);
        pair.theirs
            .environment
            .build_profile
            .clone_from(&theirs.build_profile);
        let workers = self.case.workers.as_slice()[self.index].get();
        let (workload, engine) = (self.case.workload.name, self.case.engine.name);
        observer.observe(&Event::MeasurementStarted {
            workload,
            engine,
            workers,
        });
        let rounds = self.rounds(&mut theirs, &mut ours);
        observer.observe(&Event::MeasurementFinished);
        let (their_rounds, our_rounds) = rounds?;
        let their = Measurement {
            rounds: their_rounds,
            ..theirs.measurement()?
        };
        let our = Measurement {
            rounds: our_rounds,
            ..ours.measurement()?
        };
        Ok((their, our))
    }

    /// Both programs, the other one first, ready for rounds.
    fn prepared(&self) -> Result<(Partner<'a>, Partner<'a>), Broken> {
        let stop = self.conditions.stop;
        let mut theirs = Partner::start(
            &self.other.path,
            &self.plan.cluster,
            self.other.timeout,
            stop,
        )?;
        let mut ours = Partner::start_same(&self.plan.cluster, self.other.timeout, stop)?;
        theirs.prepare(&self.preparation(1.0))?;
        ours.prepare(&self.preparation(self.plan.slowdown))?;
        Ok((theirs, ours))
    }

    /// Rounds of both until the change is known well enough. Both use the same order of arms.
    fn rounds(
        &self,
        theirs: &mut Partner<'_>,
        ours: &mut Partner<'_>,
    ) -> Result<(Vec<Round>, Vec<Round>), Broken> {
        let Conditions {
            clock, observer, ..
        } = self.conditions;
        let Sampling {
            warmup,
            rounds,
            order_seed,
        } = self.plan.sampling;
        let (mut their_rounds, mut our_rounds) = (Vec::new(), Vec::new());
        let mut began = clock.now();
        for number in 0_u32.. {
            if number == warmup {
                began = clock.now();
            }
            let arms = order(order_seed, number, warmup);
            // Another seed, so that which program begins has nothing to do with which arm begins.
            let (their, our) = if order(order_seed ^ 1, number, warmup) == Order::SerialFirst {
                let their = theirs.round(number, arms)?;
                (their, ours.round(number, arms)?)
            } else {
                let our = ours.round(number, arms)?;
                (theirs.round(number, arms)?, our)
            };
            if our.cold || number >= warmup {
                their_rounds.push(their);
                our_rounds.push(our);
            }
            let steady = our_rounds
                .iter()
                .zip(&their_rounds)
                .filter(|(our, _)| !our.cold);
            let changes = || {
                steady
                    .map(|(our, their)| our.distributed_s / their.distributed_s)
                    .collect()
            };
            let counted = (number + 1).saturating_sub(warmup);
            let progress = progress(rounds, counted, clock.since(began), changes);
            observer.observe(&Event::RoundFinished {
                done: number as usize + 1,
                progress,
                serial: Duration::from_secs_f64(our.serial_s),
                distributed: Duration::from_secs_f64(our.distributed_s),
            });
            if progress >= 1.0 {
                break;
            }
        }
        Ok((their_rounds, our_rounds))
    }

    fn preparation(&self, slowdown: f64) -> Ask {
        Ask::Prepare {
            workload: self.case.workload.name.to_owned(),
            params: self.case.params.clone(),
            engine: self.case.engine.name.to_owned(),
            workers: self.case.workers.as_slice()[self.index],
            // Both programs keep their tasks' memory at the same time.
            memory_bytes: Bytes(self.plan.memory.0 / 2),
            slowdown,
            shares_slots: self.shares_slots.get(),
        }
    }
}
