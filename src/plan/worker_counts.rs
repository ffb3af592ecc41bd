//! Numbers of workers as people type them: `4`, `1,2,4`, `1..8`, `max`, `sweep`.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use crate::machine;
use crate::units::Bounded;

/// The most workers that an engine is asked for.
pub const MOST_WORKERS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// One or more numbers of workers, each once and from 1 to [`MOST_WORKERS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCounts(Vec<NonZeroUsize>);

impl WorkerCounts {
    /// As many as there are CPUs to use.
    #[must_use]
    pub fn usable() -> Self {
        Self(vec![machine::planned_cpus().min(MOST_WORKERS)])
    }

    /// 1, 2, 4 and so on up to the usable CPUs, and these.
    fn sweep() -> impl Iterator<Item = NonZeroUsize> {
        let most = machine::planned_cpus().min(MOST_WORKERS);
        let doubling = std::iter::successors(Some(NonZeroUsize::MIN), |count| {
            count.checked_mul(NonZeroUsize::MIN.saturating_add(1))
        });

        doubling
            .take_while(move |&count| count < most)
            .chain(std::iter::once(most))
    }

    /// The numbers, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[NonZeroUsize] {
        &self.0
    }
}

impl FromStr for WorkerCounts {
    type Err = String;

    /// `4`, `1,2,4`, `1..8` or `1-8` (both ends), `max`, the usable CPUs, or `sweep`, 1, 2, 4 and
    /// so on up to these.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "must be workers from 1 to {MOST_WORKERS}: 4, or a list such as 1,2,4, or a range such as 1..8 (both ends included), or \
                 max, or sweep"
            )
        };
        let count = |text: &str| match text.trim() {
            "max" => Ok(machine::planned_cpus().min(MOST_WORKERS)),
            text => text
                .parse::<Bounded<1, { MOST_WORKERS.get() as u64 }>>()
                .ok()
                .and_then(|number| NonZeroUsize::new(number.count()))
                .ok_or_else(wrong),
        };

        let mut counts = Vec::new();
        for part in text.split(',') {
            if part.trim() == "sweep" {
                counts.extend(Self::sweep());
                continue;
            }
            match part.split_once("..").or_else(|| part.split_once('-')) {
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
        if counts.is_empty() {
            Err(wrong())
        } else {
            Ok(Self(counts))
        }
    }
}

impl fmt::Display for WorkerCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(","),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_doubles_up_to_the_usable_cpus() {
        let cpus = machine::planned_cpus().min(MOST_WORKERS);
        let counts = "sweep".parse::<WorkerCounts>().unwrap();
        let counts = counts.as_slice();

        assert_eq!((counts[0].get(), counts.last()), (1, Some(&cpus)));
        let before_last = &counts[..counts.len() - 1];
        assert!(before_last.iter().all(|count| count.is_power_of_two()));
        assert!(
            counts
                .windows(2)
                .all(|pair| { pair[0] < pair[1] && pair[1].get() <= 2 * pair[0].get() })
        );
    }

    #[test]
    fn worker_counts_take_every_documented_form() {
        let counts = |text: &str| {
            let parsed = text.parse::<WorkerCounts>();
            parsed.map(|counts| counts.0.iter().map(|count| count.get()).collect::<Vec<_>>())
        };
        assert_eq!(counts("4").unwrap(), [4]);
        assert_eq!(counts("1,2,4").unwrap(), [1, 2, 4]);
        assert_eq!(counts("1..4").unwrap(), [1, 2, 3, 4]);
        assert_eq!(counts("1-4").unwrap(), [1, 2, 3, 4]);
        assert_eq!(counts("1k").unwrap(), [1000]);
        assert_eq!(counts("2,1..3").unwrap(), [2, 1, 3]);
        for wrong in [
            "", "0", "-1", "1025", "x", "4..2", "4..2,1", "1,", "1...3", "4-2", "1-", "1--2",
        ] {
            let error = counts(wrong).unwrap_err();
            assert!(
                error.starts_with("must be workers from 1 to 1024"),
                "{wrong}: {error}"
            );
        }
    }
}
