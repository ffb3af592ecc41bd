//! The only module that times. It runs a plan's cases, all arms of each in every round, and lets no
//! figure pass whose answer differs.

mod agreement;
mod answers;
mod arm;
mod before_arms;
mod case;
mod clock;
mod cpu;
mod engines;
mod gauge_memory;
mod gauges;
mod ladder;
mod neighbours;
mod order;
mod probe;
mod round;
mod rounds;
mod session;
mod stop_rule;
mod together;
mod withheld;

use std::panic::{AssertUnwindSafe, catch_unwind};

use parbench_pool::panic_message;

use crate::engine;
use crate::event::Observer;
use crate::failure::{Change, Failure, Setting};
use crate::plan::{Case, Plan};
use crate::results::{Measurement, Problem};
use crate::stop::Stop;
use crate::threads::Refused;
use crate::units::Bytes;
use crate::workload;

use engines::Engines;
use withheld::withheld;

pub use clock::{Clock, Monotonic};
pub use gauges::{Gauges, Machine};
pub use ladder::{Ladders, ladders};
pub use order::order;
pub use rounds::{Rounds, longest, run_rounds};
pub use session::Session;

/// Who times, who may end it, who watches.
#[derive(Clone, Copy)]
pub struct Conditions<'a> {
    /// Times the arms.
    pub clock: &'a dyn Clock,
    /// Reads what the machine does meanwhile.
    pub gauges: &'a dyn Gauges,
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
    /// Hears what happens.
    pub observer: &'a dyn Observer,
}

/// What measuring gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One for each case that has a complete round.
    pub measurements: Vec<Measurement>,
    /// What failed.
    pub problems: Vec<Problem>,
    /// Whether the stop flag ended it before all rounds were complete.
    pub interrupted: bool,
}

/// Why a measurement has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The workload cannot be prepared, or a task failed in the plain loop.
    #[error(transparent)]
    Workload(#[from] workload::Error),
    /// An engine cannot be started, or a task failed on it.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// A task needs more memory than the run may use.
    #[error("a task needs {needed} of memory, this run may use {allowed}")]
    Memory {
        /// By a task.
        needed: Bytes,
        /// For all running tasks of an engine.
        allowed: Bytes,
    },
    /// An arm computed something else than the first one.
    #[error("the {arm} answer of round {round} differs from the first one: {difference}")]
    Answer {
        /// What the arm is called.
        arm: String,
        /// The round, counted from 1.
        round: u32,
        /// The first difference.
        difference: String,
    },
    /// The system refuses a thread.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Error {
    /// Whether the rounds that were complete before it stand.
    fn keeps_rounds(&self) -> bool {
        self.is_interruption() || matches!(self, Self::Engine(engine::Error::Lost(_)))
    }

    /// What failed, and what may be changed.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Workload(workload::Error::Failed(failure))
            | Self::Engine(engine::Error::Failed(failure) | engine::Error::Lost(failure)) => {
                failure.clone()
            }
            Self::Memory { .. } => {
                Failure::new(self.to_string()).or(Setting::Memory, Change::Larger)
            }
            _ => Failure::new(self.to_string()),
        }
    }

    /// The same with the name of the arm that it happened on.
    #[must_use]
    fn on(self, arm: &str) -> Self {
        let named = |failure: Failure| Failure {
            message: format!("{arm}: {}", failure.message),
            ..failure
        };

        match self {
            Self::Workload(workload::Error::Failed(failure)) => {
                Self::Workload(workload::Error::Failed(named(failure)))
            }
            Self::Engine(engine::Error::Failed(failure)) => {
                Self::Engine(engine::Error::Failed(named(failure)))
            }
            other => other,
        }
    }

    /// Whether the user asked to stop.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Workload(workload::Error::Interrupted(_))
                | Self::Engine(engine::Error::Interrupted(_))
        )
    }
}

/// Whether the engines of `case` may serve `next`, too. What works on a cluster must be gone before
/// a cluster of the run's own ends.
fn goes_on(case: &Case, next: &Case) -> bool {
    next.workload.name() == case.workload.name() && next.uses_cluster() == case.uses_cluster()
}

/// Runs every case. One that fails leaves a problem and the next one runs.
#[must_use]
pub fn measure(plan: &Plan, conditions: Conditions<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut idle = Engines::default();

    for (number, case) in plan.cases.iter().enumerate() {
        if !case.uses_cluster() {
            plan.cluster.local.end();
        }

        let mut left = Vec::new();
        // A panic while preparing or combining must not take the finished measurements with it.
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let engines = std::mem::take(&mut idle);
            case::measure(plan, number, engines, conditions, &mut outcome, &mut left)
        }));
        let is_complete = matches!(ended, Ok(Ok(_)));
        let failure = match ended {
            Ok(Ok(engines)) => {
                let next = plan.cases.get(number + 1);
                if next.is_some_and(|next| goes_on(case, next)) {
                    idle = engines;
                }
                None
            }
            Ok(Err(error)) => (!error.is_interruption()).then(|| error.failure()),
            Err(payload) => {
                let panic = panic_message(payload);
                Some(Failure::new(format!(
                    "it panicked: {panic}; please report it"
                )))
            }
        };

        let name = case.workload.name();
        outcome
            .problems
            .extend(failure.map(|failure| Problem::new(name, failure)));
        outcome.problems.append(&mut left);
        if conditions.stop.signal().is_some() {
            // What came while the last case cleaned up has interrupted no round.
            outcome.interrupted = !is_complete || number + 1 < plan.cases.len();
            break;
        }
    }

    outcome
}
