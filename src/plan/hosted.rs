//! The cases of a workload that brings its engines along: beside the plain loop of each of its
//! hosts, every engine on every host.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

use super::{Arm, Case, Choice, Refusal, Scaling};
use crate::engine;
use crate::results::{HOST_FOLLOWS, SERIAL};
use crate::workload;

impl Case {
    /// The cases that measure `workload` on the engines of `choice`, which are all its own.
    pub(super) fn of_hosted(
        workload: &Arc<dyn workload::Definition>,
        params: &Value,
        choice: Choice<'_>,
    ) -> Result<Vec<Self>, Refusal> {
        if choice.scaling == Scaling::Weak {
            return Err(Refusal {
                engine: choice.name(),
                workload: workload.name().to_owned(),
                reason: "there is one list of items, so weak scaling has no meaning: leave out --scale weak".to_owned(),
            });
        }

        let hosts = workload.hosts(params);
        let known = engine::hosted_by(workload.as_ref());
        let on_hosts = |name: &str| -> Vec<Arc<dyn engine::Definition>> {
            let names = hosts.iter().map(|host| match hosts.len() {
                1 => name.to_owned(),
                _ => format!("{name}{HOST_FOLLOWS}{host}"),
            });
            names.filter_map(|name| known.find(&name)).collect()
        };
        let case = |engines: &[&Arc<dyn engine::Definition>]| {
            let mut arms: Vec<Arm> = on_hosts(SERIAL)
                .iter()
                .map(|serial| Arm::new(serial, NonZeroUsize::MIN))
                .collect();
            for engine in engines.iter().flat_map(|engine| on_hosts(engine.name())) {
                let counts = choice.workers.as_slice().iter();
                arms.extend(counts.map(|&workers| Arm::new(&engine, workers)));
            }
            Self {
                workload: Arc::clone(workload),
                params: params.clone(),
                arms,
                reference: 0,
                takes_fastest_loop: hosts.len() > 1,
            }
        };

        let (alone, together): (Vec<_>, Vec<_>) = choice
            .engines
            .iter()
            .partition(|engine| engine.disturbs_others(choice.cluster));
        let together = (!together.is_empty()).then(|| case(&together));
        let alone = alone.iter().map(|&engine| case(&[engine]));
        Ok(together.into_iter().chain(alone).collect())
    }
}
