//! Explores the interleavings of the pool's own protocols: slots against the queue, a cell from
//! submission to result, and the sleep of a waiting task.
//!
//! It compiles the pool's very files, by their path, beside a `sync` module of loom's types. What
//! the runner does between two steps of those protocols is written out again here, as plainly as
//! possible.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds nothing to unwrap should fail"
)]

#[path = "../src/blocked.rs"]
mod blocked;
#[allow(dead_code, reason = "loom explores the protocols, not every accessor")]
#[path = "../src/cell.rs"]
mod cell;
#[allow(dead_code, reason = "loom explores the protocols, not every accessor")]
#[path = "../src/slots.rs"]
mod slots;
#[path = "../src/submissions.rs"]
mod submissions;
#[path = "../src/waiter.rs"]
mod waiter;

/// What `src/sync.rs` is in the library.
mod sync {
    pub(crate) use loom::{
        sync::{
            Arc, Mutex, MutexGuard,
            atomic::{AtomicBool, AtomicU64, Ordering, fence},
        },
        thread::{Thread, current, park},
    };

    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap()
    }
}

/// What `src/runnable.rs` is in the library.
mod runnable {
    pub(crate) type QueuedTask = crate::Task;
}

use std::collections::VecDeque;

use loom::thread;

use blocked::{BlockedTasks, TaskList};
use cell::Cell;
use slots::{Slots, Wait};
use submissions::Submissions;
use sync::{Arc, AtomicU64, Mutex, Ordering, current, lock, park};
use waiter::{Sleeper, Waiter};

/// A task is a cell whose outcome is twice its code.
type Task = Arc<Cell<u64, Result<u64, ()>>>;

fn task(code: u64) -> Task {
    Arc::new(Cell::ready(code))
}

fn run(task: &Task) {
    if let Some(code) = task.claim() {
        task.complete(Ok(2 * code));
    }
}

/// A queue that promises as little as it may: a look from outside may be out of date, and orders
/// nothing.
#[derive(Default)]
struct Queue {
    tasks: Mutex<VecDeque<Task>>,
    pushed: AtomicU64,
    popped: AtomicU64,
}

impl Queue {
    fn push(&self, task: Task) {
        lock(&self.tasks).push_back(task);
        self.pushed.fetch_add(1, Ordering::Release);
    }

    fn pop(&self) -> Option<Task> {
        if self.is_empty() {
            return None;
        }
        let task = lock(&self.tasks).pop_front();
        self.popped
            .fetch_add(u64::from(task.is_some()), Ordering::Release);
        task
    }

    fn len(&self) -> u64 {
        let popped = self.popped.load(Ordering::Acquire);
        self.pushed.load(Ordering::Acquire).saturating_sub(popped)
    }

    fn is_empty(&self) -> bool {
        self.popped.load(Ordering::Acquire) == self.pushed.load(Ordering::Acquire)
    }
}

struct Pool {
    submissions: Submissions,
    slots: Arc<Slots>,
    queue: Queue,
    rest_watchers: Mutex<Vec<Waiter>>,
    blocked: BlockedTasks,
}

impl Pool {
    fn new(workers: u64) -> Arc<Self> {
        Arc::new(Self {
            submissions: Submissions::new(),
            slots: Arc::new(Slots::new(workers, 4)),
            queue: Queue::default(),
            rest_watchers: Mutex::new(vec![]),
            blocked: BlockedTasks::default(),
        })
    }

    /// A pool whose only slot the calling thread holds, as if it were a runner.
    fn with_runner() -> Arc<Self> {
        let pool = Self::new(1);

        assert!(pool.slots.offer().is_some());

        pool
    }

    /// Pushes tasks; the calling thread plays the runners that have to be started.
    fn submit(&self, tasks: &[&Task]) {
        for task in tasks {
            self.queue.push(Arc::clone(task));
        }
        for _ in tasks {
            if self.slots.offer().is_none() {
                break;
            }
            self.work();
        }
    }

    /// Loom cannot spin, so the look-out finds a task at once or not at all.
    fn seek(&self) -> Option<Task> {
        if !self.slots.start_seeking() {
            return None;
        }
        self.slots.stop_seeking();
        let task = self.queue.pop()?;
        for _ in 0..self.queue.len() {
            if self.slots.replace(|| !self.queue.is_empty()).is_none() {
                break;
            }
            self.work();
        }
        Some(task)
    }

    fn work(&self) {
        if self.slots.retire_at_start() {
            return;
        }
        loop {
            while let Some(task) = self.queue.pop().or_else(|| self.seek()) {
                run(&task);
                if self.slots.has_surplus() && self.slots.retire() {
                    return;
                }
            }
            if self.slots.leave(|| !self.queue.is_empty()).is_some() {
                return self.wake_rest_watchers();
            }
        }
    }

