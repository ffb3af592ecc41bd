//! That a run holds the times of some of its tasks only, in words.

use crate::results::Measurement;
use crate::units::count;

/// Of how many tasks the run does not hold when they ran, although that was to be stored; `None`
/// where none is missing.
pub(in crate::report) fn spans_left_out(measurement: &Measurement) -> Option<String> {
    let times = || measurement.rounds.iter().flat_map(|round| &round.times);
    let left_out: usize = times().map(|time| time.spans_left_out).sum();
    let stored: usize = times().map(|time| time.spans.len()).sum();

    (left_out > 0).then(|| {
        format!(
            "when each task ran is stored for {}; {left_out} more are too many for one run",
            count(stored, "task")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::measurement;
    use crate::results::Span;

    #[test]
    fn spans_that_are_missing_are_counted() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        assert_eq!(spans_left_out(&measurement), None);

        let span = Span {
            task: 0,
            worker: 0,
            node: None,
            start_s: 0.0,
            end_s: 1.0,
        };
        measurement.rounds[1].times[1].spans = vec![span; 3];
        measurement.rounds[1].times[1].spans_left_out = 7;
        measurement.rounds[2].times[1].spans_left_out = 2;
        assert_eq!(
            spans_left_out(&measurement).unwrap(),
            "when each task ran is stored for 3 tasks; 9 more are too many for one run"
        );
    }
}
