//! Admission by declared memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn budgeted(workers: usize, budget: u64) -> TaskPool {
    builder(workers).memory_budget(budget).build().unwrap()
}

#[test]
fn running_tasks_never_declare_more_than_the_budget() {
    let pool = budgeted(4, 100);
    let used = Arc::new(AtomicU64::new(0));
    let refs: Vec<_> = (0..2000)
        .map(|i| {
            let bytes = i * 37 % 100 + 1;
            let used = Arc::clone(&used);
            let code = move || {
                let now = used.fetch_add(bytes, Ordering::SeqCst) + bytes;
                std::thread::yield_now();
                used.fetch_sub(bytes, Ordering::SeqCst);
                now
            };
            pool.task(format!("{bytes} bytes"))
                .bytes(bytes)
                .submit(code)
                .unwrap()
        })
        .collect();

    assert!(get_all(refs).unwrap().into_iter().all(|used| used <= 100));
}

#[test]
fn a_task_that_can_never_fit_is_refused_with_both_figures() {
    let pool = budgeted(1, 100);
    let error = pool
        .task("huge")
        .bytes(101)
        .submit(|| ())
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
    assert!(
        error
            .to_string()
            .starts_with("huge needs 101 bytes, but the pool's memory budget is 100: ")
    );
    assert_eq!(
        pool.task("full").bytes(100).submit(|| 1).unwrap().get(),
        Ok(1)
    );
    assert_eq!(
        super::pool(1)
            .task("any")
            .bytes(u64::MAX)
            .submit(|| 2)
            .unwrap()
            .get(),
        Ok(2)
    );
}

#[test]
fn a_held_task_occupies_no_worker_and_those_that_fit_pass_it() {
    let pool = budgeted(2, 100);
    let first = Blocked::start(pool.task("first").bytes(60));
    let held = pool.task("held").bytes(60).submit(|| 2).unwrap();

    assert_eq!(pool.submit(|| 3).unwrap().get(), Ok(3));
    assert_eq!(
        pool.task("small").bytes(40).submit(|| 4).unwrap().get(),
        Ok(4)
    );
    assert!(!held.is_ready());

    first.finish(1);

    assert_eq!(held.get(), Ok(2));
}

#[test]
fn the_oldest_is_not_passed_forever() {
    let pool = budgeted(2, 100);
    let first = Blocked::start(pool.task("first").bytes(60));
    let held = pool.task("held").bytes(60).submit(|| ()).unwrap();
    for _ in 0..crate::admission::MOST_PASSES {
        pool.task("passes")
            .bytes(1)
            .submit(|| ())
            .unwrap()
            .get()
            .unwrap();
    }
    let late = pool.task("late").bytes(1).submit(|| ()).unwrap();
    // A task without bytes behind it has run, so the late one would have as well.
    pool.submit(|| ()).unwrap().get().unwrap();

    assert!(!late.is_ready() && !held.is_ready());

    first.finish(1);

    assert_eq!(get_all([held, late]), Ok(vec![(), ()]));
}

#[test]
fn a_task_that_waits_for_a_held_one_gets_it_over_budget_if_nothing_else_can_move() {
    for workers in [1, 2, 3] {
        let pool = budgeted(workers, 100);
        let handle = pool.handle();
        let task = pool
            .task("outer")
            .bytes(80)
            .submit(move || depth(&handle, 50))
            .unwrap();

        assert_eq!(task.get(), Ok(50));
        // All is given back.
        assert_eq!(
            pool.task("full").bytes(100).submit(|| 1).unwrap().get(),
            Ok(1)
        );
    }
}

fn depth(handle: &Handle, left: u32) -> u32 {
    if left == 0 {
        return 0;
    }
    let inner = handle.clone();
    let task = handle
        .task("inner")
        .bytes(80)
        .submit(move || depth(&inner, left - 1))
        .unwrap();
    task.get().unwrap() + 1
}

#[test]
fn the_budget_holds_while_anything_else_can_move() {
    let pool = budgeted(2, 100);
    let holder = Blocked::start(pool.task("holder").bytes(60));
    let (held_in, held_out) = channel::<ObjectRef<u32>>();
    let (waits, waiting) = channel();
    let waiter = pool
        .submit(move || {
            waits.send(()).unwrap();
            held_out.recv().unwrap().get().unwrap()
        })
        .unwrap();
    waiting.recv().unwrap();
    let (held, started, go_on) = blocked(pool.task("held").bytes(60));
    held_in.send(held).unwrap();
    // The waiter has lent its slot once this runs; the holder is not stuck, so the held task may
    // not start.
    pool.submit(|| ()).unwrap().get().unwrap();

    assert!(started.try_recv().is_err());

    holder.finish(1);
    go_on.send(5).unwrap();

    assert_eq!(waiter.get(), Ok(5));
}

#[test]
fn cancelling_gives_bytes_back_or_the_place_in_the_line() {
    let pool = budgeted(2, 100);
    let first = Blocked::start(pool.task("first").bytes(60));
    let second = Blocked::start(pool.task("second"));
    let ready = pool.task("ready").bytes(40).submit(|| 0).unwrap();
    let held = pool.task("held").bytes(100).submit(|| 1).unwrap();
    let next = pool.task("next").bytes(40).submit(|| 2).unwrap();

    assert!(ready.cancel() && held.cancel());

    second.finish(1);

    assert_eq!(next.get(), Ok(2));

    first.finish(1);

    assert_eq!(
        pool.task("full").bytes(100).submit(|| 3).unwrap().get(),
        Ok(3)
    );
}

#[test]
fn a_task_that_panics_gives_its_bytes_back() {
    let pool = budgeted(1, 100);
    for _ in 0..3 {
        assert!(
            pool.task("bad")
                .bytes(100)
                .submit(|| -> () { panic!("on purpose") })
                .unwrap()
                .get()
                .is_err()
        );
    }
}
