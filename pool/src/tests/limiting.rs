//! Fewer tasks at once than the pool was built for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use super::*;

fn limit(pool: &mut TaskPool, workers: usize) {
    pool.limit(NonZeroUsize::new(workers).unwrap());
}

/// How many tasks run, and how many did at most.
#[derive(Default)]
struct Gauge {
    running: AtomicU32,
    most: AtomicU32,
}

impl Gauge {
    fn enter(&self) {
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn exit(&self) {
        self.running.fetch_sub(1, Ordering::SeqCst);
    }

    fn pass(&self) {
        self.enter();
        std::thread::yield_now();
        self.exit();
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst).try_into().unwrap()
    }
}

#[test]
fn at_most_as_many_tasks_run_at_once_as_the_limit_says() {
    let mut pool = pool(4);
    for workers in [1, 2, 4, 3, 1, 2, 1, 4].into_iter().cycle().take(200) {
        limit(&mut pool, workers);
        let gauge = Arc::new(Gauge::default());

        let refs = pool.submit_all((0..20).map(|_| {
            let gauge = Arc::clone(&gauge);
            move || gauge.pass()
        }));
        get_all(refs.unwrap()).unwrap();

        assert!(gauge.most() <= workers, "{} of {workers}", gauge.most());

        let spans = pool.take_spans().kept;

        assert!(spans.iter().all(|span| span.worker < workers));
    }
}

#[test]
fn as_many_tasks_run_at_once_as_the_limit_says() {
    let mut pool = pool(4);
    for workers in [1, 3, 2, 4, 1, 4].into_iter().cycle().take(200) {
        limit(&mut pool, workers);
        let all_run = Arc::new(Barrier::new(workers));

        let refs = pool.submit_all((0..workers).map(|_| {
            let all_run = Arc::clone(&all_run);
            move || all_run.wait().is_leader()
        }));

        let leaders = get_all(refs.unwrap()).unwrap();

        assert_eq!(leaders.into_iter().filter(|leads| *leads).count(), 1);
    }
}

#[test]
fn the_limit_is_between_one_and_what_the_pool_was_built_for() {
    let mut pool = pool(3);
    let handle = pool.handle();
    for (workers, effective) in [(2, 2), (1, 1), (3, 3), (4, 3), (usize::MAX, 3)] {
        limit(&mut pool, workers);

        assert_eq!((pool.workers(), handle.workers()), (effective, effective));
    }
}

/// The waiting task wakes whenever one of its tasks has finished, and takes its slot back for a
/// moment.
#[test]
fn a_slot_that_is_lent_counts_once() {
    let mut pool = pool(3);
    for workers in [1, 2] {
        limit(&mut pool, workers);
        let gauge = Arc::new(Gauge::default());
        let (handle, outer) = (pool.handle(), Arc::clone(&gauge));

        let waiting = pool.submit(move || {
            let refs = handle.submit_all((0..100).map(|_| {
                let gauge = Arc::clone(&outer);
                move || gauge.pass()
            }));
            let (ready, pending) = wait(refs.unwrap(), 100, None);
            (ready.len(), pending.len())
        });

        assert_eq!(waiting.unwrap().get(), Ok((100, 0)));
        assert!(gauge.most() <= workers, "{} of {workers}", gauge.most());
    }
}

#[test]
fn tasks_may_wait_for_tasks_below_any_limit() {
    let mut pool = pool(4);
    for workers in [1, 4, 2, 3] {
        limit(&mut pool, workers);
        let handle = pool.handle();

        assert_eq!(
            pool.submit(move || fib(&handle, 12)).unwrap().get(),
            Ok(144)
        );
    }
}

#[test]
fn a_lower_limit_waits_for_the_tasks_that_were_submitted() {
    let mut pool = builder(3).memory_budget(10).build().unwrap();
    for workers in [2, 1].into_iter().cycle().take(20) {
        limit(&mut pool, 3);
        let refs: Vec<_> = (0..50)
            .map(|bytes| {
                let new = pool.task("declared").bytes(bytes % 11);
                new.submit(|| ()).unwrap()
            })
            .collect();
        limit(&mut pool, workers);

        assert!(refs.iter().all(ObjectRef::is_ready));
    }
}

#[test]
fn a_higher_limit_has_more_of_the_waiting_tasks_run_at_once() {
    let mut pool = pool(3);
    limit(&mut pool, 1);
    let all_run = Arc::new(Barrier::new(3));
    let refs = pool.submit_all((0..3).map(|_| {
        let all_run = Arc::clone(&all_run);
        move || all_run.wait().is_leader()
    }));
    limit(&mut pool, 3);

    let leaders = get_all(refs.unwrap()).unwrap();
    assert_eq!(leaders.into_iter().filter(|leads| *leads).count(), 1);
}

#[test]
fn a_task_may_limit_its_own_pool() {
    let (pool_in, pool_out) = channel::<TaskPool>();
    let pool = pool(2);
    let task = pool.submit(move || {
        let mut pool = pool_out.recv().unwrap();
        limit(&mut pool, 1);
        pool
    });
    pool_in.send(pool).unwrap();

    let pool = task.unwrap().get().unwrap();

    assert_eq!(pool.workers(), 1);
    assert_eq!(pool.submit(|| 2).unwrap().get(), Ok(2));
}
