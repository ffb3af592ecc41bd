//! What will be measured, valid by construction: cases, worker counts, how many rounds. Nothing runs here.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::machine;
use crate::units::Bytes;
use crate::{engine, workload};

/// The most workers that an engine is asked for.
pub const MOST_WORKERS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// One invocation's measurements.
pub struct Plan {
    /// In the order of measuring.
    pub cases: Vec<Case>,
    /// How many rounds each case gets.
    pub sampling: Sampling,
    /// Memory that running tasks together may hold.
    pub memory: Bytes,
}

/// One workload with its parameters, on one engine, with one or more numbers of workers.
pub struct Case {
    /// The workload.
    pub workload: &'static workload::Definition,
    /// Its complete parameters.
    pub params: Value,
    /// The engine of the distributed arm.
    pub engine: &'static engine::Definition,
    /// Its numbers of workers, each a measurement of its own.
    pub workers: WorkerCounts,
    /// The workload's flags by their own names, with what the user types for them here.
    pub flags: Vec<(String, String)>,
}

impl Case {
    /// `message` with every flag of the workload as the user types it: a way out must name flags that exist.
    #[must_use]
    pub fn as_typed(&self, message: &str) -> String {
        let mut words = Vec::new();
        for word in message.split(' ') {
            let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(word.len());
            let typed = self.flags.iter().find(|(own, _)| own == &word[..end]);
            words
                .push(typed.map_or_else(|| word.to_owned(), |(_, typed)| format!("{typed}{}", &word[end..])));
        }
        words.join(" ")
    }
}

/// How many rounds a measurement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Rounds that run before those that count. The first round ever is the cold one; it is stored but
    /// counts only if there is no warm-up.
    pub warmup: u32,
    /// When to stop.
    pub rounds: Rounds,
}

/// When a measurement has rounds enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounds {
    /// After so many.
    Exactly(u32),
    /// After an even number, at least so many, as soon as so much time is spent.
    Until {
        /// The least number of rounds.
        min: u32,
        /// The time, counted from the end of the warm-up.
        time: Duration,
    },
}

/// The progress of a measurement that lacks only its last round.
const ALMOST: f64 = 0.99;

impl Rounds {
    /// The share of the measurement that is done, from 0 to 1; 1 means enough.
    #[must_use]
    pub fn progress(self, counted: u32, spent: Duration) -> f64 {
        let share = |done: f64, of: f64| if done >= of { 1.0 } else { done / of };
        match self {
            Self::Exactly(rounds) => share(f64::from(counted), f64::from(rounds)),
            Self::Until { min, time } => {
                let enough = share(f64::from(counted), f64::from(min))
                    .min(share(spent.as_secs_f64(), time.as_secs_f64()));
                // Each arm goes first as often as the other: what going first costs or gains then cancels.
                if counted.is_multiple_of(2) { enough } else { enough.min(ALMOST) }
            }
        }
    }
}

/// One or more numbers of workers, none twice, each from 1 to [`MOST_WORKERS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCounts(Vec<NonZeroUsize>);

impl WorkerCounts {
    /// As many as this process may use CPUs.
    #[must_use]
    pub fn usable() -> Self {
        Self(vec![machine::usable_cpus().min(MOST_WORKERS)])
    }

    /// The numbers, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[NonZeroUsize] {
        &self.0
    }
}

impl FromStr for WorkerCounts {
    type Err = String;

    /// `4`, `1,2,4`, `1..8` (both ends), `max`; 0 and `max` are the usable CPUs.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("must be workers from 1 to {MOST_WORKERS}: 4, 1,2,4, 1..8, or max");
        let count = |text: &str| match text.trim() {
            "0" | "max" => Ok(machine::usable_cpus().min(MOST_WORKERS)),
            text => text.parse().ok().filter(|&n| n <= MOST_WORKERS).ok_or_else(wrong),
        };
        let mut counts = Vec::new();
        for part in text.split(',') {
            match part.split_once("..") {
                Some((first, last)) => {
                    let range = count(first)?.get()..=count(last)?.get();
                    if range.is_empty() {
                        return Err(wrong());
                    }
                    counts.extend(range.filter_map(NonZeroUsize::new));
                }
                None => counts.push(count(part)?),
            }
        }
        let mut seen = std::collections::HashSet::new();
        counts.retain(|&count| seen.insert(count));
        if counts.is_empty() { Err(wrong()) } else { Ok(Self(counts)) }
    }
}

impl fmt::Display for WorkerCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worker_counts_take_every_documented_form() {
        let counts = |text: &str| {
            let parsed = text.parse::<WorkerCounts>();
            parsed.map(|counts| counts.0.iter().map(|count| count.get()).collect::<Vec<_>>())
        };
        assert_eq!(counts("4").unwrap(), [4]);
        assert_eq!(counts("1,2,4").unwrap(), [1, 2, 4]);
        assert_eq!(counts("1..4").unwrap(), [1, 2, 3, 4]);
        assert_eq!(counts("2,1..3").unwrap(), [2, 1, 3]);
        assert_eq!(counts("max").unwrap(), counts("0").unwrap());
        for wrong in ["", "-1", "1025", "x", "4..2", "4..2,1", "1,", "1...3"] {
            let error = counts(wrong).unwrap_err();
            assert!(error.starts_with("must be workers from 1 to 1024"), "{wrong}: {error}");
        }
    }

    #[test]
    fn rounds_end_by_number_or_by_time() {
        let second = Duration::from_secs(1);
        assert_eq!(Rounds::Exactly(4).progress(1, second), 0.25);
        assert_eq!(Rounds::Exactly(4).progress(4, Duration::ZERO), 1.0);
        let until = Rounds::Until { min: 5, time: 10 * second };
        assert_eq!(until.progress(5, 5 * second), 0.5);
        assert_eq!(until.progress(5, 20 * second), ALMOST);
        assert_eq!(until.progress(1, 20 * second), 0.2);
        assert_eq!(until.progress(6, 10 * second), 1.0);
        assert_eq!(Rounds::Until { min: 1, time: Duration::ZERO }.progress(2, Duration::ZERO), 1.0);
    }
}
