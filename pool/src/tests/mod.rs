//! What users of the pool rely on, demand by demand. Interleavings are forced by channels and
//! barriers; no test sleeps, and none looks at how long anything took.

mod batches;
mod failing;
mod limiting;
mod memory;
mod refused;
mod slots;
mod spans;
mod stopping;
mod stress;
mod submitting;
mod waiting;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::*;

/// So long that a test which needs it has failed.
const AGES: Duration = Duration::from_hours(1);

fn builder(workers: usize) -> Builder {
    TaskPool::builder().workers(NonZeroUsize::new(workers).unwrap())
}

fn pool(workers: usize) -> TaskPool {
    builder(workers).build().unwrap()
}

/// A task that has started and goes on until it gets the number to return.
struct Blocked {
    task: ObjectRef<u32>,
    go_on: Sender<u32>,
}

impl Blocked {
    /// Returns when the task has started.
    fn start(new: NewTask<'_>) -> Self {
        let (task, started, go_on) = blocked(new);
        started.recv().unwrap();
        Self { task, go_on }
    }

    fn finish(self, result: u32) {
        self.go_on.send(result).unwrap();

        assert_eq!(self.task.get(), Ok(result));
    }
}

/// A task that sends when it has started, and goes on until it gets the number to return.
fn blocked(new: NewTask<'_>) -> (ObjectRef<u32>, Receiver<()>, Sender<u32>) {
    let (started_in, started) = channel();
    let (go_on, result) = channel();
    let code = move || {
        started_in.send(()).unwrap();
        result.recv().unwrap()
    };
    (new.submit(code).unwrap(), started, go_on)
}

/// F(n) by a tree of tasks, each of which waits for its two branches.
fn fib(handle: &Handle, n: u64) -> u64 {
    if n < 2 {
        return n;
    }

    let (left, right) = (handle.clone(), handle.clone());
    let refs = [
        handle.submit(move || fib(&left, n - 1)).unwrap(),
        handle.submit(move || fib(&right, n - 2)).unwrap(),
    ];
    get_all(refs).unwrap().into_iter().sum()
}
