//! How work scales with the workers, in words: the law that a series follows, and what a single
//! number of workers says of it.

use super::ratio::{ends, ratio, shares, spaced};
use crate::analysis::{Coefficient, Estimate, FittedLaw, ScalePoint, Series};
use crate::results::Measurement;
use crate::stats::Model;
use crate::units::count;

/// The law that the series follows: `Gunther's law: contention 2.0 % [1.8, 2.2], coherency 0.02 %
/// [0.00, 0.05], not distinguishable from 0`.
pub(in crate::report) fn law(law: &FittedLaw) -> String {
    let name = match law.model {
        Model::Amdahl => "Amdahl's law: serial fraction",
        Model::Universal => "Gunther's law: contention",
    };
    let kappa = law
        .kappa
        .map(|kappa| format!("coherency {}", coefficient(kappa)));
    let peak = law.peak.map(|peak| {
        format!(
            "fastest at {:.0} {} [{:.0}, {:.0}]",
            peak.value,
            if peak.value < 1.5 {
                "worker"
            } else {
                "workers"
            },
            peak.low,
            peak.high
        )
    });
    let misfit = (law.misfit > NOTABLE_MISFIT)
        .then(|| format!("it misses the times by {:.0} %", law.misfit * 100.0));
    let sigma = format!("{name} {}", coefficient(law.sigma));

    let parts = [Some(sigma), kappa, peak, misfit].into_iter().flatten();
    parts.collect::<Vec<_>>().join(", ")
}

/// A law that misses the times by more says so.
const NOTABLE_MISFIT: f64 = 0.05;

/// The serial fraction of each number of workers: `Karp and Flatt's serial fraction 3.0 % [2.1, 4.2]
/// on 2 workers`. From two counts that is all that is said.
pub(in crate::report) fn serial_fractions(series: &Series<'_>) -> Option<String> {
    let name = if series.measurement.is_weak_scaling() {
        "Gustafson's serial fraction"
    } else {
        "Karp and Flatt's serial fraction"
    };
    let points = series.points();
    let fractions: Vec<String> = points
        .iter()
        .filter(|point| point.is_within_cores)
        .filter_map(|point| {
            let fraction = point
                .serial_fraction
                .filter(|fraction| fraction.low.is_some())?;
            Some(format!(
                "{} on {}",
                share(fraction),
                count(point.workers, "worker")
            ))
        })
        .collect();

    (!fractions.is_empty()).then(|| format!("{name} {}", fractions.join(", ")))
}

/// What a number of workers brings: `pool on 4 workers: 3.9x as fast [3.8, 4.0], efficiency 97.5 %
/// [95.0, 99.0], serial fraction 0.9 % [0.3, 1.8]`.
pub(in crate::report) fn point(engine: &str, point: &ScalePoint) -> String {
    let speedup = point.speedup;
    let fraction = point
        .serial_fraction
        .map(|fraction| format!(", serial fraction {}", share(fraction)));

    format!(
        "{engine} on {}: {} as fast{}, efficiency {}{}",
        count(point.workers, "worker"),
        ratio(speedup.median),
        spaced(&ends(speedup.low, speedup.high)),
        share(point.efficiency),
        fraction.unwrap_or_default()
    )
}

/// From this share on, a serial fraction is worth a word in a recommendation.
const NOTABLE_FRACTION: f64 = 0.05;

/// The serial fraction that `workers` show, where it is certainly notable: `serial fraction 8.2 %
/// [5.8, 9.2]`.
pub(in crate::report) fn notable_fraction(series: &Series<'_>, workers: usize) -> Option<String> {
    let points = series.points();
    let point = points.iter().find(|point| point.workers == workers)?;
    let fraction = point.serial_fraction.filter(|_| point.is_within_cores)?;

    fraction
        .low
        .is_some_and(|low| low > NOTABLE_FRACTION)
        .then(|| format!("serial fraction {}", share(fraction)))
}

/// That the work grows with the workers, where it does.
pub(in crate::report) fn weak_scaling(measurement: &Measurement) -> Option<&'static str> {
    measurement
        .is_weak_scaling()
        .then_some("N workers do N times the work")
}

fn share(fraction: Estimate) -> String {
    let shares = shares(fraction);

    format!("{}{}", shares.median, spaced(&shares.interval))
}

/// A share in per cent with its interval, with as many decimals as it takes to show that it is
/// certainly not 0.
fn coefficient(coefficient: Coefficient) -> String {
    const MOST_DECIMALS: usize = 7;
    let least = if coefficient.high < 0.001 { 3 } else { 1 };
    let percentage = |share: f64, decimals: usize| format!("{:.decimals$}", share * 100.0);
    let shows_low = |&decimals: &usize| {
        let low = percentage(coefficient.low, decimals);
        coefficient.may_be_zero() || low.parse().is_ok_and(|low: f64| low > 0.0)
    };
    let decimals = (least..MOST_DECIMALS)
        .find(shows_low)
        .unwrap_or(MOST_DECIMALS);
    let text = format!(
        "{} % [{}, {}]",
        percentage(coefficient.value, decimals),
        percentage(coefficient.low, decimals),
        percentage(coefficient.high, decimals)
    );

    if coefficient.may_be_zero() {
        text + " (not distinguishable from 0)"
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::scaled::measurement;

    #[test]
    fn a_law_says_what_cannot_be_told_from_nothing() {
        let time = |workers: f64| 0.9 / workers + 0.1;
        let measurement = measurement(&[1, 2, 4, 8], 12, time, 3);
        let text = law(&measurement.series()[0].law().unwrap());

        assert!(text.starts_with("Gunther's law: contention 1"), "{text}");
        assert!(text.ends_with("(not distinguishable from 0)"), "{text}");
    }

    #[test]
    fn a_coefficient_that_is_certainly_not_0_shows_it() {
        let text_of =
            |value: f64, low: f64, high: f64| coefficient(Coefficient { value, low, high });

        assert_eq!(text_of(0.001, 0.0004, 0.002), "0.10 % [0.04, 0.20]");
        assert_eq!(text_of(0.02, 0.018, 0.022), "2.0 % [1.8, 2.2]");
        assert_eq!(
            text_of(0.001, 0.0, 0.002),
            "0.1 % [0.0, 0.2] (not distinguishable from 0)"
        );
    }

    #[test]
    fn a_serial_fraction_is_notable_where_it_is_certainly_there() {
        let sentence = |serial: f64| {
            let time = |workers: f64| (1.0 - serial) / workers + serial;
            let measurement = measurement(&[2, 4], 12, time, 3);
            notable_fraction(&measurement.series()[0], 4)
        };

        let text = sentence(0.1).unwrap();
        assert!(text.starts_with("serial fraction 10.0 % ["), "{text}");
        assert_eq!(sentence(0.0), None);
    }
}
