//! The end of the conversation that runs rounds: one case, prepared once, whose rounds another
//! program asks for.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use super::protocol::{self, Ask, Greeting, PROTOCOL, Preparation, Reply, SUBCOMMAND};
use crate::engine::Cluster;
use crate::failure::Failure;
use crate::measure::{self, Conditions, Session};
use crate::plan::{Arm, Case, Known, Plan};
use crate::results::{Round, Rounds, Sampling, WORTH};
use crate::threads::Refused;
use crate::worker;

/// How serving ended, where it did not fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The asks ended, and all of them were answered.
    Done,
    /// An ask could not be fulfilled, and the other program knows why.
    Failed,
    /// This signal ended it.
    Interrupted(usize),
}

/// Why the asks cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The system refuses the thread that reads them.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A reply cannot be written.
    #[error("cannot write a reply: {0}")]
    Unwritten(#[from] io::Error),
    /// The first line asks for something else than to prepare.
    #[error(
        "`{SUBCOMMAND}` is for a parbench that compares two programs; its first line asks to prepare a case"
    )]
    Unprepared,
    /// A later line means nothing.
    #[error("an ask is not JSON of the protocol: {0}")]
    NotAnAsk(serde_json::Error),
}

/// Serves the asks of `from` until there are no more. The end of the asks ends a round under way,
/// too.
///
/// Engines beyond this machine are on `cluster`.
pub fn serve(
    from: impl BufRead + Send + 'static,
    to: &mut dyn Write,
    known: Known<'_>,
    cluster: &Cluster,
    conditions: Conditions<'_>,
) -> Result<Served, ServeError> {
    // Before the greeting: a program that cannot read must not say that it is ready.
    let mut asks = worker::lines(from, conditions.stop)?.into_iter();
    greet(to)?;

    let Some(first) = asks.next() else {
        return Ok(Served::Done);
    };
    let Ok(Ask::Prepare(preparation)) = serde_json::from_slice(&first) else {
        return Err(ServeError::Unprepared);
    };
    let plan = match plan_of(&preparation, known, cluster) {
        Ok(plan) => plan,
        Err(failure) => return failed(to, failure),
    };
    let mut session = match session(&plan, preparation.shares_slots, conditions) {
        Ok(session) => session,
        Err(failure) => return failed(to, failure),
    };
    say(to, &Reply::Ready)?;

    let served = run_rounds(asks, to, &mut session, conditions);
    // Where the asks ended early, nobody is left to hear of it.
    session.clean_up().ok();
    served
}

fn greet(to: &mut dyn Write) -> io::Result<()> {
    let build_profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };

    say(
        to,
        &Greeting {
            parbench_turns: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build_profile: build_profile.to_owned(),
        },
    )
}

/// Answers the asks after the first one.
fn run_rounds(
    asks: impl Iterator<Item = Vec<u8>>,
    to: &mut dyn Write,
    session: &mut Session<'_>,
    conditions: Conditions<'_>,
) -> Result<Served, ServeError> {
    for line in asks {
        let ask = serde_json::from_slice(&line).map_err(ServeError::NotAnAsk)?;

        let reply = match ask {
            Ask::Round { number, order } => round(session, number, &order)
                .map(|round| Reply::Round(Box::new(round)))
                .map_err(|error| error.failure()),
            Ask::Measurement => measurement(session),
            Ask::Prepare(_) => Err(Failure::new("it is prepared already")),
        };
        match reply {
            Ok(reply) => say(to, &reply)?,
            Err(failure) => return failed(to, failure),
        }

        if let Some(signal) = conditions.stop.signal() {
            return Ok(Served::Interrupted(signal));
        }
    }

    Ok(Served::Done)
}

/// What was measured, once the workload has cleaned up after the arms.
fn measurement(session: &mut Session<'_>) -> Result<Reply, Failure> {
    session.clean_up().map_err(|error| error.failure())?;

    session
        .measurement(Vec::new())
        .map(|measurement| Reply::Measurement(Box::new(measurement)))
        .ok_or_else(|| Failure::new("no round has run"))
}

/// Runs a round; after the cold one, the results are checked as thoroughly as they can be.
fn round(session: &mut Session<'_>, number: u32, order: &[usize]) -> Result<Round, measure::Error> {
    let round = session.round(number, order)?;

    if round.cold {
        session.audit()?;
    }
    Ok(round)
}

/// The session of the plan's only case, ready for rounds.
fn session<'a>(
    plan: &'a Plan,
    shares_slots: bool,
    conditions: Conditions<'a>,
) -> Result<Session<'a>, Failure> {
    let case = plan.cases.first().ok_or("there is no case")?;
    let mut session =
        Session::start(case, plan, None, conditions).map_err(|error| error.failure())?;

    if let Some(problem) = session.problems().into_iter().next() {
        return Err(problem);
    }
    if shares_slots {
        session.share_slots().map_err(|error| error.failure())?;
    }
    Ok(session)
}

/// The plan of the one case to prepare, or why this program cannot have it.
fn plan_of(
    preparation: &Preparation,
    known: Known<'_>,
    cluster: &Cluster,
) -> Result<Plan, Failure> {
    let case = case_of(preparation, known)?;

    Ok(Plan {
        cases: vec![case],
        // The program that asks decides on rounds and their order.
        sampling: Sampling {
            warmup: 1,
            rounds: Rounds::Exactly(1),
            order_seed: 0,
        },
        memory: preparation.memory_bytes,
        worth: WORTH,
        slowdown: preparation.slowdown,
        store_spans: false,
        cluster: Cluster {
            memory: preparation.cluster_memory_bytes,
            ..cluster.clone()
        },
        left_out: Vec::new(),
    })
}

fn case_of(preparation: &Preparation, known: Known<'_>) -> Result<Case, Failure> {
    let name = &preparation.workload;
    let workload = known
        .workloads
        .find(name)
        .ok_or_else(|| format!("it knows no workload {name}"))?;

    let engines = known.engines.of(workload.as_ref());
    let arm = |arm: &protocol::Arm| {
        let engine = engines
            .find(&arm.engine)
            .ok_or_else(|| format!("it knows no engine {}", arm.engine))?;
        let fitting = Arm::fitting(
            engine,
            arm.workers,
            arm.scale,
            workload.as_ref(),
            &preparation.params,
        );

        fitting.map_err(Failure::new)
    };
    let arms: Vec<Arm> = preparation
        .arms
        .iter()
        .map(arm)
        .collect::<Result<_, Failure>>()?;
    if preparation.reference >= arms.len() {
        return Err(Failure::new(format!(
            "reference {} is out of range: there are {} arms",
            preparation.reference,
            arms.len()
        )));
    }

    Ok(Case {
        workload,
        params: preparation.params.clone(),
        arms,
        reference: preparation.reference,
        takes_fastest_loop: false,
    })
}

fn failed(to: &mut dyn Write, failure: Failure) -> Result<Served, ServeError> {
    say(to, &Reply::Failed(failure))?;
    Ok(Served::Failed)
}

fn say(to: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, what)?;
    writeln!(to)?;
    to.flush()
}
