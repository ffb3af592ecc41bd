//! An engine that runs a variant of the tasks: the other command, or several threads in
//! each of them. The engine itself stays the same.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

use super::{Batch, Cluster, Definition, Engine, Error, Measured, Options};
use crate::machine::ProcessCpu;
use crate::results::{ClusterUse, LostWorker, Placement, Span};
use crate::stop::Stop;
use crate::workload::{self, Shared, TaskVariant};

/// `inner` as an engine that runs `variant` of the tasks. Its workers are the cores of all tasks
/// that run at once.
#[must_use]
pub fn of_variant(variant: TaskVariant, inner: Arc<dyn Definition>) -> Arc<dyn Definition> {
    let name = format!("{variant}-{}", inner.name());

    Arc::new(VariantEngine {
        name,
        variant,
        inner,
    })
}

struct VariantEngine {
    name: String,
    variant: TaskVariant,
    inner: Arc<dyn Definition>,
}

impl Definition for VariantEngine {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        self.inner.about()
    }

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        let started = self.inner.start(&Options {
            workers: tasks_at_once(options.workers, self.variant),
            ..*options
        })?;

        Ok(Box::new(Started {
            variant: self.variant,
            inner: started,
        }))
    }

    fn accepts(&self, workload: &dyn workload::Definition) -> Result<(), String> {
        self.inner.accepts(workload)
    }

    fn cpus(&self, cluster: &Cluster, stop: &Stop) -> Result<Option<NonZeroUsize>, Error> {
        self.inner.cpus(cluster, stop)
    }

    fn is_in_process(&self) -> bool {
        self.inner.is_in_process()
    }

    fn uses_cluster(&self) -> bool {
        self.inner.uses_cluster()
    }

    fn disturbs_others(&self, cluster: &Cluster) -> bool {
        self.inner.disturbs_others(cluster)
    }
}

struct Started {
    variant: TaskVariant,
    inner: Box<dyn Engine>,
}

impl Engine for Started {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let workload = workload_of(batch.workload, self.variant);

        self.inner.execute(&Batch {
            workload: &workload,
            workers: tasks_at_once(batch.workers, self.variant),
            ..*batch
        })
    }

    fn limit(&mut self, workers: NonZeroUsize) {
        self.inner.limit(tasks_at_once(workers, self.variant));
    }

    fn take_spans(&mut self) -> Vec<Span> {
        self.inner.take_spans()
    }

    fn take_measured(&mut self) -> Option<Measured> {
        self.inner.take_measured()
    }

    fn worker_cpu(&self) -> Vec<ProcessCpu> {
        self.inner.worker_cpu()
    }

    fn startup_s(&self) -> f64 {
        self.inner.startup_s()
    }

    fn detail(&self) -> Option<String> {
        self.inner.detail()
    }

    fn take_lost_workers(&mut self) -> Vec<LostWorker> {
        self.inner.take_lost_workers()
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.inner
            .prepare(&workload_of(workload, self.variant), stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.inner
            .cool_down(&workload_of(workload, self.variant), stop)
    }

    fn restore(&mut self, stop: &Stop) -> Result<(), Error> {
        self.inner.restore(stop)
    }

    fn release(&mut self, stop: &Stop) -> Result<(), Error> {
        self.inner.release(stop)
    }

    fn take_cluster_use(&mut self) -> Option<ClusterUse> {
        // A slot is a task at once, and this engine's workers are their cores.
        self.inner.take_cluster_use().map(|used| ClusterUse {
            slots: used.slots * self.variant.cores().get(),
            ..used
        })
    }

    fn placement(&self) -> Placement {
        self.inner.placement()
    }

    fn has_dispatch(&self) -> bool {
        self.inner.has_dispatch()
    }

    fn shutdown(self: Box<Self>) {
        self.inner.shutdown();
    }
}

/// `variant` of `workload`; itself where there is no such variant, as for tasks that do nothing.
fn workload_of(workload: &Shared, variant: TaskVariant) -> Shared {
    workload
        .variant(variant)
        .unwrap_or_else(|| Arc::clone(workload))
}

fn tasks_at_once(workers: NonZeroUsize, variant: TaskVariant) -> NonZeroUsize {
    NonZeroUsize::new(workers.get() / variant.cores()).unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{built_in, serial};

    #[test]
    fn the_name_says_the_way_and_the_engine() {
        let two = TaskVariant::Threads(NonZeroUsize::new(2).unwrap());
        let pool = built_in().default_engine();
        for (engine, name) in [
            (of_variant(TaskVariant::Other, serial()), "vs-serial"),
            (of_variant(two, Arc::clone(&pool)), "2-thread-pool"),
        ] {
            assert_eq!(engine.name(), name);
            assert_eq!(built_in().find(name).unwrap().name(), name);
        }

        assert!(built_in().find("vs-juggling").is_none());
    }
}
