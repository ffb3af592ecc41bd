//! What a task costs: the pool beside what one would write instead, each with a result for every
//! task and with panics caught.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::panic::catch_unwind;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use parbench_pool::{TaskPool, get_all};

use crate::contest::{Contender, Contest, Unit};

const TASKS: u32 = 1_000_000;
/// Round trips in a run of the awake.
const TRIPS: u32 = 20_000;
/// Of the asleep, each after a rest.
const RESTED_TRIPS: u32 = 20;
/// Long enough for every thread to have gone to sleep.
const REST: Duration = Duration::from_millis(1);
/// How often one who waits looks before it sleeps, as the pool's own do.
const LOOKS: usize = 100;

/// A million tasks that do nothing, handed over before the first result is fetched.
pub(crate) fn batch() -> Result<Contest> {
    let (all, single, rayon, crew, tokio) = (
        pool()?,
        pool()?,
        rayon_pool()?,
        Crew::new(),
        tokio_runtime()?,
    );
    let contenders = vec![
        Contender::timed_by("pool, `submit_all`", move || {
            let start = Instant::now();
            let refs = all.submit_all((0..TASKS).map(|number| move || black_box(number)));
            black_box(refs.map(get_all).is_ok());
            let took = start.elapsed();
            drop(all.take_spans());
            took
        }),
        Contender::timed_by("pool, `submit` for each", move || {
            let start = Instant::now();
            let refs: Result<Vec<_>, _> = (0..TASKS)
                .map(|number| single.submit(move || black_box(number)))
                .collect();
            black_box(refs.map(get_all).is_ok());
            let took = start.elapsed();
            drop(single.take_spans());
            took
        }),
        Contender::new("rayon `spawn` and a oneshot channel", move || {
            through(|number| {
                let (job, receiver) = with_oneshot(number);
                rayon.spawn(job);
                receiver
            })
        }),
        Contender::new(
            "threads behind a crossbeam channel, and oneshot",
            move || {
                through(|number| {
                    let (job, receiver) = with_oneshot(number);
                    crew.spawn(job);
                    receiver
                })
            },
        ),
        Contender::new("tokio `spawn_blocking`", move || {
            let handles: Vec<_> = (0..TASKS)
                .map(|number| tokio.spawn_blocking(move || black_box(number)))
                .collect();
            tokio.block_on(async {
                let mut results = Vec::with_capacity(handles.len());
                for handle in handles {
                    results.push(handle.await.ok());
                }
                results
            })
        }),
        Contender::new("tokio `spawn` of an async block", {
            let tokio = async_runtime()?;
            move || {
                let handles: Vec<_> = (0..TASKS)
                    .map(|number| tokio.spawn(async move { black_box(number) }))
                    .collect();
                tokio.block_on(async {
                    let mut results = Vec::with_capacity(handles.len());
                    for handle in handles {
                        results.push(handle.await.ok());
                    }
                    results
                })
            }
        }),
    ];
    Ok(Contest {
        title: format!("{TASKS} tasks that do nothing, in a batch"),
        unit: Unit::NanosecondsPer(f64::from(TASKS), "task"),
        contenders,
    })
}

/// One task after another, so that worker and waiter are still on the look-out.
pub(crate) fn awake() -> Result<Contest> {
    trips(
        "one task at a time, right after another",
        TRIPS,
        Duration::ZERO,
    )
}

/// One task at a time after a rest: the worker sleeps, and the waiter goes to sleep as well.
pub(crate) fn asleep() -> Result<Contest> {
    trips("one task after a rest", RESTED_TRIPS, REST)
}

fn trips(title: &str, count: u32, rest: Duration) -> Result<Contest> {
    let (pool, rayon, crew, tokio) = (pool()?, rayon_pool()?, Crew::new(), tokio_runtime()?);
    let timed = move |trip: &mut dyn FnMut()| {
        let mut took = Duration::ZERO;
        for _ in 0..count {
            if !rest.is_zero() {
                thread::sleep(rest);
            }
            let start = Instant::now();
            trip();
            took += start.elapsed();
        }
        took
    };
    let contenders = vec![
        Contender::timed_by("pool, `submit` and `get`", move || {
            let took = timed(&mut || {
                drop(
                    pool.submit(|| black_box(1))
                        .map(parbench_pool::ObjectRef::get),
                )
            });
            drop(pool.take_spans());
            took
        }),
        Contender::timed_by("rayon `spawn` and a oneshot channel", move || {
            timed(&mut || {
                let (job, receiver) = with_oneshot(1);
                rayon.spawn(job);
                black_box(receive(receiver));
            })
        }),
        Contender::timed_by(
            "threads behind a crossbeam channel, and oneshot",
            move || {
                timed(&mut || {
                    let (job, receiver) = with_oneshot(1);
                    crew.spawn(job);
                    black_box(receive(receiver));
                })
            },
        ),
        Contender::timed_by("tokio `spawn_blocking`", move || {
            timed(&mut || drop(tokio.block_on(tokio.spawn_blocking(|| black_box(1)))))
        }),
    ];
    Ok(Contest {
        title: title.to_owned(),
        unit: Unit::NanosecondsPer(f64::from(count), "round trip"),
        contenders,
    })
}

fn workers() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn pool() -> Result<TaskPool> {
    Ok(TaskPool::builder().workers(workers()).build()?)
}

fn rayon_pool() -> Result<rayon::ThreadPool> {
    Ok(rayon::ThreadPoolBuilder::new()
        .num_threads(workers().get())
        .build()?)
}

fn tokio_runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(workers().get())
        .build()?)
}

fn async_runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers().get())
        .build()?)
}

type Job = Box<dyn FnOnce() + Send>;

/// Starts a million tasks and fetches their results.
fn through(start: impl Fn(u32) -> oneshot::Receiver<thread::Result<u32>>) -> Vec<Option<u32>> {
    let receivers: Vec<_> = (0..TASKS).map(start).collect();
    receivers
        .into_iter()
        .map(|receiver| receiver.recv().ok()?.ok())
        .collect()
}

/// The task, and how its result gets back.
fn with_oneshot(
    number: u32,
) -> (
    impl FnOnce() + Send + 'static,
    oneshot::Receiver<thread::Result<u32>>,
) {
    let (sender, receiver) = oneshot::channel();
    let job = move || {
        sender.send(catch_unwind(|| black_box(number))).ok();
    };
    (job, receiver)
}

/// Looks for a while, as the pool does, and only then sleeps.
fn receive(receiver: oneshot::Receiver<thread::Result<u32>>) -> Option<u32> {
    for _ in 0..LOOKS {
        if let Ok(result) = receiver.try_recv() {
            return result.ok();
        }
        std::hint::spin_loop();
    }
    receiver.recv().ok()?.ok()
}

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
        Self {
            threads: crew.collect(),
            jobs: Some(jobs),
        }
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            jobs.send(Box::new(job)).ok();
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}
