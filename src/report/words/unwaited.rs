//! That programs ended before what they had started, in words.

use crate::results::Measurement;
use crate::units::count;

/// That processes ended without waiting for others, so that no figure has all of the work: how many
/// did, over all arms and rounds. `None` where none was seen to.
pub(in crate::report) fn unwaited(measurement: &Measurement) -> Option<String> {
    let times = measurement.rounds.iter().flat_map(|round| &round.times);
    let all: usize = times.map(|time| time.unwaited).sum();

    (all > 0).then(|| {
        format!(
            "{} ended without waiting for others that they had started, which were then ended: no time and no CPU \
             time is that of the whole work, have the program wait for them",
            count(all, "program")
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
                .starts_with("3 programs ended without ")
        );
    }
}
