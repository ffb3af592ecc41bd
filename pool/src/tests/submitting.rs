//! Submitting, fetching, handles, names.

use std::thread;

use super::*;

#[test]
fn submit_returns_before_the_task_has_finished() {
    let pool = pool(1);
    let blocked = Blocked::start(pool.task("blocked"));
    let queued = pool.submit(|| 7).unwrap();

    assert!(!blocked.task.is_ready() && !queued.is_ready());

    blocked.finish(3);

    assert_eq!(queued.get(), Ok(7));
}

#[test]
fn a_result_may_be_anything_that_can_be_sent() {
    let pool = pool(2);

    assert_eq!(
        pool.submit(|| vec![String::from("a")]).unwrap().get(),
        Ok(vec![String::from("a")])
    );
    assert_eq!(pool.submit(|| ()).unwrap().get(), Ok(()));

    let nested = pool
        .submit(|| Err::<(), _>("an error of the task's own"))
        .unwrap();

    assert_eq!(nested.get(), Ok(Err("an error of the task's own")));
}

#[test]
fn the_pool_reports_what_it_was_built_with() {
    let pool = builder(3).memory_budget(1 << 40).build().unwrap();

    assert_eq!((pool.workers(), pool.memory_budget()), (3, Some(1 << 40)));

    let handle = pool.handle();

    assert_eq!(
        (handle.workers(), handle.memory_budget()),
        (3, Some(1 << 40))
    );
    assert_eq!(super::pool(1).memory_budget(), None);
    assert!(TaskPool::builder().build().unwrap().workers() >= 1);
}

#[test]
fn threads_carry_the_given_name_and_stack() {
    let pool = builder(1)
        .thread_name("loom")
        .stack_size(1 << 20)
        .build()
        .unwrap();
    let name = pool
        .submit(|| thread::current().name().map(str::to_owned))
        .unwrap()
        .get()
        .unwrap();

    assert!(name.is_some_and(|name| name.starts_with("loom-")));
}

#[test]
fn names_are_custom_or_numbered() {
    let pool = pool(1);
    let first = pool.submit(|| ()).unwrap();
    let named = pool.task("resize").submit(|| ()).unwrap();
    let third = pool.submit(|| ()).unwrap();

    assert_eq!(
        [first.name(), named.name(), third.name()],
        ["task 1", "resize", "task 3"]
    );
    assert_eq!(named.get(), Ok(()));
    assert!(format!("{first:?} {:?} {pool:?}", pool.task("x").bytes(3)).contains("task 1"));
}

#[test]
fn tasks_submit_tasks_through_a_handle() {
    let pool = pool(1);
    let handle = pool.handle();
    let task = pool.submit(move || {
        let inner: Vec<_> = (0..10)
            .map(|i| handle.submit(move || i * i).unwrap())
            .collect();
        get_all(inner).unwrap().into_iter().sum::<i32>()
    });

    assert_eq!(task.unwrap().get(), Ok(285));
}

#[test]
fn a_ref_may_be_passed_into_another_task() {
    for workers in [1, 2] {
        let pool = pool(workers);
        let sum = (1..=1000).fold(pool.submit(|| 0).unwrap(), |before, number| {
            pool.submit(move || before.get().unwrap() + number).unwrap()
        });

        assert_eq!(sum.get(), Ok(500_500));
    }
}

#[test]
fn a_ref_may_be_dropped_unfetched() {
    let pool = pool(1);
    let (sender, ran) = channel();
    drop(pool.submit(move || sender.send(()).unwrap()).unwrap());

    assert_eq!(ran.recv(), Ok(()));
}

#[test]
fn a_pool_may_be_used_inside_a_task_of_another() {
    let (outer, inner) = (pool(1), pool(1));
    let handle = inner.handle();
    let task = outer
        .submit(move || handle.submit(|| 5).unwrap().get().unwrap() + 1)
        .unwrap();

    assert_eq!(task.get(), Ok(6));
}
