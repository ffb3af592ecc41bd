//! What follows from a history in the form that is stored, for readers with jq.

use serde::Serialize;

use super::account::Account;
use super::episode::{Amount, Episode, Shape};
use super::fingerprint::Processor;
use super::judged::Judged;
use crate::results::{Metric, Outcome};

/// The version of the form.
const SCHEMA_VERSION: u32 = 1;

/// An account as it is stored.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    schema_version: u32,
    outcome: Outcome,
    decided: usize,
    tolerance: f64,
    runs: usize,
    machines: Vec<SummaryMachine<'a>>,
    series: Vec<SummarySeries<'a>>,
}

#[derive(Debug, Serialize)]
struct SummaryMachine<'a> {
    #[serde(flatten)]
    processor: &'a Processor,
    runs: usize,
    judged: bool,
}

/// One figure of one machine.
#[derive(Debug, Serialize)]
struct SummarySeries<'a> {
    workload: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
    engine: &'a str,
    workers: usize,
    metric: Metric,
    machine: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    informational: bool,
    outcome: Outcome,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<SummaryChange<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p_value: Option<f64>,
    scatter: f64,
    changes: Vec<SummaryChange<'a>>,
    spikes: Vec<SummarySpike<'a>>,
    points: Vec<SummaryPoint<'a>>,
}

/// A change as a factor in the direction of worse, as in a comparison.
#[derive(Debug, Serialize)]
struct SummaryChange<'a> {
    shape: &'static str,
    #[serde(flatten)]
    place: Place<'a>,
    runs: usize,
    change: f64,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Debug, Serialize)]
struct SummarySpike<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    factor: f64,
    last: bool,
}

#[derive(Debug, Serialize)]
struct SummaryPoint<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    value: f64,
    level: f64,
}

/// A run, as a reader looks it up.
#[derive(Debug, Serialize)]
struct Place<'a> {
    date: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
}

impl<'a> Summary<'a> {
    /// What follows from a history.
    #[must_use]
    pub fn of(account: &'a Account) -> Self {
        let machines = account.machines.iter().enumerate();

        Self {
            schema_version: SCHEMA_VERSION,
            outcome: account.outcome(),
            decided: account.decided(),
            tolerance: account.tolerance,
            runs: account.records.len(),
            machines: machines
                .map(|(place, machine)| SummaryMachine {
                    processor: &machine.processor,
                    runs: machine.runs.len(),
                    judged: place < account.judged_machines,
                })
                .collect(),
            series: account
                .judged
                .iter()
                .map(|judged| SummarySeries::of(account, judged))
                .collect(),
        }
    }
}

impl<'a> SummarySeries<'a> {
    fn of(account: &'a Account, judged: &'a Judged) -> Self {
        let series = &judged.series;
        let change = |episode: &Episode| SummaryChange::of(account, judged, episode);
        let values = series.points.iter().zip(&judged.levels).enumerate();

        Self {
            workload: &series.workload,
            variant: series.variant.as_deref(),
            engine: &series.engine,
            workers: series.workers,
            metric: series.metric,
            machine: series.machine,
            informational: judged.informational,
            outcome: judged.standing.outcome,
            reason: judged.standing.why.name(),
            because: judged
                .standing
                .why
                .episode()
                .map(|episode| change(&episode)),
            p_value: judged.p_value,
            scatter: judged.scatter,
            changes: judged.episodes.iter().map(change).collect(),
            spikes: judged
                .strays
                .iter()
                .map(|stray| SummarySpike {
                    place: Place::of(account, judged, stray.at),
                    factor: stray.factor,
                    last: stray.is_last,
                })
                .collect(),
            points: values
                .map(|(place, (point, level))| SummaryPoint {
                    place: Place::of(account, judged, place),
                    value: point.value,
                    level: *level,
                })
                .collect(),
        }
    }
}

impl<'a> SummaryChange<'a> {
    fn of(account: &'a Account, judged: &Judged, episode: &Episode) -> Self {
        let Amount { change, low, high } = episode.amount;
        // What has no end is no number of JSON's.
        let is_bounded = low > 0.0 && high.is_finite();

        Self {
            shape: match episode.shape {
                Shape::Step => "step",
                Shape::Drift { .. } => "drift",
                Shape::Stairs { .. } => "stairs",
            },
            place: Place::of(account, judged, episode.from),
            runs: episode.to - episode.from,
            change,
            low: is_bounded.then_some(low),
            high: is_bounded.then_some(high),
        }
    }
}

impl<'a> Place<'a> {
    fn of(account: &'a Account, judged: &Judged, point: usize) -> Self {
        let record = account.record(judged, point);

        Self {
            date: record.map_or("", |record| &record.started_at),
            commit: record.and_then(|record| record.commit.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Question, fixture};

    #[test]
    fn a_change_is_stored_with_its_run() {
        let factors: Vec<f64> = (0..40)
            .map(|run| if run < 30 { 1.0 } else { 1.2 })
            .collect();
        let question = Question {
            tolerance: 0.05,
            deciding: &Metric::DECIDING,
            accepted: None,
        };
        let account = Account::of(fixture::of(&factors), &question, false);
        let stored = serde_json::to_value(Summary::of(&account)).unwrap();

        assert_eq!(
            (&stored["outcome"], &stored["runs"]),
            (&"regressed".into(), &40.into())
        );
        let arm = &stored["series"][1];
        assert_eq!(arm["points"].as_array().unwrap().len(), 40);
        let because = &arm["because"];
        assert_eq!(
            (&because["shape"], &because["runs"]),
            (&"step".into(), &10.into())
        );
        assert_eq!(because["date"], fixture::date(30));
        assert_eq!(because["commit"], "0abc01e");
        assert_eq!(arm["changes"].as_array().unwrap().len(), 1);
    }
}
