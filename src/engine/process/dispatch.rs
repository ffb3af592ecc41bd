//! One pass over a workload's tasks: a thread for each worker process sends it a request, waits for the answer and
//! sends the next one. A worker that is lost is replaced, and its task done again.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

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
        /// The number of tasks.
        count: usize,
    },
}

/// A piece of work that was done.
pub(super) struct Piece {
    pub(super) task: usize,
    /// The place of the worker that did it.
    pub(super) worker: usize,
    pub(super) answer: Answer,
    /// When the request was sent.
    sent: Instant,
    /// When its answer had come.
    answered: Instant,
}

/// The shared state of all threads of a pass.
pub(super) struct Dispatch<'a> {
    spec: &'a Spec,
    action: Action,
    work: Work,
    /// How long a worker may take for a request.
    timeout: Duration,
    /// The number of the next request.
    requests: &'a AtomicU64,
    /// Why tasks were done again, one entry for each time.
    reruns: Mutex<Vec<String>>,
    /// Set when the pass has failed: no worker takes another task.
    over: AtomicBool,
    /// What kills the workers that run now, by their place.
    killers: Mutex<Vec<Option<Killer>>>,
}

impl Work {
    /// `count` tasks, none of them taken.
    pub(super) fn tasks(count: usize) -> Self {
        Self::Tasks {
            next: AtomicUsize::new(0),
            count,
        }
    }
}

impl Piece {
    /// The time that the work itself took.
    pub(super) fn time(&self) -> Duration {
        let (Answer::Partial { seconds, .. } | Answer::Done { seconds, .. }) = self.answer else {
            return Duration::ZERO;
        };
        let limit = self.answered.duration_since(self.sent);

        // The worker's clock is not this program's.
        Duration::try_from_secs_f64(seconds)
            .unwrap_or_default()
            .min(limit)
    }
}

impl<'a> Dispatch<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        action: Action,
        work: Work,
        timeout: Duration,
        requests: &'a AtomicU64,
    ) -> Self {
        Self {
            spec,
            action,
            work,
            timeout,
            requests,
            reruns: Mutex::default(),
            over: AtomicBool::new(false),
            killers: Mutex::default(),
        }
    }

    /// Has the first `used` of `workers` do the work. The error is a line that says why not all of it was done; no worker
    /// is left with a task then.
    pub(super) fn run(
        &mut self,
        workers: &mut [Option<Child>],
        used: usize,
        stop: &Stop,
    ) -> Result<Vec<Piece>, String> {
        let running = |worker: &Option<Child>| worker.as_ref().map(Child::killer);
        self.killers = Mutex::new(workers.iter().map(running).collect());
        let dispatch = &*self;
        let places = workers.len();

        thread::scope(|scope| {
            let (send, results) = channel();
            let mut refused = None;
            for (place, worker) in workers.iter_mut().take(used).enumerate() {
                let send = send.clone();
                let mut hand = Hand {
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
                        if send.send(hand.done(task)).is_err() {
                            break;
                        }
                    }
                });
                if let Err(error) = started {
                    refused = Some(error.to_string());
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
        results: &Receiver<Result<Piece, String>>,
        stop: &Stop,
    ) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        let mut failure = None;

        loop {
            match results.recv_timeout(LOOK) {
                Ok(Ok(piece)) => pieces.push(piece),
                Ok(Err(error)) => {
                    failure.get_or_insert(error);
                    self.over.store(true, Ordering::Relaxed);
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
        if self.over.load(Ordering::Relaxed) {
            return None;
        }

        match &self.work {
            Work::OnEach => (turn == 0).then_some(0),
            Work::Tasks { next, count } => {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| task < count)
            }
        }
    }

    /// Ends the pass: no task is begun, and those under way end with their workers.
    fn abandon(&self) {
        let mut killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
        self.over.store(true, Ordering::Relaxed);

        for killer in killers.iter_mut().filter_map(Option::take) {
            killer.kill();
        }
    }
}

/// One thread of a pass, with the worker that it sends requests to.
struct Hand<'a> {
    dispatch: &'a Dispatch<'a>,
    /// The worker's place, from 0, of `places`.
    place: usize,
    places: usize,
    worker: &'a mut Option<Child>,
}

impl Hand<'_> {
    /// Does `task`, on a new worker where this one is lost.
    fn done(&mut self, task: usize) -> Result<Piece, String> {
        let mut lost = 0;
        loop {
            match self.attempt(task) {
                Ok(Piece {
                    answer: Answer::Failed { error, .. },
                    ..
                }) => return Err(error),
                Ok(piece) => return Ok(piece),
                Err(Lost(why)) => {
                    *self.worker = None;
                    lost += 1;
                    if lost > RETRIES || self.dispatch.over.load(Ordering::Relaxed) {
                        return Err(format!(
                            "task {} was lost {lost} times, at last: {why}",
                            task + 1
                        ));
                    }

                    let reruns = &self.dispatch.reruns;
                    let mut reruns = reruns.lock().unwrap_or_else(PoisonError::into_inner);
                    reruns.push(format!("a worker process was lost: {why}"));
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
        let request = Request::new(dispatch.spec, dispatch.action, id, task);

        let sent = Instant::now();
        let answer = child.call(&request, dispatch.timeout)?;
        Ok(Piece {
            task,
            worker: self.place,
            answer,
            sent,
            answered: Instant::now(),
        })
    }

    /// A new worker in place of a lost one.
    fn replacement(&self) -> Result<Child, Lost> {
        let mut child = Child::start(self.place + 1, self.places)?;

        let killers = &self.dispatch.killers;
        let mut killers = killers.lock().unwrap_or_else(PoisonError::into_inner);
        // Abandoning the pass kills the workers that are listed here, and none that comes later.
        if self.dispatch.over.load(Ordering::Relaxed) {
            return Err(Lost("interrupted".to_owned()));
        }
        killers[self.place] = Some(child.killer());
        drop(killers);

        // The stop flag need not be looked at: abandoning the pass kills the child.
        child.hello(None)?;
        Ok(child)
    }
}
