//! The other end of `check --against`: a program that runs one case's rounds when it is told to, line by
//! line. Each line is one JSON value; the protocol has a number, so that two versions that cannot talk say so.

use std::io::{BufRead, Write};
use std::num::NonZeroUsize;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Ending;
use crate::engine::{self, Cluster};
use crate::measure::{Conditions, Session};
use crate::plan::{Case, Plan, WorkerCounts};
use crate::results::{Measurement, Order, Round, Rounds, Sampling};
use crate::units::Bytes;
use crate::{worker, workload};

/// The name of the hidden subcommand.
pub const SUBCOMMAND: &str = "turns";
/// Raised when a line changes its meaning.
pub(super) const PROTOCOL: u32 = 1;

/// The program's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    /// [`PROTOCOL`].
    pub(super) parbench_turns: u32,
    /// The program's version.
    pub(super) version: String,
    /// `release` or `debug`.
    pub(super) build_profile: String,
}

/// What it is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ask {
    /// Get ready; comes once.
    Prepare {
        workload: String,
        params: Value,
        engine: String,
        workers: NonZeroUsize,
        memory_bytes: Bytes,
        slowdown: f64,
        /// Give a cluster's slots back after each round: the other program needs them, too.
        #[serde(default)]
        shares_slots: bool,
    },
    /// Run this round.
    Round { number: u32, order: Order },
    /// Say what was measured, without its rounds.
    Measurement,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// Prepared.
    Ready,
    /// A round that is complete.
    Round(Box<Round>),
    /// What was measured.
    Measurement(Box<Measurement>),
    /// It cannot; this is its last line.
    Failed(String),
}

/// Serves the asks of `from` until there are no more. The end of the asks ends a round under way, too.
///
/// Engines beyond this machine are on `cluster`.
pub fn serve(
    from: impl BufRead + Send + 'static,
    to: &mut dyn Write,
    cluster: &Cluster,
    conditions: Conditions<'_>,
) -> Result<Ending> {
    // Before the greeting: a program that cannot read must not say that it is ready.
    let mut asks = worker::lines(from, conditions.stop)?.into_iter();

    let greeting = Greeting {
        parbench_turns: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build_profile: if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        }
        .to_owned(),
    };
    say(to, &greeting)?;
    let Some(first) = asks.next() else {
        return Ok(Ending::Done);
    };
    let Ok(plan) = prepared(&first, cluster) else {
        bail!(
            "`{SUBCOMMAND}` is spoken by `parbench check --against`; its first line asks to prepare a case"
        );
    };
    let Prepared { plan, shares_slots } = match plan {
        Ok(prepared) => prepared,
        Err(message) => return failed(to, message),
    };
    let mut session = match Session::start(&plan, conditions) {
        Some(Ok(session)) => session,
        Some(Err(message)) => return failed(to, message),
        None => return failed(to, "there is no case".to_owned()),
    };
    if shares_slots && let Err(message) = session.share_slots() {
        return failed(to, message);
    }
    say(to, &Reply::Ready)?;
    for line in asks {
        let reply =
            match serde_json::from_slice(&line).context("an ask is no JSON of the protocol")? {
                Ask::Round { number, order } => {
                    session.round(number, order).map(Box::new).map(Reply::Round)
                }
                Ask::Measurement => session
                    .measurement()
                    .map(|measurement| Reply::Measurement(Box::new(measurement)))
                    .ok_or_else(|| "no round has run".to_owned()),
                Ask::Prepare { .. } => Err("it is prepared already".to_owned()),
            };
        match reply {
            Ok(reply) => say(to, &reply)?,
            Err(message) => return failed(to, message),
        }
        if let Some(signal) = conditions.stop.signal() {
            return Ok(Ending::Interrupted(signal));
        }
    }
    session.shutdown();
    Ok(Ending::Done)
}

/// What the first ask leads to.
struct Prepared {
    plan: Plan,
    shares_slots: bool,
}