    fn wake_rest_watchers(&self) {
        lock(&self.rest_watchers)
            .iter()
            .cloned()
            .for_each(Waiter::wake);
    }

    /// Waits inside a task, like `Worker::sleep`.
    fn sleep(pool: &Arc<Self>, task: &Task) {
        let sleeper = Arc::new(Sleeper::new(Arc::clone(&pool.slots), Wait::Inside));
        task.watch(Waiter::Sleeper(Arc::clone(&sleeper)));
        while !task.is_done() {
            if sleeper.release_slot() {
                if pool.slots.replace(|| !pool.queue.is_empty()).is_some() {
                    let pool = Arc::clone(pool);
                    thread::spawn(move || pool.work());
                }
                park();
                sleeper.regain_slot();
            }
        }
    }

    /// Gives the slot of a runner up for which the system refuses a thread.
    fn abandon_start(&self) {
        self.slots.abandon();
        self.blocked.ask(|task| task.may_start());
    }

    /// Waits inside a task, like `Worker::sleep`, while the system refuses threads.
    fn sleep_without_threads(&self, task: &Task) {
        let sleeper = Arc::new(Sleeper::new(Arc::clone(&self.slots), Wait::Inside));
        task.watch(Waiter::Sleeper(Arc::clone(&sleeper)));
        let awaited = TaskList::from([Arc::clone(task)]);

        while !task.is_done() {
            self.blocked.add(&sleeper, &awaited);
            if sleeper.release_slot() {
                if self.slots.replace(|| !self.queue.is_empty()).is_some() {
                    self.abandon_start();
                }
                // Loom's token of a thread does not survive that the thread waits for a lock.
                if sleeper.is_asleep() {
                    park();
                }
                sleeper.regain_slot();
            }
            if !self.blocked.remove(&sleeper) {
                run(task);
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        (!self.submissions.is_closed() || self.submissions.are_over())
            && self.queue.is_empty()
            && self.slots.now().threads() == 0
    }
}

fn get(task: &Task) -> u64 {
    if task.watch(Waiter::Thread(current())) {
        while !task.is_done() {
            park();
        }
    }
    task.take().unwrap().unwrap()
}

fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

#[test]
fn a_task_pushed_while_the_runner_leaves_is_run() {
    explore(4, || {
        let pool = Pool::with_runner();
        let runner = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.work()
        });
        let first = task(1);
        pool.submit(&[&first]);
        runner.join().unwrap();

        assert!(first.is_done());
        assert!(pool.is_at_rest());
    });
}

#[test]
fn a_batch_pushed_while_the_runner_leaves_is_run() {
    explore(3, || {
        let pool = Pool::with_runner();
        let runner = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.work()
        });
        let tasks = [task(1), task(2)];
        pool.submit(&tasks.each_ref());
        runner.join().unwrap();

        assert!(tasks.iter().all(|task| task.is_done()));
        assert!(pool.is_at_rest());
    });
}

#[test]
fn two_submitters_leave_no_task_behind() {
    explore(2, || {
        let pool = Pool::with_runner();
        let tasks = [task(1), task(2)];
        let threads = tasks.clone().map(|task| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.submit(&[&task]))
        });
        pool.work();
        for thread in threads {
            thread.join().unwrap();
        }

        assert!(tasks.iter().all(|task| task.is_done()));
        assert!(pool.is_at_rest());
    });
}

#[test]
fn one_runner_runs_a_task_and_the_waiter_wakes() {
    explore(3, || {
        let task = task(21);
        let runners = [(); 2].map(|()| {
            let task = Arc::clone(&task);
            thread::spawn(move || run(&task))
        });

        assert_eq!(get(&task), 42);

        for runner in runners {
            runner.join().unwrap();
        }
    });
}

#[test]
fn a_task_is_either_run_or_cancelled() {
    explore(4, || {
        let task = task(21);
        let runner = thread::spawn({
            let task = Arc::clone(&task);
            move || run(&task)
        });
        let other = thread::spawn({
            let task = Arc::clone(&task);
            move || task.cancel(Err(())).is_some()
        });
        runner.join().unwrap();
        let cancelled = other.join().unwrap();

        assert_eq!(task.take(), Some(if cancelled { Err(()) } else { Ok(42) }));
    });
}

#[test]
fn a_held_task_is_either_admitted_or_cancelled() {
    explore(4, || {
        let task: Task = Arc::new(Cell::held(21));

        assert!(task.claim().is_none());

        let other = thread::spawn({
            let task = Arc::clone(&task);
            move || {
                let admitted = task.admit();
                run(&task);
                admitted
            }
        });
        let cancelled = task.cancel(Err(()));
        let admitted = other.join().unwrap();
        match cancelled {
            Some(cancelled) => assert_eq!(cancelled.was_held, !admitted),
            None => assert_eq!(task.take(), Some(Ok(42))),
        }
    });
}

