//! A run as a history keeps it: one line of JSON with what its figures are made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conditions::{Conditions, rounded};
use super::fingerprint::Fingerprint;
use crate::digest::Digest;
use crate::printable;
use crate::results::{Measurement, Metric, Pair, Run, is_date};
use crate::stats::median;

/// The version of the line. A reader refuses every other one.
pub const HISTORY_VERSION: u32 = 1;

/// The most seconds that a run can have, 30 years, and more than any ratio. A figure of 0 means
/// nothing, and leaves a gap.
const LARGEST_FIGURE: f64 = 1e9;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always [`HISTORY_VERSION`].
    pub history_version: u32,
    /// What tells it from other runs: the SHA-256 of its line without this and the commit.
    pub run: String,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The version of the program that measured.
    pub parbench_version: String,
    /// Where.
    pub machine: Fingerprint,
    /// What, one for each workload and set of parameters.
    pub measurements: Vec<Kept>,
}

/// What is kept of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What reports call it: its workload, or the function that it calls.
    pub workload: String,
    /// Its parameters, complete.
    pub params: Value,
    /// Seconds of the calibration arithmetic in each round.
    pub arithmetic_s: Vec<f64>,
    /// Its figures.
    pub metrics: Vec<KeptMetric>,
}

/// A figure in each steady round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptMetric {
    /// Which one.
    pub metric: Metric,
    /// The engine of the arm.
    pub engine: String,
    /// The arm's workers.
    pub workers: usize,
    /// How many times the work the arm does.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub scale: usize,
    /// The cluster that it ran on, if on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The median of the rounds: seconds, or a ratio.
    pub median: f64,
    /// The rounds, to six digits.
    pub rounds: Vec<f64>,
    /// What the machine gave to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
}

fn once() -> usize {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_once(scale: &usize) -> bool {
    *scale == 1
}

/// Why a run is no part of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A part failed or was interrupted.
    #[error("is not complete: measure again, and add a run that ended with exit code 0")]
    Broken,
    /// It is a first answer only.
    #[error("was measured with --quick, which is a first answer only: measure without it")]
    Quick,
    /// It cannot be put in its place.
    #[error("began at no date like 2026-01-31T12:00:00Z: correct its started_at")]
    Undated,
    /// There is nothing to keep.
    #[error("has no steady round: measure at least 2 rounds")]
    Empty,
}

impl Record {
    /// What is kept of `run`, which measured `commit`.
    pub fn of(run: &Run, commit: Option<String>) -> Result<Self, Rejected> {
        if run.is_broken() {
            return Err(Rejected::Broken);
        }
        if run.quick.is_some() {
            return Err(Rejected::Quick);
        }

        if !is_date(&run.started_at) {
            return Err(Rejected::Undated);
        }

        let measurements: Vec<Kept> = run.measurements.iter().map(Kept::of).collect();
        let measurements: Vec<Kept> = measurements
            .into_iter()
            .filter(|kept| !kept.metrics.is_empty())
            .collect();
        if measurements.is_empty() {
            return Err(Rejected::Empty);
        }

        let mut record = Self {
            history_version: HISTORY_VERSION,
            run: String::new(),
            started_at: run.started_at.clone(),
            commit: None,
            parbench_version: run.parbench_version.clone(),
            machine: Fingerprint::from(&run.environment),
            measurements,
        };
        record.run = record.digest();
        record.commit = commit;
        Ok(record)
    }

    /// What tells the run from others. Without the conditions of its figures, which earlier
    /// versions did not keep: the same run has the same digest, whichever version adds it.
    fn digest(&self) -> String {
        let mut plain = self.clone();
        let measurements = plain.measurements.iter_mut();
        for metric in measurements.flat_map(|kept| &mut kept.metrics) {
            metric.conditions = None;
        }

        Digest::of(plain.text()).to_string()
    }

    /// The line of the store, without its end.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings, finite numbers and lists always have a JSON form.
        printable::json(serde_json::to_string(self).unwrap_or_default())
    }

    /// A time or a ratio that no run can have. The overhead of a task may be lost in noise.
    fn impossible_figure(&self) -> Option<f64> {
        let metrics = self.measurements.iter().flat_map(|kept| &kept.metrics);
        let mut figures = metrics
            .filter(|metric| metric.metric != Metric::TaskOverhead)
            .flat_map(|metric| {
                let conditions = metric.conditions.iter().flat_map(Conditions::figures);
                let rounds = metric.rounds.iter().copied();
                rounds.chain([metric.median]).chain(conditions)
            });

        figures.find(|figure| !(0.0..=LARGEST_FIGURE).contains(figure))
    }

    /// Reads a line of a store.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        /// What every version has.
        #[derive(Deserialize)]
        struct Versioned {
            history_version: u32,
        }

        let other_version = |version: u32| {
            format!(
                "has history version {version}; this program reads version {HISTORY_VERSION}: use the one that wrote it"
            )
        };
        let error = match serde_json::from_slice::<Self>(line) {
            Ok(record) if record.history_version != HISTORY_VERSION => {
                return Err(other_version(record.history_version));
            }
            Ok(record) if !is_date(&record.started_at) => {
                return Err(format!(
                    "has the date {}, which is not like 2026-01-31T12:00:00Z",
                    record.started_at
                ));
            }
            Ok(record) => {
                return match record.impossible_figure() {
                    Some(figure) => Err(format!("has a figure of {figure:?}, which no run has")),
                    None => Ok(record),
                };
            }
            Err(error) => error,
        };

        match serde_json::from_slice::<Versioned>(line) {
            Ok(Versioned { history_version }) if history_version != HISTORY_VERSION => {
                Err(other_version(history_version))
            }
            // A line has no lines.
            _ => {
                let error = printable::without_types(&error.to_string());
                Err(format!("is not a run: {error}").replace(" at line 1 column", " at column"))
            }
        }
    }
}

