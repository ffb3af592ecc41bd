//! Rounds one after another until there are enough: the loop of one program's measurement, and of
//! two programs in turns.

use std::time::Duration;

use super::Conditions;
use super::order::order;
use super::stop_rule::{Spent, progress};
use crate::event::Event;
use crate::results::{self, Precision, Sampling};

/// Something that runs rounds of the same arms.
pub trait Rounds {
    /// Why a round is not complete.
    type Error;

    /// How many arms a round has.
    fn arms(&self) -> usize;

    /// Runs round `number`, counted from 0, with its arms in this order, and keeps it if it is to
    /// be stored. Returns what each arm is called and what it took, the reference first.
    fn run(
        &mut self,
        number: u32,
        order: &[usize],
        keep: bool,
    ) -> Result<Vec<(String, Duration)>, Self::Error>;

    /// Called after the cold round.
    fn after_cold_round(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// For each ratio that is to be known well, its values in the steady rounds so far.
    fn ratios(&self) -> Vec<Vec<f64>>;
}

/// Runs rounds until `sampling` has enough.
pub fn run_rounds<R: Rounds>(
    rounds: &mut R,
    sampling: Sampling,
    conditions: Conditions<'_>,
) -> Result<(), R::Error> {
    let Conditions {
        clock, observer, ..
    } = conditions;
    let Sampling {
        warmup, order_seed, ..
    } = sampling;
    let arms = rounds.arms();
    let mut began = clock.now();

    for number in 0_u32.. {
        if number == warmup {
            // Warm-up, and the audit in it, take nothing from the time for the rounds that count.
            began = clock.now();
        }
        observer.observe(&Event::RoundStarted {
            number: number as usize + 1,
        });

        let keep = number == 0 || number >= warmup;
        let times = rounds.run(number, &order(order_seed, number, warmup, arms), keep)?;

        let spent = Spent {
            rounds: counted(sampling, number),
            time: clock.since(began),
            arms,
        };
        let done = progress(sampling.rounds, spent, || rounds.ratios());
        observer.observe(&Event::RoundFinished {
            done: number as usize + 1,
            progress: done,
            left: left(sampling, spent, done),
            times,
        });
        if number == 0 {
            rounds.after_cold_round()?;
        }
        if done >= 1.0 {
            break;
        }
    }
    Ok(())
}

/// How many rounds count once round `number` is complete.
fn counted(sampling: Sampling, number: u32) -> u32 {
    let before = match sampling.rounds {
        results::Rounds::Exactly(_) => sampling.warmup,
        // Without warm-up the cold round would make an even number of steady ones odd.
        results::Rounds::Until(_) => sampling.warmup.max(1),
    };

    (number + 1).saturating_sub(before)
}

/// The time that is probably left; `None` as long as no round has counted.
fn left(sampling: Sampling, spent: Spent, done: f64) -> Option<Duration> {
    if spent.rounds == 0 {
        return None;
    }

    let round_time = spent.time / spent.rounds;
    match sampling.rounds {
        results::Rounds::Exactly(rounds) => Some(round_time * rounds.saturating_sub(spent.rounds)),
        results::Rounds::Until(Precision {
            min_rounds,
            max_time,
            ..
        }) => {
            let fewest = round_time * min_rounds.saturating_sub(spent.rounds);
            let arms = u32::try_from(spent.arms).unwrap_or(u32::MAX);
            let most = max_time.saturating_mul(arms).saturating_sub(spent.time);
            let expected = spent.time.as_secs_f64() * (1.0 - done) / done.max(1e-6);
            let expected = Duration::try_from_secs_f64(expected).unwrap_or(Duration::MAX);

            Some(fewest.max(expected.min(most)))
        }
    }
}

/// The most time that the rounds after the warm-up of a measurement with `arms` arms take; `None`
/// where their number is fixed.
#[must_use]
pub fn longest(sampling: Sampling, arms: usize) -> Option<Duration> {
    match sampling.rounds {
        results::Rounds::Exactly(_) => None,
        results::Rounds::Until(precision) => Some(
            precision
                .max_time
                .saturating_mul(u32::try_from(arms).unwrap_or(u32::MAX)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn until() -> Sampling {
        let rounds = results::Rounds::Until(Precision {
            min_rounds: 6,
            min_time: SECOND,
            max_time: 5 * SECOND,
            half_width: 0.02,
        });
        Sampling {
            warmup: 1,
            rounds,
            order_seed: 0,
        }
    }

    #[test]
    fn what_is_left_is_bounded_by_the_rounds_and_by_the_time() {
        let exactly = Sampling {
            rounds: results::Rounds::Exactly(10),
            ..until()
        };
        let spent = |rounds| Spent {
            rounds,
            time: SECOND * rounds,
            arms: 2,
        };
        assert_eq!(left(exactly, spent(0), 0.0), None);
        assert_eq!(left(exactly, spent(4), 0.4), Some(6 * SECOND));

        assert_eq!(
            left(until(), spent(2), 0.02),
            Some(8 * SECOND),
            "two arms have ten seconds"
        );
        assert_eq!(
            left(until(), spent(2), 0.9),
            Some(4 * SECOND),
            "six rounds are run anyway"
        );
        assert_eq!(left(until(), spent(8), 0.8), Some(2 * SECOND));
        assert_eq!(longest(until(), 4), Some(20 * SECOND));
        assert_eq!(longest(exactly, 4), None);
    }

    #[test]
    fn the_cold_round_counts_only_where_an_exact_number_was_asked_for_without_warm_up() {
        let exactly = |warmup| Sampling {
            warmup,
            rounds: results::Rounds::Exactly(3),
            ..until()
        };
        assert_eq!((counted(exactly(0), 0), counted(exactly(2), 2)), (1, 1));
        let until = |warmup| Sampling { warmup, ..until() };
        assert_eq!(
            (
                counted(until(0), 0),
                counted(until(0), 1),
                counted(until(1), 1)
            ),
            (0, 1, 1)
        );
    }
}
