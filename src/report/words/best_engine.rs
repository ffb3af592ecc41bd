//! Which engine does the work best, in words.

use super::ratio::{ends, ratio, spaced};
use super::run::now;
use crate::analysis::{Beside, BestEngine, Estimate};
use crate::results::{Measurement, Pair};

/// The recommended arms of the engines beside one another: `of these, fastest on pool 2, 1.06x as
/// fast as process 2 [1.03, 1.08]`, or that there is no difference: `no difference shown: pool 2 is
/// 1.01x as fast as process 2 [0.98, 1.03]`.
pub(in crate::report) fn best_engine(measurement: &Measurement, best: &BestEngine) -> String {
    let label = |arm: usize| measurement.arms[arm].label();
    let beside = |beside: &Beside| times_as_fast(beside.gain, &label(beside.arm));
    let (open, slower): (Vec<Beside>, Vec<Beside>) =
        best.others.iter().partition(|other| other.may_be_as_fast());
    let listed = |others: &[Beside]| others.iter().map(beside).collect::<Vec<_>>().join(", ");

    let (best, now) = (label(best.arm), busy(measurement, best));
    if slower.is_empty() {
        return format!("no difference shown{now}: {best} is {}", listed(&open));
    }
    let open = open.iter().map(|other| {
        let (other, gain) = (label(other.arm), times(other.gain));
        format!("; no difference shown from {other} ({gain})")
    });
    format!(
        "of these, fastest{now} on {best}, {}{}",
        listed(&slower),
        open.collect::<String>()
    )
}

/// `1.06x as fast as process 2 [1.03, 1.08]`.
fn times_as_fast(gain: Estimate, other: &str) -> String {
    format!(
        "{} as fast as {other}{}",
        ratio(gain.median),
        spaced(&ends(gain.low, gain.high))
    )
}

/// `1.01x [0.98, 1.03]`.
fn times(gain: Estimate) -> String {
    ratio(gain.median) + &spaced(&ends(gain.low, gain.high))
}

/// Beside other programs, the choice is one for this moment.
fn busy(measurement: &Measurement, best: &BestEngine) -> &'static str {
    let others = best.others.iter().map(|beside| beside.arm);
    let summaries = std::iter::once(best.arm)
        .chain(others)
        .filter_map(|index| Pair { measurement, index }.summary());

    summaries.map(|summary| now(&summary)).max().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;

    #[test]
    fn engines_are_told_apart_where_the_rounds_tell() {
        let sentence = |process_s: f64| {
            let time = |workers: f64| if workers < 3.0 { 0.5 } else { process_s };
            let mut measurement = measurement(&[2, 3], 12, time, 7);
            measurement.arms[2].engine = "process".to_owned();
            measurement.arms[2].workers = 2;
            best_engine(&measurement, &measurement.best_engine().unwrap())
        };

        assert_eq!(
            sentence(0.6),
            "of these, fastest on pool 2, 1.20x as fast as process 2 [1.20, 1.20]"
        );
        let open = sentence(0.5);
        assert!(open.starts_with("no difference shown: p"), "{open}");
    }
}