impl Kept {
    fn of(measurement: &Measurement) -> Self {
        let reference = measurement.pairs().next();
        let serial = reference.and_then(|pair| KeptMetric::of(pair, Metric::SerialTime));
        let others = measurement.pairs().flat_map(|pair| {
            let metrics = Metric::ALL
                .into_iter()
                .filter(|metric| *metric != Metric::SerialTime);
            metrics.filter_map(move |metric| KeptMetric::of(pair, metric))
        });

        Self {
            workload: measurement.subject().to_owned(),
            params: measurement.params.clone(),
            arithmetic_s: measurement
                .steady()
                .map(|round| rounded(round.calibration.arithmetic_s))
                .collect(),
            metrics: serial.into_iter().chain(others).collect(),
        }
    }
}

impl KeptMetric {
    fn of(pair: Pair<'_>, metric: Metric) -> Option<Self> {
        let is_serial = metric == Metric::SerialTime;
        let arm = if is_serial {
            pair.measurement.reference_arm()
        } else {
            pair.arm()
        };
        let value = |round| {
            let value: f64 = metric.of(round)?;
            // The loop does the work once, whatever the arm beside it does.
            let scale = if is_serial {
                pair.arm().scale.max(1)
            } else {
                1
            };
            Some(rounded(value / scale as f64))
        };
        let rounds: Vec<f64> = pair.steady().map(value).collect::<Option<_>>()?;

        Some(Self {
            metric,
            engine: arm.engine.clone(),
            workers: arm.workers,
            scale: arm.scale.max(1),
            cluster: arm.placement.cluster.as_ref().map(ToString::to_string),
            median: median(&rounds).filter(|median| median.is_finite())?,
            rounds,
            conditions: Some(Conditions::of(pair, metric)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture::run;
    use crate::results::Quick;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let record = Record::of(&run(1.0, 0), Some("abc1234".to_owned())).unwrap();
        let line = record.text();

        assert!(!line.contains('\n'));
        assert_eq!(Record::parse(line.as_bytes()).unwrap(), record);
        assert!(
            line.starts_with("{\"history_version\":1,\"run\":\""),
            "{line}"
        );
    }

    #[test]
    fn the_same_run_has_the_same_name_whatever_its_commit() {
        let name = |run: &Run, commit: Option<&str>| {
            Record::of(run, commit.map(str::to_owned)).unwrap().run
        };
        let mut other = run(1.0, 0);
        other.started_at = "2027-01-31T12:00:01Z".to_owned();

        assert_eq!(name(&run(1.0, 0), None), name(&run(1.0, 0), Some("abc")));
        assert_ne!(name(&run(1.0, 0), None), name(&other, None));
    }

    #[test]
    fn runs_that_are_no_basis_are_rejected() {
        let mut broken = run(1.0, 0);
        broken.interrupted = true;
        let mut quick = run(1.0, 0);
        quick.quick = Some(Quick {
            smaller: Vec::new(),
        });
        let mut empty = run(1.0, 0);
        empty.measurements[0].rounds.clear();

        let rejected = |run: &Run| Record::of(run, None).unwrap_err();
        assert_eq!(rejected(&broken), Rejected::Broken);
        assert_eq!(rejected(&quick), Rejected::Quick);
        assert_eq!(rejected(&empty), Rejected::Empty);
    }

    #[test]
    fn damaged_lines_say_what_is_wrong() {
        let line = Record::of(&run(1.0, 0), None).unwrap().text();
        let error = |line: &str| Record::parse(line.as_bytes()).unwrap_err();

        assert!(error(&line[..line.len() / 2]).starts_with("is not a run: EOF"));
        assert!(error("<<<<<<< HEAD").starts_with("is not a run: expected value at column 1"));
        assert!(error("null").contains("expected an object at column 4"));
        assert_eq!(
            error(&line.replace("_version\":1,", "_version\":7,")),
            "has history version 7; this program reads version 1: use the one that wrote it"
        );
        assert!(error(&line.replace("00:00:00Z", "noon")).contains("Tnoon"));
        // JSON has no NaN.
        assert!(error(&line.replace("\"median\":", "\"median\":NaN,\"x\":")).contains("column"));
    }

    #[test]
    fn six_digits_are_kept() {
        assert_eq!(rounded(0.123_456_789), 0.123_457);
        assert_eq!(rounded(1e-9 / 3.0), 3.333_33e-10);
    }
}
