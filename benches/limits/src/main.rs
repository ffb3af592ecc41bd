//! Runs each kernel beside its alternatives and beside the physical limit, in one process, in turns, and prints
//! a Markdown table of medians and ratios. It measures and prints only: the contenders stand in the other files.
//!
//! `cargo run --release -p limits [--features gmp] [GROUP...] > results/limits.md`

mod contest;
mod fib;
mod pi;

use std::io::Write;

use anyhow::{Result, bail};

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
];

fn main() -> Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked.iter().find(|name| CONTESTS.iter().all(|(known, _)| known != name)) {
        let names: Vec<_> = CONTESTS.iter().map(|(name, _)| *name).collect();
        bail!("there is no contest {unknown:?}: use {}", names.join(", "));
    }
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", contest::preface())?;
    for (name, contest) in
        CONTESTS.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|a| a == name))
    {
        let contest = contest()?;
        writeln!(stdout, "{}", table(name, contest))?;
    }
    Ok(())
}
