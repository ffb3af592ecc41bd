//! `get`, `get_timeout`, `get_all` and `wait`, from outside and from inside tasks.

use std::sync::mpsc::sync_channel;

use super::*;

#[test]
fn get_timeout_gives_the_ref_back() {
    let pool = pool(1);
    let blocked = Blocked::start(pool.task("blocked"));
    let Err(task) = blocked.task.get_timeout(Duration::ZERO) else {
        panic!("it cannot have finished")
    };
    let Err(task) = task.get_timeout(Duration::from_micros(50)) else {
        panic!("it cannot have finished")
    };
    blocked.go_on.send(9).unwrap();

    assert_eq!(task.get_timeout(AGES).unwrap(), Ok(9));

    let quick = pool.submit(|| 1).unwrap();
    assert_eq!(quick.get_timeout(Duration::MAX).unwrap(), Ok(1));
}

#[test]
fn get_all_keeps_the_order_and_reports_the_first_error() {
    let pool = pool(2);
    let refs: Vec<_> = (0..100).map(|i| pool.submit(move || i).unwrap()).collect();

    assert_eq!(get_all(refs), Ok((0..100).collect()));
    assert_eq!(get_all::<()>([]), Ok(vec![]));

    let refs: Vec<_> = (0..4)
        .map(|i| {
            pool.task(format!("t{i}"))
                .submit(move || assert!(i % 2 == 0, "odd {i}"))
                .unwrap()
        })
        .collect();
    let error = TaskError::Panicked {
        task: "t1".into(),
        message: "odd 1".into(),
    };

    assert_eq!(get_all(refs), Err(error));
}

#[test]
fn wait_parts_ready_from_pending_in_order() {
    let pool = pool(2);
    let blocked = Blocked::start(pool.task("blocked"));
    let (task, go_on) = (blocked.task, blocked.go_on);
    let quick: Vec<_> = (0..3).map(|i| pool.submit(move || i).unwrap()).collect();
    let (quick, rest) = wait(quick, 3, None);

    assert!(rest.is_empty());

    let mut refs = vec![task];
    refs.extend(quick);

    let (ready, pending) = wait(refs, 2, Some(AGES));

    assert_eq!(names(&ready), ["task 2", "task 3"]);
    assert_eq!(names(&pending), ["blocked", "task 4"]);

    let (ready, pending) = wait(pending, 2, Some(Duration::from_micros(50)));

    assert_eq!(
        (names(&ready), names(&pending)),
        (vec!["task 4".into()], vec!["blocked".into()])
    );

    let (rest, pending) = wait(pending, 0, None);

    assert!(rest.is_empty());

    go_on.send(1).unwrap();
    let (ready, pending) = wait(pending, 5, None);

    assert_eq!((ready.len(), pending.len()), (1, 0));
    assert!(ready.iter().all(ObjectRef::is_ready));
}

fn names<T>(refs: &[ObjectRef<T>]) -> Vec<String> {
    refs.iter().map(ObjectRef::name).collect()
}

#[test]
fn wait_inside_a_task_lets_the_tasks_run() {
    for workers in [1, 2] {
        let pool = pool(workers);
        let handle = pool.handle();
        let task = pool.submit(move || {
            let mut refs: Vec<_> = (0..20).map(|i| handle.submit(move || i).unwrap()).collect();
            let mut sum = 0;
            while !refs.is_empty() {
                let (ready, pending) = wait(refs, 1, None);
                sum += get_all(ready).unwrap().into_iter().sum::<i32>();
                refs = pending;
            }
            sum
        });

        assert_eq!(task.unwrap().get(), Ok(190));
    }
}

#[test]
fn get_timeout_inside_a_task_lets_the_task_run() {
    let pool = pool(1);
    let handle = pool.handle();
    let task = pool.submit(move || {
        handle
            .submit(|| 4)
            .unwrap()
            .get_timeout(AGES)
            .unwrap()
            .unwrap()
    });

    assert_eq!(task.unwrap().get(), Ok(4));
}

#[test]
fn a_task_that_holds_the_ref_of_a_waiting_one_is_not_run_on_top_of_it() {
    for workers in [1, 2] {
        let (pool, other) = (pool(workers), super::pool(1));
        let (t5_runs, t5_running) = channel();
        // T1 has begun and ends only once T5 runs; it lends its slot, because it waits for another
        // pool.
        let far = other.submit(move || t5_running.recv().unwrap()).unwrap();
        let (t1_runs, t1_running) = channel();
        let t1 = pool.submit(move || {
            t1_runs.send(()).unwrap();
            far.get().unwrap()
        });
        t1_running.recv().unwrap();
        // T0 waits for T1, and T5 for T0: on top of T0's frame, T5 would wait forever.
        let t1 = t1.unwrap();
        let t0 = pool.submit(move || t1.get().unwrap() + 1).unwrap();
        let t5 = pool.submit(move || {
            t5_runs.send(10).unwrap();
            t0.get().unwrap() + 1
        });

        assert_eq!(t5.unwrap().get(), Ok(12));
    }
}

