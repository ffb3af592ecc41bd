//! When a measurement has rounds enough. It may look at how wide the speed-up's interval is, never at what
//! the interval says: stopping on a result makes the result more likely.
//!
//! Source of the rule: Y. S. Chow and H. Robbins, "On the asymptotic theory of fixed-width sequential
//! confidence intervals for the mean", Annals of Mathematical Statistics 36, 1965.

use std::time::Duration;

use crate::results::{Precision, Rounds, SPEEDUP_CONFIDENCE};
use crate::stats::median_interval;

/// The progress of a measurement that lacks only its last round.
const ALMOST: f64 = 0.99;

/// The share of the measurement that is done, from 0 to 1; 1 means enough. `counted` rounds are complete
/// since the warm-up, in `spent` time: of an exact number the cold one is part where there is no warm-up, else it is not; `speedups` gives those of the steady ones, and is asked only when the rule
/// looks at them: a fixed number of rounds does not, and collecting them after every round would cost its square.
#[must_use]
pub fn progress(
    rounds: Rounds,
    counted: u32,
    spent: Duration,
    speedups: impl FnOnce() -> Vec<f64>,
) -> f64 {
    match rounds {
        Rounds::Exactly(rounds) => share(f64::from(counted), f64::from(rounds)),
        Rounds::Until(precision) => {
            let done = until(precision, counted, spent, &speedups());
            // Each arm goes first as often as the other: what going first costs or gains then cancels.
            if counted.is_multiple_of(2) {
                done
            } else {
                done.min(ALMOST)
            }
        }
    }
}

fn until(precision: Precision, counted: u32, spent: Duration, speedups: &[f64]) -> f64 {
    let Precision {
        min_rounds,
        min_time,
        max_time,
        half_width,
    } = precision;
    let time = |of: Duration| share(spent.as_secs_f64(), of.as_secs_f64());
    let least = share(f64::from(counted), f64::from(min_rounds));
    let width = median_interval(speedups, SPEEDUP_CONFIDENCE).map_or(0.0, |interval| {
        let relative = (interval.high - interval.low) / (interval.high + interval.low);
        // The width falls with the square root of the rounds.
        if relative <= half_width {
            1.0
        } else {
            (half_width / relative).powi(2)
        }
    });
    least.min(time(max_time).max(width.min(time(min_time))))
}

fn share(done: f64, of: f64) -> f64 {
    if done >= of { 1.0 } else { done / of }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn until(min_rounds: u32) -> Rounds {
        let (min_time, max_time) = (SECOND, 10 * SECOND);
        Rounds::Until(Precision {
            min_rounds,
            min_time,
            max_time,
            half_width: 0.02,
        })
    }

    #[test]
    fn a_number_of_rounds_is_met_exactly() {
        assert_eq!(progress(Rounds::Exactly(4), 1, SECOND, Vec::new), 0.25);
        assert_eq!(
            progress(Rounds::Exactly(4), 4, Duration::ZERO, Vec::new),
            1.0
        );
    }

    #[test]
    fn a_fixed_number_of_rounds_never_asks_for_the_speedups() {
        let unused = || panic!("nothing depends on them");
        assert_eq!(progress(Rounds::Exactly(4), 3, SECOND, unused), 0.75);
    }

    #[test]
    fn a_narrow_interval_ends_it_after_the_least_rounds_and_time() {
        let narrow = [2.0, 2.0, 2.02, 1.98, 2.0, 2.01];
        assert_eq!(progress(until(6), 6, SECOND, || narrow.to_vec()), 1.0);
        assert_eq!(progress(until(6), 6, SECOND / 2, || narrow.to_vec()), 0.5);
        assert_eq!(progress(until(12), 6, SECOND, || narrow.to_vec()), 0.5);
        assert_eq!(
            progress(until(5), 7, SECOND, || narrow.to_vec()),
            ALMOST,
            "a block is finished"
        );
    }

    #[test]
    fn a_wide_one_goes_on_until_the_time_is_spent() {
        let wide = [2.0, 1.0, 3.0, 1.5, 2.0, 2.5];
        assert!(progress(until(6), 6, 5 * SECOND, || wide.to_vec()) < 1.0);
        assert_eq!(progress(until(6), 6, 10 * SECOND, || wide.to_vec()), 1.0);
        assert_eq!(
            progress(until(6), 4, 10 * SECOND, Vec::new),
            4.0 / 6.0,
            "the least rounds are run all the same"
        );
    }
}
