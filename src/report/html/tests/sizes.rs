//! How large pages are, and how their run is in them.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use super::{between, embedded, linked, page};
use crate::report::fixture;
use crate::results::{Round, Run};
use crate::run_file::in_page;

#[test]
fn a_page_that_would_be_large_has_its_run_once() {
    let mut run = fixture::run();
    let small = page(&run);
    assert!(linked(&small).is_some());
    assert!(!small.contains("data-run="));

    let measurement = run.measurements[0].clone();
    run.measurements.resize(60, measurement.clone());
    let larger = page(&run);
    assert!(linked(&larger).is_none() && larger.contains(in_page::PLAIN));

    run.measurements.resize(300, measurement);
    let large = page(&run);
    assert!(large.len() > 300_000);
    assert!(linked(&large).is_none());
    assert!(large.contains("data-run=\"run\"") && large.contains("without-script"));
    let is_plain = |page: &str| page.contains(&format!("<script type=\"{}\"", in_page::PLAIN));
    assert!(large.contains(in_page::PACKED) && !is_plain(&large));
    let stored: Run = serde_json::from_str(&embedded(&large, "run")).unwrap();
    assert_eq!(stored, run);
}

/// Its times have about as many digits as measured ones, which are whole nanoseconds.
#[test]
fn a_sweep_of_36_cases_stays_below_300_kb() {
    let mut run = fixture::sweep();
    let cases: usize = run
        .measurements
        .iter()
        .map(|measurement| measurement.pairs().count())
        .sum();
    assert_eq!(cases, 36);
    for measurement in &mut run.measurements {
        let rounds = measurement.rounds.clone();
        measurement.rounds.extend_from_slice(&rounds[1..3]);
    }
    let run = in_nanoseconds(&run);

    let page = page(&run);
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

/// As a sweep on a noisy machine has: few rounds of long work, and hundreds of short work.
#[test]
fn a_page_of_hundreds_of_rounds_is_mostly_the_packed_run() {
    let mut run = fixture::sweep();
    for (measurement, rounds) in run.measurements.iter_mut().zip([40, 280, 12]) {
        let cycle: Vec<Round> = measurement.rounds[1..].to_vec();
        let further = cycle.iter().cycle().take(rounds).cloned();
        measurement.rounds.extend(further.collect::<Vec<_>>());
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let measured = run.measurements.iter_mut();
    let rounds = measured.flat_map(|measurement| &mut measurement.rounds);
    for time in rounds.flat_map(|round| &mut round.times) {
        time.wall_s *= random.random_range(0.9..1.1);
    }
    let run = in_nanoseconds(&run);

    let json = serde_json::to_string(&run).unwrap();
    let page = page(&run);
    let packed = between(&page, in_page::PACKED, "</script>")[0];
    assert!(packed.len() < json.len() / 3, "{}", packed.len());
    let rest = page.len() - packed.len();
    assert!(rest < 230_000, "{rest} bytes beside the run");

    let stored: Run = serde_json::from_str(&embedded(&page, "run")).unwrap();
    assert_eq!(stored, run);
}

/// `run` with every number of seconds rounded.
fn in_nanoseconds(run: &Run) -> Run {
    fn rounded(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_f64() => {
                let seconds = number.as_f64().unwrap();
                *value = Value::from((seconds * 1e9).round() / 1e9);
            }
            Value::Array(items) => items.iter_mut().for_each(rounded),
            Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| rounded(field)),
            _ => {}
        }
    }

    let mut value = serde_json::to_value(run).unwrap();
    rounded(&mut value);
    serde_json::from_value(value).unwrap()
}
