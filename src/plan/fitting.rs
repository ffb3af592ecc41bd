//! Whether an arm that somebody else names, in a stored run or as another program, can be measured.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

use super::{Arm, MOST_WORKERS};
use crate::engine;
use crate::results::{self, TaskVariant};
use crate::workload;

impl Arm {
    /// `workers` of `engine`, if they fit the `workload` with `params`. The error is the reason why
    /// they do not, in one line.
    pub fn fitting(
        engine: Arc<dyn engine::Definition>,
        workers: NonZeroUsize,
        scale: NonZeroUsize,
        workload: &dyn workload::Definition,
        params: &Value,
    ) -> Result<Self, String> {
        let name = engine.name();
        let cannot_run =
            |reason: &str| format!("engine {name} cannot run {}: {reason}", workload.name());

        // Engines that a workload brings along fit it, and so does the loop beside them.
        if workload.hosted_engines().is_empty() {
            engine
                .accepts(workload)
                .map_err(|reason| cannot_run(&reason))?;

            if name == results::OWN && !workload.has_own_workers(params) {
                return Err(cannot_run("these tasks start no workers of their own"));
            }
            if let Some((variant, _)) = TaskVariant::of_engine(name)
                && !workload.variants(params).contains(&variant)
            {
                return Err(cannot_run(&format!("its tasks have no variant {variant}")));
            }
        }
        if workers > MOST_WORKERS {
            return Err(format!(
                "engine {name} has at most {MOST_WORKERS} workers, not {workers}"
            ));
        }

        Ok(Self {
            engine,
            workers,
            scale,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_a_workload_is_refused_with_the_reason() {
        let workloads = workload::built_in();
        let pi = workloads.find("pi").unwrap();
        let engines = engine::built_in();
        let scale = NonZeroUsize::MIN;
        let refusal = |engine: &str, workers: usize| {
            let engine = engines.find(engine).unwrap();
            let workers = workers.try_into().unwrap();
            Arm::fitting(engine, workers, scale, pi.as_ref(), &json!({})).err()
        };

        assert_eq!(refusal("pool", 2), None);
        assert_eq!(refusal("serial", 1), None);
        assert_eq!(
            refusal("own", 2).unwrap(),
            "engine own cannot run pi: its tasks start no workers of their own"
        );
        assert_eq!(
            refusal("vs-pool", 2).unwrap(),
            "engine vs-pool cannot run pi: its tasks have no variant vs"
        );
        assert_eq!(
            refusal("pool", 1025).unwrap(),
            "engine pool has at most 1024 workers, not 1025"
        );
    }
}
