//! Many tasks handed over at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use super::*;

#[test]
fn refs_come_in_the_order_of_the_tasks() {
    for (workers, tasks) in [(1, 0), (1, 1), (2, 64), (3, 1000)] {
        let pool = pool(workers);
        let refs = pool.submit_all((0..tasks).map(|i| move || i)).unwrap();

        assert_eq!(get_all(refs), Ok((0..tasks).collect()));
    }
}

#[test]
fn tasks_of_a_batch_are_numbered_or_share_a_name() {
    let pool = pool(1);
    let names = |refs: Vec<ObjectRef<()>>| refs.iter().map(ObjectRef::name).collect::<Vec<_>>();

    assert_eq!(
        names(pool.submit_all([|| (); 2]).unwrap()),
        ["task 1", "task 2"]
    );
    assert_eq!(
        names(pool.task("crop").submit_all([|| (); 3]).unwrap()),
        ["crop"; 3]
    );
    assert_eq!(
        names(vec![pool.handle().submit(|| ()).unwrap()]),
        ["task 6"]
    );

    pool.shutdown();
    let mut spans: Vec<_> = pool
        .take_spans()
        .kept
        .into_iter()
        .map(|span| span.name)
        .collect();
    spans.sort();

    assert_eq!(
        spans,
        ["crop", "crop", "crop", "task 1", "task 2", "task 6"]
    );
}

#[test]
fn a_batch_is_accepted_whole_or_not_at_all() {
    let pool = builder(2).memory_budget(100).build().unwrap();
    let ran = Arc::new(AtomicU32::new(0));
    let count = || {
        let ran = Arc::clone(&ran);
        move || ran.fetch_add(1, Ordering::SeqCst)
    };
    let error = pool
        .task("huge")
        .bytes(101)
        .submit_all([count(), count()])
        .map(|_| ())
        .unwrap_err();

    assert_eq!(
        error,
        SubmitError::TooLarge {
            task: "huge".into(),
            needs: 101,
            budget: 100
        }
    );

    pool.shutdown();
    let error = pool.submit_all([count(), count()]).map(|_| ()).unwrap_err();

    assert_eq!(
        error,
        SubmitError::ShutDown {
            task: "task 3".into()
        }
    );
    assert_eq!(
        (ran.load(Ordering::SeqCst), Arc::strong_count(&ran)),
        (0, 1),
        "their code is dropped, not run"
    );
}

#[test]
fn each_task_of_a_batch_needs_the_declared_bytes() {
    let pool = builder(4).memory_budget(100).build().unwrap();
    let used = Arc::new(AtomicU32::new(0));
    let code = || {
        let used = Arc::clone(&used);
        move || {
            let now = used.fetch_add(40, Ordering::SeqCst) + 40;
            std::thread::yield_now();
            used.fetch_sub(40, Ordering::SeqCst);
            now
        }
    };
    let refs = pool
        .task("t")
        .bytes(40)
        .submit_all((0..500).map(|_| code()))
        .unwrap();

    assert!(get_all(refs).unwrap().into_iter().all(|used| used <= 80));
}

#[test]
fn what_makes_the_tasks_may_use_the_pool() {
    let pool = pool(1);
    let refs = pool.submit_all((0..3).map(|i| {
        let square = pool.submit(move || i * i).unwrap().get().unwrap();
        move || square
    }));

    assert_eq!(get_all(refs.unwrap()), Ok(vec![0, 1, 4]));

    let refs = pool.submit_all((0..3).map(|_| {
        pool.shutdown();
        || ()
    }));

    assert!(refs.is_err());
}

#[test]
fn as_many_tasks_run_at_once_as_there_are_workers() {
    let pool = pool(4);
    for round in 0..500 {
        // A worker that looks out for a task counts for one only, however many come.
        pool.submit(|| ()).unwrap().get().unwrap();
        let all_run = Arc::new(Barrier::new(4));
        let codes = (0..4).map(|_| {
            let all_run = Arc::clone(&all_run);
            move || {
                all_run.wait();
            }
        });
        let refs: Vec<_> = match round % 2 {
            0 => pool.submit_all(codes).unwrap(),
            _ => codes.map(|code| pool.submit(code).unwrap()).collect(),
        };
        get_all(refs).unwrap();
    }
}

#[test]
fn an_accepted_batch_runs_however_the_shutdown_falls() {
    for _ in 0..200 {
        let pool = pool(2);
        let ran = Arc::new(AtomicU32::new(0));
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            let submitter = scope.spawn(|| {
                let codes: Vec<_> = (0..100)
                    .map(|_| {
                        let ran = Arc::clone(&ran);
                        move || ran.fetch_add(1, Ordering::SeqCst)
                    })
                    .collect();
                barrier.wait();
                pool.submit_all(codes).is_ok()
            });
            barrier.wait();
            pool.shutdown();
            let at_shutdown = ran.load(Ordering::SeqCst);

            assert_eq!(at_shutdown, if submitter.join().unwrap() { 100 } else { 0 });
        });
    }
}
