//! A measurement as it is stored: with the figures derived from its rounds, for readers with `jq`.
//! Loading ignores them: they are always derived from the rounds.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    ArmFigures, BestEngine, BreakEven, FittedLaw, Recommendation, ScalePoint, Series, Summary,
};
use crate::results::{Arm, FunctionFacts, Measurement, Pair, Round, Work};
use crate::units::Bytes;

/// A measurement as it is written: its own fields, then the derived figures.
#[derive(Serialize)]
struct WithSummary<'a> {
    workload: &'a str,
    params: &'a Value,
    tasks: usize,
    task_bytes: Bytes,
    memory_bytes: Bytes,
    work: &'a Work,
    answer: &'a Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    answer_may_vary: bool,
    arms: &'a [Arm],
    reference: usize,
    worth: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    functions: &'a [FunctionFacts],
    rounds: &'a [Round],
    summary: Stored,
}

/// The derived figures of every arm, in the order of the arms, and what follows from the arms of
/// each engine together.
#[derive(Serialize)]
struct Stored {
    arms: Vec<StoredArm>,
    series: Vec<StoredSeries>,
    #[serde(skip_serializing_if = "Option::is_none")]
    best_engine: Option<BestEngine>,
}

#[derive(Serialize)]
struct StoredSeries {
    engine: String,
    points: Vec<ScalePoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<FittedLaw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<Recommendation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even: Option<BreakEven>,
}

impl StoredSeries {
    fn of(series: &Series<'_>) -> Self {
        Self {
            engine: series.engine().to_owned(),
            points: series.points(),
            law: series.law(),
            recommendation: series.recommendation(),
            break_even: series.pairs.last().and_then(|pair| pair.break_even()),
        }
    }
}

#[derive(Serialize)]
struct StoredArm {
    engine: String,
    workers: usize,
    #[serde(flatten)]
    figures: Option<StoredFigures>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum StoredFigures {
    Reference(ArmFigures),
    Other(Box<Summary>),
}

impl Stored {
    fn of(measurement: &Measurement) -> Self {
        let figures = |index: usize| {
            if index == measurement.reference {
                measurement.figures(index).map(StoredFigures::Reference)
            } else {
                let summary = Pair { measurement, index }.summary();
                summary.map(|summary| StoredFigures::Other(Box::new(summary)))
            }
        };
        let arms = measurement
            .arms
            .iter()
            .enumerate()
            .map(|(index, arm)| StoredArm {
                engine: arm.engine.clone(),
                workers: arm.workers,
                figures: figures(index),
            });

        Self {
            arms: arms.collect(),
            series: measurement.series().iter().map(StoredSeries::of).collect(),
            best_engine: measurement.best_engine(),
        }
    }
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let stored = WithSummary {
            workload: &self.workload,
            params: &self.params,
            tasks: self.tasks,
            task_bytes: self.task_bytes,
            memory_bytes: self.memory_bytes,
            work: &self.work,
            answer: &self.answer,
            answer_may_vary: self.answer_may_vary,
            arms: &self.arms,
            reference: self.reference,
            worth: self.worth,
            functions: &self.functions,
            rounds: &self.rounds,
            summary: Stored::of(self),
        };

        stored.serialize(to)
    }
}
