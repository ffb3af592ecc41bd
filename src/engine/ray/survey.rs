//! How many CPUs a running cluster has: the number of workers and of tasks that fits it.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::json;

use super::driver::{Driver, Launch};
use super::hello::greet;
use super::program::Program;
use super::protocol::Message;
use super::start::reach;
use super::trouble::unexpected;
use crate::engine::{Address, Cluster, Error, Options};
use crate::stop::Stop;
use crate::units::Bytes;

/// How long a running cluster may take to answer unless the user says so: nobody waits for CPUs.
const LIMIT: Duration = Duration::from_secs(15);

/// The CPUs of all its nodes; `None` for one that is started for the run, which has as many as are
/// asked for.
pub(super) fn cpus(cluster: &Cluster, stop: &Stop) -> Result<Option<NonZeroUsize>, Error> {
    if cluster.address == Address::Local {
        return Ok(None);
    }
    reach(&cluster.address, stop)?;

    let options = Options {
        workers: NonZeroUsize::MIN,
        most_workers: NonZeroUsize::MIN,
        memory: Bytes(0),
        worker: None,
        cluster,
        stop,
    };
    let limit = cluster.start_timeout.unwrap_or(LIMIT);
    let mut driver = Driver::start(&Launch {
        program: Program::Survey,
        python: &cluster.python,
        on_loopback: cluster.address.is_here(),
        token: None,
        join: limit,
        task_timeout: cluster.longest_task(),
    })?;
    let place = greet(&mut driver, &options)?;

    let init = json!({ "address": cluster.address.to_string() });
    driver.send(&init, stop)?;
    let answer = driver.receive(limit, stop);
    if !matches!(answer, Ok(Some(_))) {
        // A program that hangs in Ray does not react to the end of its input.
        driver.kill();
    }
    match answer? {
        // A cluster without CPUs may grow when they are asked for.
        Some(Message::Surveyed { cpus }) => Ok(NonZeroUsize::new(cpus)),
        Some(Message::Trouble { kind, message }) => Err(place.trouble(&kind, &message)),
        Some(other) => Err(unexpected(&other)),
        None => Err(place.no_answer(limit)),
    }
}
