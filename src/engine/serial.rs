//! The plain loop: one task after another on the calling thread. No pool, no queue, nothing to
//! start. Of a workload that another program brings, it is one process of that program.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parbench_pool::panic_message;
use serde_json::Value;

use super::process::Processes;
use super::{Batch, Definition, Engine, Error, Options, run};
use crate::machine::ProcessCpu;
use crate::results::{SERIAL, Span};
use crate::stop::Stop;
use crate::workload::{self, Shared};

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

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        match options.worker {
            Some(_) => Ok(Box::new(OneProcess(Processes::for_loop(options)?))),
            None => Ok(Box::new(Serial)),
        }
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

/// The loop where tasks are another program's: one process of it does all of them, asked in the
/// same way as several are, so that what they gain is not the way of asking.
struct OneProcess(Processes);

impl Engine for OneProcess {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        self.0.execute(batch)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.0.prepare(workload, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.0.cool_down(workload, stop)
    }

    fn worker_cpu(&self) -> Vec<ProcessCpu> {
        self.0.worker_cpu()
    }

    /// The plain loop does not time its tasks. What the process has noted of them goes.
    fn take_spans(&mut self) -> Vec<Span> {
        drop(self.0.take_spans());

        Vec::new()
    }

    fn has_dispatch(&self) -> bool {
        false
    }

    fn shutdown(self: Box<Self>) {
        Box::new(self.0).shutdown();
    }
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
