//! A system that refuses further threads: tasks that wait must go on all the same.

use std::io;
use std::mem;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::threads::{Body, spawn};

/// A failure is a task that waits forever; it becomes an error after this time.
const PATIENCE: Duration = Duration::from_mins(1);

fn refuse(_thread: thread::Builder, _body: Body) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::WouldBlock))
}

/// Starts one thread, and no more.
fn start_one(is_used: &AtomicBool, thread: thread::Builder, body: Body) -> io::Result<()> {
    if is_used.swap(true, Ordering::SeqCst) {
        return refuse(thread, body);
    }
    spawn(thread, body)
}

/// A pool that a failed test does not drop: that would wait for tasks that wait forever.
struct Leaky(Option<TaskPool>);

impl Leaky {
    fn new(builder: Builder) -> Self {
        Self(Some(builder.build().unwrap()))
    }
}

impl Deref for Leaky {
    type Target = TaskPool;

    fn deref(&self) -> &TaskPool {
        self.0.as_ref().unwrap()
    }
}

impl Drop for Leaky {
    fn drop(&mut self) {
        let pool = self.0.take();
        if thread::panicking() {
            mem::forget(pool);
        }
    }
}

fn fetch<T>(task: ObjectRef<T>) -> Result<T, TaskError> {
    task.get_timeout(PATIENCE)
        .expect("the task should not wait forever")
}

#[test]
fn a_task_that_waits_for_several_runs_them_itself() {
    for workers in [1, 2, 3] {
        let pool = Leaky::new(builder(workers).spawn(refuse));
        let handle = pool.handle();
        let task = pool.submit(move || {
            let mut refs: Vec<_> = (0..20).map(|i| handle.submit(move || i).unwrap()).collect();
            let mut sum = 0;
            while !refs.is_empty() {
                let (ready, pending) = wait(refs, 3, None);
                sum += get_all(ready).unwrap().into_iter().sum::<i32>();
                refs = pending;
            }
            sum
        });

        assert_eq!(fetch(task.unwrap()), Ok(190));
    }
}

#[test]
fn a_chain_of_tasks_that_wait_without_running_anything_ends() {
    fn depth(handle: &Handle, left: u32) -> u32 {
        if left == 0 {
            return 0;
        }
        let inner = handle.clone();
        let task = handle.submit(move || depth(&inner, left - 1)).unwrap();
        let (mut ready, _) = wait(vec![task], 1, None);
        ready.pop().unwrap().get().unwrap() + 1
    }

    for workers in [1, 3] {
        let pool = Leaky::new(builder(workers).spawn(refuse));
        let handle = pool.handle();
        let task = pool.submit(move || depth(&handle, 200)).unwrap();

        assert_eq!(fetch(task), Ok(200));
    }
}

/// The thread that is refused is the replacement of a task that cannot help itself: it waits for
/// the one that can.
#[test]
fn a_task_that_sleeps_already_is_asked_to_run_what_it_waits_for() {
    fn one_thread(thread: thread::Builder, body: Body) -> io::Result<()> {
        static IS_USED: AtomicBool = AtomicBool::new(false);
        start_one(&IS_USED, thread, body)
    }

    let pool = Leaky::new(builder(1).spawn(one_thread));
    let handle = pool.handle();
    let (started_in, started) = channel();
    let (go_on, queued) = channel();
    let sleeps = pool.submit(move || {
        started_in.send(()).unwrap();
        queued.recv().unwrap();
        let (mut ready, _) = wait(vec![handle.submit(|| 7).unwrap()], 1, None);
        ready.pop().unwrap().get().unwrap()
    });
    started.recv().unwrap();

    // It is in the queue before the task that the sleeping one waits for, and waits for the
    // sleeping one.
    let sleeps = sleeps.unwrap();
    let waits = pool.submit(move || sleeps.get().unwrap() + 1).unwrap();
    go_on.send(()).unwrap();

    assert_eq!(fetch(waits), Ok(8));
}

#[test]
fn a_task_that_waits_for_a_held_one_runs_it_over_budget() {
    fn depth(handle: &Handle, left: u32) -> u32 {
        if left == 0 {
            return 0;
        }
        // Nobody waits for this one, and there is no thread for it.
        drop(handle.submit(|| ()).unwrap());

        let inner = handle.clone();
        let held = handle.task("held").bytes(80);
        let held = held.submit(move || depth(&inner, left - 1)).unwrap();
        held.get().unwrap() + 1
    }

    for workers in [1, 2, 3] {
        let pool = Leaky::new(builder(workers).memory_budget(100).spawn(refuse));
        let handle = pool.handle();
        let outer = pool.task("outer").bytes(80);
        let outer = outer.submit(move || depth(&handle, 50)).unwrap();

        assert_eq!(fetch(outer), Ok(50));

        // All is given back.
        let full = pool.task("full").bytes(100).submit(|| 1).unwrap();

        assert_eq!(fetch(full), Ok(1));
    }
}

#[test]
fn a_timeout_holds_without_a_further_thread() {
    let pool = Leaky::new(builder(1).spawn(refuse));
    let handle = pool.handle();
    let task = pool.submit(move || {
        let inner = handle.submit(|| 3).unwrap();
        let inner = inner.get_timeout(Duration::from_micros(50)).unwrap_err();
        inner.get().unwrap()
    });

    assert_eq!(fetch(task.unwrap()), Ok(3));
}

/// One extra thread is started; then a task on it blocks, and the pool's own thread is idle.
#[test]
fn an_idle_thread_takes_the_place_of_a_refused_one() {
    fn one_thread(thread: thread::Builder, body: Body) -> io::Result<()> {
        static IS_USED: AtomicBool = AtomicBool::new(false);
        start_one(&IS_USED, thread, body)
    }

    let other = pool(2);
    let first = Blocked::start(other.task("first"));
    let second = Blocked::start(other.task("second"));
    let pool = Leaky::new(builder(1).spawn(one_thread));

    // Blocks on the pool's own thread, so the next one starts on the extra thread.
    let (first_task, second_task) = (first.task, second.task);
    let own_task = pool.submit(move || first_task.get().unwrap()).unwrap();
    let (started_in, started) = channel();
    let extra = pool.submit(move || {
        started_in.send(()).unwrap();
        second_task.get().unwrap()
    });
    started.recv().unwrap();
    first.go_on.send(1).unwrap();

    assert_eq!(fetch(own_task), Ok(1));

    let last = pool.submit(|| 3).unwrap();

    assert_eq!(fetch(last), Ok(3));

    second.go_on.send(2).unwrap();

    assert_eq!(fetch(extra.unwrap()), Ok(2));
}

#[test]
fn a_tree_of_tasks_finishes_without_a_further_thread() {
    fn fib(handle: &Handle, n: u64) -> u64 {
        if n < 2 {
            return n;
        }
        let (left, right) = (handle.clone(), handle.clone());
        let right = handle.submit(move || fib(&right, n - 2)).unwrap();
        let left = handle
            .task("left")
            .bytes(n)
            .submit(move || fib(&left, n - 1));
        let (ready, pending) = wait(vec![left.unwrap(), right], 1, None);
        let results = get_all(ready.into_iter().chain(pending)).unwrap();
        results.into_iter().sum()
    }

    for workers in [1, 2, 5] {
        for _ in 0..20 {
            let pool = Leaky::new(builder(workers).memory_budget(12).spawn(refuse));
            let handle = pool.handle();
            let task = pool.submit(move || fib(&handle, 11)).unwrap();

            assert_eq!(fetch(task), Ok(89));
        }
    }
}
