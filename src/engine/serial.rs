//! The plain loop: one task after another on the calling thread. No pool, no queue, nothing to
//! start.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parbench_pool::panic_message;
use serde_json::Value;

use super::{Batch, Definition, Engine, Error, Options, run};
use crate::results::SERIAL;
use crate::workload;

/// The plain loop, which other engines are compared with.
#[must_use]
pub fn serial() -> Arc<dyn Definition> {
    Arc::new(SerialEngine)
}

struct SerialEngine;

impl Definition for SerialEngine {
    fn name(&self) -> &str {
        SERIAL
    }

    fn about(&self) -> &'static str {
        "The plain loop on one thread: what every engine is compared with"
    }

    fn is_in_process(&self) -> bool {
        true
    }

    fn start(&self, _options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Serial))
    }
}

struct Serial;

impl Engine for Serial {
    // Looking at the clock between tasks would be a cost of the loop, so it has no spans.
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let &Batch {
            workload,
            pass,
            stop,
            ..
        } = batch;

        in_a_loop(batch, |index| run(workload, index, pass, stop))
    }

    fn has_dispatch(&self) -> bool {
        false
    }

    fn shutdown(self: Box<Self>) {}
}

/// Does the tasks of `batch` one after another on this thread.
pub(super) fn in_a_loop(
    batch: &Batch<'_>,
    task: impl Fn(usize) -> Result<Value, workload::Error>,
) -> Result<Vec<Value>, Error> {
    let tasks = || batch.indices().map(task).collect();

    // The workload outlives the panic only to be dropped: its measurement ends with this error.
    let partials: Result<Vec<Value>, _> = catch_unwind(AssertUnwindSafe(tasks))
        .map_err(|payload| Error::failed(format!("a task panicked: {}", panic_message(payload))))?;

    Ok(partials?)
}
