//! Reads a stored run, and says plainly why a file is none. It repairs nothing.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::{Measurement, Run, SCHEMA_VERSION};
use crate::printable;

/// More seconds than any step of a run takes: 30 years.
const LONGEST: f64 = 1e9;

/// Why a file is no run that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read at all.
    #[error("cannot read {}: {error}", printable::path(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file ends in the middle.
    #[error(
        "{} is truncated: it ends inside the JSON text at line {line}; store the run again",
        printable::path(path)
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        line: usize,
    },
    /// The file is text in another encoding.
    #[error(
        "{} {what}; store it as UTF-8 without such a mark, as `--export json:FILE` does",
        printable::path(path)
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// Which one.
        what: &'static str,
    },
    /// The file is something else.
    #[error(
        "{} is not JSON ({error}); a run is stored with `--export json:FILE`",
        printable::path(path)
    )]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        error: serde_json::Error,
    },
    /// The file is JSON but no stored run.
    #[error(
        "{} is JSON but no stored parbench run: {reason}",
        printable::path(path)
    )]
    NotARun {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The file was written by a program of another schema.
    #[error(
        "{} has schema version {found}, this parbench reads version {SCHEMA_VERSION}; \
         use the parbench that wrote it, or measure again",
        printable::path(path)
    )]
    SchemaVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
}

/// Reads the run stored at `path`.
pub fn load(path: &Path) -> Result<Run, LoadError> {
    let owned = || path.to_owned();
    let bytes = std::fs::read(path).map_err(|error| LoadError::Io {
        path: owned(),
        error,
    })?;
    if let Some(what) = other_encoding(&bytes) {
        return Err(LoadError::Encoding {
            path: owned(),
            what,
        });
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
        Category::Eof if !bytes.trim_ascii().is_empty() => LoadError::Truncated {
            path: owned(),
            line: error.line(),
        },
        _ => LoadError::NotJson {
            path: owned(),
            error,
        },
    })?;
    let not_a_run = |reason: String| LoadError::NotARun {
        path: owned(),
        reason,
    };
    match value.get("schema_version") {
        None => return Err(not_a_run(what_it_is(&value))),
        Some(version) if version.as_u64() != Some(u64::from(SCHEMA_VERSION)) => {
            return Err(LoadError::SchemaVersion {
                path: owned(),
                found: version.to_string(),
            });
        }
        Some(_) => {}
    }
    let run = Run::deserialize(&value).map_err(|error| not_a_run(error.to_string()))?;
    check(&run, &value).map_err(not_a_run)?;
    Ok(run)
}

/// What the first bytes say of the text's encoding when it is not plain UTF-8.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some("begins with a byte order mark (BOM)"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
            Some("is UTF-16 text, as PowerShell's `>` writes it")
        }
        _ => None,
    }
}

/// Which other JSON this is, if it is one that parbench writes.
fn what_it_is(value: &Value) -> String {
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    let origin = if has(&["parbench_version", "engines"]) {
        "it was stored by `parbench overhead`, which has no report of its own"
    } else if has(&["parbench_version", "checks", "rates"]) {
        "it was stored by `parbench noise`, which has no report of its own"
    } else if has(&["cpu_model", "usable_cpus"]) {
        "it was printed by `parbench doctor --json`"
    } else if value.pointer("/results/0/command").is_some() {
        "it is in hyperfine's format; the run itself is stored with `--export json:FILE`"
    } else {
        "it has no `schema_version`"
    };

    origin.to_owned()
}

/// What the types cannot say: which times are possible, that somebody did the work, and that nothing was measured
/// twice.
fn check(run: &Run, value: &Value) -> Result<(), String> {
    let mut seen = HashSet::new();

    for (index, measurement) in run.measurements.iter().enumerate() {
        let Measurement {
            workload,
            engine,
            workers,
            ..
        } = measurement;
        if *workers == 0 {
            return Err(format!("measurement `{workload}` has 0 workers"));
        }
        if !seen.insert((workload, engine, workers)) {
            return Err(format!(
                "it holds `{workload}` on engine {engine} with {workers} workers twice"
            ));
        }
        if let Some(round) = measurement
            .rounds
            .iter()
            .find(|round| round.serial_s == 0.0 || round.distributed_s == 0.0)
        {
            let arm = if round.serial_s == 0.0 {
                "serial"
            } else {
                "distributed"
            };
            return Err(format!(
                "measurement `{workload}` has a {arm} time of 0 s, which no work takes"
            ));
        }
        if let Some(time) = value
            .pointer(&format!("/measurements/{index}"))
            .and_then(impossible_time)
        {
            return Err(format!("measurement `{workload}` has a time of {time} s"));
        }
    }

    Ok(())
}

/// The first time in `measurement` that no clock can have shown: every number of seconds is called `..._s`.
fn impossible_time(measurement: &Value) -> Option<f64> {
    let Value::Object(entries) = measurement else {
        return measurement.as_array()?.iter().find_map(impossible_time);
    };

    entries
        .iter()
        .filter(|(name, _)| *name != "summary")
        .find_map(|(name, value)| match value.as_f64() {
            Some(seconds) if name.ends_with("_s") => {
                (!(0.0..=LONGEST).contains(&seconds)).then_some(seconds)
            }
            _ => impossible_time(value),
        })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn error_of(text: &str) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let error = load(file.path()).unwrap_err().to_string();
        error.replace(&file.path().display().to_string(), "FILE")
    }

    #[test]
    fn every_wrong_file_has_its_own_message() {
        assert!(
            error_of("{\"schema_version\": 2,").starts_with("FILE is truncated: it ends inside")
        );
        assert!(error_of("not json").starts_with("FILE is not JSON"));
        assert!(error_of("").starts_with("FILE is not JSON"));
        assert!(error_of("[1]").ends_with("it has no `schema_version`"));
        assert!(
            error_of("{\"schema_version\": 3}")
                .starts_with("FILE has schema version 3, this parbench reads")
        );
        assert!(error_of("{\"schema_version\": 2}").contains("missing field"));
        let missing = load(Path::new("/no/such/run.json"))
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with("cannot read /no/such/run.json: "),
            "{missing}"
        );
    }
}
