//! The built-in task pool as an engine: every task is submitted at once, then all are fetched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Busy, Definition, Engine, Error, Pass, run};
use crate::pool::{BuildError, TaskPool, get_all};
use crate::stop::Stop;
use crate::workload::Shared;

pub(super) const DEFINITION: Definition = Definition {
    name: "pool",
    about: "Threads of this process behind submit, object ref and get",
    start: |options| {
        let pool = TaskPool::builder().workers(options.workers).memory_budget(options.memory.0).build();
        let cannot = |error: BuildError| {
            Error::Failed(match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            })
        };
        Ok(Box::new(Pool(pool.map_err(cannot)?)))
    },
};

struct Pool(TaskPool);

impl Engine for Pool {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let failed = |error: &dyn std::error::Error| Error::Failed(error.to_string());
        // One count of owners instead of two for every task to write to.
        let shared = Arc::new((Arc::clone(workload), stop.clone()));
        let tasks = (0..workload.tasks()).map(|index| {
            let shared = Arc::clone(&shared);
            move || run(&shared.0, index, pass, &shared.1)
        });
        let batch = self.0.task(workload.spec().name).bytes(workload.task_bytes().0);
        let refs = batch.submit_all(tasks).map_err(|error| failed(&error))?;
        let fetched = get_all(refs).map_err(|error| failed(&error))?;
        Ok(fetched.into_iter().collect::<Result<_, _>>()?)
    }

    fn take_busy(&mut self) -> Option<Busy> {
        let spans = self.0.take_spans();
        if spans.dropped > 0 {
            return None;
        }
        let mut workers: HashMap<usize, Duration> = HashMap::new();
        for span in &spans.kept {
            *workers.entry(span.worker).or_default() += span.finished.saturating_sub(span.started);
        }
        Some(Busy { total: workers.values().sum(), busiest: workers.values().max().copied()? })
    }

    fn shutdown(self: Box<Self>) {
        self.0.shutdown();
    }
}
