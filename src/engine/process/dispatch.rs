//! One pass over a workload's tasks: a thread for each worker process sends it a request, waits for
//! the answer and sends the next one. A worker that is lost is replaced, and its task done again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::caller::Caller;
use super::piece::Piece;
use super::shared::{Dispatch, Work};
use super::terms::{ENDING, Terms};
use crate::failure::Failure;
use crate::peer::Killer;
use crate::results::LostWorker;
use crate::stop::Stop;
use crate::threads;
use crate::worker::{Action, Child};
use crate::workload::Spec;

/// How often a wait for workers looks at the stop flag.
const LOOK: Duration = Duration::from_millis(20);

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
            began: Instant::now(),
            lost: Mutex::default(),
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
                let mut caller = Caller::new(dispatch, place, places, worker);
                let started = threads::start_scoped(scope, place + 1, used, move || {
                    // Once for all of them: a message for each would wake the thread that collects.
                    send.send(caller.all()).ok();
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

    /// The workers that were lost and whose tasks were done again.
    pub(super) fn into_lost(self) -> Vec<LostWorker> {
        self.lost
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for what the threads have to report, until all of them have ended.
    fn collect(
        &self,
        results: &Receiver<Result<Vec<Piece>, Failure>>,
        stop: &Stop,
    ) -> Result<Vec<Piece>, Failure> {
        let mut pieces = Vec::new();
        let mut failure = None;
        // When workers that were asked to end are killed.
        let mut deadline = None;

        loop {
            match results.recv_timeout(LOOK) {
                Ok(Ok(done)) => pieces.extend(done),
                Ok(Err(error)) => {
                    failure.get_or_insert(error);
                    self.is_over.store(true, Ordering::Relaxed);
                    if self.terms.are_programs {
                        deadline.get_or_insert_with(|| self.ask_to_end());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if stop.signal().is_some() {
                if self.terms.are_programs {
                    deadline.get_or_insert_with(|| self.ask_to_end());
                } else {
                    self.abandon();
                }
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.abandon();
            }
        }

        failure.map_or(Ok(pieces), Err)
    }

    /// Has the workers end the programs that they run, and begin no other. Returns when those are
    /// killed that have not done so.
    fn ask_to_end(&self) -> Instant {
        let killers = self.killers.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_over.store(true, Ordering::Relaxed);

        killers.iter().flatten().for_each(Killer::terminate);
        Instant::now() + ENDING
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
