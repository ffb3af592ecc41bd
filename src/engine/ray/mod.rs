//! Ray as an engine: an existing cluster, or one that is started for the run. Ray places and watches, a small Python
//! program drives it (`assets/parbench_ray`), and the kernels run in worker processes of this program. Nothing
//! here knows what tasks compute.

mod driver;
mod hello;
pub(super) mod local;
mod program;
mod trouble;

use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::driver::{Batch, Driver, Launch, Said};
use self::hello::greet;
use self::program::Program;
use self::trouble::{Place, unexpected};
use super::{Address, Busy, Definition, Engine, Error, Options, Pass};
use crate::kernel::isa::Isa;
use crate::results::{self, Phase, Placement};
use crate::stop::Stop;
use crate::units::{Bytes, seconds};
use crate::worker::{Action, Answer, Request};
use crate::workload::{BUSY, Shared};

/// Until a machine answers at a cluster's address.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Until a running cluster lets the driver in.
const JOIN_LIMIT: Duration = Duration::from_secs(7);
/// Until the cluster has granted its CPUs.
const SLOTS_LIMIT: Duration = Duration::from_secs(20);
/// What the driver is given beyond the limits that it keeps itself.
const GRACE: Duration = Duration::from_secs(10);

pub(super) const DEFINITION: Definition = Definition {
    name: "ray",
    about: "A Ray cluster: one worker process in each of its CPU slots (--ray-address)",
    start: |options| Ok(Box::new(Ray::start(options)?)),
};

struct Ray {
    driver: Driver,
    /// Seconds that each slot has spent on tasks since they were taken.
    busy: Vec<Duration>,
    placement: Placement,
    memory: Bytes,
}

impl Ray {
    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let cluster = options.cluster;
        if let Address::Running { host, port } = &cluster.address {
            reach(host, *port, &cluster.address)?;
        }
        let began = Instant::now();
        let own = match &cluster.address {
            Address::Local => Some(cluster.local.running(options)?),
            Address::Auto | Address::Running { .. } => None,
        };
        let local = seconds(began.elapsed());

        let began = Instant::now();
        let mut driver = Driver::start(&Launch {
            program: Program::Driver,
            python: &cluster.python,
            on_loopback: cluster.address.is_here(),
            token: own.as_ref().map(|own| own.token.as_str()),
        })?;
        let place = greet(&driver, options)?;
        let imported = seconds(began.elapsed());

        let address = own.map_or_else(|| cluster.address.to_string(), |own| own.address);
        driver.tell(&init(options, &address)?)?;
        let started = up(&driver, JOIN_LIMIT, &place, options.stop);
        if started.is_err() {
            // A driver that hangs in Ray listens to nobody; what Ray started ends with it.
            driver.kill();
        }
        let (nodes, took) = started?;
        let phase = |name: &str, seconds| Phase { name: name.to_owned(), seconds };
        let startup = vec![
            phase("driver", imported),
            phase("cluster", local + took.cluster),
            phase("slots", took.slots),
        ];
        let nodes =
            nodes.into_iter().map(|node| results::Node { name: node.name, slots: node.slots, tasks: 0 });
        let placement = Placement { startup, nodes: nodes.collect(), reruns: Vec::new() };
        let busy = vec![Duration::ZERO; options.workers.get()];
        Ok(Self { driver, busy, placement, memory: options.memory })
    }

    /// Runs a batch to its end.
    fn batch(
        &mut self,
        workload: &Shared,
        action: Action,
        each: bool,
        stop: &Stop,
    ) -> Result<Vec<Value>, Error> {
        let tasks = workload.tasks();
        let at_once = self.memory.holding(workload.task_bytes());
        self.driver.tell(&Batch { request: request(workload, action)?, tasks, each, at_once })?;
        let mut partials = vec![Value::Null; if each { 0 } else { tasks }];
        let mut failure = None;
        loop {
            let Some(said) = self.driver.hear(None, stop)? else { continue };
            match said {
                Said::Done { task, slot, node, answer: Answer::Done { partial, seconds, .. } } => {
                    if let Some(place) = partials.get_mut(task) {
                        *place = partial;
                    }
                    if let Some(busy) = self.busy.get_mut(slot) {
                        *busy += Duration::try_from_secs_f64(seconds).unwrap_or_default();
                    }
                    if let Some(node) = self.placement.nodes.get_mut(node) {
                        node.tasks += u64::from(action == Action::Task && workload.spec().name != BUSY.name);
                    }
                }
                Said::Rerun { why } => self.placement.rerun(&why),
                Said::Failed { kind, message } if kind == "lost" => failure = Some(Error::Lost(message)),
                Said::Failed { message, .. } => failure = Some(Error::Failed(message)),
                Said::Finished(_) => return failure.map_or(Ok(partials), Err),
                other => return Err(unexpected(&other)),
            }
        }
    }
}

