//! Worker processes of this program on this machine: what separate address spaces cost. One request at a time for
//! each; a worker that dies or does not answer in time is replaced and its task done again.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Busy, Definition, Engine, Error, Options, Pass};
use crate::peer::Killer;
use crate::results::Placement;
use crate::stop::Stop;
use crate::threads;
use crate::units::Bytes;
use crate::worker::{Action, Answer, Child, Lost, Request};
use crate::workload::{Shared, Spec};

/// How often a task is done again after its worker was lost.
const RETRIES: u32 = 3;
/// How often waiting for workers looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);

pub(super) const DEFINITION: Definition = Definition {
    name: "process",
    about: "Worker processes of this program, one request at a time over a pipe",
    start: |options| Ok(Box::new(Processes::start(options)?)),
    cpus: |_, _| Ok(None),
};

struct Processes {
    workers: Vec<Worker>,
    /// How long a worker may take for a request.
    timeout: Duration,
    memory: Bytes,
    requests: AtomicU64,
    placement: Placement,
}

/// One place for a worker process, and what it has spent on tasks.
struct Worker {
    child: Option<Child>,
    busy: Duration,
}

/// What a pass consists of.
enum Pieces {
    /// The same for every worker.
    Each,
    /// Tasks, whoever is free the next one.
    Tasks {
        /// The next task that nobody has taken.
        next: AtomicUsize,
        /// How many there are.
        all: usize,
    },
}

/// What all threads of one pass look at.
struct Board<'a> {
    spec: &'a Spec,
    action: Action,
    timeout: Duration,
    /// How many workers there are.
    places: usize,
    requests: &'a AtomicU64,
    pieces: Pieces,
    /// Why tasks were done again, one entry for each time.
    reruns: Mutex<Vec<String>>,
    /// Set when the pass is lost: nobody takes another task.
    over: AtomicBool,
    /// What ends the workers that run now.
    killers: Mutex<Vec<Option<Killer>>>,
}

impl Processes {
    fn start(options: &Options<'_>) -> Result<Self, Error> {
        let count = options.workers.get();
        let start = |number| Child::start(number, count).map_err(failed);
        let mut children = (1..=count).map(start).collect::<Result<Vec<_>, _>>()?;

        // All of them start at once; then each is waited for.
        for child in &mut children {
            let greeting = child.hello(Some(options.stop));
            options.stop.check()?;
            greeting.map_err(failed)?;
        }

        let workers = children
            .into_iter()
            .map(|child| Worker {
                child: Some(child),
                busy: Duration::ZERO,
            })
            .collect();
        Ok(Self {
            workers,
            timeout: options.cluster.task_timeout,
            memory: options.memory,
            requests: AtomicU64::new(1),
            placement: Placement::default(),
        })
    }

    /// Has every worker do `action` once.
    fn each(&mut self, workload: &Shared, action: Action, stop: &Stop) -> Result<(), Error> {
        self.pass(workload, Pieces::Each, action, stop).map(drop)
    }

    /// Has the workers do the pieces of a pass over `workload`.
    fn pass(
        &mut self,
        workload: &Shared,
        pieces: Pieces,
        action: Action,
        stop: &Stop,
    ) -> Result<Vec<Value>, Error> {
        let board = Board {
            spec: workload.spec(),
            action,
            timeout: self.timeout,
            places: self.workers.len(),
            requests: &self.requests,
            pieces,
            reruns: Mutex::new(Vec::new()),
            over: AtomicBool::new(false),
            killers: Mutex::new(self.workers.iter().map(Worker::killer).collect()),
        };
        let mut partials = vec![Value::Null; workload.tasks()];
        let at_once = self
            .memory
            .holding(workload.task_bytes())
            .unwrap_or(usize::MAX);
        let mut failure = None;
        thread::scope(|scope| {
            let (send, results) = channel();
            let count = at_once.min(self.workers.len());
            for (place, worker) in self.workers.iter_mut().take(count).enumerate() {
                let (board, send) = (&board, send.clone());
                let started = threads::start_scoped(scope, place + 1, count, move || {
                    for turn in 0.. {
                        let Some(task) = board.take(turn) else { break };
                        if send.send((task, board.done(task, place, worker))).is_err() {
                            break;
                        }
                    }
                });
                if let Err(refused) = started {
                    failure = Some(refused.to_string());
                    board.abandon();
                    break;
                }
            }
            drop(send);
            loop {
                match results.recv_timeout(LOOK) {
                    Ok((task, Ok(partial))) => partials[task] = partial,
                    Ok((_, Err(error))) => {
                        failure.get_or_insert(error);
                        board.over.store(true, Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => (),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if stop.signal().is_some() {
                    board.abandon();
                }
            }
        });
        for why in board
            .reruns
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            self.placement.rerun(&why);
        }
        stop.check()?;
        failure.map_or(Ok(partials), |error| Err(Error::Failed(error)))
    }
}

impl Board<'_> {
    /// The task for a worker's next turn.
    fn take(&self, turn: usize) -> Option<usize> {
        if self.over.load(Ordering::Relaxed) {
            return None;
        }
        match &self.pieces {
            Pieces::Each => (turn == 0).then_some(0),
            Pieces::Tasks { next, all } => {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| task < all)
            }
        }
    }

