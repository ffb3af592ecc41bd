//! One case of a plan: its session, and the rounds of it that are kept.

use std::time::Duration;

use super::engines::Engines;
use super::rounds::{Rounds, run_rounds};
use super::session::Session;
use super::{Conditions, Error, Outcome};
use crate::event::{Event, Observer};
use crate::plan::{Case, Plan};
use crate::results::{Measurement, Problem, Round};

/// Measures case `number` of `plan`, on those of the `idle` engines that fit, and adds the
/// measurement to `outcome`, even if it fails. Failures of cleaning up go to `left`, to be reported
/// after their cause. Returns the engines, which are still running.
///
/// Where a program fails with one number of workers, as for want of memory, or one of several hosts
/// lacks an engine, the others are measured again without it, and the failure is one of the
/// problems.
pub(super) fn measure(
    plan: &Plan,
    number: usize,
    mut idle: Engines,
    conditions: Conditions<'_>,
    outcome: &mut Outcome,
    left: &mut Vec<Problem>,
) -> Result<Engines, Error> {
    let mut case = plan.cases[number].clone();

    loop {
        let numbered = Numbered {
            case: &case,
            number,
            plan,
        };
        let Broken { error, culprit } = match numbered.measure(idle, conditions, outcome, left) {
            Ok(engines) => return Ok(engines),
            Err(broken) => broken,
        };
        let is_arm = matches!(culprit, Some(Culprit::Arm(_)));
        let (label, rest) = match culprit {
            Some(Culprit::Arm(arm)) => (case.arms[arm].label(), case.without(arm)),
            Some(Culprit::Engine(name)) => {
                let rest = case.without_engine(&name);
                (name, rest)
            }
            None => (String::new(), None),
        };
        let Some(rest) = rest else {
            // A command may fail only beside another of its kind.
            let is_beside = is_arm && label != case.reference_arm().label();
            // Of all workloads only commands do.
            let is_command = case.workload.may_have_own_workers();
            return Err(if is_beside && is_command {
                error.on(&label)
            } else {
                error
            });
        };

        let mut failure = error.failure();
        failure.message = format!("{label}: {}", failure.message);
        let problem = Problem::new(case.workload.name(), failure);
        outcome.problems.push(problem);
        case = rest;
        idle = Engines::default();
    }
}

/// A case with its place in its plan.
struct Numbered<'a> {
    case: &'a Case,
    number: usize,
    plan: &'a Plan,
}

/// Why a case was not measured.
struct Broken {
    error: Error,
    /// What failed, if it was not the case as a whole.
    culprit: Option<Culprit>,
}

/// A part of a case that the others may be measured without.
enum Culprit {
    Arm(usize),
    Engine(String),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self {
            error,
            culprit: None,
        }
    }
}

impl Numbered<'_> {
    fn measure(
        &self,
        idle: Engines,
        conditions: Conditions<'_>,
        outcome: &mut Outcome,
        left: &mut Vec<Problem>,
    ) -> Result<Engines, Broken> {
        let &Self { case, number, plan } = self;
        let _announcement = Announcement::of(
            conditions.observer,
            &Event::MeasurementStarted {
                workload: case.workload.name().to_owned(),
                arms: case.labels(),
                number: number + 1,
                total: plan.cases.len(),
            },
        );

        // Another case of the same workload has found the answer already.
        let is_same = |measurement: &&Measurement| {
            measurement.workload == case.workload.name() && measurement.params == case.params
        };
        let answer = outcome
            .measurements
            .iter()
            .find(is_same)
            .map(|same| &same.answer);

        let mut session = Session::start_on(idle, case, plan, answer, conditions)?;
        session.prepare_engines().map_err(|(place, error)| Broken {
            culprit: (!error.is_interruption())
                .then(|| Culprit::Engine(session.engines[place].name.clone())),
            error,
        })?;
        let problems = session.problems().into_iter();
        outcome
            .problems
            .extend(problems.map(|failure| Problem::new(case.workload.name(), failure)));

        let mut kept = Kept {
            session,
            rounds: Vec::new(),
        };
        let ended = run_rounds(&mut kept, plan.sampling, conditions);
        // Also after an error; and whatever cleaning up comes to, the complete rounds stand.
        if let Err(error) = kept.session.clean_up() {
            left.push(Problem::new(case.workload.name(), error.failure()));
        }

        // An interrupted measurement keeps its complete rounds, and a lost engine does not make the
        // rounds before it wrong; any other error leaves nothing.
        let Kept { session, rounds } = kept;
        let keeps_rounds = ended.as_ref().map_or_else(Error::keeps_rounds, |()| true);
        let arm = session.failed_arm;
        if keeps_rounds && !rounds.is_empty() {
            outcome.measurements.extend(session.measurement(rounds));
        }
        match ended {
            Ok(()) => Ok(session.engines),
            Err(error) => Err(Broken {
                // What keeps its rounds is measured no further.
                culprit: arm
                    .filter(|_| !keeps_rounds && !matches!(error, Error::Answer { .. }))
                    .map(Culprit::Arm),
                error,
            }),
        }
    }
}

/// A session and those of its rounds that are stored.
struct Kept<'a> {
    session: Session<'a>,
    rounds: Vec<Round>,
}

impl Rounds for Kept<'_> {
    type Error = Error;

    fn arms(&self) -> usize {
        self.session.case.arms.len()
    }

    fn run(
        &mut self,
        number: u32,
        order: &[usize],
        keep: bool,
    ) -> Result<Vec<(String, Duration)>, Error> {
        let round = self.session.round(number, order)?;
        let times = self.session.case.times(&round);

        if keep {
            self.rounds.push(round);
        }
        Ok(times)
    }

    fn after_cold_round(&mut self) -> Result<(), Error> {
        self.session.audit()
    }

    fn ratios(&self) -> Vec<Vec<f64>> {
        let reference = self.session.case.reference;
        let steady: Vec<&Round> = self.rounds.iter().filter(|round| !round.cold).collect();

        self.session
            .case
            .other_indices()
            .map(|index| {
                let ratio =
                    |round: &&Round| round.times[reference].wall_s / round.times[index].wall_s;
                steady.iter().map(ratio).collect()
            })
            .collect()
    }
}

/// A measurement that was announced as started, and is announced as finished when this is dropped:
/// also after an error or a panic, or the progress bar would stay.
struct Announcement<'a>(&'a dyn Observer);

impl<'a> Announcement<'a> {
    fn of(observer: &'a dyn Observer, started: &Event) -> Self {
        observer.observe(started);
        Self(observer)
    }
}

impl Drop for Announcement<'_> {
    fn drop(&mut self) {
        self.0.observe(&Event::MeasurementFinished);
    }
}
