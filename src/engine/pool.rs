//! The built-in task pool as an engine: every task is submitted at once, then all are fetched.
//! After one has failed, those that have not started are left out.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parbench_pool::{BuildError, TaskPool, get_all};
use serde_json::Value;

use super::{Batch, Definition, Engine, Error, Options, Pass, run};
use crate::results::Span;
use crate::stop::Stop;
use crate::threads::Refused;
use crate::units::seconds;
use crate::workload::{self, Shared};

pub(super) struct PoolEngine;

impl Definition for PoolEngine {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn about(&self) -> &'static str {
        "Threads of this process behind submit, object ref and get"
    }

    fn accepts(&self, workload: &dyn workload::Definition) -> Result<(), String> {
        if workload.brings_worker() {
            Err("its tasks are done by processes of another program: use process or ray".to_owned())
        } else {
            Ok(())
        }
    }

    fn is_in_process(&self) -> bool {
        true
    }

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        let builder = TaskPool::builder().workers(options.workers);
        let pool = builder.memory_budget(options.memory.0).build();

        match pool {
            Ok(pool) => Ok(Box::new(Pool { pool, first: 0 })),
            Err(BuildError::Threads {
                number,
                threads,
                source,
            }) => {
                let refused = Refused::new("thread", number, threads, source);
                Err(Error::failed(refused.to_string()))
            }
            Err(error) => Err(Error::failed(error.to_string())),
        }
    }
}

struct Pool {
    pool: TaskPool,
    /// The first task of the last batch.
    first: usize,
}

impl Engine for Pool {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let &Batch {
            workload,
            first,
            pass,
            stop,
            ..
        } = batch;
        self.first = first;

        // One count of owners instead of two for every task to write to.
        let shared = Arc::new(SharedBatch {
            workload: Arc::clone(workload),
            pass,
            stop: stop.clone(),
            is_broken: AtomicBool::new(false),
        });
        let tasks = batch.indices().map(|index| {
            let shared = Arc::clone(&shared);
            move || shared.run(index)
        });

        let failed = |error: &dyn std::error::Error| Error::failed(error.to_string());
        let group = self
            .pool
            .task(&*workload.spec().name)
            .bytes(workload.task_bytes().0);
        let refs = group.submit_all(tasks).map_err(|error| failed(&error))?;
        let outcomes = get_all(refs).map_err(|error| failed(&error))?;

        // A task that was left out may stand before the one that failed.
        let count = outcomes.len();
        let values: Vec<Value> = outcomes.into_iter().flatten().collect::<Result<_, _>>()?;
        if values.len() < count {
            let ran = values.len();
            return Err(Error::failed(format!(
                "only {ran} of {count} tasks were run"
            )));
        }
        Ok(values)
    }

    fn limit(&mut self, workers: NonZeroUsize) {
        self.pool.limit(workers);
    }

    fn take_spans(&mut self) -> Vec<Span> {
        let spans = self.pool.take_spans();
        if spans.dropped > 0 {
            return Vec::new();
        }

        // All tasks of a batch are queued at one moment: as it begins.
        let spans = spans.kept.iter().map(|span| Span {
            task: self.first + span.index,
            worker: span.worker,
            node: None,
            start_s: seconds(span.started.saturating_sub(span.queued)),
            end_s: seconds(span.finished.saturating_sub(span.queued)),
        });
        spans.collect()
    }

    fn shutdown(self: Box<Self>) {
        self.pool.shutdown();
    }
}

/// What the tasks of one execution share.
struct SharedBatch {
    workload: Shared,
    pass: Pass,
    stop: Stop,
    /// Whether a task has failed, so that the results are not needed any more.
    is_broken: AtomicBool,
}

impl SharedBatch {
    /// Runs the task, or nothing if another one has failed.
    fn run(&self, index: usize) -> Option<Result<Value, workload::Error>> {
        if self.is_broken.load(Ordering::Relaxed) {
            return None;
        }

        // Also when the task panics.
        let mut guard = BreakUnlessDone {
            is_broken: &self.is_broken,
            is_done: false,
        };
        let outcome = run(&self.workload, index, self.pass, &self.stop);
        guard.is_done = outcome.is_ok();

        Some(outcome)
    }
}

