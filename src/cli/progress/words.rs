//! Where a measurement is, in words.

use std::time::Duration;

/// Which round runs, and how long the rest takes, as far as it is known.
pub(super) fn round_message(number: usize, left: Option<Duration>) -> String {
    match left {
        Some(left) => format!("round {number}, about {} left", rounded(left)),
        None if number == 1 => "round 1, cold".to_owned(),
        None => format!("round {number}"),
    }
}

/// A duration to whole seconds, which is what people wait for.
pub(super) fn rounded(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil();

    if seconds < 100.0 {
        format!("{seconds:.0}s")
    } else {
        format!("{:.0}m", (seconds / 60.0).ceil())
    }
}
