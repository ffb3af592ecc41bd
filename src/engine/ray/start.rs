//! The steps until a cluster's slots stand ready: it is reached, joined, and grants its CPUs.

use std::collections::BTreeMap;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::Driver;
use super::limits::Limits;
use super::protocol::{Said, Seconds};
use super::trouble::{Place, unexpected};
use super::{UsedNode, add};
use crate::engine::{Address, Error, Options};
use crate::kernel::isa::Isa;
use crate::results::ClusterKind;

/// Until a machine answers at a cluster's address.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// What the driver is given beyond the limits that it keeps itself.
const GRACE: Duration = Duration::from_secs(10);

/// Whether anybody answers there: Ray itself would try for minutes.
pub(super) fn reach(host: &str, port: u16, address: &Address) -> Result<(), Error> {
    let nothing = |why: &str| {
        Error::Failed(format!(
            "nothing listens at --ray-address {address} ({why}): give the HOST:PORT that `ray start --head` printed, \
             or local"
        ))
    };
    let mut found = (host, port)
        .to_socket_addrs()
        .map_err(|_| nothing("the host's name is unknown"))?;
    let mut last = "the host has no number".to_owned();
    let reached = found.any(|place| {
        let answer = TcpStream::connect_timeout(&place, CONNECT_LIMIT);
        answer
            .map_err(|error| last = error.kind().to_string())
            .is_ok()
    });
    if reached { Ok(()) } else { Err(nothing(&last)) }
}

/// What the driver needs to know.
pub(super) fn init(options: &Options<'_>, address: &str, limits: &Limits) -> Result<Value, Error> {
    let here = |what: &str, found: std::io::Result<std::path::PathBuf>| {
        found.map_err(|error| Error::Failed(format!("cannot find {what} for Ray's nodes: {error}")))
    };
    let program = here("this program", crate::program::path())?;
    let folder = here("the current folder", std::env::current_dir())?;
    // Nodes may have other CPUs: each chooses for itself unless the user did.
    let environment = if Isa::selected() == Isa::detect() {
        json!({})
    } else {
        json!({ "PARBENCH_ISA": Isa::selected().name() })
    };
    Ok(json!({
        "address": address,
        "slots": options.workers,
        "program": program,
        "folder": folder,
        "arch": std::env::consts::ARCH,
        "environment": environment,
        "start_timeout": limits.slots.as_secs_f64(),
        // Who gives it time on purpose expects a cluster that grows.
        "may_grow": options.cluster.start_timeout.is_some(),
        "task_timeout": options.cluster.task_timeout.as_secs_f64(),
    }))
}

/// What stands ready.
pub(super) struct Up {
    /// By the numbers that the driver gives them.
    pub(super) nodes: BTreeMap<usize, UsedNode>,
    pub(super) kind: ClusterKind,
    pub(super) seconds: Seconds,
}

/// Waits until the driver has joined and has its slots, each within its limit.
pub(super) fn up(
    driver: &Driver,
    limits: &Limits,
    place: &Place<'_>,
    options: &Options<'_>,
) -> Result<Up, Error> {
    let mut kind = ClusterKind::Local;
    let mut deadline = Instant::now() + limits.join;
    let mut joined = false;
    let mut nodes = BTreeMap::new();
    loop {
        match driver.hear(deadline, options.stop)? {
            Some(Said::Alive(_) | Said::Lost { .. }) => (),
            Some(Said::Node(node)) => add(&mut nodes, node),
            Some(Said::Joined { nodes, cpus }) => {
                joined = true;
                if options.cluster.address != Address::Local {
                    kind = ClusterKind::Joined { nodes, cpus };
                }
                deadline = Instant::now() + limits.slots + GRACE;
            }
            Some(Said::Ready { slots, seconds }) => {
                for (number, slots) in slots {
                    if let Some(node) = nodes.get_mut(&number) {
                        node.stored.slots = slots;
                    }
                }
                return Ok(Up {
                    nodes,
                    kind,
                    seconds,
                });
            }
            Some(Said::Trouble { kind, message }) => return Err(place.trouble(&kind, &message)),
            Some(other) => return Err(unexpected(&other)),
            None if joined => {
                return Err(Error::Failed(
                    "the Ray cluster does not answer any more".to_owned(),
                ));
            }
            None => {
                let limit = limits.join.as_secs_f64();
                return Err(place.trouble("timeout", &format!("no answer within {limit} s")));
            }
        }
    }
}
