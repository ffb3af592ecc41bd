//! Ray as an engine: an existing cluster, or one that is started for the run. Ray places and watches, a small Python
//! program drives it (`assets/parbench_ray`), and the kernels run in worker processes of this program.

mod connection;
mod driver;
mod hello;
mod limits;
pub(super) mod local;
mod nodes;
mod program;
mod protocol;
mod start;
mod survey;
mod trouble;

use std::time::{Duration, Instant};

use serde_json::Value;

use self::connection::Connection;
use self::driver::{Driver, Launch};
use self::hello::greet;
use self::limits::Limits;
use self::program::Program;
use self::protocol::{Ask, Done, Scope};
use self::start::{Up, init, reach, up};
use super::{Address, Busy, Definition, Engine, Error, Options, Pass};
use crate::results::{ClusterUse, Phase, Placement};
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
    connection: Connection,
    startup: Vec<Phase>,
    /// How many slots were started.
    slots: usize,
    /// What tasks together may hold on one machine, where the user said so.
    memory: Option<Bytes>,
    /// The time that each slot has spent on tasks since it was last asked for.
    busy: Vec<Duration>,
}

impl Ray {
    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let cluster = options.cluster;
        reach(&cluster.address, options.stop)?;

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
        let started = come_up(&mut driver, options, &address, local);
        if started.is_err() && options.stop.signal().is_none() {
            // A driver that hangs in Ray does not react to the end of its input.
            driver.kill();
        }
        let (up, startup) = started?;

        let losses = Placement {
            cluster: Some(up.kind),
            ..Placement::default()
        };
        Ok(Self {
            connection: Connection {
                driver,
                nodes: up.nodes,
                losses,
                cluster_use: None,
            },
            startup,
            slots: options.workers.get(),
            memory: cluster.memory,
            busy: vec![Duration::ZERO; options.workers.get()],
        })
    }

    /// Has the first `slots` slots do every task once, and counts the tasks of each node.
    fn tasks(
        &mut self,
        workload: &Shared,
        action: Action,
        slots: usize,
        stop: &Stop,
    ) -> Result<Vec<Done>, Error> {
        let batch = protocol::Batch {
            request: request(workload, action)?,
            tasks: workload.tasks(),
            scope: Scope::Any,
            slots,
            task_bytes: workload.task_bytes(),
            memory: self.memory,
        };
        let answers = self.connection.ask(&Ask::Batch(batch), stop)?;

        if action == Action::Task && workload.spec().name != BUSY.name {
            for done in &answers {
                self.connection.nodes.count_task(done.node);
            }
        }
        Ok(answers)
    }

    /// Has every slot, or one slot of every node, do `action` once.
    fn each(
        &mut self,
        workload: &Shared,
        action: Action,
        scope: Scope,
        stop: &Stop,
    ) -> Result<Vec<Done>, Error> {
        let batch = protocol::Batch {
            request: request(workload, action)?,
            tasks: 1,
            scope,
            slots: self.slots,
            task_bytes: Bytes(0),
            memory: None,
        };
        self.connection.ask(&Ask::Batch(batch), stop)
    }

    /// Makes sure that every node sees the input files of this machine: a node with others would do other work.
    fn compare_inputs(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        let Some(expected) = workload.inputs(stop)? else {
            return Ok(());
        };
        let expected = Value::from(expected);

        let answers = self.each(workload, Action::Inputs, Scope::Nodes, stop)?;
        let differs = |done: &&Done| !matches!(&done.answer, Answer::Inputs { inputs, .. } if *inputs == expected);
        let Some(other) = answers.iter().find(differs) else {
            return Ok(());
        };

        let name = self.connection.nodes.name(other.node);
        Err(Error::Failed(format!(
            "node {name} has other input files than this machine under the same names: give every node the same files"
        )))
    }
}

/// Has the driver import Ray, join, and make its slots. A Ray of the run took `local` seconds to start.
fn come_up(
    driver: &mut Driver,
    options: &Options<'_>,
    address: &str,
    local: f64,
) -> Result<(Up, Vec<Phase>), Error> {
    let began = Instant::now();
    let limits = Limits::of(options);
    let place = greet(driver, options)?;
    let imported = seconds(began.elapsed());

    driver.send(&init(options, address, &limits)?, options.stop)?;
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
    Ok((up, startup))
}

impl Engine for Ray {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let action = match pass {
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        let answers = self.tasks(workload, action, self.slots, stop)?;

        let mut partials = vec![Value::Null; workload.tasks()];
        for done in answers {
            if let Some(busy) = self.busy.get_mut(done.slot) {
                *busy += Duration::try_from_secs_f64(done.end - done.start).unwrap_or_default();
            }
            if let (Some(place), Answer::Partial { partial, .. }) =
                (partials.get_mut(done.task), done.answer)
            {
                *place = partial;
            }
        }
        Ok(partials)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::Prepare, Scope::Slots, stop)?;
        self.compare_inputs(workload, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::CoolDown, Scope::Slots, stop)
            .map(drop)
    }

    fn restore(&mut self, stop: &Stop) -> Result<(), Error> {
        self.connection.ask(&Ask::Restore, stop).map(drop)
    }

    fn release(&mut self, stop: &Stop) -> Result<(), Error> {
        self.connection.ask(&Ask::Release, stop).map(drop)
    }

    fn cluster_use(&self) -> Option<ClusterUse> {
        self.connection.cluster_use
    }

    fn is_in_process(&self) -> bool {
        false
    }

    fn placement(&self) -> Placement {
        let nodes = &self.connection.nodes;

        Placement {
            startup: self.startup.clone(),
            nodes: nodes.stored(),
            elsewhere: nodes.are_elsewhere(),
            ..self.connection.losses.clone()
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
        self.connection.driver.end();
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
