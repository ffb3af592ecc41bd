//! Ray as an engine: an existing cluster, or one that is started for the run. Ray places and
//! watches, a small Python program drives it (`assets/parbench_ray`), and the kernels run in worker
//! processes of this program.

mod cluster;
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

use std::num::NonZeroUsize;
use std::time::Instant;

use serde_json::Value;

use self::connection::Connection;
use self::driver::{Driver, Launch};
use self::hello::greet;
use self::limits::Limits;
use self::program::Program;
use self::protocol::{Command, Done, Scope};
use self::start::{Up, init, reach, up};
use super::{Batch, Definition, Engine, Error, Options, Pass};
use crate::results::{ClusterUse, Phase, Placement, Span};
use crate::stop::Stop;
use crate::units::{Bytes, seconds};
use crate::worker::{Action, Answer, Request};
use crate::workload::{Shared, Spec};

pub use self::cluster::{Address, Cluster, Python};

pub(super) struct RayEngine;

impl Definition for RayEngine {
    fn name(&self) -> &'static str {
        "ray"
    }

    fn about(&self) -> &'static str {
        "A Ray cluster: one worker process in each of its CPU slots (--ray-address)"
    }

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Ray::start(options)?))
    }

    fn cpus(&self, cluster: &Cluster, stop: &Stop) -> Result<Option<NonZeroUsize>, Error> {
        survey::cpus(cluster, stop)
    }

    fn uses_cluster(&self) -> bool {
        true
    }

    fn disturbs_others(&self, cluster: &Cluster) -> bool {
        // The processes of a Ray that is started for the run never rest. Those of others do not
        // come and go with the engine.
        cluster.address == Address::Local
    }
}

struct Ray {
    connection: Connection,
    startup: Vec<Phase>,
    /// How many slots were started.
    slots: usize,
    /// The memory that tasks together may hold on one machine, if the user limits it.
    memory: Option<Bytes>,
    /// The work that the slots were prepared for.
    prepared: Option<Spec>,
    /// When tasks ran since this was last asked for.
    spans: Vec<Span>,
}

impl Ray {
    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let cluster = options.cluster;
        reach(&cluster.address, options.stop)?;

        let began = Instant::now();
        let access = match &cluster.address {
            Address::Local => Some(cluster.local.running(options)?),
            Address::Auto | Address::Running { .. } => None,
        };
        let local = seconds(began.elapsed());

        let mut driver = Driver::start(&Launch {
            program: Program::Driver,
            python: &cluster.python,
            on_loopback: cluster.address.is_here(),
            token: access.as_ref().and_then(|access| access.token.as_deref()),
            join: Limits::of(options).join,
            task_timeout: cluster.longest_task(),
        })?;
        let address = access.map_or_else(|| cluster.address.to_string(), |access| access.address);
        let started = come_up(&mut driver, options, &address, local);
        if started.is_err() && options.stop.signal().is_none() {
            // A driver that hangs in Ray does not react to the end of its input.
            driver.kill();
        }
        let (up, startup) = started?;

        Ok(Self {
            connection: Connection::new(driver, up.nodes, up.kind),
            startup,
            slots: options.workers.get(),
            // What the user allows each machine, the engines of a case share.
            memory: cluster.memory.map(|_| options.memory),
            prepared: None,
            spans: Vec::new(),
        })
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
            arm: None,
            first: 0,
            tasks: 1,
            of: 1,
            scope,
            slots: self.slots,
            in_process: workload.runs_in_process(),
            task_bytes: Bytes(0),
            memory: None,
        };
        self.connection.run(&Command::Batch(batch), stop)
    }

    /// Makes sure that every node sees the input files of this machine: a node with others would do
    /// other work.
    fn compare_inputs(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        let Some(expected) = workload.inputs(stop)? else {
            return Ok(());
        };
        let expected = Value::from(expected);

        let answers = self.each(workload, Action::Inputs, Scope::Nodes, stop)?;
        let other = answers.iter().find(|done| match &done.answer {
            Answer::Inputs { inputs, .. } => *inputs != expected,
            _ => true,
        });
        let Some(done) = other else {
            return Ok(());
        };

        let name = self.connection.nodes.name(done.node);
        Err(Error::failed(format!(
            "node {name} has other input files than this machine under the same names: give every node the same files"
        )))
    }
}

/// Has the driver import Ray, join, and make its slots. A Ray of the run took `local` seconds to
/// start.
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
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let workload = batch.workload;
        let action = match batch.pass {
            Pass::Work if !workload.has_work() => Action::Describe,
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        let tasks = protocol::Batch {
            request: request(workload, action)?,
            arm: batch.arm.filter(|_| !workload.runs_in_process()).cloned(),
            first: batch.first,
            tasks: batch.tasks,
            of: workload.tasks(),
            scope: Scope::Any,
            slots: batch.workers.get(),
            in_process: workload.runs_in_process(),
            task_bytes: workload.task_bytes(),
            memory: self.memory,
        };
        let answers = self.connection.run(&Command::Batch(tasks), batch.stop)?;

        // Tasks that do nothing, to see what that costs, are not the nodes' work.
        let counts = action == Action::Task && self.prepared.as_ref() == Some(workload.spec());
        let mut partials = vec![Value::Null; batch.tasks];
        for done in answers {
            self.spans.push(done.span());
            if counts {
                self.connection.nodes.count_task(done.node);
            }
            let result = done.answer.result_of(action);
            let result =
                result.map_err(|why| Error::failed(format!("task {}: {why}", done.task + 1)))?;
            if let Some(place) = partials.get_mut(done.task.wrapping_sub(batch.first)) {
                *place = result;
            }
        }
        Ok(partials)
    }

    fn take_spans(&mut self) -> Vec<Span> {
        std::mem::take(&mut self.spans)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.prepared = Some(workload.spec().clone());
        self.connection.forget();

        if let Some(program) = workload.shipped_program() {
            self.connection.run(&Command::Ship(program), stop)?;
        }
        self.each(workload, Action::Prepare, Scope::Slots, stop)?;

        self.compare_inputs(workload, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::CoolDown, Scope::Slots, stop)
            .map(drop)
    }

    fn restore(&mut self, stop: &Stop) -> Result<(), Error> {
        self.connection.run(&Command::Restore, stop).map(drop)
    }

    fn release(&mut self, stop: &Stop) -> Result<(), Error> {
        self.connection.run(&Command::Release, stop).map(drop)
    }

    fn take_cluster_use(&mut self) -> Option<ClusterUse> {
        self.connection.cluster_use.take()
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

    fn shutdown(mut self: Box<Self>) {
        self.connection.driver.end();
    }
}

/// A request for every task of a batch, which lacks their numbers.
fn request(workload: &Shared, action: Action) -> Result<Value, Error> {
    let request = Request::new(workload.spec(), action, 0, 0);
    let mut request =
        serde_json::to_value(request).map_err(|error| Error::failed(error.to_string()))?;

    if let Some(fields) = request.as_object_mut() {
        fields.shift_remove("id");
        fields.shift_remove("task");
    }
    Ok(request)
}
