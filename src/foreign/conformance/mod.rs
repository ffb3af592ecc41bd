//! Whether a program speaks the worker protocol: a test for each of the rules in
//! docs/worker-protocol.md. No wait is longer than its limit, whatever the program does.

mod examinee;
mod rules;
mod trials;

use std::time::Duration;

use serde_json::Value;

use self::examinee::Examinee;
use self::rules::RULES;
use super::definition::read;
use crate::failure::Failure;
use crate::stop::{Interrupted, Stop};
use crate::units::Bytes;
use crate::workload::Spec;

/// How long an answer may take, unless the user says it.
pub const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// A rule, and whether the program follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a statement about a worker.
    pub rule: &'static str,
    /// What came of testing it.
    pub verdict: Verdict,
}

/// What came of testing a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The program follows it.
    Kept,
    /// It does not: what came, and what was expected.
    Broken(String),
    /// It could not be tested, and why.
    Untested(String),
}

/// Tests the program that the parameters of the workload `program` name, rule by rule, and reports
/// each finding as it comes. An answer may take `limit`.
pub fn check_protocol(
    params: &Value,
    limit: Duration,
    stop: &Stop,
    report: &mut dyn FnMut(&Finding),
) -> Result<(), Failure> {
    let failed = |message: String| Failure::new(message);
    let params = read(params).map_err(|error| failed(error.to_string()))?;
    let program = params
        .program()
        .ok_or_else(|| failed("there is no program after --".to_owned()))?;
    program.file().map_err(|error| failed(error.to_string()))?;

    let mut examinee = Examinee::new(program, spec(params.workload, params.params), limit, stop);
    let mut is_hopeless = false;
    for rule in RULES {
        let verdict = if is_hopeless {
            Verdict::Untested("it needs what failed above".to_owned())
        } else {
            (rule.test)(&mut examinee)
        };
        if stop.signal().is_some() {
            return Err(failed(Interrupted.to_string()));
        }

        is_hopeless |= rule.is_needed && verdict != Verdict::Kept;
        report(&Finding {
            rule: rule.text,
            verdict,
        });
    }
    Ok(())
}

/// What requests say of the work.
fn spec(workload: String, params: Value) -> Spec {
    Spec {
        name: workload.into(),
        params,
        slowdown: 1.0,
        memory: Bytes(u64::MAX),
        task_timeout: Duration::MAX,
    }
}
