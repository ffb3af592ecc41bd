//! How many CPUs a running cluster has: the number of workers and of tasks that fits it.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::{Driver, Launch};
use super::hello::greet;
use super::program::Program;
use super::protocol::Said;
use super::start::reach;
use super::trouble::unexpected;
use crate::engine::{Address, Cluster, Error, Options};
use crate::stop::Stop;
use crate::units::Bytes;

/// Until a running cluster has answered.
const LIMIT: Duration = Duration::from_secs(15);

/// The CPUs of all its nodes; `None` for one that is started for the run, which has as many as are asked for.
pub(super) fn cpus(cluster: &Cluster, stop: &Stop) -> Result<Option<NonZeroUsize>, Error> {
    match &cluster.address {
        Address::Local => return Ok(None),
        Address::Auto => {}
        Address::Running { host, port } => reach(host, *port, &cluster.address)?,
    }
    let (workers, memory) = (NonZeroUsize::MIN, Bytes(0));
    let options = Options {
        workers,
        most_workers: workers,
        memory,
        cluster,
        stop,
    };
    let mut driver = Driver::start(&Launch {
        program: Program::Survey,
        python: &cluster.python,
        on_loopback: cluster.address.is_here(),
        token: None,
        task_timeout: cluster.task_timeout,
    })?;
    let place = greet(&driver, &options)?;

    driver.tell(&json!({ "address": cluster.address.to_string() }))?;
    let answer = driver.hear(Instant::now() + LIMIT, stop);
    if !matches!(answer, Ok(Some(_))) {
        // One that hangs in Ray listens to nobody.
        driver.kill();
    }
    match answer? {
        // A cluster without CPUs may grow when they are asked for.
        Some(Said::Surveyed { cpus }) => Ok(NonZeroUsize::new(cpus)),
        Some(Said::Trouble { kind, message }) => Err(place.trouble(&kind, &message)),
        Some(other) => Err(unexpected(&other)),
        None => Err(place.trouble(
            "timeout",
            &format!("no answer within {} s", LIMIT.as_secs()),
        )),
    }
}
