//! What a task costs: the pool beside rayon's own `spawn` with a channel for each result.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

use divan::{Bencher, black_box};
use parbench::pool::{TaskPool, get_all};
use std::{num::NonZeroUsize, sync::mpsc, thread};

const TASKS: u32 = 1_000_000;

fn main() {
    divan::main();
}

fn workers() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A million empty tasks submitted, then all results fetched: divide by a million for the cost of one.
mod million {
    use super::{Bencher, TASKS, TaskPool, black_box, get_all, mpsc, workers};

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn pool(bencher: Bencher<'_, '_>) {
        let pool = TaskPool::builder().workers(workers()).build().expect("threads");
        // The spans are recorded in the timed part and taken outside it, as a program would after its work.
        bencher.with_inputs(|| drop(pool.take_spans())).bench_local_values(|()| {
            let refs: Vec<_> =
                (0..TASKS).map(|number| pool.submit(move || black_box(number)).expect("open")).collect();
            get_all(refs).expect("no task panics")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn rayon_and_channels(bencher: Bencher<'_, '_>) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers().get()).build().expect("threads");
        bencher.bench_local(|| {
            let refs: Vec<_> = (0..TASKS)
                .map(|number| {
                    let (sender, receiver) = mpsc::sync_channel(1);
                    pool.spawn(move || {
                        let result = std::panic::catch_unwind(|| black_box(number));
                        sender.send(result).expect("the receiver is kept");
                    });
                    receiver
                })
                .collect();
            refs.into_iter()
                .map(|receiver| receiver.recv().expect("sent").expect("no panic"))
                .collect::<Vec<_>>()
        });
    }
}

/// One task submitted and its result fetched, again and again.
mod round_trip {
    use super::{Bencher, TaskPool, black_box, mpsc, workers};

    #[divan::bench(sample_count = 200, sample_size = 1000)]
    fn pool(bencher: Bencher<'_, '_>) {
        let pool = TaskPool::builder().workers(workers()).build().expect("threads");
        bencher.bench_local(|| pool.submit(|| black_box(1)).expect("open").get());
    }

    #[divan::bench(sample_count = 200, sample_size = 1000)]
    fn rayon_and_channels(bencher: Bencher<'_, '_>) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers().get()).build().expect("threads");
        bencher.bench_local(|| {
            let (sender, receiver) = mpsc::sync_channel(1);
            pool.spawn(move || sender.send(black_box(1)).expect("the receiver is kept"));
            receiver.recv()
        });
    }
}
