//! The only module that times. It runs a plan's cases, both arms in every round, and lets no figure pass
//! whose answer differs. It shows nothing and derives nothing.

mod arm;
mod case;
mod clock;
mod gauges;
mod neighbours;
mod order;
mod overhead;
mod rounds;
mod session;
mod stop_rule;

use std::panic::{AssertUnwindSafe, catch_unwind};

use parbench_pool::panic_message;

use crate::engine;
use crate::event::Observer;
use crate::plan::Plan;
use crate::results::{Measurement, Problem};
use crate::stop::Stop;
use crate::threads::Refused;
use crate::workload;

pub use clock::{Clock, Monotonic};
pub use gauges::{Gauges, Machine};
pub use order::order;
pub use overhead::{Question, overhead};
pub use session::Session;
pub use stop_rule::progress;

/// Who times, who may end it, who watches.
#[derive(Clone, Copy)]
pub struct Conditions<'a> {
    /// Times the arms.
    pub clock: &'a dyn Clock,
    /// Reads what the machine does meanwhile.
    pub gauges: &'a dyn Gauges,
    /// Raised when the user wants to leave.
    pub stop: &'a Stop,
    /// Told what happens.
    pub observer: &'a dyn Observer,
}

/// What measuring gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One per case and number of workers that has a complete round.
    pub measurements: Vec<Measurement>,
    /// What failed.
    pub problems: Vec<Problem>,
    /// Whether the stop flag ended it.
    pub interrupted: bool,
}

/// Why a measurement has no result.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Workload(#[from] workload::Error),
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("{0}")]
    Memory(String),
    #[error("{0}")]
    Answer(String),
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Error {
    /// Whether the rounds that were complete before it stand.
    fn keeps_rounds(&self) -> bool {
        self.is_interruption() || matches!(self, Self::Engine(engine::Error::Lost(_)))
    }

    fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Workload(workload::Error::Interrupted(_))
                | Self::Engine(engine::Error::Interrupted(_))
        )
    }
}

/// Runs every case. One that fails leaves a problem and the next one runs.
#[must_use]
pub fn measure(plan: &Plan, conditions: Conditions<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for case in &plan.cases {
        // A panic while preparing or combining must not take the finished measurements with it.
        let ended = catch_unwind(AssertUnwindSafe(|| {
            case::measure(case, plan, conditions, &mut outcome)
        }));
        let message = match ended {
            Ok(Ok(())) => None,
            Ok(Err(error)) => (!error.is_interruption()).then(|| error.to_string()),
            Err(payload) => Some(format!(
                "it panicked: {}; please report it",
                panic_message(payload)
            )),
        };
        let problem = |message: String| Problem::new(case.workload.name, &case.as_typed(&message));
        outcome.problems.extend(message.map(problem));
        if conditions.stop.signal().is_some() {
            break;
        }
    }
    outcome.interrupted = conditions.stop.signal().is_some();
    outcome
}
