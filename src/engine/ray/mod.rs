//! Ray as an engine: an existing cluster, or one that is started for the run. Ray places and watches, a small Python
//! program drives it (`assets/parbench_ray`), and the kernels run in worker processes of this program. Nothing
//! here knows what tasks compute.

mod driver;
mod hello;
mod limits;
pub(super) mod local;
mod program;
mod protocol;
mod start;
mod survey;
mod tree;
mod trouble;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use self::driver::{Driver, Launch};
use self::hello::greet;
use self::limits::Limits;
use self::program::Program;
use self::protocol::{Ask, Batch, Finished, Node, Said, Scope};
use self::start::{Up, init, reach, up};
use self::trouble::unexpected;
use super::{Address, Busy, Definition, Engine, Error, Options, Pass};
use crate::results::{self, ClusterUse, Phase, Placement};
use crate::stop::Stop;
use crate::units::{Bytes, seconds};
use crate::worker::{Action, Answer, Request};
use crate::workload::{BUSY, Shared};

pub(super) const DEFINITION: Definition = Definition {
    name: "ray",
    about: "A Ray cluster: one worker process in each of its CPU slots (--ray-address)",
    start: |options| Ok(Box::new(Ray::start(options)?)),
    cpus: survey::cpus,
};

struct Ray {
    driver: Driver,
    /// Seconds that each slot has spent on tasks since they were taken.
    busy: Vec<Duration>,
    startup: Vec<Phase>,
    /// By the numbers that the driver gives them.
    nodes: BTreeMap<usize, UsedNode>,
    /// Losses and what was done again.
    losses: Placement,
    /// What the last batch had of the cluster.
    cluster_use: Option<ClusterUse>,
    /// What tasks together may hold on one machine, where the user said so.
    memory: Option<Bytes>,
}

/// An answer that came back.
struct Part {
    task: usize,
    /// The number of the node that gave it.
    node: usize,
    partial: Value,
}

/// A node that has slots, or had some.
struct UsedNode {
    /// Whether it is this machine.
    here: bool,
    stored: results::Node,
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

        let mut driver = Driver::start(&Launch {
            program: Program::Driver,
            python: &cluster.python,
            on_loopback: cluster.address.is_here(),
            token: own.as_ref().map(|own| own.token.as_str()),
            task_timeout: cluster.task_timeout,
        })?;
        let address = own.map_or_else(|| cluster.address.to_string(), |own| own.address);
        let started = Self::come_up(&mut driver, options, &address, local);
        if started.is_err() && options.stop.signal().is_none() {
            // A driver that hangs in Ray listens to nobody.
            driver.kill();
        }
        let (startup, Up { nodes, kind, .. }) = started?;
        let busy = vec![Duration::ZERO; options.workers.get()];
        let losses = Placement {
            cluster: Some(kind),
            ..Placement::default()
        };
        let memory = cluster.memory;
        Ok(Self {
            driver,
            busy,
            startup,
            nodes,
            losses,
            cluster_use: None,
            memory,
        })
    }

    /// Has the driver import Ray, join, and make its slots. A Ray of the run took `local` seconds to start.
    fn come_up(
        driver: &mut Driver,
        options: &Options<'_>,
        address: &str,
        local: f64,
    ) -> Result<(Vec<Phase>, Up), Error> {
        let began = Instant::now();
        let limits = Limits::of(options);
        let place = greet(driver, options)?;
        let imported = seconds(began.elapsed());
        driver.tell(&init(options, address, &limits)?)?;
        let up = up(driver, &limits, &place, options)?;

        let phase = |name: &str, seconds| Phase {
            name: name.to_owned(),
            seconds,
        };
        let startup = vec![
            phase("driver", imported),
            phase("cluster", local + up.seconds.cluster),
            phase("slots", up.seconds.slots),
        ];
        Ok((startup, up))
    }

    /// Runs a batch to its end.
    fn batch(
        &mut self,
        workload: &Shared,
        action: Action,
        scope: Scope,
        stop: &Stop,
    ) -> Result<Vec<Value>, Error> {
        let tasks = workload.tasks();
        let (task_bytes, memory) = (workload.task_bytes(), self.memory);
        let request = request(workload, action)?;
        let counts = action == Action::Task && workload.spec().name != BUSY.name;
        let mut partials = vec![Value::Null; if scope == Scope::Any { tasks } else { 0 }];
        let batch = Batch {
            request,
            tasks,
            scope,
            task_bytes,
            memory,
        };
        self.ask(
            &Ask::Batch(batch),
            stop,
            |Part { task, partial, .. }| {
                if let Some(place) = partials.get_mut(task) {
                    *place = partial;
                }
                counts
            },
        )?;
        Ok(partials)
    }

    /// Makes sure that every node sees the input files of this machine: a node with others would do other work.
    fn compare_inputs(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        let Some(expected) = workload.inputs(stop)? else {
            return Ok(());
        };
        let batch = Batch {
            request: request(workload, Action::Inputs)?,
            tasks: 1,
            scope: Scope::Nodes,
            task_bytes: Bytes(0),
            memory: None,
        };
        let mut other = None;
        self.ask(
            &Ask::Batch(batch),
            stop,
            |Part { node, partial, .. }| {
                if partial.as_str() != Some(expected.as_str()) {
                    other.get_or_insert(node);
                }
                false
            },
        )?;

        let Some(number) = other else { return Ok(()) };
        let name = self
            .nodes
            .get(&number)
            .map_or("of the cluster", |node| node.stored.name.as_str());
        Err(Error::Failed(format!(
            "node {name} has other input files than this machine under the same names: give every node the same files"
        )))
    }

    /// Asks the driver for something and listens until that is over. `take` is called with each answer, and returns
    /// whether it counts as a task of the node.
    fn ask(
        &mut self,
        ask: &Ask,
        stop: &Stop,
        mut take: impl FnMut(Part) -> bool,
    ) -> Result<(), Error> {
        self.driver.tell(ask)?;
        let mut failure = None;
        loop {
            match self.driver.hear_busy(stop)? {
                Said::Done {
                    task,
                    slot,
                    node,
                    answer:
                        Answer::Done {
                            partial, seconds, ..
                        },
                } => {
                    if let Some(busy) = self.busy.get_mut(slot) {
                        *busy += Duration::try_from_secs_f64(seconds).unwrap_or_default();
                    }
                    let counts = take(Part {
                        task,
                        node,
                        partial,
                    });
                    if let Some(node) = self.nodes.get_mut(&node) {
                        node.stored.tasks += u64::from(counts);
                    }
                }
                Said::Rerun { why } => self.losses.rerun(&why),
                Said::Lost { why } => self.losses.lost_slot(&why),
                Said::Node(node) => add(&mut self.nodes, node),
                Said::Failed { kind, message } if kind == "task" => {
                    failure = Some(Error::Failed(message))
                }
                // The rounds before it stand.
                Said::Failed { message, .. } => failure = Some(Error::Lost(message)),
                Said::Trouble { message, .. } => return Err(Error::Lost(message)),
                Said::Finished(finished) => {
                    self.take_note(finished);
                    return failure.map_or(Ok(()), Err);
                }
                other => return Err(unexpected(&other)),
            }
        }
    }

    fn take_note(
        &mut self,
        Finished {
            slots,
            held,
            placed,
        }: Finished,
    ) {
        self.cluster_use = Some(ClusterUse {
            slots,
            held_s: held,
        });
        for (number, slots) in placed.into_iter().flatten() {
            if let Some(node) = self.nodes.get_mut(&number) {
                node.stored.slots = node.stored.slots.max(slots);
            }
        }
    }
}

