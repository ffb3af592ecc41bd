//! Shutting down, by call and by drop.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use super::*;

#[test]
fn shutdown_finishes_queued_and_held_tasks() {
    let pool = builder(1).memory_budget(10).build().unwrap();
    let count = Arc::new(AtomicU32::new(0));
    let refs: Vec<_> = (0..100)
        .map(|i| {
            let count = Arc::clone(&count);
            let code = move || count.fetch_add(1, Ordering::SeqCst);
            pool.task("counts").bytes(i % 10).submit(code).unwrap()
        })
        .collect();

    assert!(!pool.is_shut_down());

    pool.shutdown();

    assert!(pool.is_shut_down() && pool.handle().is_shut_down());
    assert_eq!(count.load(Ordering::SeqCst), 100);
    assert!(refs.iter().all(ObjectRef::is_ready));
    assert_eq!(get_all(refs).unwrap().len(), 100);

    pool.shutdown();
}

#[test]
fn nothing_is_accepted_after_shutdown() {
    let pool = pool(1);
    let handle = pool.handle();
    pool.shutdown();
    let error = pool.task("late").submit(|| ()).map(|_| ()).unwrap_err();

    assert_eq!(
        error,
        SubmitError::ShutDown {
            task: "late".into()
        }
    );
    assert!(
        error
            .to_string()
            .starts_with("late came after the pool was shut down")
    );

    drop(pool);

    assert_eq!(
        handle.submit(|| ()).map(|_| ()).unwrap_err(),
        SubmitError::ShutDown {
            task: "task 2".into()
        }
    );
}

#[test]
fn drop_finishes_what_was_submitted() {
    let (sender, results) = channel();
    let pool = pool(2);
    for i in 0..50 {
        let sender = sender.clone();
        drop(pool.submit(move || sender.send(i).unwrap()).unwrap());
    }
    drop((pool, sender));

    assert_eq!(results.try_iter().count(), 50);
}

#[test]
fn refs_outlive_their_pool() {
    let task = pool(1).submit(|| 3).unwrap();

    assert_eq!(task.get(), Ok(3));
}

#[test]
fn a_task_may_shut_its_own_pool_down() {
    let pool = Arc::new(pool(1));
    let inner = Arc::clone(&pool);
    let task = pool
        .submit(move || {
            let queued = inner.submit(|| 1).unwrap();
            inner.shutdown();

            assert!(inner.submit(|| ()).is_err());

            queued
        })
        .unwrap();

    assert_eq!(task.get().unwrap().get(), Ok(1));

    pool.shutdown();
}

#[test]
fn a_task_may_drop_its_own_pool() {
    let (pool_in, pool_out) = channel::<TaskPool>();
    let pool = pool(1);
    let task = pool.submit(move || drop(pool_out.recv().unwrap())).unwrap();
    let after = pool.submit(|| 2).unwrap();
    pool_in.send(pool).unwrap();

    assert_eq!((task.get(), after.get()), (Ok(()), Ok(2)));
}

#[test]
fn shutdown_waits_for_tasks_that_wait() {
    let pool = pool(1);
    let handle = pool.handle();
    let outer = pool.submit(move || {
        let (ready, _) = wait(vec![handle.submit(|| 6).unwrap()], 1, None);
        get_all(ready).unwrap()
    });
    let (outer, _) = wait(vec![outer.unwrap()], 1, None);
    pool.shutdown();

    assert_eq!(get_all(outer), Ok(vec![vec![6]]));
}

#[test]
fn every_accepted_task_runs_however_the_shutdown_falls() {
    for _ in 0..200 {
        let pool = builder(2).memory_budget(3).build().unwrap();
        let ran = Arc::new(AtomicU32::new(0));
        let barrier = Barrier::new(3);
        let submit_some = || {
            barrier.wait();
            let accepted = (0..50).filter(|i| {
                let ran = Arc::clone(&ran);
                let code = move || ran.fetch_add(1, Ordering::SeqCst);
                pool.task("counts").bytes(i % 4).submit(code).is_ok()
            });
            accepted.count()
        };
        thread::scope(|scope| {
            let submitters = [scope.spawn(submit_some), scope.spawn(submit_some)];
            barrier.wait();
            pool.shutdown();
            let at_shutdown = ran.load(Ordering::SeqCst);
            let accepted: usize = submitters
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum();

            assert_eq!(usize::try_from(at_shutdown).unwrap(), accepted);
        });
    }
}
