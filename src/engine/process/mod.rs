//! Worker processes of this program on this machine: what separate address spaces cost. Each has
//! one request at a time, or two where tasks are short; one that dies or does not answer in time is
//! replaced, and its tasks are done again.

mod caller;
mod dispatch;
mod piece;
mod shared;
mod terms;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use serde_json::Value;

use self::piece::Piece;
use self::shared::{Dispatch, Work};
use self::terms::{ENDING, STARTED_BY, Terms};
use super::{Batch, Definition, Engine, Error, Options, Pass};
use crate::failure::Failure;
use crate::machine::{self, ProcessCpu};
use crate::results::{LostWorker, Placement, Span};
use crate::stop::Stop;
use crate::subprocess;
use crate::units::Bytes;
use crate::worker::{Action, Child, Lost};
use crate::workload::{ArmName, Shared, WorkerProgram};

pub(super) struct ProcessEngine;

impl Definition for ProcessEngine {
    fn name(&self) -> &'static str {
        "process"
    }

    fn about(&self) -> &'static str {
        "Worker processes of this program, which get requests over pipes"
    }

    fn start(&self, options: &Options<'_>) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Processes::start(options)?))
    }
}

/// How often a task is done again after its worker was lost.
const RETRIES: u32 = 3;

pub(super) struct Processes {
    /// The value of [`STARTED_BY`] for these workers.
    mark: String,
    /// A place for each worker process; empty while its process is lost and not yet replaced.
    workers: Vec<Option<Child>>,
    /// The program whose processes these are, where it is not this one.
    program: Option<WorkerProgram>,
    /// How long a worker may take for a request.
    timeout: Duration,
    /// How often a task is done again after its worker was lost.
    retries: u32,
    memory: Bytes,
    requests: AtomicU64,
    placement: Placement,
    /// When tasks ran since this was last asked for.
    spans: Vec<Span>,
    /// The workers that were lost since this was last asked for.
    lost_workers: Vec<LostWorker>,
}

impl Processes {
    /// The one process of a plain loop. Once it is lost nothing is done again: the loop is what
    /// others are compared with.
    pub(super) fn for_loop(options: &Options<'_>) -> Result<Self, Error> {
        let single = Options {
            workers: NonZeroUsize::MIN,
            ..*options
        };

        let mut processes = Self::start(&single)?;
        processes.retries = 0;
        Ok(processes)
    }

    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let mut children = Vec::new();
        let mark = subprocess::unique_mark();

        let started = start_children(&mut children, options, &mark);
        if started.is_err() {
            // All at once: one after another, those that do not react would add up their grace.
            for child in &children {
                child.killer().kill();
            }
        }
        started?;

        Ok(Self {
            mark,
            workers: children.into_iter().map(Some).collect(),
            program: options.worker.cloned(),
            timeout: options.cluster.longest_task(),
            retries: RETRIES,
            memory: options.memory,
            requests: AtomicU64::new(1),
            placement: Placement::default(),
            spans: Vec::new(),
            lost_workers: Vec::new(),
        })
    }

    /// Has at most `workers` of the workers do `work` on `workload`, no more of them than the
    /// memory holds tasks.
    fn dispatch(
        &mut self,
        workload: &Shared,
        action: Action,
        work: Work,
        workers: usize,
        arm: Option<&ArmName>,
        stop: &Stop,
    ) -> Result<Vec<Piece>, Error> {
        let in_memory = self.memory.holding(workload.task_bytes());
        let used = workers.min(in_memory.unwrap_or(usize::MAX));
        let spec = workload.spec();
        // The worker itself ends a task that is a process of its own, and then knows what it was.
        let are_programs = !workload.runs_in_process();
        let grace = if are_programs { ENDING } else { Duration::ZERO };
        let terms = Terms {
            timeout: self.timeout.saturating_add(grace),
            retries: self.retries,
            are_programs,
            arm: arm.filter(|_| are_programs),
            program: self.program.as_ref(),
            mark: &self.mark,
        };
        let mut dispatch = Dispatch::new(spec, action, work, terms, &self.requests);

        let done = dispatch.run(&mut self.workers, used, stop);
        let lost = dispatch.into_lost();
        // A task that took several workers with it says nothing about the rounds before.
        let failure = if lost.is_empty() {
            Error::Failed
        } else {
            Error::Lost
        };
        for lost in lost {
            self.placement.rerun(&lost.why);
            self.lost_workers.push(lost);
        }
        stop.check()?;

        done.map_err(failure)
    }

    /// Has every worker do `action` once.
    fn each(&mut self, workload: &Shared, action: Action, stop: &Stop) -> Result<(), Error> {
        let workers = self.workers.len();

        self.dispatch(workload, action, Work::OnEach, workers, None, stop)
            .map(drop)
    }
}

/// Workers that were killed could not see to what they had started.
impl Drop for Processes {
    fn drop(&mut self) {
        self.workers.clear();
        subprocess::sweep(STARTED_BY, &self.mark);
    }
}

/// Starts the workers and waits until all of them have said hello.
fn start_children(
    children: &mut Vec<Child>,
    options: &Options<'_>,
    mark: &str,
) -> Result<(), Error> {
    let (count, stop) = (options.workers.get(), options.stop);

    // All of them start at once; then each is waited for.
    for number in 1..=count {
        stop.check()?;
        let child = Child::start(options.worker, number, count, &[(STARTED_BY, mark)]);
        children.push(child.map_err(|Lost(failure)| Error::Failed(failure))?);
    }

    for (index, child) in children.iter_mut().enumerate() {
        let hello = child.hello(Some(stop));
        stop.check()?;

        hello.map_err(|Lost(failure)| {
            let number = index + 1;
            let message = format!("worker process {number} of {count}: {}", failure.message);
            Error::Failed(Failure { message, ..failure })
        })?;
    }
    Ok(())
}

impl Engine for Processes {
    fn execute(&mut self, batch: &Batch<'_>) -> Result<Vec<Value>, Error> {
        let began = Instant::now();
        let action = match batch.pass {
            Pass::Work if !batch.workload.has_work() => Action::Describe,
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        let work = Work::tasks(&batch.indices(), batch.workload.tasks());
        let workers = batch.workers.get();
        let pieces = self.dispatch(batch.workload, action, work, workers, batch.arm, batch.stop)?;

        let mut partials = vec![Value::Null; batch.tasks];
        for piece in pieces {
            self.spans.push(piece.timing.span(began));
            let task = piece.timing.task;
            let result = piece.answer.result_of(action);
            partials[task - batch.first] =
                result.map_err(|why| Error::failed(format!("task {}: {why}", task + 1)))?;
        }
        Ok(partials)
    }

    fn take_spans(&mut self) -> Vec<Span> {
        std::mem::take(&mut self.spans)
    }

    fn take_lost_workers(&mut self) -> Vec<LostWorker> {
        std::mem::take(&mut self.lost_workers)
    }

    fn worker_cpu(&self) -> Vec<ProcessCpu> {
        let workers = self.workers.iter().flatten();
        let times: Option<Vec<_>> = workers
            .map(|worker| machine::process_cpu(worker.id()))
            .collect();

        times.unwrap_or_default()
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.placement = Placement::default();

        self.each(workload, Action::Prepare, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::CoolDown, stop)
    }

    fn placement(&self) -> Placement {
        self.placement.clone()
    }

    fn shutdown(mut self: Box<Self>) {
        // All of them end at once; then dropping each waits for it.
        self.workers.iter_mut().flatten().for_each(Child::close);
    }
}
