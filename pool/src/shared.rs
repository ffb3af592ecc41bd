//! What a pool's threads and handles share, and the decisions about who does something next: when a
//! runner starts, on which thread, and when the pool is at rest. This file must not look into a
//! task.

use std::mem;
use std::num::NonZeroUsize;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::admission::{Admission, Candidate};
use crate::blocked::BlockedTasks;
use crate::runnable::QueuedTask;
use crate::slots::{Slots, Snapshot};
use crate::span::Log;
use crate::submissions::Submissions;
use crate::sync::{Arc, CachePadded, Mutex, Queue, lock};
use crate::threads::Threads;
use crate::waiter::Waiter;

/// How many threads beyond the workers' blocked tasks may occupy before further ones are replaced
/// only when nobody is left to run. Without an end, a deep chain of waiting tasks would start a
/// thread for each.
const EXTRA_THREADS: u64 = 64;

/// Tells pools apart without holding on to one.
static POOLS: AtomicU64 = AtomicU64::new(0);

/// Everything that a pool's threads and handles share.
pub(crate) struct Shared {
    pub(crate) id: u64,
    /// None without a memory budget.
    pub(crate) admission: Option<Admission<QueuedTask>>,
    pub(crate) log: Log,
    /// Every submission writes these two, while runners read what is beside them.
    submissions: CachePadded<Submissions>,
    submitted: CachePadded<AtomicU64>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) queue: Queue<QueuedTask>,
    /// Whether each worker number is in use.
    numbers: Mutex<Vec<bool>>,
    /// Who waits for the pool to come to rest.
    rest_watchers: Mutex<Vec<Waiter>>,
    threads: Threads,
    /// The tasks that are blocked.
    pub(crate) blocked: BlockedTasks,
    /// Whether a runner was missing since one last ended on one of rayon's threads.
    is_starved: AtomicBool,
    /// What a thread does that is to be a runner; false if it cannot be one.
    run: fn(&Arc<Self>) -> bool,
    /// For the runners, which keep all this alive.
    this: Weak<Self>,
}

/// How much a pool may use.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// In bytes; None without a limit.
    pub(crate) memory_budget: Option<u64>,
    /// How many spans are kept at most.
    pub(crate) spans: usize,
}

impl Shared {
    /// A pool with a worker for each of `threads`, whose runners do `run`.
    pub(crate) fn new(limits: Limits, threads: Threads, run: fn(&Arc<Self>) -> bool) -> Arc<Self> {
        let workers = threads.count();
        let slots = Slots::new(workers as u64, workers as u64 + EXTRA_THREADS);

        Arc::new_cyclic(|this| Self {
            id: POOLS.fetch_add(1, Ordering::Relaxed),
            admission: limits.memory_budget.map(Admission::new),
            log: Log::new(workers, limits.spans),
            submissions: CachePadded(Submissions::new()),
            submitted: CachePadded::default(),
            slots: Arc::new(slots),
            queue: Queue::new(),
            numbers: Mutex::default(),
            rest_watchers: Mutex::default(),
            threads,
            blocked: BlockedTasks::default(),
            is_starved: AtomicBool::new(false),
            run,
            this: Weak::clone(this),
        })
    }

    /// The number of the next task, from 1; further ones follow it if `count` tasks come at once.
    pub(crate) fn next_number(&self, count: usize) -> u64 {
        self.submitted.0.fetch_add(count as u64, Ordering::Relaxed) + 1
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.submissions.0.is_closed()
    }

    /// Runs `submission`, which may push tasks, unless the pool is closed.
    pub(crate) fn enter<R>(&self, submission: impl FnOnce() -> R) -> Option<R> {
        let submitted = self.submissions.0.begin().then(submission);
        if self.submissions.0.end() {
            self.wake_rest_watchers();
        }
        submitted
    }

    /// Queues tasks that need no admission, and sees to it that they run.
    pub(crate) fn push(&self, tasks: impl Iterator<Item = QueuedTask>) {
        let pushed = tasks.map(|task| self.queue.push(task)).count();
        self.wake(pushed);
    }

    /// Lets a step of the admission push tasks to the queue, and sees to it that they run. The step
    /// returns how many it pushed.
    pub(crate) fn admit(
        &self,
        step: impl FnOnce(&Admission<QueuedTask>, &dyn Fn(QueuedTask)) -> usize,
    ) {
        if let Some(admission) = &self.admission {
            let pushed = step(admission, &|task| self.queue.push(task));
            self.wake(pushed);
        }
    }

    /// Starts a runner for each of `pushed` tasks while there are free slots.
    fn wake(&self, pushed: usize) {
        (0..pushed)
            .map_while(|_| self.slots.offer())
            .all(|now| self.start_runner(now));
    }

