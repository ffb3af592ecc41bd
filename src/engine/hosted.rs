//! An engine that the workload brings along: it runs in a process of the workload's, which also
//! times it, since a round trip to that process is no part of the work.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::ray::local::Access;
use super::{Address, Batch, Cluster, Definition, Engine, Error, Measured, Options, Pass};
use crate::results::{HOST_FOLLOWS, SERIAL};
use crate::stop::Stop;
use crate::workload::{
    self, HostTerms, HostedEngine, HostedPass, HostedPlace, HostedStart, Shared,
};

/// The plain loop, as the workload's own process runs it.
const LOOP: HostedEngine = HostedEngine {
    name: SERIAL,
    about: "The plain loop, in the language of the function",
    uses_cluster: false,
};

/// The engine called `name` of those that a workload brings along, `known`: `serial`, `threads`, or
/// `threads@python3.13` where there are several hosts.
pub(super) fn find(known: &[HostedEngine], name: &str) -> Option<Arc<dyn Definition>> {
    let (engine, host) = match name.split_once(HOST_FOLLOWS) {
        Some((engine, host)) => (engine, Some(host.to_owned())),
        None => (name, None),
    };
    let engine = std::iter::once(&LOOP)
        .chain(known)
        .find(|hosted| hosted.name == engine)?;

    Some(Arc::new(HostedDefinition {
        name: name.to_owned(),
        engine: *engine,
        host,
    }))
}

struct HostedDefinition {
    name: String,
    engine: HostedEngine,
    host: Option<String>,
}

impl Definition for HostedDefinition {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        self.engine.about
    }

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        let cluster = options.cluster;
        let access = match &cluster.address {
            _ if !self.engine.uses_cluster => None,
            Address::Local => Some(cluster.local.running(options)?),
            address => Some(Access {
                address: address.to_string(),
                token: None,
            }),
        };

        Ok(Box::new(Hosted {
            engine: self.engine,
            host: self.host.clone(),
            workers: options.workers,
            access,
            start_timeout: cluster.start_timeout,
            workload: None,
            started: HostedStart::default(),
            measured: None,
        }))
    }

    fn accepts(&self, workload: &dyn workload::Definition) -> Result<(), String> {
        if workload.hosted_engines().contains(&self.engine) {
            Ok(())
        } else {
            Err("it runs functions of another language".to_owned())
        }
    }

    fn uses_cluster(&self) -> bool {
        self.engine.uses_cluster
    }

    fn disturbs_others(&self, cluster: &Cluster) -> bool {
        self.engine.uses_cluster && cluster.address == Address::Local
    }
}

struct Hosted {
    engine: HostedEngine,
    host: Option<String>,
    /// The most workers of any batch.
    workers: NonZeroUsize,
    /// The cluster that it works on.
    access: Option<Access>,
    start_timeout: Option<Duration>,
    /// The workload that the engine belongs to, once it is prepared.
    workload: Option<Shared>,
    started: HostedStart,
    measured: Option<Measured>,
}

impl Hosted {
    fn place(&self, workers: NonZeroUsize) -> HostedPlace<'_> {
        HostedPlace {
            engine: self.engine.name,
            host: self.host.as_deref(),
            workers,
        }
    }

    /// Makes the engine ready with this many workers, where it is not yet.
    fn start(&self, workers: NonZeroUsize, stop: &Stop) -> Result<HostedStart, Error> {
        let access = self.access.as_ref();
        let terms = HostTerms {
            address: access.map(|access| access.address.as_str()),
            token: access.and_then(|access| access.token.as_deref()),
            start_timeout: self.start_timeout,
        };

        Ok(host(self.workload.as_ref())?.start(self.place(workers), &terms, stop)?)
    }
}

fn host(workload: Option<&Shared>) -> Result<&dyn workload::Host, Error> {
    workload
        .and_then(|workload| workload.host())
        .ok_or_else(|| Error::failed("the workload does not bring this engine along"))
}

impl Engine for Hosted {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let nothing = vec![Value::Null; batch.tasks];
        // What other engines audit, the host has looked at before anything was measured.
        if batch.pass == Pass::Audit {
            return Ok(nothing);
        }

        let pass = match batch.workload.host() {
            Some(_) => HostedPass::Tasks,
            None => HostedPass::Empty,
        };
        self.start(batch.workers, batch.stop)?;
        let place = self.place(batch.workers);
        let time = host(self.workload.as_ref())?.run(place, pass, batch.stop)?;
        self.measured = Some(Measured {
            wall: time.wall,
            cpu: time.cpu,
        });
        Ok(nothing)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.workload = Some(Arc::clone(workload));
        self.started = self.start(self.workers, stop)?;

        Ok(())
    }

    fn take_measured(&mut self) -> Option<Measured> {
        self.measured.take()
    }

    fn startup_s(&self) -> f64 {
        self.started.seconds
    }

    fn detail(&self) -> Option<String> {
        let detail = self.started.detail.clone();

        (!detail.is_empty()).then_some(detail)
    }

    fn has_dispatch(&self) -> bool {
        self.engine != LOOP
    }

    fn shutdown(self: Box<Self>) {}
}