    /// Does `task` on `worker`, on a new one where that is lost.
    fn done(&self, task: usize, place: usize, worker: &mut Worker) -> Result<Value, String> {
        let mut lost = 0;
        loop {
            match self.tried(task, place, worker) {
                Ok(Answer::Done {
                    partial, seconds, ..
                }) => {
                    worker.busy += Duration::try_from_secs_f64(seconds).unwrap_or_default();
                    return Ok(partial);
                }
                Ok(Answer::Failed { error, .. }) => return Err(error),
                Err(why) => {
                    worker.child = None;
                    lost += 1;
                    if lost > RETRIES || self.over.load(Ordering::Relaxed) {
                        return Err(format!(
                            "task {} was lost {lost} times, at last: {why}",
                            task + 1
                        ));
                    }
                    let mut reruns = self.reruns.lock().unwrap_or_else(PoisonError::into_inner);
                    reruns.push(format!("a worker process was lost: {why}"));
                }
            }
        }
    }

    fn tried(&self, task: usize, place: usize, worker: &mut Worker) -> Result<Answer, Lost> {
        let child = match &mut worker.child {
            Some(child) => child,
            none => {
                let mut child = Child::start(place + 1, self.places)?;
                let mut killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
                // Whoever abandons the pass kills what stands here, and nothing that comes later.
                if self.over.load(Ordering::Relaxed) {
                    return Err(Lost("interrupted".to_owned()));
                }
                killers[place] = Some(child.killer());
                drop(killers);
                // Nothing has to look at the stop flag: what abandons the pass kills the child.
                child.hello(None)?;
                none.insert(child)
            }
        };
        let id = self.requests.fetch_add(1, Ordering::Relaxed);
        child.call(
            &Request::new(self.spec, self.action, id, task),
            self.timeout,
        )
    }

    /// Ends the pass: no task is begun, and those under way end with their workers.
    fn abandon(&self) {
        let killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.over.swap(true, Ordering::Relaxed) {
            killers.iter().flatten().for_each(Killer::kill);
        }
    }
}

impl Worker {
    fn killer(&self) -> Option<Killer> {
        self.child.as_ref().map(Child::killer)
    }
}

impl Engine for Processes {
    fn execute(&mut self, workload: &Shared, pass: Pass, stop: &Stop) -> Result<Vec<Value>, Error> {
        let action = match pass {
            Pass::Work => Action::Task,
            Pass::Audit => Action::Audit,
        };
        let pieces = Pieces::Tasks {
            next: AtomicUsize::new(0),
            all: workload.tasks(),
        };
        self.pass(workload, pieces, action, stop)
    }

    fn prepare(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::Prepare, stop)
    }

    fn cool_down(&mut self, workload: &Shared, stop: &Stop) -> Result<(), Error> {
        self.each(workload, Action::CoolDown, stop)
    }

    fn is_in_process(&self) -> bool {
        false
    }

    fn placement(&self) -> Placement {
        self.placement.clone()
    }

    fn take_busy(&mut self) -> Option<Busy> {
        let busy: Vec<_> = self
            .workers
            .iter_mut()
            .map(|worker| std::mem::take(&mut worker.busy))
            .collect();
        Some(Busy {
            total: busy.iter().sum(),
            busiest: busy.iter().max().copied()?,
        })
    }

    fn shutdown(mut self: Box<Self>) {
        // All of them end at once; then each is waited for.
        self.workers
            .iter_mut()
            .filter_map(|worker| worker.child.as_mut())
            .for_each(Child::close);
        // Dropping a child closes its input, which ends it, and waits for that.
        drop(self.workers);
    }
}

fn failed(Lost(why): Lost) -> Error {
    Error::Failed(why)
}