    /// Starts a runner, whose slot is already counted in `now`. False if there is no thread for it;
    /// then the slot is free again.
    fn start_runner(&self, now: Snapshot) -> bool {
        // Runners and blocked tasks occupy no more threads than that, so one of rayon's is idle.
        if now.threads() <= self.threads.count() as u64 {
            self.threads.reserve();
            self.start_on_rayon();
            return true;
        }
        if self.start_extra() {
            return true;
        }

        // A runner that ends on one of rayon's threads releases it and then looks whether runners
        // are missing. In the opposite order here, so that one of the two sees the other.
        self.is_starved.store(true, Ordering::SeqCst);
        if self.threads.reserve_idle() {
            self.start_on_rayon();
            return true;
        }
        self.abandon_start();
        false
    }

    /// Starts a runner that holds a slot on the thread of rayon's that was reserved for it.
    fn start_on_rayon(&self) {
        let (run, this) = (self.run, self.this.upgrade());
        self.threads.run(move || {
            let Some(shared) = this else { return };
            if run(&shared) {
                shared.threads.release();
                shared.start_missing();
            } else {
                // The thread is inside a task, which goes on with the queue once it has finished.
                if !shared.start_extra() {
                    shared.abandon_start();
                }
                shared.threads.release();
            }
        });
    }

    /// Starts the runners for which there was no thread.
    fn start_missing(&self) {
        if self.is_starved.load(Ordering::SeqCst) && self.is_starved.swap(false, Ordering::SeqCst) {
            while self.replace() {}
        }
    }

    /// Starts a runner that holds a slot on an extra thread. False if the system refuses one.
    fn start_extra(&self) -> bool {
        let (run, this) = (self.run, self.this.upgrade());
        self.threads.run_extra(move || {
            if let Some(shared) = this {
                run(&shared);
            }
        })
    }

    /// Gives the slot of a runner up for which there is no thread, and has a blocked task run what
    /// it waits for instead. If all are blocked and all that they wait for is held, one of those
    /// tasks starts over budget.
    fn abandon_start(&self) {
        let left = self.slots.abandon();
        // Tasks that came meanwhile relied on this runner.
        if self.threads.has_idle() && self.replace() {
            return;
        }

        let is_woken = self.blocked.ask(|task| task.may_start());
        if !is_woken
            && left.is_stuck()
            && let Some(admission) = &self.admission
        {
            let is_stuck = || self.slots.now().is_stuck();
            let push = |task| self.queue.push(task);
            self.blocked
                .ask(|task| admission.admit_over_budget(task.address(), is_stuck, push));
        }
        self.wake_rest_watchers();
    }

    /// Starts a runner if there are tasks and a free slot for it.
    pub(crate) fn replace(&self) -> bool {
        let now = self.slots.replace(|| !self.queue.is_empty());
        now.is_some_and(|now| self.start_runner(now))
    }

    /// Has somebody else go on while the caller, which gave its slot up, cannot.
    pub(crate) fn cover(&self) {
        let is_stuck = || self.slots.now().is_stuck() && self.queue.is_empty();
        if !self.replace() && is_stuck() {
            self.admit(|admission, push| admission.unstick(is_stuck, push));
        }
    }

    /// Has at most `workers` slots used, or as many as there are. True if that is fewer than
    /// before.
    pub(crate) fn limit(&self, workers: NonZeroUsize) -> bool {
        let has_fallen = self.slots.set_limit(workers.get() as u64);
        // Tasks may be waiting for a slot that was not there before.
        while self.replace() {}

        has_fallen
    }

    /// Refuses new tasks from now on.
    pub(crate) fn close(&self) {
        self.submissions.0.close();
    }

    /// Whether no task is held, queued or begun. It looks in the order in which tasks move.
    /// Submissions in progress count for a closed pool only, since an open one may get the next at
    /// any moment.
    pub(crate) fn is_at_rest(&self) -> bool {
        (!self.is_closed() || self.submissions.0.are_over())
            && self.admission.as_ref().is_none_or(Admission::is_empty)
            && self.queue.is_empty()
            && self.slots.now().threads() == 0
    }

    /// Has `waiter` woken whenever the pool may have come to rest, until
    /// [`dismiss_rest_watchers`](Self::dismiss_rest_watchers).
    pub(crate) fn watch_rest(&self, waiter: Waiter) {
        lock(&self.rest_watchers).push(waiter);
    }

    /// Has the threads that wait for the pool to come to rest look again.
    pub(crate) fn wake_rest_watchers(&self) {
        let watchers = lock(&self.rest_watchers);
        watchers.iter().cloned().for_each(Waiter::wake);
    }

    /// Has the threads that wait for the pool to come to rest look for the last time.
    pub(crate) fn dismiss_rest_watchers(&self) {
        let watchers = mem::take(&mut *lock(&self.rest_watchers));
        watchers.into_iter().for_each(Waiter::wake);
    }

    /// The lowest free worker number, taken.
    pub(crate) fn take_number(&self) -> usize {
        let mut numbers = lock(&self.numbers);
        let number = numbers
            .iter()
            .position(|is_taken| !is_taken)
            .unwrap_or(numbers.len());
        if number == numbers.len() {
            numbers.push(true);
        }
        numbers[number] = true;
        number
    }

    pub(crate) fn give_number_back(&self, number: usize) {
        lock(&self.numbers)[number] = false;
    }
}
