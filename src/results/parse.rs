//! Reads a stored run from its bytes, and says plainly why other bytes are not a run.

use std::collections::HashSet;

use serde_json::Value;
use serde_json::error::Category;

use super::possible::{impossible_figure, impossible_time};
use super::{Measurement, Round, Run, SCHEMA_VERSION};
use crate::printable::{other_encoding, without_types};
use crate::units::count;

/// More workers than any engine starts.
const MOST_STORED_WORKERS: usize = 1_000_000;
/// The highest speed-up that anybody can ask for.
const MOST_WORTH: f64 = 1e6;

/// Why bytes are not a run that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// They end in the middle.
    #[error("is truncated: it ends inside the JSON text at line {line}; store the run again")]
    Truncated {
        /// Where they end.
        line: usize,
    },
    /// They are text in another encoding.
    #[error("{what}; store it as UTF-8 without such a mark, as parbench's own export does")]
    Encoding {
        /// Which one.
        what: &'static str,
    },
    /// They are something else than JSON.
    #[error("is not JSON ({0}); a run is stored by the export to JSON")]
    NotJson(serde_json::Error),
    /// They are JSON, but not a stored run.
    #[error("is JSON but no stored parbench run: {0}")]
    NotARun(String),
    /// They were written by a program of another schema.
    #[error(
        "has schema version {found}, and this parbench reads version {SCHEMA_VERSION}: {}",
        other_version(*.found)
    )]
    SchemaVersion {
        /// Their version.
        found: u64,
    },
}

/// How to get a run of the schema that this program reads.
fn other_version(found: u64) -> &'static str {
    if found < u64::from(SCHEMA_VERSION) {
        "measure again, with the same parameters and an export to JSON"
    } else {
        "use the newer parbench that wrote it, or measure again"
    }
}

impl Run {
    /// The run that `bytes` hold.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if let Some(what) = other_encoding(bytes) {
            return Err(ParseError::Encoding { what });
        }

        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| match error.classify() {
                Category::Eof if !bytes.trim_ascii().is_empty() => {
                    ParseError::Truncated { line: error.line() }
                }
                _ => ParseError::NotJson(error),
            })?;
        match value.get("schema_version").map(Value::as_u64) {
            Some(Some(version)) if version == u64::from(SCHEMA_VERSION) => {}
            Some(Some(version)) => return Err(ParseError::SchemaVersion { found: version }),
            Some(None) => {
                let reason = "its `schema_version` is not a whole number".to_owned();
                return Err(ParseError::NotARun(reason));
            }
            None => return Err(ParseError::NotARun(what_it_is(&value).to_owned())),
        }

        let run: Self = serde_path_to_error::deserialize(&value)
            .map_err(|error| ParseError::NotARun(without_types(&error.to_string())))?;
        check(&run, &value).map_err(ParseError::NotARun)?;
        Ok(run)
    }
}

/// Which other JSON this is, if it is one that parbench writes.
fn what_it_is(value: &Value) -> &'static str {
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());

    if has(&["parbench_version", "engines"]) {
        "it was stored by `parbench overhead` of an earlier version; measure again"
    } else if has(&["parbench_version", "checks", "rates"]) {
        "it was stored by `parbench noise`, which has no report of its own"
    } else if has(&["cpu_model", "usable_cpus"]) {
        "it was printed by `parbench doctor --json`"
    } else if value.pointer("/results/0/command").is_some() {
        "it is in hyperfine's format; the run itself is stored by the export to JSON"
    } else {
        "it has no `schema_version`"
    }
}

/// What the types cannot say: that every round has every arm, which figures are possible, and that
/// nothing was measured twice.
fn check(run: &Run, value: &Value) -> Result<(), String> {
    let further_passes = run
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.further_passes);
    for measurement in further_passes.flatten() {
        measurement.check()?;
    }

    for (index, measurement) in run.measurements.iter().enumerate() {
        let workload = &measurement.workload;
        measurement.check()?;

        let stored = value.pointer(&format!("/measurements/{index}"));
        if let Some((place, time)) = stored.and_then(impossible_time) {
            return Err(format!(
                "measurement `{workload}` has a time of {time:?} s in measurements[{index}]{place}"
            ));
        }
    }

    run.check_pairs()
        .map_err(|twice| format!("it holds {twice}"))
}