struct BreakUnlessDone<'a> {
    is_broken: &'a AtomicBool,
    is_done: bool,
}

impl Drop for BreakUnlessDone<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.is_broken.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::atomic::AtomicUsize;

    use serde_json::json;

    use super::*;
    use crate::failure::Failure;
    use crate::results::Work;
    use crate::units::Bytes;
    use crate::workload::{Prepared, Spec};

    /// A hundred tasks, of which one fails and is counted with those that ran.
    struct Failing {
        spec: Spec,
        broken: usize,
        panics: bool,
        run: AtomicUsize,
    }

    impl Prepared for Failing {
        fn spec(&self) -> &Spec {
            &self.spec
        }

        fn tasks(&self) -> usize {
            100
        }

        fn work(&self) -> Work {
            Work {
                amount: 100,
                unit: "tasks".to_owned(),
            }
        }

        fn task_bytes(&self) -> Bytes {
            Bytes(0)
        }

        fn task(&self, index: usize, _stop: &Stop) -> Result<Value, workload::Error> {
            self.run.fetch_add(1, Ordering::Relaxed);
            assert!(index != self.broken || !self.panics, "it breaks");
            if index == self.broken {
                return Err(workload::Error::failed(format!(
                    "task {index} is out of order"
                )));
            }
            Ok(json!(index))
        }

        fn audit(&self, _index: usize, _stop: &Stop) -> Result<(), workload::Error> {
            Ok(())
        }

        fn cool_down(&self) {}

        fn combine(&self, partials: Vec<Value>) -> Result<Value, workload::Error> {
            Ok(Value::Array(partials))
        }

        fn describe(&self, _index: usize, partial: &Value) -> String {
            partial.to_string()
        }

        fn problems(&self) -> Vec<Failure> {
            Vec::new()
        }
    }

    fn batch<'a>(workload: &'a Shared, stop: &'a Stop) -> Batch<'a> {
        Batch::all(workload, NonZeroUsize::MIN, stop)
    }

    /// The engine's error, and how many tasks ran. With one worker, tasks run in their order.
    fn fail(broken: usize, panics: bool) -> (String, usize) {
        let spec = Spec {
            name: "failing".into(),
            params: Value::Null,
            slowdown: 1.0,
            memory: crate::units::Bytes(u64::MAX),
            task_timeout: std::time::Duration::MAX,
        };
        let workload = Arc::new(Failing {
            spec,
            broken,
            panics,
            run: AtomicUsize::new(0),
        });
        let mut pool = Pool {
            pool: TaskPool::new(NonZeroUsize::MIN).unwrap(),
            first: 0,
        };
        let shared: Shared = Arc::<Failing>::clone(&workload);

        let error = pool.execute(&batch(&shared, &Stop::new())).unwrap_err();
        (error.to_string(), workload.run.load(Ordering::Relaxed))
    }

    #[test]
    fn tasks_after_one_that_failed_are_not_run() {
        assert_eq!(fail(5, false), ("task 5 is out of order".to_owned(), 6));
    }

    #[test]
    fn a_panic_ends_the_rest_as_well() {
        let (error, run) = fail(5, true);
        assert!(error.contains("it breaks"), "{error}");
        assert_eq!(run, 6);
    }

    #[test]
    fn results_have_the_order_of_the_tasks() {
        let spec = Spec {
            name: "failing".into(),
            params: Value::Null,
            slowdown: 1.0,
            memory: crate::units::Bytes(u64::MAX),
            task_timeout: std::time::Duration::MAX,
        };
        let workload = Failing {
            spec,
            broken: usize::MAX,
            panics: false,
            run: AtomicUsize::new(0),
        };
        let mut pool = Pool {
            pool: TaskPool::new(NonZeroUsize::MIN).unwrap(),
            first: 0,
        };

        let shared: Shared = Arc::new(workload);
        let values = pool.execute(&batch(&shared, &Stop::new())).unwrap();
        assert_eq!(
            values,
            (0..100).map(|index| json!(index)).collect::<Vec<_>>()
        );
    }
}
