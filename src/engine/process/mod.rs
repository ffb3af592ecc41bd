//! Worker processes of this program on this machine: what separate address spaces cost. Each has one request at a time;
//! one that dies or does not answer in time is replaced, and its task done again.

mod dispatch;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::Value;

use self::dispatch::{Dispatch, Piece, Work};
use super::{Busy, Definition, Engine, Error, Options, Pass};
use crate::results::Placement;
use crate::stop::Stop;
use crate::units::Bytes;
use crate::worker::{Action, Answer, Child, Lost};
use crate::workload::Shared;

pub(super) const DEFINITION: Definition = Definition {
    name: "process",
    about: "Worker processes of this program, one request at a time over a pipe",
    start: |options| Ok(Box::new(Processes::start(options)?)),
    cpus: |_, _| Ok(None),
};

struct Processes {
    /// A place for each worker process; empty while its process is lost and not yet replaced.
    workers: Vec<Option<Child>>,
    /// How long a worker may take for a request.
    timeout: Duration,
    memory: Bytes,
    requests: AtomicU64,
    placement: Placement,
    busy: Vec<Duration>,
}

impl Processes {
    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let count = options.workers.get();
        let mut children = Vec::new();

        let started = start_children(&mut children, count, options.stop);
        if started.is_err() {
            // All at once: one after another, those that do not react would add up their grace.
            children.iter().for_each(|child| child.killer().kill());
        }
        started?;

        Ok(Self {
            workers: children.into_iter().map(Some).collect(),
            timeout: options.cluster.task_timeout,
            memory: options.memory,
            requests: AtomicU64::new(1),
            placement: Placement::default(),
            busy: vec![Duration::ZERO; count],
        })
    }

    /// Has the workers do `work` on `workload`.
    fn dispatch(
        &mut self,
        workload: &Shared,
        work: Work,
        action: Action,
        stop: &Stop,
    ) -> Result<Vec<Piece>, Error> {
        let in_memory = self.memory.holding(workload.task_bytes());
        let used = in_memory.unwrap_or(usize::MAX).min(self.workers.len());
        let mut dispatch =
            Dispatch::new(workload.spec(), action, work, self.timeout, &self.requests);

        let done = dispatch.run(&mut self.workers, used, stop);
        for why in dispatch.into_reruns() {
            self.placement.rerun(&why);
        }
        stop.check()?;

        done.map_err(Error::Failed)
    }
}

/// Starts `count` workers and waits until all of them have said hello.
fn start_children(children: &mut Vec<Child>, count: usize, stop: &Stop) -> Result<(), Error> {
    // All of them start at once; then each is waited for.
    for number in 1..=count {
        stop.check()?;
        children.push(Child::start(number, count).map_err(failed)?);
    }

    for child in children {
        let hello = child.hello(Some(stop));
        stop.check()?;
        hello.map_err(failed)?;
    }
    Ok(())
}

impl Engine for Processes {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let action = match pass {
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        let tasks = workload.tasks();

        let mut partials = vec![Value::Null; tasks];
        for piece in self.dispatch(workload, Work::tasks(tasks), action, stop)? {
            self.busy[piece.worker] += piece.time();
            if let Answer::Partial { partial, .. } = piece.answer {
                partials[piece.task] = partial;
            }
        }
        Ok(partials)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.dispatch(workload, Work::OnEach, Action::Prepare, stop)
            .map(drop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.dispatch(workload, Work::OnEach, Action::CoolDown, stop)
            .map(drop)
    }

    fn is_in_process(&self) -> bool {
        false
    }

    fn placement(&self) -> Placement {
        self.placement.clone()
    }

    fn take_busy(&mut self) -> Option<Busy> {
        let busy: Vec<_> = self.busy.iter_mut().map(std::mem::take).collect();

        Some(Busy {
            total: busy.iter().sum(),
            busiest: busy.iter().max().copied()?,
        })
    }

    fn shutdown(mut self: Box<Self>) {
        // All of them end at once; then dropping each waits for it.
        self.workers.iter_mut().flatten().for_each(Child::close);
    }
}

fn failed(Lost(why): Lost) -> Error {
    Error::Failed(why)
}
