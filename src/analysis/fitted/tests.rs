//! Laws from rounds: exact series, published ones, and how often the intervals cover the truth.

use super::*;
use crate::analysis::scaled::{measurement, noisy};
use crate::results::Measurement;

fn law_of(measurement: &Measurement) -> Option<FittedLaw> {
    measurement.series()[0].law()
}

fn usl(sigma: f64, kappa: f64) -> impl Fn(f64) -> f64 {
    move |workers| (1.0 + sigma * (workers - 1.0) + kappa * workers * (workers - 1.0)) / workers
}

#[test]
fn from_three_counts_amdahl_from_four_gunther() {
    let times = usl(0.1, 0.0);
    assert_eq!(law_of(&measurement(&[1, 2], 8, &times, 1)), None);

    let amdahl = law_of(&measurement(&[1, 2, 4], 8, &times, 1)).unwrap();
    assert_eq!((amdahl.model, amdahl.kappa), (Model::Amdahl, None));
    let universal = law_of(&measurement(&[1, 2, 4, 8], 8, &times, 1)).unwrap();
    assert_eq!(universal.model, Model::Universal);
    assert!(universal.kappa.unwrap().may_be_zero());
    assert_eq!(universal.peak, None);
}

#[test]
fn few_rounds_and_growing_work_have_no_law() {
    let times = usl(0.1, 0.01);
    assert_eq!(law_of(&measurement(&[1, 2, 4, 8], 5, &times, 1)), None);

    let mut weak = measurement(&[1, 2, 4, 8], 8, &times, 1);
    weak.arms[4].scale = 8;
    assert_eq!(law_of(&weak), None);
}

#[test]
fn a_peak_within_the_counts_is_reported_with_its_interval() {
    let law = law_of(&measurement(&[1, 2, 4, 8, 16, 32], 12, usl(0.02, 0.02), 1)).unwrap();
    let peak = law.peak.unwrap();

    // sqrt(0.98 / 0.02) = 7.
    assert!((6.5..7.5).contains(&peak.value), "{peak:?}");
    assert!(peak.low <= 7.0 && 7.0 <= peak.high, "{peak:?}");
    assert!((law.speedup(7.0) - 1.0 / usl(0.02, 0.02)(7.0)).abs() < 0.1);
}

/// The first six points of the data set `raytracer` of R's package `usl` have a peak at 23
/// processors; the program went on gaining to 64.
#[test]
fn a_peak_beyond_the_counts_is_never_reported() {
    let throughputs = [
        (1, 20.0),
        (4, 78.0),
        (8, 130.0),
        (12, 170.0),
        (16, 190.0),
        (20, 200.0),
    ];
    let counts = throughputs.map(|(workers, _)| workers);
    let time = |workers: f64| {
        let (_, throughput) = throughputs
            .iter()
            .find(|(count, _)| *count as f64 == workers)
            .unwrap();
        20.0 / throughput
    };

    let law = law_of(&measurement(&counts, 12, time, 1)).unwrap();
    assert!(law.kappa.unwrap().value > 1e-3, "{law:?}");
    assert_eq!(law.peak, None);
}

/// The last four of the data set `specsdm91` of the same package, whose law has its peak below
/// them.
#[test]
fn a_peak_below_the_counts_is_not_reported() {
    let throughputs = [
        (72_u32, 1853.2),
        (108, 1828.9),
        (144, 1775.0),
        (216, 1702.2),
    ];
    let time = |workers: f64| {
        let point = throughputs
            .iter()
            .find(|(count, _)| f64::from(*count) == workers);
        100.0 / point.unwrap().1
    };

    let counts = throughputs.map(|(count, _)| count as usize);
    let law = law_of(&measurement(&counts, 12, time, 1)).unwrap();
    let peak = law.law.peak().unwrap();
    assert!((40.0..60.0).contains(&peak), "{peak}");
    assert_eq!(law.peak, None);

    let rising = |workers: f64| 0.5 + 0.1 * workers;
    let law = law_of(&measurement(&[2, 4, 8, 16], 12, rising, 1)).unwrap();
    assert_eq!(law.peak, None, "one worker was not measured");
}

/// The intervals are to cover what the series was made of in 95 of 100 cases; in a seeded
/// simulation of 400 they did in at least 93.
#[test]
fn intervals_cover_the_truth() {
    const TRIALS: u64 = 400;
    let (sigma, kappa) = (0.05, 0.005);

    for (noise, rounds) in [(0.01, 6), (0.02, 10), (0.05, 20)] {
        let (mut of_sigma, mut of_kappa) = (0, 0);
        for seed in 0..TRIALS {
            let measurement = noisy(&[1, 2, 4, 6, 8, 12], rounds, usl(sigma, kappa), noise, seed);
            let law = law_of(&measurement).unwrap();
            let covers = |coefficient: Coefficient, truth: f64| {
                u64::from(coefficient.low <= truth && truth <= coefficient.high)
            };
            of_sigma += covers(law.sigma, sigma);
            of_kappa += covers(law.kappa.unwrap(), kappa);
        }

        let share = |covered: u64| covered as f64 / TRIALS as f64;
        let shares = (share(of_sigma), share(of_kappa));
        assert!(shares.0 >= 0.93 && shares.1 >= 0.93, "{noise}: {shares:?}");
    }
}
