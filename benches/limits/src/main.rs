//! Runs each kernel beside its alternatives and beside the physical limit, in one process, in
//! turns, and prints a Markdown table of medians and ratios.
//!
//! `cargo run --release -p limits [--features gmp,turbojpeg] [CONTEST...] > results/limits.md`

mod contest;
mod draw;
mod fib;
mod fill;
mod image;
mod pi;
mod pool;
mod scaling;
mod two;

use std::io::Write;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use parbench::event::Silent;
use parbench::stop::Stop;
use parbench::units::Bytes;
use parbench::workload::{Context, Shared, built_in};
use serde_json::Value;

use crate::contest::{Contest, table};

/// Makes its contenders ready.
type Prepare = fn() -> Result<Contest>;

/// Every contest by its name.
const CONTESTS: &[(&str, Prepare)] = &[
    ("pi", pi::points),
    ("fib-last", fib::last),
    ("fib-list", fib::list),
    ("fib-fresh", fib::fresh),
    ("fib-two", fib::two_lists),
    ("image", image::picture),
    ("pool-batch", pool::batch),
    ("pool-awake", pool::awake),
    ("pool-asleep", pool::asleep),
    ("scaling", scaling::law),
    ("scaling-report", scaling::report),
    ("two-pi", two::pi),
    ("two-fib", two::fib_last),
    ("two-image", two::image),
];

fn main() -> Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked
        .iter()
        .find(|name| CONTESTS.iter().all(|(known, _)| known != name))
    {
        let names: Vec<_> = CONTESTS.iter().map(|(name, _)| *name).collect();
        bail!("there is no contest {unknown:?}: use {}", names.join(", "));
    }

    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", contest::preface())?;

    for (name, contest) in CONTESTS
        .iter()
        .filter(|(name, _)| asked.is_empty() || asked.iter().any(|a| a == name))
    {
        let contest = contest()?;
        writeln!(stdout, "{}", table(name, contest))?;
    }

    Ok(())
}

/// The workload called `name`, ready to run.
fn prepared(name: &str, params: Value) -> Result<Shared> {
    let definition = built_in()
        .find(name)
        .context("the workload is not registered")?;
    let stop = Stop::new();
    let context = Context {
        stop: &stop,
        observer: &Silent,
        workers: NonZeroUsize::MIN,
        memory: Bytes(8 << 30),
        task_timeout: Duration::MAX,
    };

    Ok(definition.prepare(params, &context)?)
}