#[test]
fn a_task_that_waits_lets_another_be_run_and_wakes() {
    explore(3, || {
        let pool = Pool::with_runner();
        let awaited = task(21);
        let submitter = thread::spawn({
            let (pool, awaited) = (Arc::clone(&pool), Arc::clone(&awaited));
            move || pool.submit(&[&awaited])
        });
        Pool::sleep(&pool, &awaited);

        assert_eq!(awaited.take(), Some(Ok(42)));

        pool.work();
        submitter.join().unwrap();
    });
}

/// One thread admits the task that is waited for, another one submits a task that nobody can run.
#[test]
fn a_task_that_waits_runs_the_task_itself_if_threads_are_refused() {
    explore(3, || {
        let pool = Pool::with_runner();
        let awaited: Task = Arc::new(Cell::held(21));
        let submit = |pool: &Pool, task: &Task| {
            pool.queue.push(Arc::clone(task));
            if pool.slots.offer().is_some() {
                pool.abandon_start();
            }
        };
        let admits = thread::spawn({
            let (pool, awaited) = (Arc::clone(&pool), Arc::clone(&awaited));
            move || {
                assert!(awaited.admit());

                submit(&pool, &awaited);
            }
        });
        let submits = thread::spawn({
            let pool = Arc::clone(&pool);
            move || submit(&pool, &task(1))
        });

        pool.sleep_without_threads(&awaited);

        assert_eq!(awaited.take(), Some(Ok(42)));

        admits.join().unwrap();
        submits.join().unwrap();

        assert_eq!(pool.slots.now().threads(), 1);
    });
}

#[test]
fn a_task_that_can_go_on_is_counted_as_active() {
    explore(4, || {
        // Two tasks run; the first waits for the second.
        let pool = Pool::new(2);

        assert!(pool.slots.offer().is_some() && pool.slots.offer().is_some());

        let awaited = task(21);
        let runner = thread::spawn({
            let (pool, awaited) = (Arc::clone(&pool), Arc::clone(&awaited));
            move || {
                run(&awaited);
                let left = pool.slots.leave(|| !pool.queue.is_empty());

                assert!(
                    left.is_some_and(|left| !left.is_stuck()),
                    "the first can go on"
                );
            }
        });
        Pool::sleep(&pool, &awaited);
        runner.join().unwrap();

        assert_eq!(pool.slots.now().threads(), 1);
        assert!(pool.slots.leave(|| false).is_some());
    });
}

#[test]
fn shutdown_sees_every_task_that_was_accepted() {
    explore(3, || {
        let pool = Pool::new(1);
        let late = task(21);
        let submitter = thread::spawn({
            let (pool, late) = (Arc::clone(&pool), Arc::clone(&late));
            move || {
                let accepted = pool.submissions.begin();
                if accepted {
                    pool.submit(&[&late]);
                }
                if pool.submissions.end() {
                    pool.wake_rest_watchers();
                }
                accepted
            }
        });
        let closer = thread::spawn(move || {
            pool.submissions.close();
            lock(&pool.rest_watchers).push(Waiter::Thread(current()));
            while !pool.is_at_rest() {
                park();
            }
            late.is_done()
        });
        let accepted = submitter.join().unwrap();
        let done = closer.join().unwrap();

        assert_eq!(done, accepted);
    });
}

#[test]
fn a_limit_waits_for_every_task_that_was_submitted() {
    explore(3, || {
        let pool = Pool::with_runner();
        let early = task(21);
        pool.queue.push(Arc::clone(&early));
        let runner = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.work()
        });

        let limits = thread::spawn(move || {
            pool.slots.set_limit(1);
            lock(&pool.rest_watchers).push(Waiter::Thread(current()));
            while !pool.is_at_rest() {
                park();
            }
            early.is_done()
        });

        runner.join().unwrap();
        assert!(limits.join().unwrap());
    });
}

/// One start read the limit before it fell, and takes its slot after the pool was seen at rest.
#[test]
fn a_late_start_respects_a_limit_that_has_fallen() {
    explore(4, || {
        let slots = Arc::new(Slots::new(2, 4));
        let starts = |slots: &Slots| slots.offer().is_some() && !slots.retire_at_start();
        let late = thread::spawn({
            let slots = Arc::clone(&slots);
            move || starts(&slots)
        });

        slots.set_limit(1);
        let was_at_rest = slots.now().threads() == 0;
        let this_runs = starts(&slots);
        let other_runs = late.join().unwrap();

        assert!(this_runs || other_runs);
        assert!(!was_at_rest || !this_runs || !other_runs);
    });
}
