//! What a pool's threads and handles share, and the decisions about who does something next: when a runner
//! starts, on which thread, and when the pool is at rest. This file must not look into a task.

use super::{
    door::Door,
    gate::Gate,
    runner::{block, run, worker},
    slots::{Slots, Snapshot},
    span::Log,
    sync::{Apart, Arc, Mutex, Queue, lock},
    task::Runnable,
    waiter::Waiter,
};
use std::{
    mem,
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

/// A task in the queue or at the gate.
pub(super) type Entry = Arc<dyn Runnable>;

/// How many threads beyond the workers' blocked tasks may occupy before further ones are replaced only
/// when nobody is left to run. Without an end, a deep chain of waiting tasks would start a thread for each.
const EXTRA_THREADS: u64 = 64;

/// Tells pools apart without holding on to one.
static POOLS: AtomicU64 = AtomicU64::new(0);

/// Everything that a pool's threads and handles share.
pub(super) struct Shared {
    pub(super) id: u64,
    pub(super) gate: Option<Gate<Entry>>,
    pub(super) log: Log,
    /// Every submission writes these two, while runners read what is beside them.
    door: Apart<Door>,
    submitted: Apart<AtomicU64>,
    pub(super) slots: Arc<Slots>,
    pub(super) queue: Queue<Entry>,
    /// When the pool was built, from which the times of spans count.
    pub(super) start: Instant,
    /// Whether each slot number is in use.
    lanes: Mutex<Vec<bool>>,
    /// Who waits for the pool to come to rest.
    rest_watchers: Mutex<Vec<Waiter>>,
    threads: Threads,
}

/// Where runners run.
pub(super) struct Threads {
    pub(super) rayon: rayon::ThreadPool,
    /// For threads beyond those of rayon.
    pub(super) prefix: String,
    pub(super) stack_size: usize,
}

impl Shared {
    pub(super) fn new(
        workers: usize,
        budget: Option<u64>,
        span_limit: usize,
        threads: Threads,
    ) -> Self {
        let most_threads = threads.rayon.current_num_threads() as u64 + EXTRA_THREADS;
        Self {
            id: POOLS.fetch_add(1, Ordering::Relaxed),
            gate: budget.map(Gate::new),
            log: Log::new(workers, span_limit),
            door: Apart(Door::new()),
            submitted: Apart::default(),
            slots: Arc::new(Slots::new(workers as u64, most_threads)),
            queue: Queue::new(),
            start: Instant::now(),
            lanes: Mutex::default(),
            rest_watchers: Mutex::default(),
            threads,
        }
    }

    /// The nanoseconds since the pool's start, which overflow after 584 years.
    pub(super) fn now(&self) -> u64 {
        let passed = self.start.elapsed();
        passed.as_secs() * 1_000_000_000 + u64::from(passed.subsec_nanos())
    }

    /// The number of the next task, from 1; further ones follow it if `count` tasks come at once.
    pub(super) fn next_number(&self, count: usize) -> u64 {
        self.submitted.0.fetch_add(count as u64, Ordering::Relaxed) + 1
    }

    pub(super) fn is_closed(&self) -> bool {
        self.door.0.is_closed()
    }

    /// Runs `submission`, which may push tasks, unless the pool is closed.
    pub(super) fn enter<R>(&self, submission: impl FnOnce() -> R) -> Option<R> {
        let submitted = self.door.0.enter().then(submission);
        if self.door.0.exit() {
            self.wake_rest_watchers();
        }
        submitted
    }

    /// Queues tasks that need no admission, and sees to it that they run.
    pub(super) fn push(self: &Arc<Self>, tasks: impl Iterator<Item = Entry>) {
        let pushed = tasks.map(|task| self.queue.push(task)).count();
        self.wake(pushed);
    }

    /// Lets the gate push tasks to the queue, and sees to it that they run.
    pub(super) fn at_gate(
        self: &Arc<Self>,
        step: impl FnOnce(&Gate<Entry>, &dyn Fn(Entry)) -> usize,
    ) {
        if let Some(gate) = &self.gate {
            let pushed = step(gate, &|task| self.queue.push(task));
            self.wake(pushed);
        }
    }

    /// Starts a runner for each of `pushed` tasks while there are free slots.
    fn wake(self: &Arc<Self>, pushed: usize) {
        for now in (0..pushed).map_while(|_| self.slots.offer()) {
            self.start_runner(now);
        }
    }

    /// Starts a runner, whose slot is already counted in `now`.
    fn start_runner(self: &Arc<Self>, now: Snapshot) {
        if now.threads() > self.threads.rayon.current_num_threads() as u64 {
            return self.start_apart();
        }
        self.start_on_rayon();
    }

    /// Starts a runner that holds a slot on a thread of its own.
    pub(super) fn start_apart(self: &Arc<Self>) {
        let name = format!("{}-extra", self.threads.prefix);
        let thread = thread::Builder::new()
            .name(name)
            .stack_size(self.threads.stack_size);
        let runner = Arc::clone(self);

        if thread.spawn(move || run(runner)).is_err() {
            // Without another thread, the runner starts when one of rayon's comes free.
            thread::yield_now();
            self.start_on_rayon();
        }
    }

    fn start_on_rayon(self: &Arc<Self>) {
        let runner = Arc::clone(self);
        self.threads.rayon.spawn(move || run(runner));
    }

    /// Starts a runner if there are tasks and a free slot for it.
    pub(super) fn replace(self: &Arc<Self>) -> bool {
        let now = self.slots.replace(|| !self.queue.is_empty());
        now.is_some_and(|now| {
            self.start_runner(now);
            true
        })
    }

    /// Has somebody else go on while the caller, which gave its slot up, cannot.
    pub(super) fn cover(self: &Arc<Self>) {
        let is_stuck = || self.slots.now().is_stuck() && self.queue.is_empty();
        if !self.replace() && is_stuck() {
            self.at_gate(|gate, push| gate.unstick(is_stuck, push));
        }
    }

    /// Has at most `workers` slots used, or as many as there are. Where that is more than before, tasks may be waiting
    /// for one.
    pub(super) fn limit(self: &Arc<Self>, workers: NonZeroUsize) {
        self.slots.set_limit(workers.get() as u64);
        while self.replace() {}
    }

    /// Refuses new tasks from now on.
    pub(super) fn close(&self) {
        self.door.0.close();
    }

    /// Blocks until every task has finished. Returns at once inside one of the pool's tasks, which could not
    /// finish otherwise.
    pub(super) fn wait_for_rest(&self) {
        if worker().is_none_or(|worker| worker.shared.id != self.id) {
            let watch = |waiter| lock(&self.rest_watchers).push(waiter);
            block(&|_| false, None, watch, || self.is_at_rest());

            // All of them look once more. Several threads wait for a closed pool only, which stays at rest.
            mem::take(&mut *lock(&self.rest_watchers))
                .into_iter()
                .for_each(Waiter::wake);
        }
    }

    /// Whether no task is held, queued or begun. It looks in the order in which tasks move. Submissions that are
    /// under way count for a closed pool only, since an open one may get the next at any moment.
    fn is_at_rest(&self) -> bool {
        (!self.is_closed() || self.door.0.is_idle())
            && self.gate.as_ref().is_none_or(Gate::is_empty)
            && self.queue.is_empty()
            && self.slots.now().threads() == 0
    }

    /// Has the threads that wait for the pool to come to rest look again. They stay registered until it is.
    pub(super) fn wake_rest_watchers(&self) {
        lock(&self.rest_watchers)
            .iter()
            .cloned()
            .for_each(Waiter::wake);
    }

    /// The lowest free slot number, taken.
    pub(super) fn take_lane(&self) -> usize {
        let mut lanes = lock(&self.lanes);
        let lane = lanes.iter().position(|taken| !taken).unwrap_or(lanes.len());
        if lane == lanes.len() {
            lanes.push(true);
        }
        lanes[lane] = true;
        lane
    }

    pub(super) fn give_lane(&self, lane: usize) {
        lock(&self.lanes)[lane] = false;
    }
}
