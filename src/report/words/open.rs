//! What the rounds do not tell, in words.

use super::counts::counts;
use crate::results::Measurement;

/// The numbers of workers of an engine whose speed-up may lie on either side of 1.
pub(in crate::report) struct OpenArms<'a> {
    pub(in crate::report) engine: &'a str,
    pub(in crate::report) workers: Vec<usize>,
}

/// That `arms` may be faster or slower than the reference: `pool 2 and 4 may be faster or slower
/// than serial, their intervals include 1: more rounds (-r) or a quieter machine would tell`.
pub(in crate::report) fn open(measurement: &Measurement, arms: &[OpenArms<'_>]) -> String {
    let names: Vec<String> = arms
        .iter()
        .map(|arms| format!("{} {}", arms.engine, counts(&arms.workers)))
        .collect();
    let is_one = arms.iter().map(|arms| arms.workers.len()).sum::<usize>() == 1;
    let intervals = if is_one {
        "its interval includes"
    } else {
        "their intervals include"
    };

    format!(
        "{} may be faster or slower than {}, {intervals} 1: more rounds (-r) or a quieter machine would tell",
        names.join(", "),
        measurement.reference_arm().label()
    )
}
