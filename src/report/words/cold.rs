//! What jobs that run once get, in words.

use super::names::name;
use crate::results::{Measurement, Run};
use crate::units::Seconds;

/// What jobs that run once get, where the cold rounds say something else than the steady ones: `a
/// job that runs once gets what the cold round got, not the figures above: fib 3.99 s serial and
/// 2.39 s on pool 2`. Times, and no ratio: of memory that is fresh from the system, the first arm
/// may pay more.
pub(in crate::report) fn cold(run: &Run) -> Option<String> {
    let measured = run
        .measurements
        .iter()
        .filter(|measurement| !run.shows_task_cost(measurement));
    let others: Vec<String> = measured
        .filter_map(|measurement| {
            let round = cold_round(measurement)?;
            Some(format!("{} {round}", name(run, measurement)))
        })
        .collect();

    (!others.is_empty()).then(|| {
        format!(
            "a job that runs once gets what the cold round got, not the figures above: {} (one round)",
            others.join(", ")
        )
    })
}

/// What the best arm of `measurement` got in the cold round, where that differs from the steady
/// ones.
fn cold_round(measurement: &Measurement) -> Option<String> {
    let round = measurement.rounds.iter().find(|round| round.cold)?;
    let (pair, summary) = measurement
        .pairs()
        .filter(|pair| !pair.arm().is_of_other_command())
        .filter_map(|pair| Some((pair, pair.summary()?)))
        .max_by(|a, b| a.1.speedup.total_cmp(&b.1.speedup))?;
    let cold = pair.in_round(round).speedup();
    let (low, high) = (summary.speedup_low?, summary.speedup_high?);
    let is_other = cold < low * (1.0 - NOTABLE_COLD) || cold > high * (1.0 + NOTABLE_COLD);

    let times = pair.in_round(round);
    is_other.then(|| {
        format!(
            "{} {} and {} on {}",
            Seconds(times.reference_s()),
            reference(measurement),
            Seconds(times.arm_s()),
            pair.arm().label()
        )
    })
}

fn reference(measurement: &Measurement) -> String {
    let arm = measurement.reference_arm();

    if arm.is_serial() {
        arm.label()
    } else {
        format!("on {}", arm.label())
    }
}

/// How far beyond the steady interval a single cold round is worth a sentence.
const NOTABLE_COLD: f64 = 0.15;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::report::fixture;

    #[test]
    fn a_cold_round_that_says_something_else_is_for_jobs_that_run_once() {
        let run_with = |cold_s: f64| {
            let mut measurement = measurement(&[2], 12, |_| 0.97, 3);
            let cold = &mut measurement.rounds[0];
            cold.cold = true;
            cold.times[0].wall_s = 1.0;
            cold.times[1].wall_s = cold_s;
            fixture::of(vec![measurement])
        };

        let sentence = cold(&run_with(0.5)).unwrap();
        assert!(
            sentence.ends_with(
                "not the figures above: fib 1.00 s serial and 500 ms on pool 2 (one round)"
            ),
            "{sentence}"
        );
        assert_eq!(cold(&run_with(0.97)), None);
    }
}
