//! One pass over a workload's tasks: a thread for each worker process sends it a request, waits for
//! the answer and sends the next one. A worker that is lost is replaced, and its task done again.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::piece::{Piece, Timing};
use super::terms::{STARTED_BY, Terms};
use crate::failure::Failure;
use crate::peer::Killer;
use crate::stop::Stop;
use crate::threads;
use crate::worker::{Action, Answer, Child, Lost, Request};
use crate::workload::Spec;

/// How often a task is done again after its worker was lost.
const RETRIES: u32 = 3;
/// How often a wait for workers looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);

/// What a pass consists of.
pub(super) enum Work {
    /// The same once on every worker.
    OnEach,
    /// Tasks: a free worker takes the next one.
    Tasks {
        /// The first task that is not taken yet.
        next: AtomicUsize,
        /// The end of the tasks.
        end: usize,
        /// How many tasks the workload has: beyond the last one the indices go on, and the work
        /// is repeated.
        of: usize,
    },
}

/// The shared state of all threads of a pass.
pub(super) struct Dispatch<'a> {
    spec: &'a Spec,
    action: Action,
    work: Work,
    terms: Terms<'a>,
    /// The number of the next request.
    requests: &'a AtomicU64,
    /// Why tasks were done again, one entry for each time.
    reruns: Mutex<Vec<String>>,
    /// Set when the pass has failed: no worker takes another task.
    is_over: AtomicBool,
    /// What kills the workers that run now, by their place.
    killers: Mutex<Vec<Option<Killer>>>,
}

impl Work {
    /// The number of workers that have something to do.
    fn most_workers(&self) -> usize {
        match self {
            Self::OnEach => usize::MAX,
            Self::Tasks { next, end, .. } => end - next.load(Ordering::Relaxed),
        }
    }

    /// These tasks, none of them taken.
    pub(super) fn tasks(indices: &Range<usize>, of: usize) -> Self {
        Self::Tasks {
            next: AtomicUsize::new(indices.start),
            end: indices.end,
            of,
        }
    }

    /// The workload's task at place `task`.
    fn index(&self, task: usize) -> usize {
        match self {
            Self::OnEach => task,
            Self::Tasks { of, .. } => task % of.max(&1),
        }
    }
}

