//! The same work on many files, on a few threads, with progress. Used while preparing, never while
//! measuring.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use crate::event::Event;
use crate::threads;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// What became of the files.
pub(super) struct Batch<T> {
    /// The result for each file, at the file's index. `None` if it was not finished.
    pub results: Vec<Option<T>>,
    /// The first error. After it no further file was begun; those under way were finished.
    pub outcome: Result<(), Error>,
}

/// Does `work` for each index below `files`. The observer learns of the progress as `step`.
///
/// A call of `work` holds `held` of memory; no more calls run at once than memory allows.
pub(super) fn for_each_file<T: Send>(
    context: &Context<'_>,
    step: &'static str,
    files: usize,
    held: Bytes,
    work: impl Fn(usize) -> Result<T, Error> + Sync,
) -> Batch<T> {
    context.observer.observe(&Event::StepsStarted {
        what: step,
        steps: files,
    });

    let fitting = usize::try_from(context.memory.0 / held.0.max(1)).unwrap_or(usize::MAX);
    let threads = context.workers.get().min(fitting).min(files).max(1);
    let queue = Queue::new(files);
    let shares = on_threads(threads, &queue, &|| work_through(&queue, context, &work));

    let mut batch = Batch {
        results: (0..files).map(|_| None).collect(),
        outcome: Ok(()),
    };
    for share in shares {
        for (index, result) in share.results {
            batch.results[index] = Some(result);
        }
        batch.outcome = batch.outcome.and(share.outcome);
    }

    context.observer.observe(&Event::StepsFinished);
    batch
}

/// What one thread did: the results with their files' indices, and the error that ended it.
struct Share<T> {
    results: Vec<(usize, T)>,
    outcome: Result<(), Error>,
}

/// The files that no thread has taken yet.
struct Queue {
    next: AtomicUsize,
    files: usize,
}

impl Queue {
    const fn new(files: usize) -> Self {
        Self {
            next: AtomicUsize::new(0),
            files,
        }
    }

    /// Takes the next file. Relaxed is enough for a counter: the results travel through the ends of
    /// the threads.
    fn take(&self) -> Option<usize> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < self.files).then_some(index)
    }

    /// Leaves the rest undone.
    fn close(&self) {
        self.next.store(self.files, Ordering::Relaxed);
    }
}

/// Takes files from the queue until it is empty, `work` fails or the user wants to stop.
fn work_through<T>(
    queue: &Queue,
    context: &Context<'_>,
    work: &impl Fn(usize) -> Result<T, Error>,
) -> Share<T> {
    let mut results = Vec::new();

    while let Some(index) = queue.take() {
        let checked = context.stop.check().map_err(Error::from);

        match checked.and_then(|()| work(index)) {
            Ok(result) => results.push((index, result)),
            Err(error) => {
                queue.close();
                return Share {
                    results,
                    outcome: Err(error),
                };
            }
        }

        context.observer.observe(&Event::StepDone);
    }

    Share {
        results,
        outcome: Ok(()),
    }
}

/// Runs `worker` on `count` threads. If the system refuses one of them, the others finish the file
/// that they are at.
fn on_threads<T: Send>(
    count: usize,
    queue: &Queue,
    worker: &(impl Fn() -> Share<T> + Sync),
) -> Vec<Share<T>> {
    thread::scope(|scope| {
        let mut running = Vec::new();
        let mut refusal = None;

        for number in 1..=count {
            match threads::start_scoped(scope, number, count, worker) {
                Ok(thread) => running.push(thread),
                Err(refused) => {
                    queue.close();
                    refusal = Some(Share {
                        results: Vec::new(),
                        outcome: Err(Error::failed(refused.to_string())),
                    });
                    break;
                }
            }
        }

        let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
        let shares = joined.map(|share| share.unwrap_or_else(|panic| panic::resume_unwind(panic)));

        shares.chain(refusal).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Silent;
    use crate::stop::Stop;

    fn context(stop: &Stop, workers: usize) -> Context<'_> {
        Context {
            task_timeout: std::time::Duration::MAX,
            stop,
            observer: &Silent,
            workers: workers.try_into().unwrap(),
            memory: Bytes(100),
        }
    }

    #[test]
    fn results_stand_at_their_index_whatever_the_threads() {
        let stop = Stop::new();
        let expected: Vec<_> = (0..20).map(|index| Some(index * 2)).collect();

        for workers in [1, 3, 50] {
            let context = context(&stop, workers);
            let batch = for_each_file(&context, "testing", 20, Bytes(1), |index| Ok(index * 2));
            assert!(batch.outcome.is_ok());
            assert_eq!(batch.results, expected);
        }

        let empty = for_each_file(&context(&stop, 2), "testing", 0, Bytes(0), Ok);
        assert!(empty.results.is_empty() && empty.outcome.is_ok());
    }

    #[test]
    fn an_error_and_a_stop_end_it_and_keep_what_is_done() {
        let stop = Stop::new();
        let fail = |index| {
            if index == 3 {
                Err(Error::failed("three"))
            } else {
                Ok(index)
            }
        };
        let batch = for_each_file(&context(&stop, 1), "testing", 9, Bytes(1), fail);
        assert_eq!(batch.outcome.unwrap_err().to_string(), "three");
        assert_eq!(batch.results.iter().flatten().count(), 3);

        let raise = |index| {
            stop.raise(2);
            Ok(index)
        };
        // Too little memory for two at once, so the stop is seen after exactly one file.
        let batch = for_each_file(&context(&stop, 8), "testing", 9, Bytes(60), raise);
        assert!(matches!(batch.outcome, Err(Error::Interrupted(_))));
        assert_eq!(batch.results.iter().flatten().count(), 1);
    }
}
