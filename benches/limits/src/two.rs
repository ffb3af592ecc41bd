//! One worker and two, on tasks long enough that handing them over costs nothing.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use parbench::engine::{self, Batch, Cluster};
use parbench::stop::Stop;
use parbench::units::Bytes;
use serde_json::{Value, json};

use crate::contest::{Contender, Contest, Unit};
use crate::prepared;

/// Points in long tasks.
pub(crate) fn pi() -> Result<Contest> {
    contest(
        "pi",
        "800 million points in 2 tasks",
        json!({ "samples": 800_000_000, "tasks": 2, "seed": 42 }),
    )
}

/// Big-number addition in the caches.
pub(crate) fn fib_last() -> Result<Contest> {
    contest(
        "fib",
        "2 tasks of 200000 terms, the last two kept",
        json!({ "size": 200_000, "tasks": 2, "keep": "last" }),
    )
}

/// Pictures.
pub(crate) fn image() -> Result<Contest> {
    let data_dir = std::env::temp_dir().join("parbench-limits");
    let params = json!({
        "count": 8, "side": 3000, "quality": 60, "data_dir": data_dir, "crop": 224, "padding": 4,
        "flip": 0.5, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "seed": 42,
    });
    contest("image", "8 JPEGs of 3000 x 3000", params)
}

/// The first row's ratio to the second is the speed-up.
fn contest(name: &str, title: &str, params: Value) -> Result<Contest> {
    let contenders = [1, 2].map(|workers| contender(name, params.clone(), workers));
    let title = format!("{name} with one worker and with two, {title}");

    Ok(Contest {
        title,
        unit: Unit::Milliseconds,
        contenders: contenders.into_iter().collect::<Result<_>>()?,
    })
}

fn contender(name: &str, params: Value, workers: usize) -> Result<Contender> {
    let workload = prepared(name, params)?;
    let workers = NonZeroUsize::new(workers).context("a worker")?;
    let (cluster, stop) = (Cluster::default(), Stop::new());
    let (memory, most_workers) = (Bytes(8 << 30), workers);
    let options = engine::Options {
        workers,
        most_workers,
        memory,
        worker: None,
        cluster: &cluster,
        stop: &stop,
    };

    let mut pool = engine::built_in().default_engine().start(&options)?;
    Ok(Contender::timed_by(
        format!("workers: {workers}"),
        move || {
            let start = Instant::now();
            let results = pool.execute(&Batch::all(&workload, workers, &stop));
            let time = start.elapsed();

            // Work that failed counts as endless.
            if results.is_ok() { time } else { Duration::MAX }
        },
    ))
}
