//! One task of a batch in this process.

use serde_json::Value;

use super::Pass;
use crate::stop::Stop;
use crate::workload::{self, Shared};

/// Does one task as `pass` says.
pub(super) fn run(
    workload: &Shared,
    index: usize,
    pass: Pass,
    stop: &Stop,
) -> Result<Value, workload::Error> {
    run_by(workload, index, pass, stop, |index| {
        workload.task(index, stop)
    })
}

/// The same, with another way to work on it.
pub(super) fn run_by(
    workload: &Shared,
    index: usize,
    pass: Pass,
    stop: &Stop,
    work: impl FnOnce(usize) -> Result<Value, workload::Error>,
) -> Result<Value, workload::Error> {
    stop.check()?;

    let index = index % workload.tasks().max(1);
    match pass {
        Pass::Work => work(index),
        Pass::Audit => workload.audit(index, stop).map(|()| Value::Null),
    }
}
