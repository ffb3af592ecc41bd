//! How measurements are called: by no more than what distinguishes them within a run, or by a name that stays the same
//! from run to run.

use std::collections::HashMap;

use crate::printable::printable;
use crate::results::{Measurement, Run};
use crate::units::count;

/// The engine that goes without saying where there is no other.
const USUAL_ENGINE: &str = "pool";

/// Whether the engines are worth naming.
pub(in crate::report) fn names_engines(run: &Run) -> bool {
    run.measurements
        .iter()
        .any(|measurement| measurement.engine != USUAL_ENGINE)
}

/// Whether the numbers of workers differ, so that a measurement needs its own to be recognised.
pub(in crate::report) fn names_workers(run: &Run) -> bool {
    run.measurements
        .windows(2)
        .any(|pair| pair[0].workers != pair[1].workers)
}

/// What distinguishes a measurement from the run's others on the same workload: `4 workers, ray`, or nothing.
pub(in crate::report) fn variant(run: &Run, measurement: &Measurement) -> String {
    let mut parts = Vec::new();
    if names_workers(run) {
        parts.push(count(measurement.workers, "worker"));
    }
    if names_engines(run) {
        parts.push(printable(&measurement.engine).into_owned());
    }

    parts.join(", ")
}

/// A measurement's workload with its variant: `fib (4 workers, ray)`.
pub(in crate::report) fn name(run: &Run, measurement: &Measurement) -> String {
    let workload = printable(&measurement.workload);
    let variant = variant(run, measurement);

    if variant.is_empty() {
        workload.into_owned()
    } else {
        format!("{workload} ({variant})")
    }
}

/// What each measurement is called in tools that follow figures from run to run: `fib/pool-2`, which stays
/// the same whatever else is measured.
pub(in crate::report) fn identities(run: &Run) -> Vec<String> {
    let names = run.measurements.iter().map(|measurement| {
        format!(
            "{}/{}-{}",
            measurement.workload, measurement.engine, measurement.workers
        )
    });

    numbered(names)
}

/// `names` without duplicates: one that was there before gets a number, `fib/pool-2 #2`.
pub(in crate::report) fn numbered(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut occurrences: HashMap<String, usize> = HashMap::new();
    let distinct = names.map(|name| {
        let occurrence = occurrences.entry(name.clone()).or_default();
        *occurrence += 1;
        if *occurrence == 1 {
            name
        } else {
            format!("{name} #{occurrence}")
        }
    });

    distinct.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_name_says_what_distinguishes_measurements() {
        let mut run = fixture::run();
        assert_eq!(name(&run, &run.measurements[0]), "fib");

        run.measurements[1].workers = 1;
        assert_eq!(name(&run, &run.measurements[1]), "pi (1 worker)");

        run.measurements[2].engine = "ray".to_owned();
        assert_eq!(name(&run, &run.measurements[2]), "image (2 workers, ray)");
    }

    #[test]
    fn an_identity_stays_when_another_measurement_joins() {
        let mut run = fixture::run();
        let alone = identities(&run);
        assert_eq!(alone, ["fib/pool-2", "pi/pool-2", "image/pool-2"]);

        run.measurements
            .push(fixture::measurement("fib", 4, 1.0, 0.3));
        run.measurements
            .push(fixture::measurement("fib", 2, 1.0, 0.5));
        assert_eq!(identities(&run)[..3], alone);
        assert_eq!(identities(&run)[3..], ["fib/pool-4", "fib/pool-2 #2"]);
    }
}