#[test]
fn a_waiting_task_lends_its_slot_to_unrelated_ones() {
    let pool = pool(2);
    let (y_in, y_out) = sync_channel(0);
    let (x_runs, x_started) = channel();
    let x = pool
        .submit(move || {
            x_runs.send(()).unwrap();
            y_out.recv().unwrap()
        })
        .unwrap();
    x_started.recv().unwrap();
    let (a_runs, a_started) = channel();
    let a = pool
        .submit(move || {
            a_runs.send(()).unwrap();
            x.get().unwrap() + 1
        })
        .unwrap();
    a_started.recv().unwrap();
    // Both slots are taken, by X and by A which waits for X; yet Y runs.
    let y = pool.submit(move || y_in.send(1).unwrap()).unwrap();

    assert_eq!((a.get(), y.get()), (Ok(2), Ok(())));
}

#[test]
fn waiting_for_another_pool_lends_the_slot_too() {
    let (waiting, other) = (pool(1), pool(1));
    let (go_on, result) = channel();
    let far = other.submit(move || result.recv().unwrap()).unwrap();
    let near = waiting.submit(move || far.get().unwrap()).unwrap();
    let unrelated = waiting.submit(move || go_on.send(8).unwrap()).unwrap();

    assert_eq!((near.get(), unrelated.get()), (Ok(8), Ok(())));
}

#[test]
fn ten_thousand_tasks_wait_for_one_another_on_one_worker() {
    for workers in [1, 2] {
        let pool = pool(workers);
        let handle = pool.handle();

        assert_eq!(
            pool.submit(move || depth(&handle, 10_000)).unwrap().get(),
            Ok(10_000)
        );
    }
}

fn depth(handle: &Handle, left: u32) -> u32 {
    if left == 0 {
        return 0;
    }
    let inner = handle.clone();
    handle
        .submit(move || depth(&inner, left - 1))
        .unwrap()
        .get()
        .unwrap()
        + 1
}

#[test]
fn tasks_that_wait_without_running_anything_get_threads_however_many() {
    fn depth(handle: &Handle, left: u32) -> u32 {
        if left == 0 {
            return 0;
        }
        let inner = handle.clone();
        let (mut ready, _) = wait(
            vec![handle.submit(move || depth(&inner, left - 1)).unwrap()],
            1,
            None,
        );
        ready.pop().unwrap().get().unwrap() + 1
    }
    for workers in [1, 3] {
        let pool = builder(workers).stack_size(1 << 18).build().unwrap();
        let handle = pool.handle();

        assert_eq!(
            pool.submit(move || depth(&handle, 200)).unwrap().get(),
            Ok(200)
        );
    }
}

#[test]
fn a_tree_of_tasks_finishes_on_any_number_of_workers() {
    for workers in [1, 2, 5] {
        let pool = pool(workers);
        let handle = pool.handle();

        assert_eq!(
            pool.submit(move || fib(&handle, 15)).unwrap().get(),
            Ok(610)
        );
    }
}

/// Both of rayon's threads are inside one task: one runs a half of its join, the other waits for
/// that half. The one that waits is asked to run another task, and must not pass that on to itself
/// until the half ends.
#[test]
fn a_task_runs_while_all_threads_are_inside_one_join() {
    let pool = pool(2);
    let (half_began, began) = channel();
    let (go_on, wait) = channel::<()>();
    let joined = pool
        .submit(move || {
            let stolen = move || {
                half_began.send(()).unwrap();
                // Ends also when the test has failed and dropped the other end.
                wait.recv().is_ok()
            };
            rayon::join(move || began.recv().unwrap(), stolen).1
        })
        .unwrap();

    let other = pool.submit(|| 7).unwrap();
    let result = other.get_timeout(Duration::from_mins(1));
    go_on.send(()).unwrap();

    assert_eq!(result.unwrap().unwrap(), 7);
    assert!(joined.get().unwrap());
}

#[test]
fn a_task_may_use_rayon_and_then_wait() {
    let pool = pool(1);
    let handle = pool.handle();
    let task = pool.submit(move || {
        let (left, right) = rayon::join(|| 1, || 2);
        handle.submit(move || left + right).unwrap().get().unwrap()
    });

    assert_eq!(task.unwrap().get(), Ok(3));
}
