//! A measurement as it is stored: with the figures derived from its rounds, for readers with `jq`.
//! Loading ignores them: they are always derived from the rounds.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Arm, ArmFigures, Measurement, Pair, Round, Summary, Work};
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
    arms: &'a [Arm],
    reference: usize,
    rounds: &'a [Round],
    summary: Stored,
}

/// The derived figures of every arm, in the order of the arms.
#[derive(Serialize)]
struct Stored {
    arms: Vec<StoredArm>,
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
            arms: &self.arms,
            reference: self.reference,
            rounds: &self.rounds,
            summary: Stored::of(self),
        };

        stored.serialize(to)
    }
}
