//! That processes outlived the programs that had started them, in words.

use crate::results::Measurement;

/// That processes outlived their programs, so that no time is that of all the work: how many, over
/// all arms and rounds. `None` where none was seen to.
pub(in crate::report) fn unwaited(measurement: &Measurement) -> Option<String> {
    let times = measurement.rounds.iter().flat_map(|round| &round.times);
    let all: usize = times.map(|time| time.unwaited).sum();

    (all > 0).then(|| {
        format!(
            "processes that outlived the program which had started them were ended ({all} in all): no time is that of the \
             whole work, have the program wait for them"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn processes_that_nobody_waited_for_are_counted() {
        let mut measurement = measurement("pi", 2, 0.1, 0.05);
        assert_eq!(unwaited(&measurement), None);

        measurement.rounds[1].times[0].unwaited = 2;
        measurement.rounds[2].times[1].unwaited = 1;
        assert!(
            unwaited(&measurement)
                .unwrap()
                .contains("were ended (3 in all)")
        );
    }
}