impl Engine for Ray {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let action = match pass {
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        self.batch(workload, action, false, stop)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.batch(workload, Action::Prepare, true, stop).map(drop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.batch(workload, Action::CoolDown, true, stop).map(drop)
    }

    fn is_in_process(&self) -> bool {
        false
    }

    fn placement(&self) -> Placement {
        let mut placement = self.placement.clone();
        placement.nodes.retain(|node| node.slots > 0 || node.tasks > 0);
        placement
    }

    fn take_busy(&mut self) -> Option<Busy> {
        let busy: Vec<_> = self.busy.iter_mut().map(std::mem::take).collect();
        Some(Busy { total: busy.iter().sum(), busiest: busy.iter().max().copied()? })
    }

    fn shutdown(mut self: Box<Self>) {
        self.driver.end();
    }
}

/// Whether anybody answers there: Ray itself would try for minutes.
fn reach(host: &str, port: u16, address: &Address) -> Result<(), Error> {
    let nothing = |why: &str| {
        Error::Failed(format!(
            "nothing listens at --ray-address {address} ({why}): give the HOST:PORT that `ray start --head` printed, \
             or local"
        ))
    };
    let mut found = (host, port).to_socket_addrs().map_err(|_| nothing("the host's name is unknown"))?;
    let mut last = "the host has no number".to_owned();
    let reached = found.any(|place| {
        let answer = TcpStream::connect_timeout(&place, CONNECT_LIMIT);
        answer.map_err(|error| last = error.kind().to_string()).is_ok()
    });
    if reached { Ok(()) } else { Err(nothing(&last)) }
}

/// What the driver needs to know.
fn init(options: &Options<'_>, address: &str) -> Result<Value, Error> {
    let here = |what: &str, found: std::io::Result<std::path::PathBuf>| {
        found.map_err(|error| Error::Failed(format!("cannot find {what} for Ray's nodes: {error}")))
    };
    let program = here("this program", std::env::current_exe())?;
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
        "patience": SLOTS_LIMIT.as_secs_f64(),
        "task_timeout": options.cluster.task_timeout.as_secs_f64(),
    }))
}

/// Waits until the driver has joined, within `limit`, and has its slots.
fn up(
    driver: &Driver,
    limit: Duration,
    place: &Place<'_>,
    stop: &Stop,
) -> Result<(Vec<driver::Node>, driver::Seconds), Error> {
    let mut deadline = Instant::now() + limit;
    let mut joined = false;
    loop {
        match driver.hear(Some(deadline), stop)? {
            Some(Said::Joined(_)) => {
                joined = true;
                deadline = Instant::now() + SLOTS_LIMIT + GRACE;
            }
            Some(Said::Ready { nodes, seconds }) => return Ok((nodes, seconds)),
            Some(Said::Trouble { kind, message }) => return Err(place.trouble(&kind, &message)),
            Some(other) => return Err(unexpected(&other)),
            None if joined => {
                return Err(Error::Failed("the Ray cluster does not answer any more".to_owned()));
            }
            None => return Err(place.trouble("timeout", &format!("no answer within {} s", limit.as_secs()))),
        }
    }
}

/// A request for every task of a batch, which lacks their numbers.
fn request(workload: &Shared, action: Action) -> Result<Value, Error> {
    let request = Request::new(workload.spec(), action, 0, 0);
    let mut request = serde_json::to_value(request).map_err(|error| Error::Failed(error.to_string()))?;
    if let Some(fields) = request.as_object_mut() {
        fields.shift_remove("id");
        fields.shift_remove("task");
    }
    Ok(request)
}
