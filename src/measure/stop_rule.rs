//! When a measurement has rounds enough. It may look at how wide the intervals of the speed-ups
//! are, never at what the intervals say: stopping on a result makes the result more likely.
//!
//! Source of the rule: Y. S. Chow and H. Robbins, "On the asymptotic theory of fixed-width
//! sequential confidence intervals for the mean", Annals of Mathematical Statistics 36, 1965.

use std::time::Duration;

use crate::analysis::SPEEDUP_CONFIDENCE;
use crate::results::{Precision, Rounds};
use crate::stats::median_interval;

/// The progress of a measurement that lacks only its last round.
const ALMOST: f64 = 0.99;

/// How far a measurement has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent {
    /// The rounds complete since the warm-up. Of an exact number the cold one is part where there
    /// is no warm-up; else it is not.
    pub(super) rounds: u32,
    /// The time that they took.
    pub(super) time: Duration,
    /// How many arms a round has: each has its own share of the most time.
    pub(super) arms: usize,
}

/// The share of the measurement that is done, from 0 to 1; 1 means enough.
///
/// `ratios` gives, for each arm but the reference, the speed-ups of the steady rounds. It is called
/// only when the rule looks at them: a fixed number of rounds does not, and collecting them after
/// every round would cost its square.
#[must_use]
pub(super) fn progress(
    rounds: Rounds,
    spent: Spent,
    ratios: impl FnOnce() -> Vec<Vec<f64>>,
) -> f64 {
    match rounds {
        Rounds::Exactly(rounds) => share(f64::from(spent.rounds), f64::from(rounds)),
        Rounds::Until(precision) => {
            let done = until(precision, spent, &ratios());

            // Each arm stands before every other as often as behind it: what going first costs or
            // gains then cancels.
            if spent.rounds.is_multiple_of(2) {
                done
            } else {
                done.min(ALMOST)
            }
        }
    }
}

fn until(precision: Precision, spent: Spent, ratios: &[Vec<f64>]) -> f64 {
    let Precision {
        min_rounds,
        min_time,
        max_time,
        half_width,
    } = precision;
    let share_of = |limit: Duration| share(spent.time.as_secs_f64(), limit.as_secs_f64());

    let fewest = share(f64::from(spent.rounds), f64::from(min_rounds));
    let narrowness = |ratios: &Vec<f64>| narrowness(ratios, half_width);
    let width = ratios.iter().map(narrowness).fold(1.0, f64::min);
    let most_time = max_time.saturating_mul(u32::try_from(spent.arms).unwrap_or(u32::MAX));

    fewest.min(share_of(most_time).max(width.min(share_of(min_time))))
}

/// How near the interval of the median of `ratios` is to the wanted width: 1 when it is as narrow.
/// The width falls with the square root of the rounds.
fn narrowness(ratios: &[f64], half_width: f64) -> f64 {
    median_interval(ratios, SPEEDUP_CONFIDENCE).map_or(0.0, |interval| {
        let relative = (interval.high - interval.low) / (interval.high + interval.low);
        if relative <= half_width {
            1.0
        } else {
            (half_width / relative).powi(2)
        }
    })
}

fn share(done: f64, whole: f64) -> f64 {
    if done >= whole { 1.0 } else { done / whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn until(min_rounds: u32) -> Rounds {
        Rounds::Until(Precision {
            min_rounds,
            min_time: SECOND,
            max_time: 5 * SECOND,
            half_width: 0.02,
        })
    }

    fn spent(rounds: u32, time: Duration) -> Spent {
        Spent {
            rounds,
            time,
            arms: 2,
        }
    }

    #[test]
    fn a_number_of_rounds_is_met_exactly() {
        assert_eq!(
            progress(Rounds::Exactly(4), spent(1, SECOND), Vec::new),
            0.25
        );
        assert_eq!(
            progress(Rounds::Exactly(4), spent(4, Duration::ZERO), Vec::new),
            1.0
        );
    }

    #[test]
    fn a_fixed_number_of_rounds_never_asks_for_the_speedups() {
        let unused = || panic!("nothing depends on them");
        assert_eq!(progress(Rounds::Exactly(4), spent(3, SECOND), unused), 0.75);
    }

    #[test]
    fn narrow_intervals_end_it_after_the_least_rounds_and_time() {
        let narrow = || vec![vec![2.0, 2.0, 2.02, 1.98, 2.0, 2.01]];
        assert_eq!(progress(until(6), spent(6, SECOND), narrow), 1.0);
        assert_eq!(progress(until(6), spent(6, SECOND / 2), narrow), 0.5);
        assert_eq!(progress(until(12), spent(6, SECOND), narrow), 0.5);
        assert_eq!(
            progress(until(5), spent(7, SECOND), narrow),
            ALMOST,
            "a block is finished"
        );
    }

    #[test]
    fn the_widest_interval_decides() {
        let narrow = vec![2.0, 2.0, 2.02, 1.98, 2.0, 2.01];
        let wide = vec![2.0, 1.0, 3.0, 1.5, 2.0, 2.5];
        let ratios = || vec![narrow, wide.clone()];
        let both = progress(until(6), spent(6, SECOND), ratios);
        let alone = progress(until(6), spent(6, SECOND), || vec![wide]);
        assert!(both < 1.0 && both == alone, "{both} {alone}");
    }

    #[test]
    fn a_wide_one_goes_on_until_the_time_of_all_arms_is_spent() {
        let wide = || vec![vec![2.0, 1.0, 3.0, 1.5, 2.0, 2.5]];
        assert!(progress(until(6), spent(6, 5 * SECOND), wide) < 1.0);
        assert_eq!(progress(until(6), spent(6, 10 * SECOND), wide), 1.0);
        let few = progress(until(6), spent(4, 10 * SECOND), || vec![Vec::new()]);
        assert_eq!(few, 4.0 / 6.0, "the least rounds are run all the same");
    }
}
