//! What a task costs: the pool beside what one would write instead, each with a result for every task and with
//! panics caught. Run it with `cargo bench --bench pool`; compare within one run only.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

use divan::{Bencher, black_box};
use parbench::pool::{TaskPool, get_all};
use std::{
    num::NonZeroUsize,
    panic::catch_unwind,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

fn main() {
    divan::main();
}

fn workers() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn pool() -> TaskPool {
    TaskPool::builder().workers(workers()).build().expect("threads")
}

fn rayon_pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(workers().get()).build().expect("threads")
}

fn tokio_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(workers().get())
        .build()
        .expect("threads")
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run what comes through one channel.
struct Crew {
    jobs: Option<crossbeam_channel::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Crew {
    fn new() -> Self {
        let (jobs, received) = crossbeam_channel::unbounded::<Job>();
        let crew = (0..workers().get()).map(|_| {
            let received = received.clone();
            thread::spawn(move || received.into_iter().for_each(|job| job()))
        });
        Self { threads: crew.collect(), jobs: Some(jobs) }
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.as_ref().expect("open").send(Box::new(job)).expect("open");
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            thread.join().expect("no panic");
        }
    }
}

/// The task, and how its result gets back.
fn with_oneshot(number: u32) -> (impl FnOnce() + Send + 'static, oneshot::Receiver<thread::Result<u32>>) {
    let (sender, receiver) = oneshot::channel();
    let job = move || sender.send(catch_unwind(|| black_box(number))).expect("the receiver is kept");
    (job, receiver)
}

fn with_mpsc(number: u32) -> (impl FnOnce() + Send + 'static, mpsc::Receiver<thread::Result<u32>>) {
    let (sender, receiver) = mpsc::sync_channel(1);
    let job = move || sender.send(catch_unwind(|| black_box(number))).expect("the receiver is kept");
    (job, receiver)
}

/// A million empty tasks submitted, then all results fetched: divide by a million for the cost of one.
mod million {
    use super::{
        Bencher, Crew, black_box, get_all, pool, rayon_pool, tokio_runtime, with_mpsc, with_oneshot,
    };