impl Run {
    /// Refuses the same work on the same engine with as many workers twice, as a line that says
    /// which.
    pub fn check_pairs(&self) -> Result<(), String> {
        let mut seen = HashSet::new();

        for measurement in &self.measurements {
            let workload = &measurement.workload;
            for pair in measurement.pairs() {
                let (engine, workers) = (pair.engine(), pair.workers());
                if !seen.insert((workload, measurement.params.to_string(), engine, workers)) {
                    return Err(format!(
                        "`{workload}` on engine {engine} with {} twice",
                        count(workers, "worker")
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Measurement {
    /// Refuses arms and rounds that figures cannot be derived from, as a line: what comes from
    /// elsewhere may hold anything.
    pub fn check(&self) -> Result<(), String> {
        check_arms(self)?;

        self.rounds
            .iter()
            .try_for_each(|round| check_round(self, round))
    }
}

fn check_arms(measurement: &Measurement) -> Result<(), String> {
    let Measurement {
        workload,
        arms,
        reference,
        ..
    } = measurement;
    let mut seen = HashSet::new();

    if measurement.tasks == 0 {
        return Err(format!("measurement `{workload}` has no tasks"));
    }

    for arm in arms {
        let (engine, workers) = (&arm.engine, arm.workers);
        if !(1..=MOST_STORED_WORKERS).contains(&workers) {
            return Err(format!(
                "measurement `{workload}` has {workers} workers on engine {engine}, and it must be from 1 to \
                 {MOST_STORED_WORKERS}"
            ));
        }
        if arm.scale != 1 && arm.scale != workers {
            return Err(format!(
                "measurement `{workload}` has a scale of {} on engine {engine}: work is that of one worker or grows \
                 with the workers",
                arm.scale
            ));
        }
        if !seen.insert((engine, workers)) {
            return Err(format!(
                "measurement `{workload}` has engine {engine} with {} twice",
                count(workers, "worker")
            ));
        }
    }
    if *reference >= arms.len() {
        return Err(format!(
            "measurement `{workload}` has {} arms and refers to arm {reference}, counted from 0",
            arms.len()
        ));
    }

    for facts in &measurement.functions {
        let figures = [
            facts.import_s,
            facts.total_s,
            facts.longest_s,
            facts.pickle_s,
        ];
        if let Some(seconds) = figures.into_iter().find(|seconds| *seconds < 0.0) {
            return Err(format!(
                "measurement `{workload}` has a function that takes {seconds} s"
            ));
        }
    }

    let worth = measurement.worth;
    if !(1.0..=MOST_WORTH).contains(&worth) {
        return Err(format!(
            "measurement `{workload}` has a worth of {worth}, which is no speed-up from 1 to {MOST_WORTH}"
        ));
    }

    Ok(())
}

fn check_round(measurement: &Measurement, round: &Round) -> Result<(), String> {
    let Measurement { workload, arms, .. } = measurement;
    let mut order = round.order.clone();
    order.sort_unstable();

    if round.times.len() != arms.len() || !order.iter().copied().eq(0..arms.len()) {
        return Err(format!(
            "measurement `{workload}` has {} arms and a round without exactly one time for each",
            arms.len()
        ));
    }
    if let Some(arm) = round.times.iter().position(|time| time.wall_s == 0.0) {
        return Err(format!(
            "measurement `{workload}` has a time of 0 s on engine {}, which no work takes",
            arms[arm].engine
        ));
    }
    if let Some(figure) = impossible_figure(round) {
        return Err(format!(
            "measurement `{workload}` has a round with {figure}"
        ));
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        Run::parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn every_wrong_text_has_its_own_message() {
        assert!(error_of("{\"schema_version\": 3,").starts_with("is truncated: it ends inside"));
        assert!(error_of("not json").starts_with("is not JSON"));
        assert!(error_of("").starts_with("is not JSON"));
        assert!(error_of("[1]").ends_with("it has no `schema_version`"));
        assert!(error_of("{\"schema_version\": 3}").contains("missing field"));
        assert!(
            error_of("{\"schema_version\": 3, \"interrupted\": 1}")
                .ends_with("interrupted: invalid type: integer `1`, expected a boolean")
        );
        assert!(error_of("{\"schema_version\": \"3\"}").contains("not a whole number"));
        assert!(
            error_of("{\"schema_version\": 3, \"sampling\": 1}").ends_with("expected an object")
        );
    }

    #[test]
    fn another_schema_is_refused_with_what_to_do() {
        let older = error_of("{\"schema_version\": 2}");
        assert_eq!(
            older,
            "has schema version 2, and this parbench reads version 3: measure again, with the \
             same parameters and an export to JSON"
        );
        assert!(error_of("{\"schema_version\": 4}").contains("newer parbench"));
    }
}