/// The plan of one case that the first ask holds: not understood, not possible here, or possible.
fn prepared(line: &[u8], cluster: &Cluster) -> Result<std::result::Result<Prepared, String>, ()> {
    let ask = serde_json::from_slice(line).map_err(|_| ())?;
    let Ask::Prepare {
        workload,
        params,
        engine,
        workers,
        memory_bytes,
        slowdown,
        shares_slots,
    } = ask
    else {
        return Err(());
    };
    let (Some(workload), Some(engine)) = (workload::find(&workload), engine::find(&engine)) else {
        return Ok(Err(format!(
            "it knows no workload {workload} on an engine {engine}"
        )));
    };
    let Ok(workers) = workers.to_string().parse::<WorkerCounts>() else {
        return Ok(Err(format!("it cannot have {workers} workers")));
    };
    let case = Case {
        workload,
        params,
        engine,
        workers,
        flags: Vec::new(),
    };
    // The asker decides on rounds and their order.
    let sampling = Sampling {
        warmup: 1,
        rounds: Rounds::Exactly(1),
        order_seed: 0,
    };
    let plan = Plan {
        cases: vec![case],
        sampling,
        memory: memory_bytes,
        slowdown,
        cluster: cluster.clone(),
    };
    Ok(Ok(Prepared { plan, shares_slots }))
}

fn failed(to: &mut dyn Write, message: String) -> Result<Ending> {
    say(to, &Reply::Failed(message))?;
    Ok(Ending::Trouble)
}

fn say(to: &mut dyn Write, what: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *to, what)?;
    writeln!(to)?;
    Ok(to.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replies as protocol 1 was first spoken. A program of any later version is compared with such ones, so whatever
    /// they lack must be optional.
    const ROUND: &str = r#"{"round":{"serial_s":0.00014,"distributed_s":0.00015,"order":"serial-first","cold":false,
        "calibration":{"arithmetic_s":0.0005,"memory_s":0.0007,"handoff_s":0.0003,"granted_cores":1.9},
        "task_overhead_s":2.9e-7,
        "serial_cpu":{"user_s":0.000104,"system_s":0.000156,"preemptions":1,"waited_s":0.0},
        "distributed_cpu":{"user_s":0.0,"system_s":0.000189,"preemptions":2,"waited_s":0.0005},
        "busy":{"total_s":0.0001,"busiest_s":0.0001},"machine":{"steal":0.0,"throttled":0.0,"load":14.8}}}"#;
    const MEASUREMENT: &str = r#"{"measurement":{"workload":"pi","params":{"samples":1000,"tasks":2,"seed":1},
        "tasks":2,"engine":"pool","workers":2,"task_bytes":0,"memory_bytes":1000000000,
        "work":{"amount":2000,"unit":"samples"},"answer":{"total_inside":1585},"startup_s":0.0085,
        "rounds":[],"summary":null}}"#;

    fn round(text: &str) -> Round {
        let Ok(Reply::Round(round)) = serde_json::from_str(text) else {
            panic!("no round: {text}")
        };
        *round
    }

    fn measurement(text: &str) -> Measurement {
        let Ok(Reply::Measurement(measurement)) = serde_json::from_str(text) else {
            panic!("no measurement: {text}");
        };
        *measurement
    }

    #[test]
    fn replies_of_the_first_version_are_understood() {
        let round = round(ROUND);
        assert_eq!(
            (round.serial_s, round.distributed_s, round.cold),
            (0.00014, 0.00015, false)
        );
        assert_eq!(round.order, Order::SerialFirst);

        let measurement = measurement(MEASUREMENT);
        assert_eq!(
            (measurement.workload.as_str(), measurement.workers),
            ("pi", 2)
        );
        assert_eq!(measurement.answer["total_inside"], 1585);
    }

    #[test]
    fn what_a_newer_program_adds_is_ignored() {
        let newer = |text: &str| text.replacen(":{", r#":{"from_the_future":{"a":[1]},"#, 1);
        assert_eq!(round(&newer(ROUND)), round(ROUND));
        assert_eq!(measurement(&newer(MEASUREMENT)), measurement(MEASUREMENT));

        let newer = r#"{"parbench_turns":1,"version":"0.1.0","build_profile":"debug","more":1}"#;
        assert_eq!(
            serde_json::from_str::<Greeting>(newer)
                .unwrap()
                .parbench_turns,
            PROTOCOL
        );
    }
}
