//! Contenders that run in turns, and the table of their times. Every round runs each of them once,
//! in an order that is drawn for the round, and ratios are of one round: what the machine does in
//! between meets all of them.

use std::fmt::Write;
use std::time::{Duration, Instant};

use parbench::results::Environment;
use parbench::stats::{median, median_interval};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

/// Rounds after one that does not count.
const ROUNDS: usize = 25;
const CONFIDENCE: f64 = 0.95;

/// Things that do the same work.
pub(crate) struct Contest {
    /// What the work is.
    pub(crate) title: String,
    /// The unit of the times.
    pub(crate) unit: Unit,
    /// The first one is what the others are compared with.
    pub(crate) contenders: Vec<Contender>,
}

/// What times are given in.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Milliseconds of one run.
    Milliseconds,
    /// Nanoseconds of one part of a run: how many parts there are, and what one is called.
    NanosecondsPer(f64, &'static str),
}

/// One way to do the work.
pub(crate) struct Contender {
    name: String,
    run: Box<dyn FnMut() -> Duration>,
}

impl Contender {
    /// `work`, timed whole.
    pub(crate) fn new<T>(name: impl Into<String>, mut work: impl FnMut() -> T + 'static) -> Self {
        Self::timed_by(name, move || {
            let start = Instant::now();
            let result = std::hint::black_box(work());
            let time = start.elapsed();

            drop(result);
            time
        })
    }

    /// `work` that may fail, timed whole. A failure counts as endless: an error that comes early
    /// must not look fast.
    pub(crate) fn trying<T, E>(
        name: impl Into<String>,
        mut work: impl FnMut() -> Result<T, E> + 'static,
    ) -> Self {
        Self::timed_by(name, move || {
            let start = Instant::now();
            let result = std::hint::black_box(work());
            let time = start.elapsed();

            if result.is_ok() { time } else { Duration::MAX }
        })
    }

    /// `run`, which times the part of itself that counts.
    pub(crate) fn timed_by(
        name: impl Into<String>,
        run: impl FnMut() -> Duration + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Where and with what the figures were made.
pub(crate) fn preface() -> String {
    let environment = Environment::probe();

    format!(
        "# Kernels beside their limits\n\n`cargo run --release -p limits --features gmp,turbojpeg > results/limits.md` on {}, {} usable CPUs, {} {}.\n\n\
         Each round runs all rows of a table once, in an order drawn for it. Times are medians of {ROUNDS} rounds; a ratio \
         is the median of the rounds' ratios of the first row to this one, with its 95 % interval: below 1, the first row \
         is faster.\n",
        environment.cpu_model, environment.usable_cpus, environment.os, environment.kernel
    )
}

/// Runs the contest and returns its table.
pub(crate) fn table(name: &str, mut contest: Contest) -> String {
    let all_seconds = rounds(&mut contest.contenders);

    let mut text = format!("## {name}: {}\n\n", contest.title);
    let unit = match contest.unit {
        Unit::Milliseconds => "ms".to_owned(),
        Unit::NanosecondsPer(_, part) => format!("ns a {part}"),
    };
    writeln!(text, "| | {unit} | first row / this |\n|---|---:|---:|").ok();

    for (contender, seconds) in contest.contenders.iter().zip(&all_seconds) {
        let typical = median(seconds).unwrap_or(f64::NAN);
        let time = match contest.unit {
            Unit::Milliseconds => typical * 1e3,
            Unit::NanosecondsPer(parts, _) => typical * 1e9 / parts,
        };

        let ratios: Vec<f64> = all_seconds[0]
            .iter()
            .zip(seconds)
            .map(|(first, this)| first / this)
            .collect();
        let ratio = match (median(&ratios), median_interval(&ratios, CONFIDENCE)) {
            (Some(ratio), Some(interval)) => {
                format!("{ratio:.3} [{:.3}, {:.3}]", interval.low, interval.high)
            }
            _ => String::new(),
        };

        writeln!(text, "| {} | {time:.3} | {ratio} |", contender.name).ok();
    }

    text
}

/// The seconds of every contender in every round.
fn rounds(contenders: &mut [Contender]) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut random = SmallRng::seed_from_u64(1);

    for round in 0..=ROUNDS {
        order.shuffle(&mut random);

        for &index in &order {
            let time = (contenders[index].run)();
            if round > 0 {
                seconds[index].push(time.as_secs_f64());
            }
        }
    }

    seconds
}
