//! Reads a stored run, and says plainly why a file is none. It repairs nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::error::Category;

use super::{Run, SCHEMA_VERSION};

/// Why a file is no run that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read at all.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file ends in the middle.
    #[error("{} is truncated: it ends inside the JSON text at line {line}; store the run again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        line: usize,
    },
    /// The file is something else.
    #[error("{} is not JSON ({error}); a run is stored with `--export json:FILE`", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        error: serde_json::Error,
    },
    /// The file is JSON but no stored run.
    #[error("{} is JSON but no stored parbench run: {reason}", path.display())]
    NotARun {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The file was written by a program of another schema.
    #[error(
        "{} has schema version {found}, this parbench reads version {SCHEMA_VERSION}; \
         use the parbench that wrote it, or measure again", path.display()
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
    let bytes = std::fs::read(path).map_err(|error| LoadError::Io { path: owned(), error })?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
        Category::Eof if !bytes.trim_ascii().is_empty() => {
            LoadError::Truncated { path: owned(), line: error.line() }
        }
        _ => LoadError::NotJson { path: owned(), error },
    })?;
    let not_a_run = |reason: String| LoadError::NotARun { path: owned(), reason };
    match value.get("schema_version") {
        None => return Err(not_a_run("it has no `schema_version`".to_owned())),
        Some(version) if version.as_u64() != Some(u64::from(SCHEMA_VERSION)) => {
            return Err(LoadError::SchemaVersion { path: owned(), found: version.to_string() });
        }
        Some(_) => {}
    }
    if let Some(text) = control_text(&value) {
        return Err(not_a_run(format!("a text holds control characters: {text:?}")));
    }
    let run: Run = serde_json::from_value(value).map_err(|error| not_a_run(error.to_string()))?;
    check(&run).map_err(not_a_run)?;
    Ok(run)
}

/// The first text that would do something to a terminal rather than be shown on it.
fn control_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.contains(char::is_control).then_some(text),
        Value::Array(values) => values.iter().find_map(control_text),
        Value::Object(entries) => entries.values().find_map(control_text),
        _ => None,
    }
}

/// What the types cannot say: times are finite and not negative, and somebody did the work.
fn check(run: &Run) -> Result<(), String> {
    for measurement in &run.measurements {
        let name = &measurement.workload;
        if measurement.workers == 0 {
            return Err(format!("measurement `{name}` has 0 workers"));
        }
        let times = measurement.rounds.iter().flat_map(|round| {
            [
                round.serial_s,
                round.distributed_s,
                round.calibration.arithmetic_s,
                round.calibration.memory_s,
                round.calibration.granted_cores,
                round.task_overhead_s,
            ]
        });
        for time in times.chain([measurement.startup_s]) {
            if !(time.is_finite() && time >= 0.0) {
                return Err(format!("measurement `{name}` has a time of {time} s"));
            }
        }
    }
    Ok(())
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
        assert!(error_of("{\"schema_version\": 2,").starts_with("FILE is truncated: it ends inside"));
        assert!(error_of("not json").starts_with("FILE is not JSON"));
        assert!(error_of("").starts_with("FILE is not JSON"));
        assert!(error_of("[1]").ends_with("it has no `schema_version`"));
        assert!(
            error_of("{\"schema_version\": 3}").starts_with("FILE has schema version 3, this parbench reads")
        );
        assert!(error_of("{\"schema_version\": 2}").contains("missing field"));
        let missing = load(Path::new("/no/such/run.json")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read /no/such/run.json: "), "{missing}");
    }
}
