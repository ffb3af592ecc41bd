//! Panics and cancelling.

use std::panic::{panic_any, resume_unwind};

use super::*;

fn message<T: std::fmt::Debug>(outcome: Result<T, TaskError>) -> String {
    match outcome.unwrap_err() {
        TaskError::Panicked { message, .. } => message,
        error @ TaskError::Cancelled { .. } => panic!("{error}"),
    }
}

#[test]
fn a_panic_becomes_the_tasks_error() {
    let pool = pool(1);
    let error = pool
        .task("bad")
        .submit(|| panic!("plain"))
        .map(ObjectRef::<()>::get)
        .unwrap()
        .unwrap_err();

    assert_eq!(
        error,
        TaskError::Panicked {
            task: "bad".into(),
            message: "plain".into()
        }
    );
    assert_eq!(error.to_string(), "bad panicked: plain");

    let three = 3;

    assert_eq!(
        message(
            pool.submit(move || -> () { panic!("formatted {three}") })
                .unwrap()
                .get()
        ),
        "formatted 3"
    );
    assert_eq!(
        message(pool.submit(|| -> () { panic_any(7_u8) }).unwrap().get()),
        "the panic carries no text"
    );
    assert_eq!(pool.submit(|| 1).unwrap().get(), Ok(1));
}

/// Panics when it is dropped, however it came to that.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "bomb");
    }
}

#[test]
fn panics_in_drops_harm_nobody() {
    let pool = pool(1);
    let held = Bomb;
    let captured = pool.submit(move || {
        let _held = &held;
    });

    assert_eq!(message(captured.unwrap().get()), "bomb");

    let blocked = Blocked::start(pool.task("blocked"));
    drop(pool.submit(|| Bomb).unwrap());
    blocked.finish(1);

    let payload = pool
        .submit(|| -> () { resume_unwind(Box::new(Bomb)) })
        .unwrap();

    assert_eq!(message(payload.get()), "the panic carries no text");
    assert_eq!(pool.submit(|| 2).unwrap().get(), Ok(2));
}

#[test]
fn a_panic_inside_an_awaited_task_stays_there() {
    let pool = pool(1);
    let handle = pool.handle();
    let outer =
        pool.submit(move || message(handle.submit(|| -> () { panic!("inner") }).unwrap().get()));

    assert_eq!(outer.unwrap().get(), Ok("inner".into()));
}

#[test]
fn a_task_that_has_not_started_can_be_cancelled() {
    let pool = pool(1);
    let blocked = Blocked::start(pool.task("blocked"));
    let (sender, ran) = channel::<()>();
    let task = pool
        .task("doomed")
        .submit(move || sender.send(()).unwrap())
        .unwrap();

    assert!(task.cancel());
    assert!(task.is_ready() && !task.cancel());

    let error = task.get().unwrap_err();

    assert_eq!(
        error,
        TaskError::Cancelled {
            task: "doomed".into()
        }
    );
    assert_eq!(error.to_string(), "doomed was cancelled before it started");

    blocked.finish(1);

    assert!(ran.recv().is_err(), "its code is dropped, not run");
    assert_eq!(pool.take_spans().kept.len(), 1);
}

#[test]
fn a_task_that_has_started_cannot_be_cancelled() {
    let pool = pool(1);
    let blocked = Blocked::start(pool.task("blocked"));

    assert!(!blocked.task.cancel());

    blocked.finish(1);
    let finished = pool.submit(|| 2).unwrap();
    let (finished, _) = wait(vec![finished], 1, None);

    assert!(finished.iter().all(|task| !task.cancel()));
    assert_eq!(get_all(finished), Ok(vec![2]));
}