    const TASKS: u32 = 1_000_000;

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn pool_submit_all(bencher: Bencher<'_, '_>) {
        let pool = pool();
        // The spans are recorded in the timed part and taken outside it, as a program would after its work.
        bencher.with_inputs(|| drop(pool.take_spans())).bench_local_values(|()| {
            let refs = pool.submit_all((0..TASKS).map(|number| move || black_box(number))).expect("open");
            get_all(refs).expect("no task panics")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn pool_submit(bencher: Bencher<'_, '_>) {
        let pool = pool();
        bencher.with_inputs(|| drop(pool.take_spans())).bench_local_values(|()| {
            let refs: Vec<_> =
                (0..TASKS).map(|number| pool.submit(move || black_box(number)).expect("open")).collect();
            get_all(refs).expect("no task panics")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn rayon_and_oneshot(bencher: Bencher<'_, '_>) {
        let pool = rayon_pool();
        bencher.bench_local(|| {
            let spawn = |number| {
                let (job, receiver) = with_oneshot(number);
                pool.spawn(job);
                receiver
            };
            let receivers: Vec<_> = (0..TASKS).map(spawn).collect();
            let results = receivers.into_iter().map(|receiver| receiver.recv().expect("sent"));
            results.collect::<Result<Vec<_>, _>>().expect("no panic")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn rayon_and_mpsc(bencher: Bencher<'_, '_>) {
        let pool = rayon_pool();
        bencher.bench_local(|| {
            let spawn = |number| {
                let (job, receiver) = with_mpsc(number);
                pool.spawn(job);
                receiver
            };
            let receivers: Vec<_> = (0..TASKS).map(spawn).collect();
            let results = receivers.into_iter().map(|receiver| receiver.recv().expect("sent"));
            results.collect::<Result<Vec<_>, _>>().expect("no panic")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn channel_and_oneshot(bencher: Bencher<'_, '_>) {
        let crew = Crew::new();
        bencher.bench_local(|| {
            let spawn = |number| {
                let (job, receiver) = with_oneshot(number);
                crew.spawn(job);
                receiver
            };
            let receivers: Vec<_> = (0..TASKS).map(spawn).collect();
            let results = receivers.into_iter().map(|receiver| receiver.recv().expect("sent"));
            results.collect::<Result<Vec<_>, _>>().expect("no panic")
        });
    }

    #[divan::bench(sample_count = 15, sample_size = 1)]
    fn tokio_spawn_blocking(bencher: Bencher<'_, '_>) {
        let runtime = tokio_runtime();
        bencher.bench_local(|| {
            let handles: Vec<_> =
                (0..TASKS).map(|number| runtime.spawn_blocking(move || black_box(number))).collect();
            runtime.block_on(async {
                let mut results = Vec::with_capacity(handles.len());
                for handle in handles {
                    results.push(handle.await.expect("no panic"));
                }
                results
            })
        });
    }
}

/// One task submitted and its result fetched, again and again: worker and waiter are still on the look-out.
mod spinning {
    use super::{Bencher, Crew, black_box, pool, rayon_pool, with_oneshot};
    use std::{hint, thread};

    /// Looks for a while, as the pool does, and only then sleeps.
    fn receive(receiver: oneshot::Receiver<thread::Result<u32>>) -> u32 {
        for _ in 0..100 {
            if let Ok(result) = receiver.try_recv() {
                return result.expect("no panic");
            }
            hint::spin_loop();
        }
        receiver.recv().expect("sent").expect("no panic")
    }

    #[divan::bench(sample_count = 200, sample_size = 1000)]
    fn pool_submit_and_get(bencher: Bencher<'_, '_>) {
        let pool = pool();
        bencher.bench_local(|| pool.submit(|| black_box(1)).expect("open").get());
    }

    #[divan::bench(sample_count = 200, sample_size = 1000)]
    fn rayon_and_oneshot(bencher: Bencher<'_, '_>) {
        let pool = rayon_pool();
        bencher.bench_local(|| {
            let (job, receiver) = with_oneshot(1);
            pool.spawn(job);
            receive(receiver)
        });
    }

    #[divan::bench(sample_count = 200, sample_size = 1000)]
    fn channel_and_oneshot(bencher: Bencher<'_, '_>) {
        let crew = Crew::new();
        bencher.bench_local(|| {
            let (job, receiver) = with_oneshot(1);
            crew.spawn(job);
            receive(receiver)
        });
    }
}

/// The same after a rest: the workers sleep, and whoever waits goes to sleep as well.
mod parked {
    use super::{
        Bencher, Crew, Duration, black_box, pool, rayon_pool, thread, tokio_runtime, with_mpsc, with_oneshot,
    };

    /// Long enough for every thread to have gone to sleep.
    fn rest() {
        thread::sleep(Duration::from_micros(300));
    }

    #[divan::bench(sample_count = 2000, sample_size = 1)]
    fn pool_submit_and_get(bencher: Bencher<'_, '_>) {
        let pool = pool();
        bencher.with_inputs(rest).bench_local_values(|()| pool.submit(|| black_box(1)).expect("open").get());
    }

    #[divan::bench(sample_count = 2000, sample_size = 1)]
    fn rayon_and_oneshot(bencher: Bencher<'_, '_>) {
        let pool = rayon_pool();
        bencher.with_inputs(rest).bench_local_values(|()| {
            let (job, receiver) = with_oneshot(1);
            pool.spawn(job);
            receiver.recv()
        });
    }

    #[divan::bench(sample_count = 2000, sample_size = 1)]
    fn rayon_and_mpsc(bencher: Bencher<'_, '_>) {
        let pool = rayon_pool();
        bencher.with_inputs(rest).bench_local_values(|()| {
            let (job, receiver) = with_mpsc(1);
            pool.spawn(job);
            receiver.recv()
        });
    }

    #[divan::bench(sample_count = 2000, sample_size = 1)]
    fn channel_and_oneshot(bencher: Bencher<'_, '_>) {
        let crew = Crew::new();
        bencher.with_inputs(rest).bench_local_values(|()| {
            let (job, receiver) = with_oneshot(1);
            crew.spawn(job);
            receiver.recv()
        });
    }

    #[divan::bench(sample_count = 2000, sample_size = 1)]
    fn tokio_spawn_blocking(bencher: Bencher<'_, '_>) {
        let runtime = tokio_runtime();
        bencher
            .with_inputs(rest)
            .bench_local_values(|()| runtime.block_on(runtime.spawn_blocking(|| black_box(1))));
    }
}
