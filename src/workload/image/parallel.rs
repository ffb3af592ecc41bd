//! The same work on many files, on a few threads, with progress. Used while preparing only: what is
//! measured never runs here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use crate::event::Event;
use crate::threads;
use crate::units::Bytes;
use crate::workload::{Context, Error};

/// Does `work` for each index below `files` and tells the observer `what` happens. The results stand at
/// their index; after the first error no further file is begun, those under way are finished, and the
/// results so far are handed back beside the error.
///
/// `held` is what one call of `work` keeps in memory; no more run at once than memory allows.
pub(super) fn for_each_file<T: Send>(
    context: &Context<'_>,
    what: &'static str,
    files: usize,
    held: Bytes,
    work: impl Fn(usize) -> Result<T, Error> + Sync,
) -> (Vec<Option<T>>, Result<(), Error>) {
    context
        .observer
        .observe(&Event::StepsStarted { what, steps: files });
    let fitting = usize::try_from(context.memory.0 / held.0.max(1)).unwrap_or(usize::MAX);
    let count = context.workers.get().min(fitting).min(files).max(1);
    // A ticket counter: relaxed is enough, because the results travel through the threads' ends.
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= files {
                return (done, Ok(()));
            }
            match context
                .stop
                .check()
                .map_err(Error::from)
                .and_then(|()| work(index))
            {
                Ok(result) => done.push((index, result)),
                Err(error) => {
                    next.store(files, Ordering::Relaxed);
                    return (done, Err(error));
                }
            }
            context.observer.observe(&Event::StepDone);
        }
    };
    let ended: Vec<_> = thread::scope(|scope| {
        let mut running = Vec::new();
        let mut refusal = None;
        for number in 1..=count {
            match threads::start_scoped(scope, number, count, worker) {
                Ok(thread) => running.push(thread),
                Err(refused) => {
                    // Those that run finish the file that they are at.
                    next.store(files, Ordering::Relaxed);
                    refusal = Some((Vec::new(), Err(Error::failed(refused.to_string()))));
                    break;
                }
            }
        }

        let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
        let ended = joined.map(|ended| ended.unwrap_or_else(|panic| panic::resume_unwind(panic)));
        ended.chain(refusal).collect()
    });
    let (mut results, mut outcome) = ((0..files).map(|_| None).collect::<Vec<_>>(), Ok(()));
    for (done, ended) in ended {
        for (index, result) in done {
            results[index] = Some(result);
        }
        outcome = outcome.and(ended);
    }
    context.observer.observe(&Event::StepsFinished);
    (results, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Silent;
    use crate::stop::Stop;

    fn context(stop: &Stop, workers: usize) -> Context<'_> {
        Context {
            stop,
            observer: &Silent,
            workers: workers.try_into().unwrap(),
            memory: Bytes(100),
        }
    }

    #[test]
    fn results_stand_at_their_index_whatever_the_threads() {
        let stop = Stop::new();
        for workers in [1, 3, 50] {
            let (results, outcome) =
                for_each_file(&context(&stop, workers), "testing", 20, Bytes(1), |index| {
                    Ok(index * 2)
                });
            assert!(outcome.is_ok());
            assert_eq!(
                results,
                (0..20).map(|index| Some(index * 2)).collect::<Vec<_>>()
            );
        }
        let (none, outcome) = for_each_file(&context(&stop, 2), "testing", 0, Bytes(0), Ok);
        assert!(none.is_empty() && outcome.is_ok());
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
        let (results, outcome) = for_each_file(&context(&stop, 1), "testing", 9, Bytes(1), fail);
        assert_eq!(outcome.unwrap_err().to_string(), "three");
        assert_eq!(results.iter().flatten().count(), 3);

        let raise = |index| {
            stop.raise(2);
            Ok(index)
        };
        // Too little memory for two at once, so the stop is seen after exactly one file.
        let (results, outcome) = for_each_file(&context(&stop, 8), "testing", 9, Bytes(60), raise);
        assert!(matches!(outcome, Err(Error::Interrupted(_))));
        assert_eq!(results.iter().flatten().count(), 1);
    }
}
