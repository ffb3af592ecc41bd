//! How measurements and arms are called: in sentences, and by tools that follow figures from run to
//! run.

use std::collections::HashMap;

use crate::analysis::Series;
use crate::printable::printable;
use crate::results::{Arm, Measurement, Run};

/// A measurement's workload, or the function that it calls, with what distinguishes it from the
/// run's other measurements of that workload: `busy (steps 1024)`.
pub(in crate::report) fn name(run: &Run, measurement: &Measurement) -> String {
    with_variant(measurement.subject(), run.variant(measurement).as_deref())
}

/// A measurement with one of its engines: `fib on pool`; the engine goes without saying where it is
/// the only one.
pub(in crate::report) fn series_name(run: &Run, series: &Series<'_>) -> String {
    let measurement = series.measurement;
    if measurement.series().len() == 1 {
        return name(run, measurement);
    }

    // Other measurements of the same parameters are told from this one by their engines.
    let variant = run.variant(measurement);
    let parameters = variant.as_deref().and_then(|variant| {
        let (parameters, engines) = variant.rsplit_once(", ").unwrap_or(("", variant));
        let names_engines = engines.starts_with("on ");
        let parameters = if names_engines { parameters } else { variant };
        (!parameters.is_empty()).then_some(parameters)
    });
    let workload = with_variant(measurement.subject(), parameters);
    format!("{workload} on {}", printable(series.engine()))
}

/// `workload` with its `variant` in brackets, if it has one.
pub(in crate::report) fn with_variant(workload: &str, variant: Option<&str>) -> String {
    let workload = printable(workload);

    match variant {
        Some(variant) => format!("{workload} ({})", printable(variant)),
        None => workload.into_owned(),
    }
}

/// What each arm of each measurement is called in tools that follow figures from run to run:
/// `fib/serial`, `fib/pool-2`, which stay the same whatever else is measured.
pub(in crate::report) fn identities(run: &Run) -> Vec<Vec<String>> {
    let identities = run.measurements.iter().flat_map(|measurement| {
        let name = name(run, measurement);
        measurement.arms.iter().map(move |arm| identity(&name, arm))
    });
    let mut identities = numbered(identities).into_iter();

    run.measurements
        .iter()
        .map(|measurement| identities.by_ref().take(measurement.arms.len()).collect())
        .collect()
}

fn identity(measurement: &str, arm: &Arm) -> String {
    if arm.is_serial() {
        format!("{measurement}/{}", arm.engine)
    } else {
        format!("{measurement}/{}-{}", arm.engine, arm.workers)
    }
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
    use serde_json::json;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_name_says_what_distinguishes_measurements_of_one_workload() {
        let mut run = fixture::run();
        assert_eq!(name(&run, &run.measurements[0]), "fib");

        let mut longer = run.measurements[0].clone();
        longer.params = json!({"n": 20_000, "tasks": 8});
        run.measurements.push(longer);
        assert_eq!(name(&run, &run.measurements[0]), "fib (n 10000)");
        assert_eq!(name(&run, &run.measurements[3]), "fib (n 20000)");
        assert_eq!(name(&run, &run.measurements[1]), "pi");
    }

    #[test]
    fn an_identity_stays_when_another_measurement_joins() {
        let mut run = fixture::run();
        let alone = identities(&run);
        assert_eq!(alone[0], ["fib/serial", "fib/pool-2"]);

        run.measurements
            .push(fixture::measurement("busy", 4, 1.0, 0.3));
        assert_eq!(identities(&run)[..3], alone);
    }

    #[test]
    fn no_identity_stands_twice() {
        let names = ["fib/serial", "fib/pool-2", "fib/serial"].map(str::to_owned);

        assert_eq!(
            numbered(names.into_iter()),
            ["fib/serial", "fib/pool-2", "fib/serial #2"]
        );
    }
}