impl<'a> Dispatch<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        action: Action,
        work: Work,
        terms: Terms<'a>,
        requests: &'a AtomicU64,
    ) -> Self {
        Self {
            spec,
            action,
            work,
            terms,
            requests,
            reruns: Mutex::default(),
            is_over: AtomicBool::new(false),
            killers: Mutex::default(),
        }
    }

    /// Has the first `used` of `workers` do the work, or fewer where there are fewer tasks. The
    /// error is a line that says why not all of it was done; no worker is left with a task then.
    pub(super) fn run(
        &mut self,
        workers: &mut [Option<Child>],
        used: usize,
        stop: &Stop,
    ) -> Result<Vec<Piece>, Failure> {
        let running = |worker: &Option<Child>| worker.as_ref().map(Child::killer);
        self.killers = Mutex::new(workers.iter().map(running).collect());
        let dispatch = &*self;
        let places = workers.len();
        let used = used.min(dispatch.work.most_workers());

        thread::scope(|scope| {
            let (send, results) = channel();
            let mut refused = None;
            for (place, worker) in workers.iter_mut().take(used).enumerate() {
                let send = send.clone();
                let mut caller = Caller {
                    dispatch,
                    place,
                    places,
                    worker,
                };
                let started = threads::start_scoped(scope, place + 1, used, move || {
                    for turn in 0.. {
                        let Some(task) = dispatch.take(turn) else {
                            break;
                        };
                        if send.send(caller.done(task)).is_err() {
                            break;
                        }
                    }
                });
                if let Err(error) = started {
                    refused = Some(Failure::new(error.to_string()));
                    dispatch.abandon();
                    break;
                }
            }
            drop(send);

            let done = dispatch.collect(&results, stop);
            refused.map_or(done, Err)
        })
    }

    /// Why tasks were done again, one entry for each time.
    pub(super) fn into_reruns(self) -> Vec<String> {
        self.reruns
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for what the threads have to report, until all of them have ended.
    fn collect(
        &self,
        results: &Receiver<Result<Piece, Failure>>,
        stop: &Stop,
    ) -> Result<Vec<Piece>, Failure> {
        let mut pieces = Vec::new();
        let mut failure = None;

        loop {
            match results.recv_timeout(LOOK) {
                Ok(Ok(piece)) => pieces.push(piece),
                Ok(Err(error)) => {
                    failure.get_or_insert(error);
                    self.is_over.store(true, Ordering::Relaxed);
                    if self.terms.ends_others {
                        self.abandon();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if stop.signal().is_some() {
                self.abandon();
            }
        }

        failure.map_or(Ok(pieces), Err)
    }

    /// The task for a worker's next turn.
    fn take(&self, turn: usize) -> Option<usize> {
        if self.is_over.load(Ordering::Relaxed) {
            return None;
        }

        match &self.work {
            Work::OnEach => (turn == 0).then_some(0),
            Work::Tasks { next, end, .. } => {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| task < end)
            }
        }
    }

    /// Ends the pass: no task is begun, and those under way end with their workers.
    fn abandon(&self) {
        let mut killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_over.store(true, Ordering::Relaxed);

        for killer in killers.iter_mut().filter_map(Option::take) {
            killer.kill();
        }
    }
}

/// One thread of a pass, and the worker that it calls.
struct Caller<'a> {
    dispatch: &'a Dispatch<'a>,
    /// The worker's place, from 0, of `places`.
    place: usize,
    places: usize,
    worker: &'a mut Option<Child>,
}

impl Caller<'_> {
    /// Does `task`, on a new worker where this one is lost.
    fn done(&mut self, task: usize) -> Result<Piece, Failure> {
        let mut lost = 0;
        loop {
            match self.attempt(task) {
                Ok(Piece {
                    answer: Answer::Failed { error, .. },
                    ..
                }) => return Err(Failure::new(error)),
                Ok(piece) => return Ok(piece),
                Err(Lost(failure)) => {
                    *self.worker = None;
                    lost += 1;
                    if lost > RETRIES || self.dispatch.is_over.load(Ordering::Relaxed) {
                        let message = format!(
                            "task {} was lost {lost} times, at last: {}",
                            task + 1,
                            failure.message
                        );
                        return Err(Failure { message, ..failure });
                    }

                    let reruns = &self.dispatch.reruns;
                    let mut reruns = reruns.lock().unwrap_or_else(PoisonError::into_inner);
                    reruns.push(format!("a worker process was lost: {}", failure.message));
                }
            }
        }
    }

    fn attempt(&mut self, task: usize) -> Result<Piece, Lost> {
        let dispatch = self.dispatch;
        let child = match self.worker.take() {
            Some(child) => child,
            None => self.replacement()?,
        };
        let child = self.worker.insert(child);
        let id = dispatch.requests.fetch_add(1, Ordering::Relaxed);
        let index = dispatch.work.index(task);
        let request = Request::new(dispatch.spec, dispatch.action, id, index);

        let sent = Instant::now();
        let answer = child.call(&request, dispatch.terms.timeout)?;
        let answered = Instant::now();

        let timing = Timing {
            task,
            worker: self.place,
            sent,
            answered,
            took: answer.time(),
        };
        Ok(Piece { answer, timing })
    }

    /// A new worker in place of a lost one.
    fn replacement(&self) -> Result<Child, Lost> {
        let mut child = Child::start(
            self.place + 1,
            self.places,
            &[(STARTED_BY, self.dispatch.terms.mark)],
        )?;

        let killers = &self.dispatch.killers;
        let mut killers = killers.lock().unwrap_or_else(PoisonError::into_inner);
        // Abandoning the pass kills the workers that are listed here, and none that comes later.
        if self.dispatch.is_over.load(Ordering::Relaxed) {
            return Err(Lost::new("interrupted"));
        }
        killers[self.place] = Some(child.killer());
        drop(killers);

        // The stop flag need not be looked at: abandoning the pass kills the child.
        child.hello(None)?;
        Ok(child)
    }
}