/// A node that is used from now on.
fn add(
    nodes: &mut BTreeMap<usize, UsedNode>,
    Node {
        number,
        name,
        here,
        model,
    }: Node,
) {
    let stored = results::Node {
        name,
        slots: 0,
        tasks: 0,
        model,
    };
    nodes.insert(number, UsedNode { here, stored });
}

impl Engine for Ray {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let action = match pass {
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        self.batch(workload, action, Scope::Any, stop)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.batch(workload, Action::Prepare, Scope::Slots, stop)?;
        self.compare_inputs(workload, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.batch(workload, Action::CoolDown, Scope::Slots, stop)
            .map(drop)
    }

    fn restore(&mut self, stop: &Stop) -> Result<(), Error> {
        self.ask(&Ask::Restore, stop, |_| false)
    }

    fn release(&mut self, stop: &Stop) -> Result<(), Error> {
        self.ask(&Ask::Release, stop, |_| false)
    }

    fn cluster_use(&self) -> Option<ClusterUse> {
        self.cluster_use
    }

    fn is_in_process(&self) -> bool {
        false
    }

    fn placement(&self) -> Placement {
        let used = || {
            self.nodes
                .values()
                .filter(|node| node.stored.slots > 0 || node.stored.tasks > 0)
        };
        Placement {
            startup: self.startup.clone(),
            nodes: used().map(|node| node.stored.clone()).collect(),
            elsewhere: used().any(|node| !node.here),
            ..self.losses.clone()
        }
    }

    fn take_busy(&mut self) -> Option<Busy> {
        let busy: Vec<_> = self.busy.iter_mut().map(std::mem::take).collect();
        Some(Busy {
            total: busy.iter().sum(),
            busiest: busy.iter().max().copied()?,
        })
    }

    fn shutdown(mut self: Box<Self>) {
        self.driver.end();
    }
}

/// A request for every task of a batch, which lacks their numbers.
fn request(workload: &Shared, action: Action) -> Result<Value, Error> {
    let request = Request::new(workload.spec(), action, 0, 0);
    let mut request =
        serde_json::to_value(request).map_err(|error| Error::Failed(error.to_string()))?;
    if let Some(fields) = request.as_object_mut() {
        fields.shift_remove("id");
        fields.shift_remove("task");
    }
    Ok(request)
}
