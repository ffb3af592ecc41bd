//! Which figures no run can have: what comes from elsewhere may hold anything.

use serde_json::Value;

use super::{Calibration, MachineUse, Round};

/// More seconds than any step of a run takes: 30 years.
const LONGEST_S: f64 = 1e9;
/// More cores and threads than any machine has.
const MOST_CORES: f64 = 1e6;
/// How a date looks.
const DATE: &str = "0000-00-00T00:00:00Z";

/// Whether `text` is a date of the form that sorts by time: `2026-01-31T12:00:00Z`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let fits = |(have, want): (u8, u8)| match want {
        b'0' => have.is_ascii_digit(),
        other => have == other,
    };
    let has_the_form = text.len() == DATE.len() && text.bytes().zip(DATE.bytes()).all(fits);

    has_the_form && humantime::parse_rfc3339(text).is_ok()
}

/// What no machine has had while `round` ran, in words: `a steal of 9`.
pub(super) fn impossible_figure(round: &Round) -> Option<String> {
    let Calibration {
        granted, streams, ..
    } = &round.calibration;
    let MachineUse {
        steal,
        throttled,
        load,
        other_programs,
        ..
    } = round.machine;

    for granted in granted {
        if !(f64::MIN_POSITIVE..=MOST_CORES).contains(&granted.cores) {
            return Some(format!("{} granted cores", granted.cores));
        }
    }
    let mut threads = granted
        .iter()
        .map(|granted| granted.workers)
        .chain(streams.iter().map(|stream| stream.workers));
    if threads.any(|workers| workers == 0) {
        return Some("a calibration of 0 threads".to_owned());
    }

    let most = |name: &str, value: Option<f64>, most: f64| {
        let value = value.filter(|value| !(0.0..=most).contains(value))?;
        Some(format!("a {name} of {value}"))
    };
    let cpus = other_programs.map_or(1, |others| others.cpus);
    let no_cpus = || (cpus == 0).then(|| "other programs on 0 CPUs".to_owned());
    most("steal", steal, 1.0)
        .or_else(|| most("share of throttling", throttled, MOST_CORES))
        .or_else(|| most("load", load, f64::MAX))
        .or_else(|| {
            let cores = other_programs.map(|others| others.cores);
            most("use by other programs", cores, MOST_CORES)
        })
        .or_else(no_cpus)
}

/// The first time in `measurement` that no clock can have shown, with its place: every number of
/// seconds is called `..._s`.
pub(super) fn impossible_time(measurement: &Value) -> Option<(String, f64)> {
    let Value::Object(entries) = measurement else {
        let mut items = measurement.as_array()?.iter().enumerate();
        return items.find_map(|(index, item)| {
            let (place, seconds) = impossible_time(item)?;
            Some((format!("[{index}]{place}"), seconds))
        });
    };

    // What a workload calls its own values is up to the workload.
    let is_ours = |name: &str| !["summary", "params", "answer"].contains(&name);
    let stored = entries.iter().filter(|(name, _)| is_ours(name));
    stored
        .into_iter()
        .find_map(|(name, value)| match value.as_f64() {
            Some(seconds) if name.ends_with("_s") => {
                let is_possible = (0.0..=LONGEST_S).contains(&seconds);
                (!is_possible).then(|| (format!(".{name}"), seconds))
            }
            _ => {
                let (place, seconds) = impossible_time(value)?;
                Some((format!(".{name}{place}"), seconds))
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::machine::OtherPrograms;
    use crate::results::Granted;

    #[test]
    fn a_date_is_one_of_the_calendar_and_sorts() {
        for date in ["2026-01-31T12:00:00Z", "2024-02-29T23:59:59Z"] {
            assert!(is_date(date), "{date}");
        }
        for other in [
            "",
            "yesterday",
            "2026-02-30T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-01-31T25:00:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00:00.5Z",
        ] {
            assert!(!is_date(other), "{other}");
        }
    }

    #[test]
    fn what_no_machine_has_is_named() {
        let figure = |change: &dyn Fn(&mut Round)| {
            let mut round: Round = serde_json::from_value(json!({
                "cold": false, "order": [], "times": [], "machine": {},
                "calibration": {"arithmetic_s": 1.0, "memory_s": 1.0, "granted": []},
            }))
            .unwrap();
            round.calibration.granted = vec![Granted {
                workers: 2,
                cores: 2.1,
            }];
            change(&mut round);
            impossible_figure(&round)
        };
        let others = |cores, cpus| Some(OtherPrograms { cores, cpus });
        assert_eq!(figure(&|_| {}), None);
        assert_eq!(figure(&|round| round.machine.steal = Some(1.0)), None);

        let named = |change: &dyn Fn(&mut Round)| figure(change).unwrap_or_default();
        assert_eq!(
            named(&|round| round.calibration.granted[0].cores = -1.0),
            "-1 granted cores"
        );
        assert_eq!(
            named(&|round| round.calibration.granted[0].workers = 0),
            "a calibration of 0 threads"
        );
        assert_eq!(
            named(&|round| round.machine.steal = Some(9.0)),
            "a steal of 9"
        );
        assert_eq!(
            named(&|round| round.machine.load = Some(-2.0)),
            "a load of -2"
        );
        assert_eq!(
            named(&|round| round.machine.other_programs = others(-0.5, 2)),
            "a use by other programs of -0.5"
        );
        assert_eq!(
            named(&|round| round.machine.other_programs = others(0.5, 0)),
            "other programs on 0 CPUs"
        );
    }
}
