//! That the first run of a command was another one than those after it, in words.

use super::command::Command;
use crate::results::Measurement;
use crate::units::Seconds;

/// A first run that takes this many times as long as every other one did something that they did
/// not.
const MUCH_LONGER: f64 = 5.0;

/// That the first run of a command took much longer than all others, where nothing undoes what it
/// did: a build has nothing to do the second time.
pub(in crate::report) fn first_run(measurement: &Measurement) -> Option<String> {
    if Command::of(measurement)?.is_undone() {
        return None;
    }

    let cold = measurement.rounds.iter().find(|round| round.cold)?;
    let first = *cold.order.first()?;
    let first_s = cold.times.get(first)?.wall_s;
    let others = measurement
        .steady()
        .filter_map(|round| round.times.get(first));
    let longest_s = others.map(|time| time.wall_s).reduce(f64::max)?;
    (first_s > MUCH_LONGER * longest_s).then(|| {
        format!(
            "the first run took {} and no later one of {} more than {}: if there was nothing left to do, have --prepare \
             CMD undo it before each arm",
            Seconds(first_s),
            measurement.arms[first].label(),
            Seconds(longest_s)
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::fixture::measurement;

    #[test]
    fn a_command_with_nothing_to_do_the_second_time_is_noticed() {
        let mut build = measurement("pi", 2, 0.1, 0.05);
        let cold = build.rounds.iter_mut().find(|round| round.cold).unwrap();
        let first = cold.order[0];
        cold.times[first].wall_s = 3.0;
        assert_eq!(first_run(&build), None, "it is no command");

        build.params = json!({"command": ["make"]});
        let sentence = first_run(&build).unwrap();
        assert!(
            sentence.starts_with("the first run took 3.00 s and no later one of "),
            "{sentence}"
        );

        build.params = json!({"command": ["make"], "hooks": {"prepare": "make clean"}});
        assert_eq!(first_run(&build), None);
        let steady = Measurement {
            params: json!({"command": ["make"]}),
            ..measurement("pi", 2, 0.1, 0.05)
        };
        assert_eq!(first_run(&steady), None);
    }
}
