//! The rounds of two programs: who begins each of them, and what both measured.

use std::time::Duration;

use super::partner::{Partner, Terms};
use super::protocol::{Arm, Preparation};
use super::{Broken, Other};
use crate::event::Event;
use crate::failure::Failure;
use crate::measure::{Conditions, Rounds, order, run_rounds};
use crate::plan::{Case, Plan};
use crate::results::{Measurement, Problem, Round};
use crate::units::Bytes;

/// What both programs measured, case by case.
#[derive(Debug, Default)]
pub struct Both {
    /// The other program's version.
    pub version: String,
    /// The other program's build: `release` or `debug`.
    pub build_profile: String,
    /// What the other program measured.
    pub theirs: Vec<Measurement>,
    /// What this program measured.
    pub ours: Vec<Measurement>,
}

/// Runs every case of `plan` on both programs, each time in fresh processes.
pub fn measure(other: &Other, plan: &Plan, conditions: Conditions<'_>) -> Result<Both, Broken> {
    let mut both = Both::default();
    // A cluster that has slots for one program only has no more of them for the next case.
    let mut shares_slots = false;

    for number in 0..plan.cases.len() {
        let contest = Contest {
            other,
            plan,
            number,
            conditions,
        };
        let programs = contest.prepared(&mut shares_slots)?;
        both.version.clone_from(&programs.theirs.version);
        both.build_profile
            .clone_from(&programs.theirs.build_profile);

        let measured = contest.measured(programs)?;
        both.theirs.push(measured.theirs);
        both.ours.push(measured.ours);
    }

    Ok(both)
}

/// Something of each program: processes, rounds, measurements.
struct Pair<T> {
    theirs: T,
    ours: T,
}

/// One case on both programs.
#[derive(Clone, Copy)]
struct Contest<'a> {
    other: &'a Other,
    plan: &'a Plan,
    /// The index of the case.
    number: usize,
    conditions: Conditions<'a>,
}

impl<'a> Contest<'a> {
    fn case(&self) -> &'a Case {
        &self.plan.cases[self.number]
    }

    /// Both programs, ready for rounds. They share a cluster's slots if it has too few for both at
    /// once.
    fn prepared(&self, shares_slots: &mut bool) -> Result<Pair<Partner<'a>>, Broken> {
        match self.started(*shares_slots) {
            Err(Broken::Trouble(_)) if self.case().uses_cluster() && !*shares_slots => {
                *shares_slots = true;
                self.started(true)
            }
            started => started,
        }
    }

    fn started(&self, shares_slots: bool) -> Result<Pair<Partner<'a>>, Broken> {
        let terms = Terms {
            cluster: &self.plan.cluster,
            timeout: self.other.timeout,
            stop: self.conditions.stop,
        };
        let mut theirs = Partner::start(&self.other.path, terms)?;
        let mut ours = Partner::start_same(terms)?;

        theirs.prepare(self.preparation(1.0, shares_slots))?;
        ours.prepare(self.preparation(self.plan.slowdown, shares_slots))?;
        Ok(Pair { theirs, ours })
    }

    fn preparation(&self, slowdown: f64, shares_slots: bool) -> Preparation {
        let case = self.case();
        let arms = case.arms.iter().map(|arm| Arm {
            engine: arm.engine.name().to_owned(),
            workers: arm.workers,
            scale: arm.scale,
        });

        Preparation {
            workload: case.workload.name().to_owned(),
            params: case.params.clone(),
            arms: arms.collect(),
            reference: case.reference,
            // Both programs keep their tasks' memory at the same time.
            memory_bytes: half(self.plan.memory),
            cluster_memory_bytes: self.plan.cluster.memory.map(half),
            slowdown,
            shares_slots,
        }
    }

    /// The measurements of both, with their rounds.
    fn measured(self, programs: Pair<Partner<'a>>) -> Result<Pair<Measurement>, Broken> {
        let Conditions { observer, .. } = self.conditions;
        let mut turns = Turns {
            contest: self,
            programs,
            rounds: Pair {
                theirs: Vec::new(),
                ours: Vec::new(),
            },
        };

        observer.observe(&Event::MeasurementStarted {
            workload: self.case().workload.name().to_owned(),
            arms: self.case().labels(),
            number: self.number + 1,
            total: self.plan.cases.len(),
        });
        let ended = run_rounds(&mut turns, self.plan.sampling, self.conditions);
        observer.observe(&Event::MeasurementFinished);
        ended?;

        let Turns {
            mut programs,
            rounds,
            ..
        } = turns;
        Ok(Pair {
            theirs: sound(Measurement {
                rounds: rounds.theirs,
                ..programs.theirs.measurement()?
            })?,
            ours: sound(Measurement {
                rounds: rounds.ours,
                ..programs.ours.measurement()?
            })?,
        })
    }
}

fn half(memory: Bytes) -> Bytes {
    Bytes(memory.0 / 2)
}

/// `measurement`, if figures can be derived from it: the other program may be of any version.
fn sound(measurement: Measurement) -> Result<Measurement, Broken> {
    match measurement.check() {
        Ok(()) => Ok(measurement),
        Err(reason) => Err(Broken::Trouble(Problem {
            workload: measurement.workload,
            failure: Failure::new(reason),
        })),
    }
}

/// Both programs and those of their rounds that are stored. Both use the same order of arms.
struct Turns<'a> {
    contest: Contest<'a>,
    programs: Pair<Partner<'a>>,
    rounds: Pair<Vec<Round>>,
}

impl Turns<'_> {
    /// Whether the other program begins round `number`. Drawn by another seed than the order of the
    /// arms, so that the two have nothing to do with each other.
    fn they_begin(&self, number: u32) -> bool {
        let sampling = self.contest.plan.sampling;

        order(sampling.order_seed ^ 1, number, sampling.warmup, 2) == [0, 1]
    }

    fn round(&mut self, number: u32, arms: &[usize]) -> Result<Pair<Round>, Broken> {
        let they_begin = self.they_begin(number);
        let Pair { theirs, ours } = &mut self.programs;

        if they_begin {
            let theirs = theirs.round(number, arms)?;
            let ours = ours.round(number, arms)?;
            Ok(Pair { theirs, ours })
        } else {
            let ours = ours.round(number, arms)?;
            let theirs = theirs.round(number, arms)?;
            Ok(Pair { theirs, ours })
        }
    }
}

impl Rounds for Turns<'_> {
    type Error = Broken;

    fn arms(&self) -> usize {
        self.contest.case().arms.len()
    }

    fn run(
        &mut self,
        number: u32,
        order: &[usize],
        keep: bool,
    ) -> Result<Vec<(String, Duration)>, Broken> {
        let Pair { theirs, ours } = self.round(number, order)?;
        let times = self.contest.case().times(&ours);

        if keep {
            self.rounds.theirs.push(theirs);
            self.rounds.ours.push(ours);
        }
        Ok(times)
    }

    /// How many times as long this program took as the other one, for each arm: that of the
    /// reference is judged as well.
    fn ratios(&self) -> Vec<Vec<f64>> {
        let rounds = self.rounds.ours.iter().zip(&self.rounds.theirs);
        let steady: Vec<_> = rounds.filter(|(ours, _)| !ours.cold).collect();

        (0..self.contest.case().arms.len())
            .map(|arm| {
                let ratio = |(ours, theirs): &(&Round, &Round)| {
                    ours.times[arm].wall_s / theirs.times[arm].wall_s
                };
                steady.iter().map(ratio).collect()
            })
            .collect()
    }
}
