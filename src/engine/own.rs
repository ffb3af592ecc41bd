//! The program's own workers: one task after another, each of which gets a number of workers and
//! starts them itself.

use std::sync::Arc;

use serde_json::Value;

use super::serial::in_a_loop;
use super::{Batch, Definition, Engine, Error, Options, run_by};
use crate::results::OWN;
use crate::workload;

/// The engine of workloads that start their own workers. It is chosen by their parameters, and by
/// nothing else.
#[must_use]
pub fn own() -> Arc<dyn Definition> {
    Arc::new(OwnEngine)
}

struct OwnEngine;

impl Definition for OwnEngine {
    fn name(&self) -> &str {
        OWN
    }

    fn about(&self) -> &'static str {
        "The program's own workers: each run starts as many as it is asked for"
    }

    fn accepts(&self, workload: &dyn workload::Definition) -> Result<(), String> {
        if workload.may_have_own_workers() {
            Ok(())
        } else {
            Err("its tasks start no workers of their own".to_owned())
        }
    }

    fn is_in_process(&self) -> bool {
        true
    }

    fn start(&self, _options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Own))
    }
}

struct Own;

impl Engine for Own {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let &Batch {
            workload,
            pass,
            workers,
            stop,
            ..
        } = batch;

        in_a_loop(batch, |index| {
            run_by(workload, index, pass, stop, |index| {
                workload.task_on(index, workers, stop)
            })
        })
    }

    fn shutdown(self: Box<Self>) {}
}
