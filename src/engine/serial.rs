//! The plain loop: one task after another on the calling thread. No pool, no queue, nothing to start.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parbench_pool::panic_message;
use serde_json::Value;

use super::{Definition, Engine, Error, Options, Pass, run};
use crate::stop::Stop;
use crate::workload::Shared;

pub(super) const DEFINITION: Definition = Definition {
    name: "serial",
    about: "The plain loop on one thread: what every engine is compared with",
    start: |_: &Options<'_>| Ok(Box::new(Serial)),
    cpus: |_, _| Ok(None),
};

struct Serial;

impl Engine for Serial {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let every = || {
            (0..workload.tasks())
                .map(|index| run(workload, index, pass, stop))
                .collect()
        };
        // The workload outlives the panic only to be dropped: its measurement ends with this error.
        let done: Result<Vec<Value>, _> =
            catch_unwind(AssertUnwindSafe(every)).map_err(|payload| {
                Error::Failed(format!("a task panicked: {}", panic_message(payload)))
            })?;
        Ok(done?)
    }

    fn shutdown(self: Box<Self>) {}
}
