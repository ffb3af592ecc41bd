//! Histories for the tests, made of measurements with seeded noise.

use super::{History, Record, history};
use crate::analysis::scaled::noisy;
use crate::results::{Rounds, Run, SCHEMA_VERSION, Sampling, machines};

/// A run of `fib` on the day of this number, whose pool takes `factor` times as long as usual.
pub(crate) fn run(factor: f64, day: usize) -> Run {
    let seed = 1 + day as u64;

    Run {
        schema_version: SCHEMA_VERSION,
        parbench_version: "0.1.0".to_owned(),
        started_at: date(day),
        command: Vec::new(),
        interrupted: false,
        quick: None,
        environment: machines::quiet(),
        sampling: Sampling {
            warmup: 1,
            rounds: Rounds::Exactly(8),
            order_seed: 1,
        },
        measurements: vec![noisy(&[2], 8, |n| factor / n, 0.002, seed)],
        comparison: None,
        problems: Vec::new(),
    }
}

/// Days one after another, as many as there are in 28 months of 28 days.
pub(crate) fn date(day: usize) -> String {
    let (year, month) = (2026 + day / 336, 1 + day / 28 % 12);

    format!("{year}-{month:02}-{:02}T00:00:00Z", 1 + day % 28)
}

/// The line of a run on that day.
pub(crate) fn line(factor: f64, day: usize) -> String {
    let commit = format!("{:07x}", 0x00ab_c000 + day);

    Record::of(&run(factor, day), Some(commit)).unwrap().text()
}

/// A history with a run for each factor, day by day.
pub(crate) fn of(factors: &[f64]) -> History {
    let lines = factors
        .iter()
        .zip(0..)
        .map(|(factor, day)| line(*factor, day) + "\n");

    history(&[(
        "fixture.jsonl".to_owned(),
        lines.collect::<String>().into_bytes(),
    )])
}
