//! What was measured of one workload: its arms, and their times round by round.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FunctionFacts, Placement, Round};
use crate::units::Bytes;

/// The name of the plain loop.
pub const SERIAL: &str = "serial";

/// What stands between the name of an engine and the label of the interpreter that it runs in,
/// where there are several: `threads@python3.13`.
pub const HOST_FOLLOWS: char = '@';

/// Whether `engine` is the plain loop, of whatever interpreter.
#[must_use]
pub fn is_serial(engine: &str) -> bool {
    engine.split(HOST_FOLLOWS).next() == Some(SERIAL)
}

/// The name of the engine of programs that start their own workers.
pub const OWN: &str = "own";
/// The name of the workload that another program brings.
pub const PROGRAM: &str = "program";

/// The workloads whose tasks are somebody else's programs and functions.
pub const OF_PROGRAMS: [&str; 3] = ["cmd", PROGRAM, "python"];

/// The speed-up below which going parallel hardly pays, unless the user says otherwise.
pub const WORTH: f64 = 1.1;

/// The rounds of one workload with one set of parameters, on one or more arms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Measurement {
    /// The workload's name.
    pub workload: String,
    /// Its parameters, complete: the same ones give the same answer everywhere.
    pub params: Value,
    /// Into how many tasks the work is cut.
    pub tasks: usize,
    /// The memory that each running task holds, in bytes; 0 where it is too little to matter.
    #[serde(default)]
    pub task_bytes: Bytes,
    /// The memory that running tasks of one engine together could hold, in bytes.
    #[serde(default)]
    pub memory_bytes: Bytes,
    /// What one arm gets through in one round.
    pub work: Work,
    /// What every arm computed, in every round.
    pub answer: Value,
    /// Whether passes may compute something else, as commands may: then `null` in `answer` stands
    /// for what differed between two passes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answer_may_vary: bool,
    /// The ways in which the work was done.
    pub arms: Vec<Arm>,
    /// The index of the arm that ratios refer to.
    pub reference: usize,
    /// The speed-up from which distributing is worth having.
    #[serde(default = "worth")]
    pub worth: f64,
    /// In the order they ran.
    pub rounds: Vec<Round>,
    /// What is known of functions of another language that the tasks call, one for each
    /// interpreter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionFacts>,
}

/// One way to do the work: an engine with a number of workers. The plain loop is an arm like the
/// others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// The engine's name.
    pub engine: String,
    /// How many of its workers the arm uses.
    pub workers: usize,
    /// How many times the reference's work it does: its workers, where the work grows with them.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub scale: usize,
    /// Seconds from asking for the engine to its workers being ready. Arms of one engine share one
    /// started engine, and so this time.
    pub startup_s: f64,
    /// Where the engine ran tasks, and what it did again, for all arms of the engine together.
    #[serde(default, skip_serializing_if = "Placement::is_nothing")]
    pub placement: Placement,
    /// How the engine's workers run, where there is more to say than its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

fn worth() -> f64 {
    WORTH
}

fn once() -> usize {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_once(scale: &usize) -> bool {
    *scale == 1
}

/// What reports call an arm: the engine's name alone for the plain loop, else with its workers, as
/// `pool 2`.
#[must_use]
pub fn arm_label(engine: &str, workers: usize) -> String {
    if is_serial(engine) {
        engine.to_owned()
    } else {
        format!("{engine} {workers}")
    }
}

impl Arm {
    /// Whether it is the plain loop.
    #[must_use]
    pub fn is_serial(&self) -> bool {
        is_serial(&self.engine)
    }

    /// What reports call it.
    #[must_use]
    pub fn label(&self) -> String {
        arm_label(&self.engine, self.workers)
    }
}

/// An amount of work in the workload's own unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// How many.
    pub amount: u64,
    /// Of what, in the plural: `terms`, `samples`, `images`.
    pub unit: String,
}

impl Work {
    /// The `amount` of `unit`, which is a plural.
    #[must_use]
    pub fn new(amount: u64, unit: &str) -> Self {
        Self {
            amount,
            unit: unit.to_owned(),
        }
    }
}

impl Measurement {
    /// Whether the results of its functions are compared exactly, so that their digests may be, too.
    #[must_use]
    pub fn compares_exactly(&self) -> bool {
        self.params.get("compare").is_some_and(|how| how == "exact")
    }

    /// The arm that ratios refer to.
    ///
    /// # Panics
    ///
    /// When `reference` is no index of an arm, which loading and measuring exclude.
    #[must_use]
    pub fn reference_arm(&self) -> &Arm {
        &self.arms[self.reference]
    }

    /// The rounds that figures are taken over: all but the cold one, and an even number of them.
    /// Rounds stand in blocks of two, the second of which mirrors the order of the first, so that
    /// what going first costs or gains cancels; the last round of an odd number, or of an
    /// interrupted run, lacks its partner and is left out. A single one is all that there is.
    pub fn steady(&self) -> impl Iterator<Item = &Round> {
        let rounds = self.warm().count();
        let paired = if rounds == 1 { 1 } else { rounds - rounds % 2 };

        self.warm().take(paired)
    }

    /// Whether there is a last round without its partner, which figures leave out.
    #[must_use]
    pub fn leaves_a_round_out(&self) -> bool {
        self.warm().count() > self.steady().count()
    }

    fn warm(&self) -> impl Iterator<Item = &Round> {
        self.rounds.iter().filter(|round| !round.cold)
    }

    /// The rounds that reports take figures over: the steady ones, or all of them where the cold
    /// round is the only one.
    #[must_use]
    pub fn counted(&self) -> Vec<&Round> {
        let steady: Vec<&Round> = self.steady().collect();

        if steady.is_empty() {
            self.rounds.iter().collect()
        } else {
            steady
        }
    }
}
